// The PIN that leaves a kiosk: the server checks it, and while there is no network the tablet does, by the salted hash that
// it was enrolled with. Five wrong ones, then a pause: here as there, and over a restart too.

const MOST_WRONG = 5; // as the server has it
const PAUSE = 10 * 60000; // ms after so many wrong ones
const RIGHT_STATUS = 200;
const PAUSED_STATUS = 429;

export const [RIGHT, WRONG, PAUSED, UNCHECKED] = ["right", "wrong", "paused", "unchecked"];

/** Try a PIN: RIGHT, WRONG, PAUSED after too many, or UNCHECKED when nobody could check it.
 *
 * `own` is what the kiosk remembers ({pin: {salt, iterations, hash}, wrong, triedAt}), `keep(facts)` remembers more, and
 * `ask()` gives the server's status; what it throws when the tablet is no kiosk any more is thrown on. */
export async function tryPin(pin, own, keep, ask) {
  const since = Date.now() - (own.triedAt || 0); // below 0 when the clock was turned back: no pause is over by that
  const wrong = since > PAUSE ? 0 : own.wrong || 0;
  if (wrong >= MOST_WRONG) return PAUSED;
  keep({ wrong: wrong + 1, triedAt: Date.now() }); // before anybody looks: a reload takes no try back
  const found = await look(pin, own.pin, ask);
  if (found === RIGHT) keep({ wrong: 0 });
  return found;
}

async function look(pin, check, ask) {
  const status = await ask().catch((error) => {
    if (error.isOver) throw error;
    return 0;
  });
  if (status === RIGHT_STATUS) return RIGHT;
  if (status) return status === PAUSED_STATUS ? PAUSED : WRONG;
  if (!check || !crypto.subtle) return UNCHECKED;
  return (await hashOf(pin, check)) === check.hash ? RIGHT : WRONG;
}

/** PBKDF2 with SHA-256, in hexadecimal digits. */
async function hashOf(pin, { salt, iterations }) {
  const bytes = Uint8Array.from(salt.match(/../g), (pair) => parseInt(pair, 16));
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytes, iterations }, key, 256);
  return [...new Uint8Array(bits)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
