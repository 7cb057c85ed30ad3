// What the phone stores is unreadable without a key that the browser keeps and never gives out, not even to us.

import { database } from "./store.js";

const NAME = "vault";

let kept = null;

async function key() {
  const db = await database();
  const found = await db.get("keys", NAME);
  if (found) return found;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  try {
    await db.add("keys", made, NAME);
    return made;
  } catch {
    return db.get("keys", NAME); // another tab was quicker
  }
}

function theKey() {
  kept = kept || key();
  return kept;
}

/** A value as JSON, encrypted: {iv, data}. */
export async function seal(value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(value));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await theKey(), text) };
}

/** The value again; throws when it was sealed with another key. */
export async function unseal({ iv, data }) {
  const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await theKey(), data);
  return JSON.parse(new TextDecoder().decode(text));
}
