// The stored facts of one meeting, indexed by what a verdict asks of them at an instant.
//
// Decides whom a code or a key names (merges included), who is a child, and what was in force when. The same as
// eventhub/checkin/world.py. A device builds it from its roster; what it lacks makes its verdicts provisional, not wrong
// about what it knows.

import {
  EARLY_MS,
  byNumber,
  canonicalJson,
  compareText,
  holds,
  instant,
  intervals,
  keyOf,
  least,
  readRules,
} from "./facts.js";

// Each refusing fact with the fact that it ends, and the fields that say what each fact is about.
const REFUSING = new Map([
  ["revoked", "issued"],
  ["replaced", "issued"],
  ["cancelled", "confirmed"],
  ["withdrawn", "signed_up"],
  ["unnamed", "named"],
]);
const SUBJECT = new Map([
  ["issued", ["code", null]],
  ["confirmed", ["person", null]],
  ["signed_up", ["person", "checkpoint"]],
  ["named", ["child", "adult"]],
]);
const NONE = [];

/** Each merged key with the least key of all that name the same person. */
function canonicalKeys(merges) {
  const members = new Map();
  for (const keys of merges) {
    const joined = new Set(keys);
    for (const key of keys) for (const other of members.get(key) ?? NONE) joined.add(other);
    for (const key of joined) members.set(key, joined);
  }
  return new Map([...members].map(([key, joined]) => [key, least(joined)]));
}

/** What is known of the meeting apart from its scans.
 *
 * Takes the lists of the protocol's form: days, checkpoints, persons (key, child) and dated facts, in any order and
 * with repetitions. RangeError or TypeError when one of them is malformed. */
export class World {
  constructor(meeting, days, checkpoints, persons, facts) {
    this.meeting = meeting;
    this.days = days
      .map((day) => ({ day: day.day, start: instant(day.from), end: instant(day.to) }))
      .sort((a, b) => a.start - b.start);
    this.checkpoints = new Map(checkpoints.map((each) => [each.id, each]));
    this.keys = canonicalKeys(facts.filter((fact) => fact.fact === "merged").map((fact) => fact.persons));
    this.registered = new Set(persons.map((person) => this.canonical(person.key)));
    this.children = new Set(persons.filter((person) => person.child).map((person) => this.canonical(person.key)));
    const settlements = facts.filter((fact) => fact.fact === "settled");
    this.settled = new Set(settlements.map((fact) => keyOf(fact.device, fact.id, fact.verdict)));
    this.readRules(facts.filter((fact) => fact.fact === "rules"));
    this.readIntervals(facts);
  }

  readRules(changes) {
    const byCheckpoint = new Map();
    for (const change of changes) {
      const at = entry(byCheckpoint, change.checkpoint, () => new Map());
      const t = instant(change.from);
      if (!at.has(t) || compareText(canonicalJson(at.get(t)), canonicalJson(change.rules)) < 0) {
        at.set(t, change.rules);
      }
    }
    this.rules = new Map();
    for (const [checkpoint, at] of byCheckpoint) {
      const starts = [...at.keys()].sort(byNumber);
      this.rules.set(checkpoint, { starts, rules: starts.map((t) => readRules(at.get(t))) });
    }
  }

  readIntervals(facts) {
    const begins = new Map(); // key of the subject -> {kind, about, more, times}
    const ends = new Map(); // key of the subject -> times
    const issued = new Map(); // code -> the first issue
    for (const fact of facts) {
      const kind = REFUSING.get(fact.fact) ?? fact.fact;
      if (!SUBJECT.has(kind)) continue;
      const t = instant(fact.from);
      const [first, second] = SUBJECT.get(kind);
      const about = fact[first];
      const more = second === null ? "" : fact[second];
      const key = keyOf(kind, about, more);
      if (REFUSING.has(fact.fact)) entry(ends, key, () => []).push(t);
      else entry(begins, key, () => ({ kind, about, more, times: [] })).times.push(t);
      if (fact.fact === "issued") {
        const issue = { t, person: fact.person, meeting: fact.meeting };
        const before = issued.get(fact.code);
        if (before === undefined || compareIssues(issue, before) < 0) issued.set(fact.code, issue);
      }
    }
    this.refusals = ends;
    this.confirmed = new Map(); // person -> intervals
    this.signedUp = new Map(); // key of (person, checkpoint) -> intervals
    this.named = new Map(); // child -> [{adult, interval}]
    this.badges = new Map(); // code -> {person, meeting, issued, valid}
    for (const [key, { kind, about, more, times }] of begins) {
      const found = intervals(times, ends.get(key) ?? NONE, kind === "named" ? 0 : EARLY_MS);
      if (kind === "issued") {
        const { person, meeting, t } = issued.get(about);
        this.badges.set(about, { person: this.canonical(person), meeting, issued: t - EARLY_MS, valid: found });
      } else if (kind === "confirmed") {
        entry(this.confirmed, this.canonical(about), () => []).push(...found);
      } else if (kind === "signed_up") {
        entry(this.signedUp, keyOf(this.canonical(about), more), () => []).push(...found);
      } else {
        const adult = this.canonical(more);
        const named = entry(this.named, this.canonical(about), () => []);
        named.push(...found.map((interval) => ({ adult, interval })));
      }
    }
  }

  /** The least key of those that name the same person. */
  canonical(key) {
    return this.keys.get(key) ?? key;
  }

  /** Whom the scan is about, as the canonical key; `code:<code>` for a code that nobody issued. */
  personOf(scan) {
    if (scan.walkIn) return this.canonical(`walkin:${scan.id}`);
    if (scan.code !== null) return this.badges.get(scan.code)?.person ?? this.canonical(`code:${scan.code}`);
    return this.canonical(scan.person ?? "");
  }

  /** The badge {person, meeting, issued, valid} of a code, or null when nobody issued it. */
  badge(code) {
    return this.badges.get(code) ?? null;
  }

  isChild(person) {
    return this.children.has(person);
  }

  /** Whether the meeting has, or had, a registration of that person. */
  isRegistered(person) {
    return this.registered.has(person);
  }

  isConfirmed(person, t) {
    return (this.confirmed.get(person) ?? NONE).some((interval) => holds(interval, t));
  }

  isSignedUp(person, checkpoint, t) {
    return (this.signedUp.get(keyOf(person, checkpoint)) ?? NONE).some((interval) => holds(interval, t));
  }

  /** The adults and deputies named for the child at `t`, as a Set. */
  namedAdults(child, t) {
    const named = (this.named.get(child) ?? NONE).filter(({ interval }) => holds(interval, t));
    return new Set(named.map(({ adult }) => adult));
  }

  /** When the walk-in made by this scan is registered and confirmed: from the scan to the first cancellation. */
  walkInRegistration(scan) {
    const ends = this.refusals.get(keyOf("confirmed", `walkin:${scan.id}`, "")) ?? NONE;
    const later = ends.filter((end) => end >= scan.t);
    return { start: scan.t, end: later.length ? Math.min(...later) : null };
  }

  /** The checkpoint's rules in force at `t`; null before the first of them, when it is closed. */
  rulesAt(checkpoint, t) {
    const known = this.rules.get(checkpoint);
    if (known === undefined) return null;
    const after = known.starts.findIndex((start) => start > t);
    return known.rules[(after < 0 ? known.starts.length : after) - 1] ?? null;
  }

  /** The meeting's day in which `t` lies, or null. */
  dayOf(t) {
    return this.days.find((day) => day.start <= t && t < day.end)?.day ?? null;
  }

  isEntrance(checkpoint) {
    return this.checkpoints.get(checkpoint)?.kind === "entrance";
  }

  /** The group's key. One of its own begins with a sign that no group's name can have. */
  groupOf(checkpoint) {
    const group = this.checkpoints.get(checkpoint)?.group ?? null;
    return group === null ? `alone:${checkpoint}` : `group:${group}`;
  }
}

/** What a Map holds at a key; made and put there when it holds nothing. */
export function entry(map, key, make) {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function compareIssues(a, b) {
  return a.t - b.t || compareText(a.person, b.person) || compareText(a.meeting, b.meeting);
}
