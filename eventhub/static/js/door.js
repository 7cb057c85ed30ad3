// The door in a signed-in browser, on line: camera, scanner that types, typed code, name; one question to the server per person, one
// verdict over the whole screen. A question keeps its id until it is answered, so that sending it again changes nothing.

import { Camera } from "./camera.js";
import { codeOf, readCode, scriptClass, uuid } from "./door/codes.js";
import { line, sound, timeOf } from "./door/screen.js";

const settings = JSON.parse(document.getElementById("door-settings").textContent);
const ANSWER_WITHIN = 4000; // ms until a question is sent again
const TRIES = 3;
const AGAIN_AFTER = 3500; // ms that a good verdict stays by itself

const find = (selector) => document.querySelector(selector);
const input = find(".door-type input");
const screen = find(".door-screen");
const list = find(".last-five");
const network = find(".door-network");
let offset = null; // server clock minus ours, in ms
let busy = false;
let lastScan = null;
let closing = 0;

// --- asking ------------------------------------------------------------------------------------------------------

async function send(scan) {
  const body = JSON.stringify({ device_time: new Date().toISOString(), scan });
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${settings.key}` };
  const began = Date.now();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ANSWER_WITHIN);
  try {
    const answer = await fetch(settings.ask, { method: "POST", headers, body, signal: stop.signal });
    if (answer.status === 401) throw new Refused(settings.say.gone);
    if (answer.status === 429) throw new Refused(settings.say.too_many);
    const said = await answer.json();
    if (!answer.ok) throw answer.status < 500 ? new Refused(said.detail) : new Error(said.detail);
    const ended = Date.now();
    offset = Math.round(Date.parse(said.server_time) - (began + ended) / 2);
    say(ended - began > 700 ? settings.say.slow : settings.say.online, ended - began > 700 ? "wait" : "ok");
    return said.result;
  } finally {
    clearTimeout(timer);
  }
}

class Refused extends Error {}

/** Ask about one person; `about` is {code}, {person} or {voids}. */
async function ask(about) {
  if (busy || !settings.key) return;
  busy = true;
  const scan = {
    id: uuid(),
    checkpoint: settings.checkpoint,
    kind: about.voids ? "void" : chosenKind(),
    scanned_at: new Date().toISOString(),
    offset_ms: offset,
    ...about,
  };
  if (settings.by) scan.by = settings.by;
  try {
    show(await patiently(scan), scan);
  } catch (error) {
    const sentence = error instanceof Refused ? error.message : settings.say.failed;
    fill({ tone: "stop", word: settings.words.other[1], sentence });
    if (!(error instanceof Refused)) say(settings.say.offline, "stop");
  } finally {
    busy = false;
  }
}

async function patiently(scan) {
  for (let n = 1; ; n += 1) {
    try {
      return await send(scan);
    } catch (error) {
      if (error instanceof Refused || n === TRIES) throw error;
    }
  }
}

function chosenKind() {
  const chosen = find(".door-kind input:checked");
  return chosen ? chosen.value : "entry";
}

function say(text, tone) {
  network.textContent = text;
  network.dataset.tone = tone;
}

// --- the verdict -------------------------------------------------------------------------------------------------

function show(result, scan) {
  const verdict = result.reason ? `${result.verdict}/${result.reason}` : result.verdict;
  const [tone, word, sentence] = settings.words[verdict] || settings.words.other;
  const person = result.person;
  fill({ tone, word, sentence, person, first: result.first, care: care(result) });
  note(word, tone, person && person.name);
  lastScan = scan.kind === "void" ? null : scan.id;
  const undo = find(".door-undo");
  if (undo) undo.hidden = !lastScan;
}

/** The page of the child that a verdict is about, for who may see children: with whom it leaves, who takes over. */
function care({ verdict, reason, person }) {
  const concerns = person && person.key && (reason === "child_in_care" || (person.see_focal_point && verdict !== "admitted"));
  return settings.care && concerns ? settings.care + encodeURIComponent(person.key) : "";
}

function fill({ tone, word, sentence, person, first, care }) {
  const place = screen.querySelector(".verdict");
  const icon = screen.querySelector(`[data-icon="${tone}"]`);
  place.className = `verdict verdict-${tone}`;
  place.replaceChildren(...(icon ? [icon.firstElementChild.cloneNode(true)] : []), line("word", word));
  if (person && person.name) {
    const who = line(`who${person.name.length > 48 ? " is-long" : ""} ${scriptClass(person.name)}`, person.name, true);
    place.append(who);
    if (person.latin_name && person.latin_name !== person.name) place.append(line("latin", person.latin_name, true));
  }
  if (person && person.see_focal_point) place.append(line("door-mark", settings.say.focal_point));
  if (person && person.organisation) place.append(line("door-organisation", person.organisation, true));
  if (person && person.role && person.role !== "delegate") place.append(line("door-role", person.role.replace(/_/g, " ")));
  if (person) place.append(line(`door-mark ${person.mark === "photo_ok" ? "is-ok" : "is-no"}`, settings.marks[person.mark]));
  if (first) place.append(line("door-first", `${timeOf(first.at, settings.tz)}, ${first.checkpoint_name}`, true));
  if (sentence) place.append(line("door-sentence", sentence));
  if (care) {
    const link = Object.assign(document.createElement("a"), { href: care, textContent: settings.say.care });
    link.className = "btn btn-lg btn-secondary";
    place.append(link);
  }
  screen.hidden = false;
  screen.focus({ preventScroll: true });
  sound(tone);
  clearTimeout(closing);
  if (tone === "ok" && !care) closing = setTimeout(close, AGAIN_AFTER);
}

function close() {
  clearTimeout(closing);
  screen.hidden = true;
  ready();
}

function note(word, tone, name) {
  const item = document.createElement("li");
  item.dataset.tone = tone;
  item.append(line("", name || "", true), line("", word));
  list.prepend(item);
  while (list.children.length > 5) list.lastChild.remove();
}

// --- typing, scanners that type, names ----------------------------------------------------------------------------

function ready() {
  // a phone's keyboard would cover half the screen; a scanner that types has no screen to cover
  if (matchMedia("(pointer: fine)").matches) input.focus({ preventScroll: true });
}

async function typed(text) {
  const code = readCode(text);
  if (code) {
    input.value = "";
    results("");
    await ask({ code });
  } else if (settings.find && text.trim().length > 1) {
    await lookUp(text.trim());
  } else {
    fill({ tone: "stop", word: settings.words["refused/unknown"][1], sentence: settings.words["refused/unknown"][2] });
  }
}

async function lookUp(text) {
  try {
    const answer = await fetch(`${settings.find}?q=${encodeURIComponent(text)}`);
    results(answer.ok ? await answer.text() : "");
    const first = find(".door-results button");
    if (first) first.focus();
  } catch {
    say(settings.say.offline, "stop");
  }
}

function results(html) {
  const place = find(".door-results");
  if (!place) return;
  // our own server's part of the page: its names are escaped there
  place.replaceChildren(document.createRange().createContextualFragment(html));
}

function listen() {
  find(".door-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const person = event.submitter && event.submitter.dataset.person;
    if (person) {
      results("");
      input.value = "";
      ask({ person });
    } else typed(input.value);
  });
  find(".door-next").addEventListener("click", close);
  screen.addEventListener("click", close);
  find(".door-undo")?.addEventListener("click", () => lastScan && ask({ voids: lastScan }));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    // what a scanner types reaches the field, wherever the focus is
    const typing = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (typing && (!screen.hidden || document.activeElement === document.body)) {
      screen.hidden = true;
      input.focus({ preventScroll: true });
    }
  });
  addEventListener("online", () => say(settings.say.online, "ok"));
  addEventListener("offline", () => say(settings.say.offline, "stop"));
  if (!navigator.onLine) say(settings.say.offline, "stop");
}

// --- the camera --------------------------------------------------------------------------------------------------

async function watch() {
  const place = find(".door-camera");
  const why = find(".door-no-camera");
  if (!navigator.mediaDevices) {
    why.textContent = isSecureContext ? settings.say.no_camera : settings.say.needs_https;
    return;
  }
  const camera = new Camera(place.querySelector("video"));
  camera.addEventListener("code", ({ detail }) => busy || ask({ code: codeOf(detail) }));
  place.hidden = false;
  try {
    await camera.start();
  } catch (error) {
    place.hidden = true;
    why.textContent = error.name === "NotAllowedError" ? settings.say.camera_refused : settings.say.no_camera;
  }
}

async function begin() {
  listen();
  ready();
  say(navigator.onLine ? settings.say.online : settings.say.offline, navigator.onLine ? "ok" : "stop");
  if (input.value && readCode(input.value)) await typed(input.value);
  await watch();
}

begin();
