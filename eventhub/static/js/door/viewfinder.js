// The door's viewfinder: the camera with its light, which camera, and what to do while there is none.

import { Camera } from "../camera.js";

const KEPT = "eventhub-door-camera"; // the camera that was chosen last

export class Viewfinder {
  /** `say` are the server's words; `scanned` is called with what a code says. */
  constructor(find, say, scanned) {
    Object.assign(this, { say, isWanted: false, isOn: false, isRefused: false, hasLight: false });
    this.place = find(".door-camera");
    this.why = find(".door-no-camera");
    this.again = find(".door-camera-again");
    this.light = find(".door-light");
    this.select = find(".door-cameras");
    this.camera = new Camera(this.place.querySelector("video"));
    this.camera.addEventListener("code", ({ detail }) => scanned(detail));
    this.camera.addEventListener("lost", () => this.open());
    this.again.addEventListener("click", () => this.open());
    this.light.addEventListener("click", () => this.turnLight());
    this.select.addEventListener("change", () => this.choose());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.lookAgain());
    document.addEventListener("visibilitychange", () => this.lookAgain());
  }

  /** Open the camera, or say why there is none and offer to try again. */
  async open() {
    this.isWanted = true;
    this.isOn = false;
    this.tell("");
    if (!navigator.mediaDevices) return this.tell(this.say.no_camera);
    this.place.hidden = false;
    try {
      await this.camera.start(localStorage.getItem(KEPT) || "");
      if (!this.isWanted) return this.close();
      this.isOn = true;
      this.isRefused = false;
      this.showLight(false);
      await this.listCameras();
    } catch (error) {
      this.fail(error.name);
    }
    return undefined;
  }

  close() {
    this.isWanted = this.isOn = false;
    this.camera.stop();
    this.place.hidden = true;
  }

  /** Something changed: another app gave the camera back, or one was plugged in. Who said no is not asked again. */
  lookAgain() {
    if (this.isWanted && !this.isOn && !this.isRefused && !document.hidden) this.open();
  }

  fail(name) {
    this.camera.stop();
    this.place.hidden = true;
    this.isRefused = name === "NotAllowedError";
    const isTaken = name === "NotReadableError" || name === "AbortError";
    this.tell(this.isRefused ? this.say.camera_refused : isTaken ? this.say.camera_taken : this.say.no_camera);
    this.again.hidden = false;
  }

  tell(words) {
    this.why.textContent = words;
    this.again.hidden = true;
  }

  async turnLight() {
    const isOn = this.light.getAttribute("aria-pressed") !== "true";
    await this.camera.light(isOn).then(() => this.showLight(isOn), () => this.showLight(false));
  }

  showLight(isOn) {
    this.light.hidden = !this.camera.hasLight;
    this.light.setAttribute("aria-pressed", `${isOn}`);
    this.light.textContent = isOn ? this.say.light_off : this.say.light_on;
  }

  async listCameras() {
    const { chosen } = this.camera;
    const cameras = await this.camera.list();
    const option = ({ id, label }, n) => new Option(label || `${this.say.camera} ${n + 1}`, id, false, id === chosen);
    this.select.replaceChildren(...cameras.map(option));
    this.select.hidden = cameras.length < 2;
  }

  choose() {
    localStorage.setItem(KEPT, this.select.value);
    return this.open();
  }
}
