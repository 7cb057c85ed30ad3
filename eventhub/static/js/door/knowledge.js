// What this phone knows: the roster, who was inside when it was fetched, and its own scans since. One pass over these
// by the door's own rules gives the picture that a verdict without the server rests on. The picture is provisional.

import { compareScans, instant, keyOf, readScan } from "./facts.js";
import { Picture } from "./fold.js";
import { carersOf, step } from "./rules.js";
import { Names } from "./search.js";
import { World } from "./world.js";

const NOBODY = { present: [], first_entries: [], counts: [], outside: [], unnamed: 0 };
const DONE = new Set(["admitted", "already_in", "left", "not_in", "handed_over"]);

export class Knowledge {
  /** `device` as it was enrolled; `roster` as it is stored, or null; `log` are this device's scans, oldest first. */
  constructor(device, roster, log) {
    this.device = device;
    this.log = log;
    this.take(roster);
  }

  /** Put another roster in place of the one before. */
  take(roster) {
    this.roster = roster || { entries: [], checkpoints: this.device.checkpoints, days: this.device.days, ...NOBODY };
    const { entries, checkpoints, days } = this.roster;
    const rules = checkpoints.flatMap(({ id, rules: all }) => all.map((each) => ({ fact: "rules", checkpoint: id, ...each })));
    const facts = [...rules, ...entries.flatMap((entry) => entry.facts)];
    const persons = entries.map((entry) => ({ key: entry.person, child: Boolean(entry.carers) }));
    this.world = new World(this.device.meeting.id, days, checkpoints, persons, facts);
    this.entries = new Map(entries.map((entry) => [this.world.canonical(entry.person), entry]));
    this.found = null;
    this.places = new Map(checkpoints.map((each) => [each.id, each]));
    this.refold();
  }

  /** Everybody on the roster by name; made ready when somebody first searches. */
  get names() {
    this.found = this.found || new Names([...this.entries.values()]);
    return this.found;
  }

  /** The whole picture anew: what the roster's sender knew, then what happened here since. */
  refold() {
    this.picture = new Picture(this.world);
    const undone = new Set(this.log.filter(({ scan }) => scan.kind === "void").map(({ scan }) => scan.voids));
    const counting = this.log.filter(({ scan, aside }) => scan.kind !== "void" && !aside && !undone.has(scan.id));
    const read = counting.map((entry) => ({ ...entry, read: this.reading(entry.scan, entry.hash) }));
    read.sort((a, b) => compareScans(a.read, b.read));
    for (const entry of read.filter((each) => each.known)) this.picture.take(entry.read, entry.heard || null);
    if (this.roster.at) this.seat();
    for (const entry of read.filter((each) => !each.known)) this.picture.take(entry.read, entry.heard || null);
    this.letIn = new Map(); // key of (checkpoint, person) -> when they were let in there last
    this.left = new Map(); // person -> when they left by an entrance last
    for (const { person, checkpoint, since } of this.roster.present) {
      this.letIn.set(keyOf(checkpoint, this.world.canonical(person)), instant(since));
    }
    for (const { person, at } of this.roster.outside || []) this.left.set(this.world.canonical(person), instant(at));
    for (const entry of read) this.note(entry.read, entry.heard);
  }

  /** Put everybody where the server saw them. Its counts hold those whom it does not name to this device; our own
   * walk-ins, whom it does not send back, stay where our scans put them. */
  seat() {
    const now = instant(this.roster.at);
    for (const place of this.places.keys()) {
      const state = this.picture.stateOf({ checkpoint: place, t: now });
      for (const person of [...state.inside.keys()]) {
        const isTheirs = this.entries.has(person) || person.startsWith("code:");
        if (isTheirs) state.apply({ person, enters: null, leaves: true, takenBy: null }, this.world);
      }
    }
    for (const { person, checkpoint, since } of this.roster.present) {
      const scan = { checkpoint, t: instant(since) };
      const effect = { person: this.world.canonical(person), enters: checkpoint, leaves: false, takenBy: null };
      if (this.world.dayOf(scan.t) === this.world.dayOf(now)) this.picture.stateOf(scan).apply(effect, this.world);
    }
    // counts hold people whom this device may not know; who was let in and left again may matter at a meal
    for (const { checkpoint, count } of this.roster.counts) {
      this.picture.stateOf({ checkpoint, t: now }).counts.set(checkpoint, count);
    }
    for (const { person } of this.roster.first_entries) {
      const { checkpoint } = this.device;
      this.picture.stateOf({ checkpoint, t: now }).letIn.add(keyOf(checkpoint, this.world.canonical(person)));
    }
  }

  reading(scan, hash) {
    return readScan(this.device.device, scan.code ? { ...scan, code: hash } : scan);
  }

  /** What the rules say to a scan as far as this phone knows: {verdict, person, first}. Changes nothing. */
  judge(scan, hash) {
    if (scan.kind === "void") return { verdict: "voided", person: null, first: null };
    const read = this.reading(scan, hash);
    const { verdict } = step(read, null, this.picture.stateOf(read), this.world);
    const key = this.world.personOf(read);
    const first = verdict === "already_in" ? this.first(key, scan.checkpoint, read.t) : null;
    return { verdict, key, person: this.person(key, scan), first };
  }

  /** The person behind a key as the screen shows them, or null. */
  person(key, scan = {}) {
    const entry = this.entries.get(this.world.canonical(key));
    if (entry) return { ...entry, key: entry.person };
    const made = scan.walk_in || this.log.find((each) => `walkin:${each.scan.id}` === key)?.scan.walk_in;
    if (!made) return null;
    return { key, name: made.name, latin_name: made.latin_name, organisation: made.organisation, role: "walk_in" };
  }

  /** When and where the person was let in here: by our own scans, else as the roster's sender saw it. */
  first(key, checkpoint, t) {
    const day = this.world.dayOf(t);
    const own = this.log.find(({ scan, hash, heard }) => {
      if (scan.kind !== "entry" || scan.checkpoint !== checkpoint || heard !== "admitted") return false;
      const read = this.reading(scan, hash);
      return this.world.personOf(read) === key && this.world.dayOf(read.t) === day;
    });
    const isThis = (each) => this.world.canonical(each.person) === key;
    const entered = checkpoint === this.device.checkpoint ? this.roster.first_entries.find(isThis)?.at : "";
    const seen = entered || this.roster.present.find((each) => isThis(each) && each.checkpoint === checkpoint)?.since;
    const times = [seen, own && own.scan.scanned_at].filter(Boolean).sort((a, b) => instant(a) - instant(b));
    return times.length ? { at: times[0], checkpoint_name: this.places.get(checkpoint)?.name || "" } : null;
  }

  /** Remember a scan that was made here, and what it did. */
  add(entry) {
    this.log.push(entry);
    if (entry.scan.kind === "void") this.refold();
    else if (!entry.aside) {
      const read = this.reading(entry.scan, entry.hash);
      this.picture.take(read, entry.heard || null);
      this.note(read, entry.heard);
    }
  }

  // --- who is inside ---------------------------------------------------------------------------------------------

  /** Everybody in the building as far as this phone knows, each once and where they were let in last, in the order of
   * names: {inside, gone}, each [{key, person, checkpoint, place}]. Who is gone left by an entrance while another place
   * still has them. */
  building(now) {
    const latest = new Map();
    for (const [id, place] of this.places) {
      for (const [key, checkpoint] of this.picture.stateOf({ checkpoint: id, t: now }).inside) {
        const since = this.letIn.get(keyOf(id, key)) ?? 0;
        if (checkpoint !== id || since < (latest.get(key)?.since ?? 0)) continue;
        const known = this.person(key);
        const person = known && known.unlisted ? { ...known, organisation: "" } : known; // by the badge's name alone
        latest.set(key, { key, checkpoint: id, place: place.name, person, since });
      }
    }
    const order = ({ person }) => (person && (person.sort_key || person.latin_name || person.name)) || "\uffff";
    const all = [...latest.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
    const isGone = ({ key, since }) => (this.left.get(key) ?? 0) > since;
    return { inside: all.filter((each) => !isGone(each)), gone: all.filter(isGone) };
  }

  /** How many were inside, when the server was heard last, whom this device may not name: children without the scope,
   * walk-ins of other desks. */
  countUnnamed() {
    return this.roster.unnamed || 0;
  }

  /** Remember when somebody was let in where, and when they left by an entrance. */
  note(read, heard) {
    const key = this.world.personOf(read);
    if (read.kind === "entry" && (heard === "admitted" || heard === "already_in")) {
      const place = keyOf(read.checkpoint, key);
      this.letIn.set(place, Math.max(read.t, this.letIn.get(place) ?? 0));
    } else if (read.kind === "exit" && heard && !heard.startsWith("refused/") && this.world.isEntrance(read.checkpoint)) {
      this.left.set(key, Math.max(read.t, this.left.get(key) ?? 0));
    }
  }

  isChild(key) {
    return this.world.isChild(this.world.canonical(key));
  }

  /** Whether the person is inside this device's group now. */
  isInside(key, t) {
    return this.picture.stateOf({ checkpoint: this.device.checkpoint, t }).inside.has(this.world.canonical(key));
  }

  /** The last scans, newest first, voids left out: [{scan, shown, isUndone}]. */
  last(most) {
    const undone = new Set(this.log.filter(({ scan }) => scan.kind === "void").map(({ scan }) => scan.voids));
    const scans = this.log.filter(({ scan }) => scan.kind !== "void").slice(-most).reverse();
    return scans.map((entry) => ({ ...entry, isUndone: undone.has(entry.scan.id) }));
  }

  /** The key of the person whom a code's hash names, or "". */
  keyOf(hash) {
    const badge = this.world.badge(hash);
    return badge ? badge.person : "";
  }

  /** The children inside this group whose only adult inside is this person. */
  childrenLeftBy(key, scan, hash) {
    const read = this.reading(scan, hash);
    const state = this.picture.stateOf(read);
    return [...state.children].filter((child) => {
      const carers = carersOf(child, read.t, state, this.world);
      return carers.has(key) && ![...carers].some((each) => each !== key && state.inside.has(each));
    });
  }

  /** Adults inside this checkpoint's group, the child's own carers first: [{key, person, isCarer}]. */
  adultsFor(child, checkpoint, t) {
    const state = this.picture.stateOf({ checkpoint, t });
    const carers = carersOf(child, t, state, this.world);
    const adults = [...state.inside.keys()].filter((key) => !this.world.isChild(key) && this.person(key));
    const all = adults.map((key) => ({ key, person: this.person(key), isCarer: carers.has(key) }));
    const rows = all.filter(({ person, isCarer }) => isCarer || !person.unlisted);
    return rows.sort((a, b) => b.isCarer - a.isCarer || (a.person.name < b.person.name ? -1 : 1));
  }

  /** Children inside this checkpoint's group: [{key, person}]. */
  childrenInside(checkpoint, t) {
    const state = this.picture.stateOf({ checkpoint, t });
    return [...state.children].map((key) => ({ key, person: this.person(key) }));
  }
}

/** Whether a word is a verdict of the rules, which may be told; the server has further words, for what it sets aside. */
export function isVerdict(word) {
  return DONE.has(word) || (word.startsWith("refused/") && word !== "refused/");
}

/** A roster with the changes that the server sent. */
export function changed(roster, sent) {
  const entries = new Map(sent.full || !roster ? [] : roster.entries.map((entry) => [entry.person, entry]));
  for (const gone of sent.removed || []) entries.delete(gone);
  for (const entry of sent.entries) entries.set(entry.person, entry);
  const { cursor, checkpoints, days, present, first_entries, counts, outside, unnamed, server_time: at } = sent;
  const picture = { present, first_entries, counts, outside, unnamed };
  return { cursor, checkpoints, days, ...picture, at, entries: [...entries.values()] };
}
