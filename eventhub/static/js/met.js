// "I met somebody": the camera reads a badge, one press records it. Without a network the press is kept in this phone:
// the badge's code, which is opaque, the time, the session and what the person typed of the topic; never a name.
//
// Opened without a network, the page is an empty one that the service worker kept (`say.send` is null there): it knows
// nobody, notes codes for the link in its address, and makes way for the real page as soon as the server is there.

const say = JSON.parse(document.getElementById("met-settings").textContent);
const find = (selector) => document.querySelector(selector);
const who = say.who ?? location.pathname.split("/")[2].split("-")[0]; // the link begins with it
const KEY = `met-${who}`;
const FINAL = [403, 404, 409, 410, 422]; // the server has looked at it: sending it again would change nothing
const AGAIN = 30_000; // ms: a phone may be on line and yet not reach the server
const form = find(".met-form");
let isSending = false;

const kept = () => JSON.parse(localStorage.getItem(KEY) || "[]");

function keep(list) {
  if (list.length) localStorage.setItem(KEY, JSON.stringify(list));
  else localStorage.removeItem(KEY);
  show(list);
}

function show(list) {
  const words = find(".met-kept");
  if (!words) return;
  words.hidden = !list.length;
  find(".met-count").textContent = list.length === 1 ? say.one : say.many.replace("{n}", list.length);
}

/** Send what is kept, oldest first. Twice is once for the server: a pair is one introduction. */
async function send() {
  if (isSending) return;
  if (!say.send) return comeBack();
  isSending = true;
  let sent = 0;
  for (const item of kept()) {
    const body = new URLSearchParams({ ...item, kept: "1", csrf_token: find("[name=csrf_token]")?.value || "" });
    const answer = await fetch(say.send, { method: "POST", body }).catch(() => null);
    if (!answer || !(answer.ok || FINAL.includes(answer.status))) break;
    sent += 1;
    keep(kept().filter((other) => other.at !== item.at));
  }
  isSending = false;
  if (kept().length) setTimeout(send, AGAIN);
  if (!sent) show(kept());
  else if (form) location.assign(say.send); // the page says what became of each
  else location.reload();
}

/** The empty page: is the server there again? */
async function comeBack() {
  const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (answer) location.reload();
}

/** The code in a badge's address or as it was typed; "" for a name. */
function codeIn(text) {
  const last = text.trim().replace(/\/+$/, "").split("/").pop().toUpperCase().replace(/[\s-]/g, "");
  return /^[0-9A-Z]{21}$/.test(last) ? last : "";
}

function onSubmit(event) {
  const badge = codeIn(form.elements.badge.value);
  if (!badge && (!say.send || !navigator.onLine)) {
    event.preventDefault(); // what was typed stays in its field
    find(".self-why").textContent = say.name;
    return;
  }
  if (!badge || !event.submitter) return; // a name goes to the server at once, and stays in no phone
  event.preventDefault();
  const item = { badge, at: new Date().toISOString(), answer: event.submitter.value };
  for (const name of ["session_id", "topic"]) item[name] = form.elements[name]?.value || "";
  keep([...kept(), item]);
  for (const name of ["badge", "topic"]) if (form.elements[name]) form.elements[name].value = "";
  read(false);
  send();
}

function read(isRead) {
  find(".met-read").hidden = !isRead;
}

function onCode({ detail }) {
  const isOurs = /\/b\/[^/]+\/?$/i.test(detail) && codeIn(detail);
  find(".self-why").textContent = isOurs ? "" : say.other;
  if (!isOurs) return;
  form.elements.badge.value = codeIn(detail);
  read(true);
  form.querySelector("button").focus();
}

async function watch() {
  const [place, why] = [find(".self-camera"), find(".self-why")];
  if (!navigator.mediaDevices) {
    why.textContent = say.none;
    return;
  }
  const { Camera } = await import("./camera.js");
  const camera = new Camera(place.querySelector("video"));
  camera.addEventListener("code", onCode);
  place.hidden = false;
  why.textContent = say.camera;
  try {
    await camera.start();
  } catch (error) {
    place.hidden = true;
    why.textContent = error.name === "NotAllowedError" ? say.refused : say.none;
  }
}

addEventListener("online", send);
if (say.worker) navigator.serviceWorker?.register(say.worker, { scope: "/me/" }).catch(() => null); // then without it
if (!say.send) setInterval(comeBack, AGAIN);
show(kept());
if (kept().length) send();
if (form) {
  form.addEventListener("submit", onSubmit);
  form.addEventListener("input", () => read(false));
  watch();
}
