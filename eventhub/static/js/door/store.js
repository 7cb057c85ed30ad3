// What lies in the phone (IndexedDB): the vault's key, sealed values by name, and the scans in the order in which they
// were made. Everything about people is sealed; in clear stand only numbers, times and whether a scan still waits.

import { openDB } from "../../vendor/idb/index.js";
import { seal, unseal } from "./vault.js";

let opened = null;

/** The database, opened once. */
export function database() {
  opened =
    opened ||
    openDB("eventhub-door", 1, {
      upgrade(db) {
        db.createObjectStore("keys");
        db.createObjectStore("sealed");
        const scans = db.createObjectStore("scans", { keyPath: "n", autoIncrement: true });
        scans.createIndex("id", "id", { unique: true });
        scans.createIndex("waiting", "waiting"); // a sent scan has no such member and stands in no index
      },
      blocking: (_old, _new, event) => event.target.close(),
    });
  return opened;
}

// --- sealed values -----------------------------------------------------------------------------------------------

/** The value kept under a name, or null. One that cannot be read any more is as good as none. */
export async function read(name) {
  const found = await (await database()).get("sealed", name);
  if (!found) return null;
  try {
    return await unseal(found);
  } catch {
    return null;
  }
}

export async function write(name, value) {
  const sealed = await seal(value);
  await (await database()).put("sealed", sealed, name);
}

/** The list of people, and what the server saw last; each with the device that it is for. The list is written only when
 * somebody on it changed: ten thousand people are megabytes. */
export async function readRoster(device) {
  const [picture, people] = await Promise.all([read("roster"), read("people")]);
  if (!picture || !people || picture.device !== device || people.device !== device) return null;
  return { ...picture, entries: people.entries };
}

export async function writeRoster({ entries, ...picture }, device, isSame) {
  if (!isSame) await write("people", { device, entries }); // first: a cursor never stands beside an older list
  await write("roster", { ...picture, device });
}

export async function forgetRoster() {
  const db = await database();
  await Promise.all([db.delete("sealed", "people"), db.delete("sealed", "roster")]);
}

// --- scans -------------------------------------------------------------------------------------------------------

/** Keep a scan: `entry` is {scan, heard, device, shown, ...}; it waits to be sent unless it was answered. */
export async function addScan(entry, waiting) {
  const row = { id: entry.scan.id, device: entry.device, at: Date.now(), ...(await seal(entry)) };
  if (waiting) row.waiting = 1;
  return (await database()).add("scans", row);
}

/** Every scan of a device that is still kept, in the order in which they were made. */
export async function listScans(device) {
  const rows = (await (await database()).getAll("scans")).filter((row) => row.device === device);
  return Promise.all(rows.map(async (row) => ({ ...(await unseal(row)), ...plain(row) })));
}

/** At most `most` scans of a device that still wait, the oldest first. */
export async function listWaiting(device, most) {
  const rows = (await (await database()).getAllFromIndex("scans", "waiting")).filter((row) => row.device === device);
  return Promise.all(rows.slice(0, most).map(async (row) => ({ ...(await unseal(row)), ...plain(row) })));
}

function plain(row) {
  return { n: row.n, at: row.at, waiting: Boolean(row.waiting), known: Boolean(row.known), refused: row.refused || "" };
}

/** How many scans wait and since when, over all devices that this phone was: {count, oldest (ms) or null, devices}. */
export async function countWaiting() {
  const rows = await (await database()).getAllFromIndex("scans", "waiting");
  const oldest = rows.length ? Math.min(...rows.map((row) => row.at)) : null;
  return { count: rows.length, oldest, devices: [...new Set(rows.map((row) => row.device))] };
}

async function change(ids, alter) {
  const transaction = (await database()).transaction("scans", "readwrite");
  for (const id of ids) {
    const row = await transaction.store.index("id").get(id);
    if (row) await transaction.store.put(alter(row));
  }
  await transaction.done;
}

/** The server has these now. */
export function markSent(ids) {
  return change(ids, ({ waiting, ...row }) => row);
}

/** The server will never take this one; it is kept with the reason, for a person. */
export function markRefused(id, reason) {
  return change([id], ({ waiting, ...row }) => ({ ...row, refused: reason }));
}

/** The roster that was just fetched knows of these. */
export function markKnown(ids) {
  return change(ids, (row) => ({ ...row, known: 1 }));
}

/** Forget what the server has: all of a device that is over, else what is older than `before` (ms). */
export async function forgetSent(device, before = Infinity) {
  const transaction = (await database()).transaction("scans", "readwrite");
  for (let cursor = await transaction.store.openCursor(); cursor; cursor = await cursor.continue()) {
    const row = cursor.value;
    if (row.device === device && !row.waiting && !row.refused && row.at < before) await cursor.delete();
  }
  await transaction.done;
}
