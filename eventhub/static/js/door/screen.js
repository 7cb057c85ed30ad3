// The verdict over the whole screen: colour, shape, word and sound; the name in its own script; what to do.

import { scriptClass } from "./codes.js";

const STAYS = 3500; // ms that a good verdict stays by itself
const LONG_NAME = 48; // characters
const TONES = { ok: [660, 880], wait: [520, 520], stop: [220, 165] }; // Hz, one after the other
const BUZZ = { ok: [60], wait: [60, 80, 60], stop: [300] }; // ms on, off, on

/** An element with a class and a text; `isolated` keeps what people wrote in its own direction. */
export function line(className, text, isolated = false, tag = "div") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (isolated) made.append(Object.assign(document.createElement("bdi"), { textContent: text }));
  else made.textContent = text;
  return made;
}

/** The page's language as dates are written in it: English puts the day first, as the region does. */
function locale() {
  const { lang } = document.documentElement;
  return lang === "en" ? "en-GB" : lang;
}

/** The time of day at the meeting's place. */
export function timeOf(at, tz) {
  const options = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: tz || undefined };
  return new Intl.DateTimeFormat(locale(), options).format(new Date(at));
}

/** The day and the time there. */
export function dayAndTime(at, tz) {
  const day = new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeZone: tz || undefined });
  return `${day.format(new Date(at))}, ${timeOf(at, tz)}`;
}

export class Screen {
  /** `root` is the covering element; `words`, `marks` and `say` are the server's; `closed` is called after it went. */
  constructor(root, { words, marks, say }, closed) {
    Object.assign(this, { root, words, marks, say, closed, timer: 0, tz: "" });
    root.querySelector(".door-next").addEventListener("click", () => this.close());
    root.addEventListener("click", (event) => event.target.closest("button") || this.close());
  }

  get isOpen() {
    return !this.root.hidden;
  }

  wordsOf(verdict) {
    const [tone, word, sentence] = this.words[verdict] || this.words.other;
    return { tone, word, sentence };
  }

  /** Show what was decided: {verdict, person, first}; `more` are further lines, `actions` are [label, function]. */
  show({ verdict, person, first }, { more = [], actions = [] } = {}) {
    const { tone, word, sentence } = this.wordsOf(verdict);
    const place = this.cover(tone, word);
    if (person) place.append(...this.about(person));
    if (first) place.append(line("door-first", `${timeOf(first.at, this.tz)}, ${first.checkpoint_name}`, true));
    for (const each of more) place.append(line("door-sentence", each));
    if (sentence) place.append(line("door-sentence", sentence));
    this.offer(place, actions);
    this.open(tone, !actions.length);
  }

  /** Show something that is no verdict. */
  tell(tone, word, sentence) {
    this.cover(tone, word).append(line("door-sentence", sentence));
    this.open(tone, false);
  }

  cover(tone, word) {
    const place = this.root.querySelector(".verdict");
    const icon = this.root.querySelector(`[data-icon="${tone}"]`);
    place.className = `verdict verdict-${tone}`;
    place.replaceChildren(...(icon ? [icon.firstElementChild.cloneNode(true)] : []), line("word", word));
    return place;
  }

  about(person) {
    const lines = [];
    const { name, latin_name: latin, organisation, role, mark } = person;
    if (name) lines.push(line(`who ${scriptClass(name)}${name.length > LONG_NAME ? " is-long" : ""}`, name, true));
    if (name && latin && latin !== name) lines.push(line("latin", latin, true));
    if (person.see_focal_point) lines.push(line("door-mark", this.say.focal_point));
    if (organisation) lines.push(line("door-organisation", organisation, true));
    const roleWord = role === "walk_in" ? this.say.walk_in : (role || "").replace(/_/g, " ");
    if (role && role !== "delegate") lines.push(line("door-role", roleWord));
    if (mark) lines.push(line(`door-mark ${mark === "photo_ok" ? "is-ok" : "is-no"}`, this.marks[mark]));
    return lines;
  }

  offer(place, actions) {
    for (const [label, run] of actions) {
      const button = Object.assign(line("btn btn-lg", label, false, "button"), { type: "button" });
      button.addEventListener("click", () => {
        this.close();
        run();
      });
      place.append(button);
    }
  }

  open(tone, goes) {
    this.root.hidden = false;
    this.root.focus({ preventScroll: true });
    sound(tone);
    clearTimeout(this.timer);
    if (tone === "ok" && goes) this.timer = setTimeout(() => this.close(), STAYS);
  }

  close() {
    clearTimeout(this.timer);
    this.root.hidden = true;
    this.closed();
  }
}

let speaker = null;

/** Say by ear, and in the hand, how it went: a tone of TONES. */
export function sound(tone) {
  navigator.vibrate?.(BUZZ[tone]);
  const Audio = window.AudioContext || window.webkitAudioContext;
  if (!Audio) return;
  speaker = speaker || new Audio();
  if (speaker.state === "suspended") speaker.resume().catch(() => {}); // a browser may want a touch first
  TONES[tone].forEach((frequency, n) => {
    const at = speaker.currentTime + n * 0.14;
    const [tube, volume] = [speaker.createOscillator(), speaker.createGain()];
    tube.frequency.value = frequency;
    volume.gain.setValueAtTime(0.15, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.13);
    tube.connect(volume).connect(speaker.destination);
    tube.start(at);
    tube.stop(at + 0.14);
  });
}
