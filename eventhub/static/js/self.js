// "I am in a session": the camera reads the code on the room's screen and sends the form once.

import { Camera } from "./camera.js";

const say = JSON.parse(document.getElementById("self-settings").textContent);
const find = (selector) => document.querySelector(selector);
const form = find(".self-code");
let isSent = false;

function onCode({ detail }) {
  if (isSent) return;
  if (!/\/s\/[0-9a-z_-]+$/i.test(detail)) {
    find(".self-why").textContent = say.other;
    return;
  }
  if (navigator.onLine) isSent = true;
  form.elements.code.value = detail;
  form.requestSubmit();
}

async function watch() {
  const [place, why] = [find(".self-camera"), find(".self-why")];
  if (!navigator.mediaDevices) {
    why.textContent = say.none;
    return;
  }
  const camera = new Camera(place.querySelector("video"));
  camera.addEventListener("code", onCode);
  place.hidden = false;
  try {
    await camera.start();
  } catch (error) {
    place.hidden = true;
    why.textContent = error.name === "NotAllowedError" ? say.refused : say.none;
  }
}

const folded = find("details:has(.self-camera)");
if (folded) folded.addEventListener("toggle", watch, { once: true });
else watch();
addEventListener("offline", () => (find(".self-offline").hidden = false));
addEventListener("online", () => (find(".self-offline").hidden = true));
