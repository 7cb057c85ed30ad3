// The kiosk: somebody holds their own badge before the tablet and is greeted. One question to the server per badge; what it
// answers is on the screen for six seconds and nowhere else. Nothing leads out of the page but the PIN, which the server
// checks, and without a network the tablet itself.

import { Camera } from "./camera.js";
import { codeOf, scriptClass, uuid } from "./door/codes.js";
import { sound } from "./door/screen.js";
import { PAUSED, RIGHT, UNCHECKED, tryPin } from "./kiosk-pin.js";
import { fill, leave, stayAt } from "./kiosk-stay.js";

const settings = JSON.parse(document.getElementById("kiosk-settings").textContent);
const say = settings.say;
const KEPT = "eventhub-kiosk";
const SHOWN = 6000; // ms that an answer stays
const ANSWER_WITHIN = 4000; // ms
const TRIES = 2;
const LOOK_AGAIN = 5000; // ms between two looks whether the network is back
const PAD_STAYS = 30000; // ms without a touch until the pad closes by itself
const TYPED_WITHIN = 8000; // ms: what a scanner types comes in one go
const KEY_LASTS = 20 * 3600 * 1000; // ms until the key is changed
const FORGET_CODES = 3000; // ms after which a badge that is gone from the camera is forgotten

const part = (name) => document.querySelector(`[data-part="${name}"]`);
let own = JSON.parse(localStorage.getItem(KEPT) || "null");
let camera = null;
let facing = "user";
let busy = false;
let offset = null; // server clock minus ours, in ms
let closing = 0;
let padClosing = 0;
let digits = "";
let typed = { text: "", since: 0 };

/** Remember these facts of this kiosk, over a restart too. */
function keep(facts) {
  own = { ...own, ...facts };
  localStorage.setItem(KEPT, JSON.stringify(own));
}

// --- asking ------------------------------------------------------------------------------------------------------

/** The server does not know this kiosk (any more). */
class Off extends Error {
  isOver = true;
}

async function call(path, body) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ANSWER_WITHIN);
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${own.key}` };
  try {
    const answer = await fetch(path, { method: "POST", cache: "no-store", headers, body: JSON.stringify(body), signal: stop.signal });
    if (answer.status === 401) throw new Off();
    if (answer.status >= 500) throw new Error(String(answer.status));
    return { status: answer.status, said: await answer.json() };
  } finally {
    clearTimeout(timer);
  }
}

async function ask(code) {
  if (busy || !own || isOpen("pad") || isOpen("staff")) return;
  busy = true;
  const scan = { id: uuid(), checkpoint: own.checkpoint, kind: "entry", scanned_at: new Date().toISOString(), offset_ms: offset, code };
  try {
    const { status, said } = await patiently(scan);
    networkIs(true);
    if (status === 200) greet(said.result);
    else show("wait", [["hello", say.desk], ["", settings.refused.other]]);
  } catch (error) {
    if (error instanceof Off) return switchedOff();
    networkIs(false);
    show("wait", [["hello", say.offline], ["", say.offline_more]]);
  } finally {
    busy = false;
  }
}

async function patiently(scan) {
  for (let n = 1; ; n += 1) {
    const began = Date.now();
    try {
      const answer = await call(settings.ask, { device_time: new Date().toISOString(), scan });
      if (answer.said.server_time) offset = Math.round(Date.parse(answer.said.server_time) - (began + Date.now()) / 2);
      return answer;
    } catch (error) {
      if (error instanceof Off || n === TRIES) throw error;
    }
  }
}

/** Another key now and then; the old one works until the new one was used. */
async function changeKey() {
  if (!own || Date.now() - own.renewed < KEY_LASTS) return;
  try {
    const { status, said } = await call(settings.key, {});
    if (status !== 200) return;
    keep({ key: said.key, renewed: Date.now() });
  } catch (error) {
    if (error instanceof Off) switchedOff(); // else the next hour tries again
  }
}

setInterval(changeKey, 3600 * 1000);

// --- the answer ------------------------------------------------------------------------------------------------------

function greet(result) {
  const person = result.person;
  if (result.verdict !== "admitted" && result.verdict !== "already_in")
    return show("wait", [["hello", say.desk], ["", settings.refused[result.reason] || settings.refused.other]]);
  if (person && person.see_focal_point) return show("wait", [["hello", say.welcome], ["", say.child]]);
  const again = result.verdict === "already_in";
  const lines = [["hello", again ? say.again : say.welcome]];
  if (person && person.name) lines.push([`name ${scriptClass(person.name)}${person.name.length > 40 ? " is-long" : ""}`, person.name]);
  if (person && person.latin_name && person.latin_name !== person.name) lines.push(["latin", person.latin_name]);
  lines.push(["", again ? say.was_in : say.in]);
  show("ok", lines, result.next);
}

function show(tone, lines, next) {
  const place = part("answer");
  const icon = document.querySelector(`[data-icon="${tone}"]`).firstElementChild.cloneNode(true);
  place.dataset.tone = tone;
  place.replaceChildren(icon, ...lines.map(([kind, text]) => line(kind, text)));
  if (next) place.append(session(next));
  place.hidden = false;
  place.focus({ preventScroll: true });
  sound(tone);
  clearTimeout(closing);
  closing = setTimeout(clear, SHOWN);
}

function line(kind, text) {
  const made = document.createElement("p");
  made.className = kind;
  made.append(Object.assign(document.createElement("bdi"), { textContent: text }));
  return made;
}

function session(next) {
  const made = document.createElement("p");
  made.className = "next";
  const clock = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: own.meeting.tz };
  const time = new Intl.DateTimeFormat(document.documentElement.lang, clock).format(new Date(next.starts));
  const begun = Date.parse(next.starts) <= Date.now() + (offset || 0);
  const title = Object.assign(document.createElement("strong"), { textContent: next.title, dir: "auto" });
  const where = Object.assign(document.createElement("bdi"), { textContent: [time, next.room].filter(Boolean).join(" · ") });
  made.append(begun ? say.now : say.next, title, where);
  return made;
}

/** Back to the start: nothing of the person stays, neither on the page nor in what it remembers. */
function clear() {
  clearTimeout(closing);
  part("answer").hidden = true;
  part("answer").replaceChildren();
}

// --- the network -------------------------------------------------------------------------------------------------

let looking = 0;

function networkIs(there) {
  part("network").textContent = there ? "" : `${say.offline}. ${say.offline_more}`;
  clearTimeout(looking);
  if (!there) looking = setTimeout(look, LOOK_AGAIN);
}

async function look() {
  const there = await fetch(settings.alive, { cache: "no-store" }).then((answer) => answer.ok, () => false);
  networkIs(there);
}

function switchedOff() {
  localStorage.removeItem(KEPT);
  own = null;
  if (camera) camera.stop();
  show("wait", [["hello", say.off], ["", say.off_more]]);
  clearTimeout(closing); // this one stays
}

// --- the PIN -----------------------------------------------------------------------------------------------------

const isOpen = (name) => !part(name).hidden;

function openPad() {
  if (!own || isOpen("staff")) return;
  clear();
  digits = "";
  part("pad-words").textContent = "";
  part("pad").hidden = false;
  dots();
  part("pad").focus();
  stayAwhile();
}

function stayAwhile() {
  clearTimeout(padClosing);
  padClosing = setTimeout(back, PAD_STAYS);
}

function back() {
  clearTimeout(padClosing);
  digits = "";
  part("pad").hidden = part("staff").hidden = true;
  fill();
}

function dots() {
  part("dots").textContent = "●".repeat(digits.length) || "○○○○";
  part("digits").textContent = String(digits.length);
}

/** One more digit, or "" for one less. */
function digit(text) {
  digits = text ? (digits + text).slice(0, 8) : digits.slice(0, -1);
  dots();
}

const PIN_WORDS = { [PAUSED]: say.too_many, [UNCHECKED]: say.no_network_pin };

async function enter() {
  if (digits.length < 4) return;
  const pin = digits;
  digits = "";
  dots();
  part("pad-words").textContent = "";
  let found;
  try {
    found = await tryPin(pin, own, keep, async () => (await call(settings.pin, { pin })).status);
  } catch (error) {
    if (error instanceof Off) return switchedOff();
    throw error;
  }
  if (found !== RIGHT) {
    part("pad-words").textContent = PIN_WORDS[found] || say.wrong_pin;
  } else if (isOpen("pad")) {
    part("pad").hidden = true;
    part("staff").hidden = false;
    part("staff").querySelector("button").focus();
  }
}

// --- staying ------------------------------------------------------------------------------------------------------

function stay() {
  stayAt(settings.home, () => Boolean(own));
  document.addEventListener("fullscreenchange", () => document.fullscreenElement || openPad());
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", () => isOpen("pad") || isOpen("staff") || fill());
}

function onKey(event) {
  if (event.key === "Escape") {
    event.preventDefault();
    return isOpen("pad") ? undefined : openPad(); // never a way to close it: leaving the full screen sends Escape, too
  }
  if (event.ctrlKey || event.metaKey || event.altKey || /^F\d+$/.test(event.key)) return event.preventDefault();
  if (isOpen("pad")) {
    stayAwhile();
    if (/^\d$/.test(event.key)) digit(event.key);
    else if (event.key === "Backspace") digit("");
    else if (event.key === "Enter" && !event.target.closest("button")) enter();
    return undefined;
  }
  return isOpen("staff") ? undefined : onTyping(event);
}

/** A scanner that types: letters, then Enter. */
function onTyping(event) {
  if (Date.now() - typed.since > TYPED_WITHIN) typed = { text: "", since: Date.now() };
  if (event.key === "Enter") {
    const text = typed.text.trim();
    typed = { text: "", since: 0 };
    if (text) ask(codeOf(text));
  } else if (event.key.length === 1) {
    typed.text = (typed.text + event.key).slice(-400);
    event.preventDefault();
  }
}

// --- the camera --------------------------------------------------------------------------------------------------

async function watch() {
  const words = part("camera-words");
  words.textContent = "";
  if (!navigator.mediaDevices) {
    words.textContent = isSecureContext ? say.no_camera : say.needs_https;
    return;
  }
  const video = document.querySelector(".kiosk-view video");
  video.classList.toggle("is-mirrored", facing === "user");
  if (!camera) {
    camera = new Camera(video);
    camera.addEventListener("code", ({ detail }) => ask(codeOf(detail)));
    camera.addEventListener("lost", watch);
  }
  camera.facing = facing;
  try {
    await camera.start();
  } catch (error) {
    words.textContent = error.name === "NotAllowedError" ? say.camera_refused : say.no_camera;
    if (error.name !== "NotAllowedError") setTimeout(() => own && watch(), LOOK_AGAIN); // nobody of ours stands there
  }
}

setInterval(() => {
  const gone = Date.now() - FORGET_CODES;
  for (const [text, at] of camera ? camera.seen : []) if (at < gone) camera.seen.delete(text);
}, FORGET_CODES);

// --- beginning ---------------------------------------------------------------------------------------------------

const DOES = {
  erase: () => digit(""),
  try: enter,
  back,
  pad: openPad,
  enrol,
  reload: () => {
    leave();
    location.reload();
  },
  turn: () => {
    facing = facing === "user" ? "environment" : "user";
    watch();
    back();
  },
  end: async () => {
    leave();
    localStorage.removeItem(KEPT);
    if (document.fullscreenElement) await document.exitFullscreen().catch(() => {});
    location.replace(settings.home);
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (isOpen("pad") || isOpen("staff")) stayAwhile();
  if (button.dataset.digit) digit(button.dataset.digit);
  else if (DOES[button.dataset.do]) DOES[button.dataset.do]();
});

async function enrol() {
  const name = document.getElementById("kiosk-name").value.trim() || "Kiosk";
  const headers = { "Content-Type": "application/json" };
  try {
    const answer = await fetch(settings.enrol, { method: "POST", headers, body: JSON.stringify({ token: settings.token, name }) });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.detail);
    const { key, checkpoint, meeting, pin, expires_at: expires } = said;
    keep({ key, checkpoint, pin, meeting: { title: meeting.title, tz: meeting.tz }, expires, renewed: Date.now() });
    part("enrol").hidden = true;
    fill();
    begin();
  } catch (error) {
    part("enrol-error").textContent = error.message || say.failed;
  }
}

function begin() {
  history.replaceState(null, "", settings.home);
  part("meeting").append(Object.assign(document.createElement("bdi"), { textContent: own.meeting.title }));
  part("idle").hidden = part("corner").hidden = false;
  stay();
  addEventListener("offline", () => networkIs(false));
  addEventListener("online", look);
  if (!navigator.onLine) networkIs(false);
  changeKey();
  watch();
}

if (own && Date.parse(own.expires) < Date.now()) {
  localStorage.removeItem(KEPT);
  own = null;
}
navigator.serviceWorker?.register(settings.worker, { scope: settings.home }).catch(() => {}); // needs https
if (settings.token) part("enrol").hidden = false;
else if (own) begin();
else part("unknown").hidden = false;
