// What the door is told: scans, and the dated facts about codes, people and checkpoints that a verdict rests on.
//
// Decides when a fact holds and which of two contents under one name counts. It is eventhub/checkin/facts.py over
// again, name for name, and both answer the same cases. Pure: no clock, no page, no promise; it runs in a page, in a
// service worker and in Node. All times are whole milliseconds since 1970 in UTC.

import { sha256 } from "../../vendor/noble/sha2.js";
import { bytesToHex, utf8ToBytes } from "../../vendor/noble/utils.js";

// A permit (issued, confirmed, signed up) counts this much earlier, because a device's clock may be slow.
export const EARLY_MS = 120_000;

const RFC3339 =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$/;
const FIRST_YEAR = -62_135_596_800_000; // 0001-01-01T00:00:00Z
const LAST_YEAR = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z
const MINUTE = 60_000;

/** Milliseconds since 1970 of an RFC 3339 time with its offset; finer digits are cut. RangeError when it is none. */
export function instant(text) {
  const match = RFC3339.exec(text);
  if (match === null) throw new RangeError("A time must be written as RFC 3339 with an offset.");
  const hour = Number(match[4]);
  const minute = Number(match[5]);
  const second = Number(match[6]);
  if (hour > 23 || minute > 59 || second > 59) throw new RangeError("There is no such time of day.");
  const whole = dayStart(text.slice(0, 10)) + (hour * 60 + minute) * MINUTE + second * 1000;
  const fraction = match[7] === undefined ? 0 : Number(match[7].slice(0, 3).padEnd(3, "0"));
  if (match[8] === undefined) return whole + fraction;
  const hours = Number(match[9]);
  const minutes = Number(match[10]);
  if (hours > 23 || minutes > 59) throw new RangeError("An offset has at most 23 hours and 59 minutes.");
  const offset = (hours * 60 + minutes) * MINUTE;
  return (match[8] === "-" ? whole + offset : whole - offset) + fraction;
}

let lastDay = ["1970-01-01", 0]; // a roster's ten thousand times lie on few days

function dayStart(text) {
  if (lastDay[0] === text) return lastDay[1];
  const [year, month, day] = text.split("-").map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC would take the year 26 for 1926
  if (year < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    throw new RangeError("There is no such day.");
  }
  lastDay = [text, date.getTime()];
  return lastDay[1];
}

/** An instant as RFC 3339 in UTC, to the millisecond. RangeError outside the years 1 to 9999. */
export function written(t) {
  if (!(t >= FIRST_YEAR && t <= LAST_YEAR)) throw new RangeError("A time lies in the years 1 to 9999.");
  return new Date(t).toISOString();
}

/** Which of two texts comes first: below 0, 0 or above 0. By code points, as databases and Python order them; the
 * `<` of JavaScript goes by UTF-16 units and puts the characters beyond U+FFFF before those from U+E000 on. */
export function compareText(a, b) {
  if (a === b) return 0;
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i < end && a.charCodeAt(i) === b.charCodeAt(i)) i += 1;
  if (i === end) return a.length - b.length;
  // where one of them ends a pair of units here, the whole characters are compared
  if (isHalf(a, i - 1, 0xd800) && (isHalf(a, i, 0xdc00) || isHalf(b, i, 0xdc00))) i -= 1;
  return a.codePointAt(i) - b.codePointAt(i);
}

function isHalf(text, i, which) {
  return (text.charCodeAt(i) & 0xfc00) === which; // outside of the text the code is NaN, and that 0
}

/** The least of some texts, or null when there is none. */
export function least(texts) {
  let found = null;
  for (const text of texts) if (found === null || compareText(text, found) < 0) found = text;
  return found;
}

/** One text for several, such as a device and an id, that no other several have: the key of a Map. */
export function keyOf(...texts) {
  let key = "";
  for (const text of texts) key += `${text.length}:${text}`;
  return key;
}

/** The one text of a JSON value (RFC 8785), nulls left out. RangeError on a number that is not whole or that
 * JavaScript does not keep exactly, and on half a character. */
export function canonicalJson(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    // RFC 8785 orders names by their UTF-16 units, as sort() does
    const names = Object.keys(value).filter((name) => value[name] !== null && value[name] !== undefined);
    return `{${names.sort().map((name) => `${text(name)}:${canonicalJson(value[name])}`).join(",")}}`;
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new RangeError("The door's protocol has whole numbers only, below 2^53.");
    return String(value);
  }
  return typeof value === "string" ? text(value) : JSON.stringify(value ?? null);
}

function text(value) {
  if (/\p{Surrogate}/u.test(value)) throw new RangeError("A text of the door's protocol has whole characters only.");
  return JSON.stringify(value);
}

/** SHA-256 (hex) of a scan's content as sent: without its id, and without what was told, which is no part of it. */
export function contentHash(raw) {
  const { id, told, ...content } = raw;
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(content))));
}

/** One observation at a checkpoint, from the wire's object. `t` is the corrected time, `name` stands for (device, id).
 * TypeError or RangeError when it lacks a field or its time cannot be read. */
export function readScan(device, raw) {
  return {
    device,
    id: raw.id,
    name: keyOf(device, raw.id),
    checkpoint: raw.checkpoint,
    kind: raw.kind,
    t: instant(raw.scanned_at) + (raw.offset_ms || 0),
    code: raw.code ?? null,
    person: raw.person ?? null,
    walkIn: Object.prototype.toString.call(raw.walk_in) === "[object Object]",
    with: raw.with ?? null,
    voids: raw.voids ?? null,
  };
}

/** Where two scans stand in the pass: below 0 when `a` comes first. */
export function compareScans(a, b) {
  return a.t - b.t || compareText(a.id, b.id) || compareText(a.device, b.device);
}

/** Whether an interval {start, end} holds at `t`: start in, end out, a null end open. */
export function holds(interval, t) {
  return interval.start <= t && (interval.end === null || t < interval.end);
}

/** When a fact holds: from each beginning (less `early` ms) to the first refusal at or after that beginning.
 *
 * A refusal at the very beginning leaves nothing of it: of two that begin together the refusing one wins. */
export function intervals(begins, refusals, early = 0) {
  if (begins.length === 1 && refusals.length === 0) return [{ start: begins[0] - early, end: null }]; // most of them
  const ends = [...refusals].sort(byNumber);
  const found = [];
  for (const begin of [...new Set(begins)].sort(byNumber)) {
    const end = ends.find((each) => each >= begin) ?? null;
    if (end !== begin) found.push({ start: begin - early, end });
  }
  return found;
}

export function byNumber(a, b) {
  return a - b;
}

/** A checkpoint's rules from one change to the next. `day` names a day of the meeting; capacity null is no limit. */
export function readRules(raw) {
  return {
    reentry: raw.reentry || "yes",
    needsSignUp: Boolean(raw.needs_sign_up),
    capacity: raw.capacity ?? null,
    day: raw.day ?? null,
    openFrom: raw.open_from ? instant(raw.open_from) : null,
    openTo: raw.open_to ? instant(raw.open_to) : null,
  };
}

export function isOpen(rules, t) {
  return (rules.openFrom === null || rules.openFrom <= t) && (rules.openTo === null || t < rules.openTo);
}
