// Codes and names as they come in: what a badge says, how a scan is named, how a text is set and compared.

const CODE = /^[0-9A-HJKMNP-TV-Z]{21}$/;
const LONGEST = 200; // characters of a code that is none of ours but is still asked about

/** The code in what was typed or scanned, or "" when it is none: a whole address, small letters, O for 0, I and L for 1. */
export function readCode(text) {
  const path = /\/b\/([^/?#\s]+)/i.exec(text);
  const code = (path ? path[1] : text)
    .replace(/[\s-]/g, "")
    .toUpperCase()
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
  return CODE.test(code) ? code : "";
}

/** What the camera read, as a scan's code: ours, or the text itself, so that a foreign code is refused and kept. */
export function codeOf(text) {
  // eslint-disable-next-line no-control-regex
  return readCode(text) || text.replace(/[\u0000-\u001f\u007f]/g, " ").trim().slice(0, LONGEST);
}

/** A random name for a scan. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID(); // secure addresses of newer browsers only
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** SHA-256 of a code, base64url without padding: how the roster knows it. */
export async function hashOf(code) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code));
  const binary = String.fromCharCode(...new Uint8Array(digest));
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const SCRIPTS = [
  [/\p{Script=Khmer}/u, "script-khmer"],
  [/\p{Script=Myanmar}/u, "script-myanmar"],
  [/\p{Script=Thai}/u, "script-thai"],
  [/\p{Script=Lao}/u, "script-lao"],
  [/\p{Script=Arabic}/u, "script-arabic"],
  [/\p{Script=Thaana}/u, "script-thaana"],
  [/\p{Script=Devanagari}/u, "script-devanagari"],
  [/\p{Script=Bengali}/u, "script-bengali"],
  [/\p{Script=Sinhala}/u, "script-sinhala"],
  [/\p{Script=Tamil}/u, "script-tamil"],
  [/\p{Script=Tibetan}/u, "script-tibetan"],
];

/** The class of a name's script, for those that need room above and below. */
export function scriptClass(text) {
  const found = SCRIPTS.find(([letters]) => letters.test(text));
  return found ? found[1] : "";
}
