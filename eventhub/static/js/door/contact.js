// Talking to the server: with the device's key, within a time, and with one eye on its clock. Decides whether we count
// as on line: while the server is out of reach nobody at the door waits for it, and it is tried again in between.

export const ANSWER_WITHIN = 700; // ms that a person at the door waits for the server
const LONG = 20000; // ms for everything that nobody waits for
const AGAIN = [2000, 5000, 10000, 30000]; // ms between tries while the server is out of reach

/** The server said no: `status` and its sentence. */
export class SaidNo extends Error {
  constructor(status, sentence, retryAfter) {
    super(sentence || `${status}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The server did not answer, or not in time. */
export class NoAnswer extends Error {}

export class Contact extends EventTarget {
  constructor() {
    super();
    this.key = "";
    this.offset = null; // server clock minus ours, in ms
    this.reached = navigator.onLine;
    this.failures = 0;
    this.lostAt = 0; // on the page's own clock, ms
    this.timer = 0;
    this.tooMany = 0; // until when (ms) the server wants no questions
    addEventListener("online", () => this.knock());
    addEventListener("offline", () => this.lost());
  }

  /** Whether a person may wait a moment for the server's word. */
  get answers() {
    return this.reached && Boolean(this.key) && Date.now() > this.tooMany;
  }

  /** What the server says to a request; SaidNo when it refuses, NoAnswer when it does not answer within `within` ms. */
  async request(path, { body, within = LONG, key = this.key } = {}) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), within);
    const began = Date.now();
    const asked = performance.now();
    try {
      const answer = await fetch(path, {
        method: body ? "POST" : "GET",
        headers: { ...(body && { "Content-Type": "application/json" }), ...(key && { Authorization: `Bearer ${key}` }) },
        body: body && JSON.stringify(body),
        cache: "no-store",
        signal: stop.signal,
      });
      if (answer.status >= 502 && answer.status <= 504) throw new NoAnswer("gateway");
      const said = await answer.json();
      if (asked >= this.lostAt) this.heard(); // else it left the server before the network went
      if (!answer.ok) throw new SaidNo(answer.status, said.detail, Number(answer.headers.get("Retry-After")) || 0);
      this.compareClocks(said.server_time, began);
      return said;
    } catch (error) {
      if (error instanceof SaidNo) throw error;
      if (within === LONG || error.name !== "AbortError") this.lost();
      else this.late();
      throw new NoAnswer(error.name);
    } finally {
      clearTimeout(timer);
    }
  }

  compareClocks(serverTime, began) {
    const ended = Date.now();
    if (serverTime) this.offset = Math.round(Date.parse(serverTime) - (began + ended) / 2);
  }

  /** Our best guess of the server's clock, in ms. */
  now() {
    return Date.now() + (this.offset || 0);
  }

  heard() {
    clearTimeout(this.timer);
    this.failures = 0;
    this.slow = 0;
    this.set(true);
  }

  /** An answer did not come in time. Twice in a row, and nobody waits any more until the server is heard again. */
  late() {
    this.slow = (this.slow || 0) + 1;
    if (this.slow >= 2) this.lost();
  }

  lost() {
    this.lostAt = performance.now();
    this.set(false);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.knock(), AGAIN[Math.min(this.failures, AGAIN.length - 1)]);
    this.failures += 1;
  }

  /** Ask for whoever listens to try again. */
  knock() {
    this.dispatchEvent(new Event("knock"));
  }

  set(reached) {
    if (this.reached === reached) return;
    this.reached = reached;
    this.dispatchEvent(new Event("change"));
  }
}
