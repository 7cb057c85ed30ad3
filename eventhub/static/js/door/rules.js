// The verdict on one scan, what it then does to the picture, and whether the two disagree.
//
// Decides who may enter, leave and take over a child (the door's protocol, section 3), as eventhub/checkin/rules.py
// does. `judge` asks two things only: the `World` of facts and the `State` of the scan's group and day.

import { holds, isOpen, keyOf, least } from "./facts.js";
import { entry } from "./world.js";

/** The answer to a scan. */
export const VERDICT = Object.freeze({
  UNKNOWN: "refused/unknown",
  WRONG_MEETING: "refused/wrong_meeting",
  REVOKED: "refused/revoked",
  NOT_CONFIRMED: "refused/not_confirmed",
  WRONG_DAY: "refused/wrong_day",
  CLOSED: "refused/closed",
  NOT_SIGNED_UP: "refused/not_signed_up",
  CHAPERONE_FIRST: "refused/chaperone_first",
  ALREADY_IN: "already_in",
  FULL: "refused/full",
  ADMITTED: "admitted",
  NOT_IN: "not_in",
  CHILD_IN_CARE: "refused/child_in_care",
  LEFT: "left",
  HANDED_OVER: "handed_over",
  HANDOVER: "refused/handover",
});

// Refusals 1 to 7 of an entry: they rest on the facts and the carers, not on how full the room is.
const BY_RULE = new Set([
  VERDICT.UNKNOWN,
  VERDICT.WRONG_MEETING,
  VERDICT.REVOKED,
  VERDICT.NOT_CONFIRMED,
  VERDICT.WRONG_DAY,
  VERDICT.CLOSED,
  VERDICT.NOT_SIGNED_UP,
  VERDICT.CHAPERONE_FIRST,
]);
const NONE = [];

export function isRefusal(verdict) {
  return verdict.startsWith("refused/");
}

/** One group of checkpoints on one day, as far as the scans before this one go. Keys are canonical. */
export class State {
  constructor(taken = new Map(), walkedIn = new Map()) {
    this.inside = new Map(); // person -> checkpoint
    this.children = new Set(); // those inside who are children
    this.counts = new Map(); // checkpoint -> people present
    this.letIn = new Set(); // key of (checkpoint, person) of that day
    this.taken = taken; // child -> Set of who took it over that day
    this.walkedIn = walkedIn; // walk-in -> when registered
  }

  /** Remember the walk-in that this scan made, whatever its verdict; nothing for any other scan. */
  register(scan, world) {
    if (!scan.walkIn) return;
    entry(this.walkedIn, world.personOf(scan), () => []).push(world.walkInRegistration(scan));
  }

  /** Change the state by what one scan does: {person, enters, leaves, takenBy}, at most one of the three. */
  apply(effect, world) {
    if (effect.takenBy !== null) entry(this.taken, effect.person, () => new Set()).add(effect.takenBy);
    if (effect.leaves || effect.enters !== null) this.move(effect.person, effect.enters, world);
    if (effect.enters !== null) this.letIn.add(keyOf(effect.enters, effect.person));
  }

  move(person, to, world) {
    const before = this.inside.get(person);
    if (before !== undefined) {
      this.inside.delete(person);
      this.counts.set(before, this.counts.get(before) - 1);
      this.children.delete(person);
    }
    if (to === null) return;
    this.inside.set(person, to);
    this.counts.set(to, (this.counts.get(to) ?? 0) + 1);
    if (world.isChild(person)) this.children.add(person);
  }
}

/** The adults who answer for the child at `t`, as a Set: those named, and whoever took it over that day. */
export function carersOf(child, t, state, world) {
  const carers = [...world.namedAdults(child, t), ...(state.taken.get(child) ?? NONE)];
  return new Set(carers.filter((adult) => !world.isChild(adult)));
}

function someInside(persons, state) {
  for (const person of persons) if (state.inside.has(person)) return true;
  return false;
}

/** The verdict on an entry, exit or handover, given the state before it. TypeError for a void: it has none. */
export function judge(scan, state, world) {
  const person = world.personOf(scan);
  if (scan.kind === "entry") return judgeEntry(scan, person, state, world);
  if (scan.kind === "exit") return judgeExit(scan, person, state, world);
  if (scan.kind === "handover") {
    const taker = world.canonical(scan.with ?? "");
    const inside = state.children.has(person) && state.inside.has(taker) && !world.isChild(taker);
    return inside ? VERDICT.HANDED_OVER : VERDICT.HANDOVER;
  }
  throw new TypeError(`A scan of kind ${scan.kind} has no verdict.`);
}

function judgeEntry(scan, person, state, world) {
  const refusal = refusePerson(scan, person, state, world) ?? refuseTime(scan, world);
  if (refusal !== null) return refusal;
  const rules = world.rulesAt(scan.checkpoint, scan.t);
  if (rules.needsSignUp && !world.isSignedUp(person, scan.checkpoint, scan.t)) return VERDICT.NOT_SIGNED_UP;
  const needsCarer = world.isEntrance(scan.checkpoint) && world.isChild(person);
  if (needsCarer && !someInside(carersOf(person, scan.t, state, world), state)) return VERDICT.CHAPERONE_FIRST;
  if (state.inside.get(person) === scan.checkpoint) return VERDICT.ALREADY_IN;
  if (rules.reentry === "once" && state.letIn.has(keyOf(scan.checkpoint, person))) return VERDICT.ALREADY_IN;
  if (rules.capacity !== null && (state.counts.get(scan.checkpoint) ?? 0) >= rules.capacity) return VERDICT.FULL;
  return VERDICT.ADMITTED;
}

function refusePerson(scan, person, state, world) {
  const walkedIn = [...(state.walkedIn.get(person) ?? NONE)];
  if (scan.walkIn) walkedIn.push(world.walkInRegistration(scan));
  if (scan.code !== null) {
    const badge = world.badge(scan.code);
    if (badge === null || scan.t < badge.issued) return VERDICT.UNKNOWN;
    if (badge.meeting !== world.meeting) return VERDICT.WRONG_MEETING;
    if (!badge.valid.some((interval) => holds(interval, scan.t))) return VERDICT.REVOKED;
  } else if (walkedIn.length === 0 && !world.isRegistered(person)) {
    return VERDICT.UNKNOWN;
  }
  const isConfirmed = world.isConfirmed(person, scan.t) || walkedIn.some((interval) => holds(interval, scan.t));
  return isConfirmed ? null : VERDICT.NOT_CONFIRMED;
}

function refuseTime(scan, world) {
  const day = world.dayOf(scan.t);
  const rules = world.rulesAt(scan.checkpoint, scan.t);
  if (day === null || (rules !== null && rules.day !== null && rules.day !== day)) return VERDICT.WRONG_DAY;
  return rules !== null && isOpen(rules, scan.t) ? null : VERDICT.CLOSED;
}

function judgeExit(scan, person, state, world) {
  if (!state.inside.has(person)) return VERDICT.NOT_IN;
  for (const child of state.children) {
    const carers = carersOf(child, scan.t, state, world);
    if (carers.delete(person) && !someInside(carers, state)) return VERDICT.CHILD_IN_CARE;
  }
  return VERDICT.LEFT;
}

/** What the person heard: by the device, else by the server; null when neither is known.
 *
 * Of several, `admitted` prevails (the body is inside), else a refusal, else the least as text. */
export function said(told, answered) {
  const heard = new Set(told);
  const words = heard.size ? heard : new Set(answered);
  if (words.has(VERDICT.ADMITTED)) return VERDICT.ADMITTED;
  return least([...words].filter(isRefusal)) ?? least(words);
}

/** What the scan does, given what the person heard (`said`, else the computed verdict); null for nothing. */
export function effectOf(scan, heard, world) {
  const nothing = { person: world.personOf(scan), enters: null, leaves: false, takenBy: null };
  if (scan.kind === "entry") {
    const back = heard === VERDICT.ALREADY_IN && world.rulesAt(scan.checkpoint, scan.t)?.reentry === "yes";
    return heard === VERDICT.ADMITTED || back ? { ...nothing, enters: scan.checkpoint } : null;
  }
  if (scan.kind === "exit") return isRefusal(heard) ? null : { ...nothing, leaves: true };
  if (scan.kind === "handover" && heard === VERDICT.HANDED_OVER) {
    return { ...nothing, takenBy: world.canonical(scan.with ?? "") };
  }
  return null;
}

/** Whether what the person was told and the computed verdict disagree so that somebody should look. */
export function isConflict(kind, told, verdict) {
  if (kind === "entry") {
    return (
      (told === VERDICT.ADMITTED && verdict !== VERDICT.ADMITTED) ||
      (told === VERDICT.ALREADY_IN && isRefusal(verdict)) ||
      (BY_RULE.has(told) && verdict === VERDICT.ADMITTED)
    );
  }
  const done = [VERDICT.LEFT, VERDICT.HANDED_OVER];
  return isRefusal(told) !== isRefusal(verdict) || (done.includes(told) && !done.includes(verdict));
}

/** Judge one scan and say what it does, without changing the state: {scan, verdict, heard, conflict, effect}.
 *
 * `heard` is what `said` gave, or null when nothing is known, so that the computed verdict counts. A conflict that was
 * settled by this very verdict is none. A scan outside all days has no effect: it is on no list. */
export function step(scan, heard, state, world) {
  const verdict = judge(scan, state, world);
  const counts = heard || verdict;
  const settled = world.settled.has(keyOf(scan.device, scan.id, verdict));
  return {
    scan,
    verdict,
    heard: counts,
    conflict: !settled && isConflict(scan.kind, counts, verdict),
    effect: world.dayOf(scan.t) === null ? null : effectOf(scan, counts, world),
  };
}
