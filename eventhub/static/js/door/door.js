// The phone as a door: which device it is, what it knows, how it decides, what still has to be sent. No page here.
//
// A scan is decided by the server when it answers in time and by this phone when it does not; it is stored before
// anybody sees the verdict. What the phone decided is sent later, with what was told. A late answer is let go.

import { hashOf, uuid } from "./codes.js";
import { ANSWER_WITHIN, Contact, NoAnswer, SaidNo } from "./contact.js";
import { Knowledge, changed, isVerdict } from "./knowledge.js";
import * as store from "./store.js";

const BATCH = 500;
const ROSTER_EVERY = 60000; // ms
const NEW_KEY_EVERY = 12 * 3600 * 1000; // ms
const FORGET_AFTER = 36 * 3600 * 1000; // ms: scans that the server has are of no use the day after tomorrow
const LOOK_AGAIN = 2000; // ms until we look again whether another tab is still sending
const SYNC_LOCK = "eventhub-door-sync";

export class Door extends EventTarget {
  /** `paths` are the API's addresses: {enrol, ask, scans, roster, presence, key}. */
  constructor(paths) {
    super();
    this.paths = paths;
    this.contact = new Contact();
    this.device = null;
    this.knowledge = null;
    this.waiting = { count: 0, oldest: null, devices: [] };
    this.isFull = false; // this phone could not store something just now
    this.turn = Promise.resolve();
    this.tabs = "BroadcastChannel" in self ? new BroadcastChannel("eventhub-door") : null;
    this.retry = 0;
    this.tabs?.addEventListener("message", () => this.inTurn(() => this.reload()));
    this.contact.addEventListener("knock", () => this.sync());
    this.contact.addEventListener("change", () => this.tell("network"));
  }

  tell(what) {
    this.dispatchEvent(new Event(what));
  }

  // --- which device ----------------------------------------------------------------------------------------------

  /** Begin with what lies in the phone. True when it is a door (still). */
  async open() {
    this.devices = (await store.read("devices")) || { current: "", all: {} };
    this.device = this.devices.all[this.devices.current] || null;
    if (this.contact.offset === null && this.device) this.contact.offset = this.device.offset;
    this.contact.key = this.device ? this.device.key : "";
    this.waiting = await store.countWaiting();
    if (this.device && this.isOver()) await this.end("expired");
    if (!this.device) return false;
    await store.forgetSent(this.device.device, Date.now() - FORGET_AFTER);
    await this.learn();
    return true;
  }

  async learn() {
    const { device } = this.device;
    const [roster, log] = await Promise.all([store.readRoster(device), store.listScans(device)]);
    this.knowledge = new Knowledge(this.device, roster, log);
  }

  /** Another tab did something. */
  async reload() {
    const before = this.device && this.device.device;
    await this.open();
    if (before && !this.device) this.tell("over");
    this.tell("queue");
    this.tell("roster");
  }

  /** Become the device that a code from the organiser's page makes; throws SaidNo or NoAnswer. */
  async enrol(token, name) {
    const said = await this.contact.request(this.paths.enrol, { body: { token, name }, key: "" });
    await store.forgetRoster();
    this.device = { ...said, name, offset: this.contact.offset, keyed: Date.now() };
    this.devices.current = said.device;
    this.devices.all[said.device] = this.device;
    this.contact.key = said.key;
    await store.write("devices", this.devices);
    await this.learn();
    this.tabs?.postMessage("device");
  }

  /** Take the key that another tab may have changed; false when ours is the one that is kept. */
  async adopt() {
    const kept = await store.read("devices");
    const mine = kept && this.device && kept.all[this.device.device];
    if (!mine || mine.key === this.contact.key) return false;
    this.devices = kept;
    this.device = mine;
    this.contact.key = mine.key;
    return true;
  }

  /** The server does not know our key: because another tab has a newer one, or because it is over. */
  async refused() {
    if (this.device && !(await this.adopt())) await this.end("revoked");
  }

  isOver() {
    return Date.parse(this.device.expires_at) <= this.contact.now();
  }

  /** The key opens nothing more: forget everybody; what is still to be sent is kept until the server has it. */
  async end(why) {
    const ended = this.device;
    if (!ended) return;
    this.why = why;
    this.device = this.knowledge = null; // at once: several may notice at the same time
    this.contact.key = "";
    this.devices.current = "";
    await store.forgetRoster();
    await store.forgetSent(ended.device);
    await this.forgetFormer();
    this.tabs?.postMessage("device");
    this.tell("over");
  }

  /** Keys of former devices go as soon as nothing of theirs waits. */
  async forgetFormer() {
    this.waiting = await store.countWaiting();
    for (const id of Object.keys(this.devices.all)) {
      if (id !== this.devices.current && !this.waiting.devices.includes(id)) delete this.devices.all[id];
    }
    await store.write("devices", this.devices);
  }

  // --- deciding --------------------------------------------------------------------------------------------------

  /** Decide about {code}, {person}, {walk_in}, {person, with} or {voids}; one after the other. Null when we are no
   * door (any more). */
  decide(kind, about) {
    return this.inTurn(() => this.decideNow(kind, about));
  }

  inTurn(work) {
    const turn = this.turn.then(work);
    this.turn = turn.catch(() => {});
    return turn;
  }

  async decideNow(kind, about) {
    if (this.device && this.isOver()) await this.end("expired");
    if (!this.device) return null;
    const scan = {
      id: uuid(),
      checkpoint: this.device.checkpoint,
      kind,
      scanned_at: new Date().toISOString(),
      offset_ms: this.contact.offset,
      ...about,
    };
    const hash = scan.code ? await hashOf(scan.code) : "";
    if (!this.device) return null;
    const here = this.knowledge.judge(scan, hash);
    const answer = this.contact.answers ? await this.ask(scan) : null;
    if (!this.device) return null; // the answer was that our key is over
    const decided = answer ? this.fromServer(answer, here) : here;
    const entry = {
      device: this.device.device,
      scan,
      hash,
      heard: isVerdict(decided.verdict) ? decided.verdict : "",
      aside: decided.verdict.startsWith("put_aside"),
      shown: { verdict: decided.verdict, name: decided.person ? decided.person.name : "" },
    };
    await this.store(entry, Boolean(answer));
    this.knowledge?.add({ ...entry, at: Date.now(), waiting: !answer });
    if (!answer) this.putInLine();
    this.tabs?.postMessage("scan");
    this.tell("queue");
    return { ...decided, scan, hash, isAnswered: Boolean(answer) };
  }

  /** Keep a scan. When the memory is full, what the server has makes room; what it answered is safe without us. */
  async store(entry, isAnswered) {
    try {
      await store.addScan(entry, !isAnswered).catch(async () => {
        await store.forgetSent(entry.device);
        await store.addScan(entry, !isAnswered);
      });
      this.isFull = false;
    } catch (error) {
      this.isFull = true;
      this.tell("queue");
      if (!isAnswered) throw error;
    }
  }

  putInLine() {
    const { count, oldest, devices } = this.waiting;
    this.waiting = { count: count + 1, oldest: oldest ?? Date.now(), devices };
    if (this.contact.reached) setTimeout(() => this.sync());
  }

  /** The name of the last scan that was not undone, or "". */
  get lastScan() {
    const found = this.knowledge && this.knowledge.last(20).find((entry) => !entry.isUndone);
    return found ? found.scan.id : "";
  }

  /** Everybody in the building as far as this phone knows: {inside, gone}. */
  listInside() {
    return this.knowledge.building(this.contact.now());
  }

  /** What waits to be sent, of all devices that this phone was, the oldest first. */
  async listWaiting(most) {
    const lists = await Promise.all(Object.keys(this.devices.all).map((id) => store.listWaiting(id, most)));
    return lists.flat().sort((a, b) => a.n - b.n).slice(0, most);
  }

  fromServer(result, here) {
    const verdict = result.reason ? `${result.verdict}/${result.reason}` : result.verdict;
    // who walked in is known from what was typed here; of anybody else the server says what may be shown
    const person = result.person || (here.person && here.person.role === "walk_in" ? here.person : null);
    return { verdict, key: result.person?.key || here.key, person, first: result.first || null };
  }

  /** The server's result, or null when it does not come in time or says nothing of use. */
  async ask(scan) {
    const body = { device_time: new Date().toISOString(), scan };
    try {
      return (await this.contact.request(this.paths.ask, { body, within: ANSWER_WITHIN })).result;
    } catch (error) {
      if (error instanceof SaidNo && error.status === 401) await this.refused();
      else if (error instanceof SaidNo && error.status === 429) this.contact.tooMany = Date.now() + error.retryAfter * 1000;
      else if (!(error instanceof SaidNo) && !(error instanceof NoAnswer)) throw error;
      return null;
    }
  }

  // --- keeping up ------------------------------------------------------------------------------------------------

  /** Send what waits, then fetch what changed; true when everything went well. Never twice at once, over all tabs: who
   * finds another at it comes back a little later, or waits when somebody pressed a button (`patient`). */
  sync({ patient = false } = {}) {
    if (!navigator.locks) return this.syncAlone();
    return navigator.locks.request(SYNC_LOCK, { ifAvailable: !patient }, (lock) => {
      if (lock) return this.syncNow();
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.sync(), LOOK_AGAIN);
      return false;
    });
  }

  /** Without locks between tabs (before Safari 15.4): once at a time in this one. The server takes repeats. */
  syncAlone() {
    this.syncing = this.syncing || this.syncNow().finally(() => (this.syncing = null));
    return this.syncing;
  }

  async syncNow() {
    try {
      await this.adopt();
      for (const id of Object.keys(this.devices.all)) await this.sendAll(this.devices.all[id]);
      await this.forgetFormer();
      if (this.device && this.isOver()) await this.end("expired");
      if (this.device && Date.now() - this.device.keyed > NEW_KEY_EVERY) await this.changeKey();
      if (this.device) await this.fetchRoster();
      return true;
    } catch (error) {
      if (error instanceof SaidNo && error.status === 401) await this.refused();
      else if (error instanceof DOMException) this.isFull = true; // what was fetched could not be stored
      else if (!(error instanceof SaidNo) && !(error instanceof NoAnswer)) throw error;
      return false;
    } finally {
      this.waiting = await store.countWaiting();
      this.tabs?.postMessage("sync");
      this.tell("queue");
    }
  }

  async sendAll(device) {
    let size = BATCH;
    for (;;) {
      const batch = await store.listWaiting(device.device, size);
      if (!batch.length) return;
      const scans = batch.map(({ scan, heard }) => (heard ? { ...scan, told: heard } : scan));
      try {
        const body = { device_time: new Date().toISOString(), scans };
        const said = await this.contact.request(this.paths.scans, { body, key: device.key });
        await this.note(batch, said.results);
      } catch (error) {
        if (!(error instanceof SaidNo)) throw error;
        if (error.status === 401) return; // a key that the server forgot: the scans stay here, for a person
        if (error.status !== 413 || size === 1) throw error;
        size = Math.ceil(size / 2);
      }
    }
  }

  async note(batch, results) {
    await store.markSent(batch.filter((_, n) => !results[n].error).map(({ scan }) => scan.id));
    for (const [n, { error }] of results.entries()) if (error) await store.markRefused(batch[n].scan.id, error.detail);
    const sent = new Set(batch.map(({ scan }) => scan.id));
    for (const entry of this.knowledge ? this.knowledge.log : []) if (sent.has(entry.scan.id)) entry.waiting = false;
    this.waiting = await store.countWaiting();
    this.tell("queue");
  }

  async fetchRoster() {
    const { roster, log } = this.knowledge;
    const had = log.filter((entry) => !entry.waiting && !entry.known).map(({ scan }) => scan.id);
    const cursor = roster.cursor ? `?cursor=${encodeURIComponent(roster.cursor)}` : "";
    const sent = await this.contact.request(this.paths.roster + cursor);
    if (!this.device) return; // it ended meanwhile
    const next = changed(roster.cursor ? roster : null, sent);
    const isSame = roster.cursor && !sent.full && !sent.entries.length && !sent.removed.length;
    this.device.offset = this.contact.offset;
    const kept = store.writeRoster(next, this.device.device, isSame);
    await Promise.all([kept, store.write("devices", this.devices), store.markKnown(had)]);
    if (!this.device) return store.forgetRoster();
    for (const entry of this.knowledge.log) if (had.includes(entry.scan.id)) entry.known = true;
    if (isSame && JSON.stringify(roster.checkpoints) === JSON.stringify(next.checkpoints)) {
      this.knowledge.roster = next;
      this.knowledge.refold();
    } else this.knowledge.take(next);
    this.tell("roster");
  }

  /** A new key, so that one that leaked does not open for long. The old one ends when the new one is first used. */
  async changeKey() {
    const { key } = await this.contact.request(this.paths.key, { body: {} });
    Object.assign(this.device, { key, keyed: Date.now() });
    await store.write("devices", this.devices); // before it is used: an interrupted change leaves the old one at work
    this.contact.key = key;
  }

  /** Keep up by itself from now on, until the page goes. */
  keepUp() {
    setInterval(() => document.hidden || !this.contact.reached || this.sync(), ROSTER_EVERY);
    setInterval(() => this.device && this.isOver() && this.end("expired"), 1000);
    return this.sync();
  }
}
