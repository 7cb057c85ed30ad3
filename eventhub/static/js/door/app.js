// The door app's page: puts camera, scanner, typing, names and sheets together with the door behind them.

import { codeOf, hashOf, readCode } from "./codes.js";
import { Door } from "./door.js";
import { enrol } from "./enrol.js";
import { People } from "./people.js";
import { Screen, line } from "./screen.js";
import { Status, fill } from "./status.js";
import { Viewfinder } from "./viewfinder.js";

const SAME_BADGE = 2500; // ms: a scanner that reads a badge twice makes one scan
const SETTLES = 400; // ms of silence after a whole code: some scanners end with nothing
const BY_HAND = 35; // ms a letter; nobody types faster

const settings = JSON.parse(document.getElementById("door-settings").textContent);
const { say } = settings;
const find = (selector) => document.querySelector(selector);
const input = find("#text");
const door = new Door(settings.paths);
const status = new Status(door, settings, find);
const screen = new Screen(find(".door-screen"), settings, ready);
const people = new People(door, settings, find, decide);
const viewfinder = new Viewfinder(find, say, scanned);
let last = { code: "", kind: "", at: 0, about: null, show: null };
let typing = { since: 0, timer: 0 };

function ready() {
  // a phone's keyboard would cover half the screen; a scanner that types has no screen to cover
  const hasKeys = matchMedia("(pointer: fine)").matches;
  if (hasKeys && !document.querySelector("dialog[open]")) input.focus({ preventScroll: true });
}

// --- deciding ------------------------------------------------------------------------------------------------------

/** Make a scan and show its verdict; resolves when it is on the screen. */
async function decide(kind, about, more = []) {
  let decided;
  try {
    decided = await door.decide(kind, about);
  } catch (error) {
    last.code = ""; // the same badge may be tried again at once
    screen.tell("stop", settings.words.other[1], say.not_kept);
    if (!(error instanceof DOMException)) throw error;
    return null;
  }
  if (!decided) return over();
  const extra = { more: [...more, ...careOf(decided)], actions: offers(decided) };
  const show = () => screen.show(decided, extra);
  if (about === last.about) last.show = show;
  else if (!about.code) last.code = ""; // something else came between: the badge before it is a new scan
  show();
  listLast();
  return decided;
}

/** Whose child is inside, when an adult may not leave for that reason. */
function careOf({ verdict, key, scan, hash }) {
  if (verdict !== "refused/child_in_care" || !door.knowledge) return [];
  const names = door.knowledge.childrenLeftBy(key, scan, hash).map((child) => door.knowledge.person(child)?.name || "");
  return names.length ? [fill(say.still_inside, { names: names.join(", ") })] : [];
}

function offers({ verdict, key, scan, hash }) {
  if (verdict !== "refused/child_in_care" || !may("children")) return [];
  const children = door.knowledge.childrenLeftBy(key, scan, hash);
  const done = (child) => (adult) => decide("handover", { person: child, with: adult });
  return children.map((child) => [say.hand_over, () => people.openHandover(child, { but: key, done: done(child) })]);
}

const may = (scope) => Boolean(door.device && door.device.scope.includes(scope));

/** A badge before the camera or from a scanner: {code}; by name: {person}. */
async function check(about) {
  const kind = find(".door-kind input:checked").value;
  if (kind === "exit" && may("children")) {
    const key = about.person || door.knowledge.keyOf(await hashOf(about.code));
    if (door.knowledge.isChild(key) && door.knowledge.isInside(key, door.contact.now())) return leave(key, about);
  }
  return decide(kind, about);
}

/** A child goes with an adult who is inside: it is handed over to them first, so that the adult's name is kept. */
function leave(child, about) {
  people.openHandover(child, {
    leaving: true,
    async done(adult) {
      const given = await door.decide("handover", { person: child, with: adult });
      if (!given) return over();
      if (given.verdict !== "handed_over") return screen.show(given);
      return decide("exit", about, [fill(say.left_with, { name: door.knowledge.person(adult)?.name || "" })]);
    },
  });
}

/** A code that was decoded, by whatever means. The same badge held up twice is not two scans. */
function scanned(text) {
  const code = codeOf(text);
  const kind = find(".door-kind input:checked").value;
  const isAgain = code === last.code && kind === last.kind && Date.now() - last.at < SAME_BADGE;
  last = { ...last, code, kind, at: Date.now() };
  if (!code || !door.device || document.querySelector("dialog[open]")) return null;
  if (isAgain) return last.show && !screen.isOpen ? last.show() : null;
  last.show = null;
  last.about = { code };
  return check(last.about);
}

// --- typing, names -------------------------------------------------------------------------------------------------

function clear() {
  clearTimeout(typing.timer);
  input.value = "";
  find(".door-results").replaceChildren();
}

function typed() {
  const text = input.value.trim();
  if (readCode(text)) {
    clear(); // now: when the verdict comes, a scanner may be typing the next code
    return scanned(text);
  }
  const buttons = find(".door-results").querySelectorAll("button");
  if (buttons.length) return buttons[0].focus();
  const [tone, word, sentence] = settings.words["refused/unknown"];
  const isScanner = text.length > 11 && performance.now() - typing.since < text.length * BY_HAND;
  return text ? screen.tell(tone, word, isScanner ? say.scanner_layout : sentence) : null;
}

function lookUp() {
  const text = input.value.trim();
  const isCode = readCode(text) || /\/b\//i.test(text);
  clearTimeout(typing.timer);
  if (text.length < 2) typing.since = performance.now();
  if (readCode(text)) typing.timer = setTimeout(typed, SETTLES);
  if (text.length < 2 || isCode || !door.knowledge) find(".door-results").replaceChildren();
  else people.list(text, find(".door-results"), choose);
}

function choose(person) {
  clear();
  check({ person });
}

function listen() {
  find(".door-form").addEventListener("submit", (event) => {
    event.preventDefault();
    typed();
  });
  input.addEventListener("input", lookUp);
  find(".door-undo").addEventListener("click", () => door.lastScan && decide("void", { voids: door.lastScan }));
  document.addEventListener("keydown", wedge);
  document.addEventListener("eventhub-code", ({ detail }) => scanned(detail));
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  for (const sheet of document.querySelectorAll("dialog")) sheet.addEventListener("close", ready);
  const open = { "walk-in": walkIn, handover, inside: () => people.openInside() };
  for (const button of document.querySelectorAll("[data-open]")) {
    button.addEventListener("click", () => open[button.dataset.open]());
  }
}

function walkIn() {
  people.openWalkIn(input.value.trim());
  clear();
}

function handover() {
  people.openHandover("", { done: (adult) => decide("handover", { person: people.child, with: adult }) });
}

/** What a scanner types reaches the field, wherever the focus is; a space still presses the button that has it. */
function wedge(event) {
  if (event.key === "Tab" && event.target === input && readCode(input.value)) {
    event.preventDefault(); // how some scanners end
    typed();
    return;
  }
  if (event.key === "Enter" && event.target.closest?.("#walk-in") && readCode(event.target.value || "")) {
    event.preventDefault(); // a badge was scanned while the sheet was open: it is nobody's name
    find("#walk-in").close();
    input.focus({ preventScroll: true }); // away from the button that opened it: a second Enter may follow
    scanned(event.target.value);
    return;
  }
  if (event.key === "Escape" && screen.isOpen) screen.close();
  if (event.key === "Enter" && event.target === screen.root && input.value) {
    event.preventDefault(); // a verdict came between the code and its Enter
    typed();
    return;
  }
  const isTyping = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isTyping || document.querySelector("dialog[open]") || find(".door-work").hidden) return;
  if (!screen.isOpen && document.activeElement === input) return;
  screen.root.hidden = true;
  input.focus({ preventScroll: true });
}

// --- the last five -------------------------------------------------------------------------------------------------

function listLast() {
  const rows = door.knowledge ? door.knowledge.last(5) : [];
  find(".last-five").replaceChildren(
    ...rows.map(({ shown, isUndone }) => {
      const { tone, word } = screen.wordsOf(isUndone ? "voided" : shown.verdict);
      const row = document.createElement("li");
      row.dataset.tone = isUndone ? "wait" : tone;
      row.append(line("", shown.name || say.no_name, true), line("", word));
      return row;
    }),
  );
  find(".door-undo").hidden = !door.lastScan;
}

// --- staying awake ---------------------------------------------------------------------------------------------------

/** The screen of a phone at the door stays on, where the browser can do that. */
function stayAwake() {
  const hold = () => document.hidden || navigator.wakeLock?.request("screen").catch(() => {}); // a low battery may refuse
  document.addEventListener("visibilitychange", hold);
  hold();
}

// --- beginning and end ---------------------------------------------------------------------------------------------

/** No door (any more): say why, and what still waits. */
function over() {
  const why = door.why || "unknown";
  const place = find(".door-unknown");
  for (const sheet of document.querySelectorAll("dialog[open]")) sheet.close();
  find(".door-work").hidden = true;
  viewfinder.close();
  screen.root.hidden = true;
  find(".last-five").replaceChildren();
  find(".door-undo").hidden = true;
  place.querySelector("h1").textContent = say[`${why}_title`];
  place.querySelector("p").textContent = why === "unknown" ? say.unknown : `${say[why]} ${say.unknown}`;
  find(".door-unknown-queue").textContent = door.waiting.count ? fill(say.still_waiting, { n: door.waiting.count }) : "";
  place.hidden = false;
}

function work() {
  const here = door.device.checkpoints.find((each) => each.id === door.device.checkpoint);
  find(".door-place").replaceChildren(line("", `${door.device.meeting.title}: ${here ? here.name : ""}`, true, "span"));
  screen.tz = door.device.meeting.tz;
  for (const button of document.querySelectorAll("[data-scope]")) button.hidden = !may(button.dataset.scope);
  find(".door-unknown").hidden = true;
  find(".door-work").hidden = false;
  listLast();
  ready();
  stayAwake();
  viewfinder.open();
}

/** This browser cannot be a door at all. */
function refuse(sentence) {
  const place = find(".door-unknown");
  place.querySelector("h1").textContent = say.unknown_title;
  place.querySelector("p").textContent = sentence;
  place.hidden = false;
}

async function begin() {
  if (!isSecureContext || !crypto.subtle || !("indexedDB" in window)) {
    return refuse(isSecureContext ? say.old_browser : say.needs_https);
  }
  navigator.serviceWorker?.register(settings.worker, { scope: settings.home }).catch(() => {});
  navigator.storage?.persist?.().catch(() => {});
  let isDoor;
  try {
    isDoor = await door.open();
  } catch {
    return refuse(say.no_memory);
  }
  listen();
  status.show();
  if (settings.token) {
    await enrol(door, settings, status, find);
    isDoor = Boolean(door.device);
  }
  door.addEventListener("over", over);
  door.addEventListener("queue", () => (door.device ? listLast() : over()));
  if (isDoor) work();
  else over();
  await door.keepUp();
  status.show();
}

begin();
