// The quiet line on top, the warnings below it, and the queue's own page.

import { dayAndTime, line, timeOf } from "./screen.js";

const CLOCK_OFF = 5 * 60000; // ms
const ROSTER_OLD = 24 * 3600000; // ms
const LOOK_EVERY = 10000; // ms
const MOST_ROWS = 200;

/** A sentence with its "%(name)s" filled in. */
export function fill(sentence, values) {
  return sentence.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? values[name] : whole));
}

/** A span of time in words: "12 min". */
export function span(ms, say) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const steps = [["seconds", 1, 90], ["minutes", 60, 90 * 60], ["hours", 3600, 48 * 3600], ["days", 86400, Infinity]];
  const [name, size] = steps.find(([, , below]) => seconds < below);
  return fill(say[name], { n: Math.round(seconds / size) });
}

/** Words and their values as a list of terms. */
export function factLines(facts) {
  return facts.flatMap(([word, value]) => [line("", word, false, "dt"), line("", value, true, "dd")]);
}

export class Status {
  constructor(door, settings, find) {
    Object.assign(this, { door, settings, say: settings.say, find });
    this.button = find(".door-network");
    this.sheet = find("#queue");
    this.button.addEventListener("click", () => this.openQueue());
    this.sheet.querySelector("[data-send]").addEventListener("click", () => this.send());
    for (const what of ["queue", "network", "roster", "over"]) door.addEventListener(what, () => this.show());
    setInterval(() => this.show(), LOOK_EVERY);
  }

  show() {
    const { contact, waiting } = this.door;
    const words = [contact.reached ? this.say.online : this.say.offline, ...this.queueWords(waiting)];
    this.button.hidden = false;
    this.button.firstElementChild.textContent = words.join(" · ");
    this.button.dataset.tone = contact.reached ? "ok" : "wait";
    this.warn();
    if (this.sheet.open) this.fillQueue();
  }

  queueWords({ count, oldest }) {
    if (!count) return [this.say.all_sent];
    const age = fill(this.say.oldest, { time: span(Date.now() - oldest, this.say) });
    return [fill(this.say.waiting, { n: count }), age];
  }

  /** What somebody should do something about: the phone's clock, an old list, a full memory. */
  warn() {
    const { device, knowledge, contact } = this.door;
    const found = [];
    if (device && Math.abs(contact.offset || 0) > CLOCK_OFF) {
      found.push(fill(this.say.clock_off, { time: span(Math.abs(contact.offset), this.say) }));
    }
    if (this.door.isFull) found.push(this.say.full);
    if (device && knowledge && !knowledge.roster.at) found.push(this.say.no_roster);
    else if (device && knowledge) {
      const age = contact.now() - Date.parse(knowledge.roster.at);
      if (age > ROSTER_OLD) found.push(fill(this.say.roster_old, { time: span(age, this.say) }));
    }
    this.find(".door-warnings").replaceChildren(...found.map((each) => line("door-warning", each, false, "p")));
  }

  // --- the queue's page ------------------------------------------------------------------------------------------

  openQueue() {
    this.sheet.querySelector(".door-queue-said").textContent = "";
    this.sheet.showModal();
    this.fillQueue();
  }

  async fillQueue() {
    const { door, sheet, say } = this;
    sheet.querySelector(".door-queue-state").textContent = this.button.textContent.trim();
    const facts = door.device ? this.facts() : [];
    sheet.querySelector("dl").replaceChildren(...factLines(facts));
    const rows = (await door.listWaiting(MOST_ROWS)).map((entry) => this.row(entry));
    sheet.querySelector("ol").replaceChildren(...(rows.length ? rows : [line("note", say.none_waiting, false, "li")]));
  }

  /** What this phone is: name, checkpoint, until when, what it may, how many people it knows and since when. */
  facts() {
    const { device, knowledge } = this.door;
    const { say } = this;
    const place = device.checkpoints.find((each) => each.id === device.checkpoint);
    const scopes = device.scope.map((name) => say[`scope_${name}`]);
    const may = scopes.length ? scopes.join(", ") : say.scope_none;
    const facts = [
      [say.meeting, device.meeting.title],
      [say.checkpoint, place ? place.name : ""],
      [say.device, device.name],
      [say.works_until, this.dayAndTime(device.expires_at)],
      [say.may, may],
    ];
    if (!knowledge.roster.at) return facts;
    return [...facts, [say.people, `${knowledge.entries.size}`], [say.list_of, this.dayAndTime(knowledge.roster.at)]];
  }

  dayAndTime(at) {
    return dayAndTime(at, this.door.device.meeting.tz);
  }

  row({ scan, shown, at, refused }) {
    const made = document.createElement("li");
    const [, word] = this.settings.words[shown.verdict] || [0, ""];
    const tz = this.door.device ? this.door.device.meeting.tz : "";
    const about = [timeOf(at, tz), this.say[`scan_${scan.kind}`], word].filter(Boolean).join(" · ");
    made.append(line("", shown.name || "", true), line("note", about));
    if (refused) made.append(line("door-warning", fill(this.say.not_taken, { why: refused })));
    return made;
  }

  async send() {
    const said = this.sheet.querySelector(".door-queue-said");
    said.textContent = this.say.sending;
    const went = await this.door.sync({ patient: true });
    said.textContent = went && !this.door.waiting.count ? this.say.sent : this.say.not_sent;
    this.show();
  }
}
