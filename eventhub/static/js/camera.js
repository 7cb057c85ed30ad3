// A camera that reads QR codes: continuously, each code once while it stays in sight. The browser's own reader where it
// has one, else the reader that we serve ourselves. A page says where the picture goes and listens for "code".

const SAME = 2500; // ms: a code that was out of sight for less is still the same one held up
const LOOK_EVERY = 60; // ms between two looks
const WIDEST = 960; // pixels of the picture that our own reader looks at

export class Camera extends EventTarget {
  /** Fires "code" with the text as `detail`, and "lost" when the picture ends by itself (unplugged, or taken by another
   * app). `facing` is "environment" or "user". */
  constructor(video, facing = "environment") {
    super();
    Object.assign(this, { video, facing, seen: new Map(), track: null, read: null, timer: 0, isRunning: false });
    // some phones stop the picture while another app is in front
    const goOn = () => document.hidden || !this.isRunning || video.play().catch(() => {});
    document.addEventListener("visibilitychange", goOn);
  }

  /** Open the camera that was chosen (a device's id) or the one that faces the right way. Throws what browsers throw. */
  async start(chosen = "") {
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const any = { video: { facingMode: { ideal: this.facing }, ...size } };
    this.stop(); // many phones open one camera at a time only
    const stream = chosen ? await this.stream({ video: { deviceId: { exact: chosen }, ...size } }, any) : await this.stream(any);
    this.video.srcObject = stream;
    [this.track] = stream.getVideoTracks();
    this.track.addEventListener("ended", () => this.dispatchEvent(new Event("lost")));
    await this.video.play();
    this.read = this.read || (await reader());
    this.isRunning = true;
    this.look();
  }

  /** The stream; when the camera that was chosen once is gone, any that fits. */
  async stream(wanted, otherwise) {
    try {
      return await navigator.mediaDevices.getUserMedia(wanted);
    } catch (error) {
      if (!otherwise || error.name === "NotAllowedError") throw error;
      return navigator.mediaDevices.getUserMedia(otherwise);
    }
  }

  stop() {
    this.isRunning = false;
    clearTimeout(this.timer);
    for (const track of this.video.srcObject ? this.video.srcObject.getTracks() : []) track.stop();
    this.video.srcObject = null;
    this.track = null;
  }

  async look() {
    const codes = document.hidden || this.video.readyState < 2 ? [] : await this.read(this.video).catch(() => []);
    if (!this.isRunning) return;
    for (const text of codes) this.notice(text);
    this.timer = setTimeout(() => this.look(), LOOK_EVERY);
  }

  notice(text) {
    const now = Date.now();
    const isNew = now - (this.seen.get(text) || 0) > SAME;
    this.seen.set(text, now);
    if (isNew) this.dispatchEvent(new CustomEvent("code", { detail: text }));
  }

  /** The cameras to choose from, [{id, label}]; their names are known once one was opened. */
  async list() {
    const all = await navigator.mediaDevices.enumerateDevices();
    return all.filter((each) => each.kind === "videoinput").map((each) => ({ id: each.deviceId, label: each.label }));
  }

  get chosen() {
    return this.track ? this.track.getSettings().deviceId || "" : "";
  }

  get hasLight() {
    return Boolean(this.track && this.track.getCapabilities && this.track.getCapabilities().torch);
  }

  async light(on) {
    await this.track.applyConstraints({ advanced: [{ torch: on }] });
  }
}

/** A function that reads the codes in a video's present picture. */
async function reader() {
  if ("BarcodeDetector" in window) {
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      return async (video) => (await detector.detect(video)).map((found) => found.rawValue);
    }
  }
  return ourReader();
}

async function ourReader() {
  const { prepareZXingModule, readBarcodes } = await import("../vendor/zxing/es/reader/index.js");
  const home = new URL("../vendor/zxing/", import.meta.url);
  await prepareZXingModule({ overrides: { locateFile: (name) => new URL(name, home).href }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, WIDEST / Math.max(video.videoWidth, video.videoHeight));
    [canvas.width, canvas.height] = [video.videoWidth * scale, video.videoHeight * scale];
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = context.getImageData(0, 0, canvas.width, canvas.height);
    const found = await readBarcodes(picture, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 });
    return found.filter((each) => each.isValid).map((each) => each.text);
  };
}
