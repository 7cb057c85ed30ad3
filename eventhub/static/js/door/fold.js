// The pass: all facts of a meeting in, the whole picture out, whatever the order in which they arrived.
//
// Decides which content of a scan counts, what a void undoes, and in which order the rest is judged; the same as
// eventhub/checkin/fold.py. `name` is the key that stands for (device, id): facts.keyOf(device, id).

import { compareScans, compareText, contentHash, keyOf, least, readScan } from "./facts.js";
import { State, said, step } from "./rules.js";
import { World, entry } from "./world.js";

/** Gather batches ({device, scans}) and the server's answers ({device, id, answered}).
 *
 * Returns {scans, heard, keptAside}: the scans that count, one per name; a Map of what was heard at each name; the
 * names [{device, id}] whose other contents are kept aside. */
export function store(batches, answers) {
  const contents = new Map(); // name -> {device, id, variants: hash -> raw, told}
  for (const { device, scans } of batches) {
    for (const raw of scans) {
      const named = entry(contents, keyOf(device, raw.id), () => ({
        device,
        id: raw.id,
        variants: new Map(),
        told: new Set(),
      }));
      named.variants.set(contentHash(raw), raw);
      if (raw.told !== null && raw.told !== undefined) named.told.add(raw.told);
    }
  }
  const answered = new Map();
  for (const answer of answers) {
    entry(answered, keyOf(answer.device, answer.id), () => new Set()).add(answer.answered);
  }
  const stored = { scans: [], heard: new Map(), keptAside: [] };
  for (const [name, { device, id, variants, told }] of contents) {
    stored.scans.push(readScan(device, variants.get(least(variants.keys()))));
    const words = said(told, answered.get(name) ?? []);
    if (words !== null) stored.heard.set(name, words);
    if (variants.size > 1) stored.keptAside.push({ device, id });
  }
  return stored;
}

/** The scans undone: a void works on every scan with that id at its own checkpoint, but never on a void. */
export function voidedScans(scans) {
  const voids = new Set();
  for (const scan of scans) {
    if (scan.kind === "void" && scan.voids !== null) voids.add(keyOf(scan.voids, scan.checkpoint));
  }
  return scans.filter((scan) => scan.kind !== "void" && voids.has(keyOf(scan.id, scan.checkpoint)));
}

/** The outcome of a case (meeting, days, checkpoints, persons, facts, batches, answers), in the protocol's form. */
export function fold(given) {
  const world = new World(given.meeting, given.days, given.checkpoints, given.persons, given.facts);
  return foldStored(store(given.batches, given.answers), world);
}

/** The states of every group and day while the pass goes on, with what they share: takers of a day, walk-ins. */
export class Picture {
  constructor(world) {
    this.world = world;
    this.states = new Map(); // key of (day, group) -> State
    this.taken = new Map(); // day -> child -> takers
    this.walkedIn = new Map();
  }

  /** The state of the scan's group and day; an empty one, kept nowhere, outside all days. */
  stateOf(scan) {
    const day = this.world.dayOf(scan.t);
    if (day === null) return new State(new Map(), this.walkedIn);
    const taken = entry(this.taken, day, () => new Map());
    const place = keyOf(day, this.world.groupOf(scan.checkpoint));
    return entry(this.states, place, () => new State(taken, this.walkedIn));
  }

  /** Judge the next scan of the pass and change the picture by it. Returns what `step` says. */
  take(scan, heard) {
    const state = this.stateOf(scan);
    const done = step(scan, heard, state, this.world);
    state.register(scan, this.world);
    if (done.effect !== null) state.apply(done.effect, this.world);
    return done;
  }
}

/** Every scan that counts, in the order of the pass, judged in the picture of those before it. */
export function* walk(stored, world) {
  const voided = new Set(voidedScans(stored.scans).map((scan) => scan.name));
  const picture = new Picture(world);
  const counting = stored.scans.filter((scan) => scan.kind !== "void" && !voided.has(scan.name));
  for (const scan of counting.sort(compareScans)) yield picture.take(scan, stored.heard.get(scan.name) ?? null);
}

/** The outcome of what `store` gathered, as the protocol writes it: verdicts, presence, first_entries, conflicts,
 * kept_aside and voided, every list in order. */
export function foldStored(stored, world) {
  const verdicts = [];
  const conflicts = [];
  const firsts = new Map();
  const inside = new Map(); // key of (day, group, person) -> {day, checkpoint, person}
  for (const { scan, verdict, conflict, effect } of walk(stored, world)) {
    const { device, id } = scan;
    verdicts.push({ device, id, verdict });
    if (conflict) conflicts.push({ device, id, verdict });
    const day = world.dayOf(scan.t);
    if (day === null || effect === null) continue;
    const { person, enters, leaves } = effect;
    const place = keyOf(day, world.groupOf(scan.checkpoint), person);
    if (enters !== null) {
      inside.set(place, { day, checkpoint: enters, person });
      entry(firsts, keyOf(day, enters, person), () => ({ day, checkpoint: enters, person, device, id }));
    } else if (leaves) {
      inside.delete(place);
    }
  }
  return {
    verdicts: ordered(verdicts, "device", "id"),
    presence: presence(inside.values()),
    first_entries: ordered([...firsts.values()], "day", "checkpoint", "person"),
    conflicts: ordered(conflicts, "device", "id"),
    kept_aside: ordered([...stored.keptAside], "device", "id"),
    voided: ordered(voidedScans(stored.scans).map(({ device, id }) => ({ device, id })), "device", "id"),
  };
}

/** Who is at each (day, checkpoint) where somebody is. */
function presence(inside) {
  const places = new Map();
  for (const { day, checkpoint, person } of inside) {
    entry(places, keyOf(day, checkpoint), () => ({ day, checkpoint, present: [] })).present.push(person);
  }
  for (const place of places.values()) place.present.sort(compareText);
  return ordered([...places.values()], "day", "checkpoint");
}

function ordered(rows, ...names) {
  return rows.sort((a, b) => {
    for (const name of names) {
      const found = compareText(a[name], b[name]);
      if (found) return found;
    }
    return 0;
  });
}
