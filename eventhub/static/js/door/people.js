// Sheets about people: names found, a walk-in, a child that is handed over or leaves with an adult, and who is inside.

import { scriptClass } from "./codes.js";
import { dayAndTime, line } from "./screen.js";
import { fold } from "./search.js";
import { fill } from "./status.js";

const MOST = 30; // names shown at once

/** A button that names a person: own name, Latin name, organisation or a word of ours. */
export function personButton(person, note, run) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-secondary" });
  button.append(...nameLines(person, note));
  button.addEventListener("click", run);
  const row = document.createElement("li");
  row.append(button);
  return row;
}

function nameLines({ name, latin_name: latin, organisation }, note = "") {
  const lines = [line(`name ${scriptClass(name)}`, name, true, "span")];
  if (latin && latin !== name) lines.push(" ", line("name-latin", latin, true, "span"));
  if (note || organisation) lines.push(line("note", note || organisation, true, "span"));
  return lines;
}

export class People {
  /** `decide(kind, about, extra)` makes a scan and shows its verdict. */
  constructor(door, settings, find, decide) {
    Object.assign(this, { door, say: settings.say, find, decide });
    this.walkIn = find("#walk-in");
    this.handover = find("#handover");
    this.inside = find("#inside");
    this.walkIn.querySelector("form").addEventListener("submit", (event) => this.admit(event));
    find("#handover-find").addEventListener("input", () => this.fillChoices());
    this.inside.addEventListener("close", () => document.body.classList.remove("is-list"));
    this.inside.querySelector("[data-print]").addEventListener("click", () => window.print());
    door.addEventListener("roster", () => this.inside.open && this.fillInside());
    door.addEventListener("queue", () => this.inside.open && this.fillInside());
  }

  get now() {
    return this.door.contact.now();
  }

  // --- by name ---------------------------------------------------------------------------------------------------

  /** Show whom a typed text finds; `choose(key)` for the one that is pressed. */
  list(text, place, choose) {
    const found = this.door.knowledge.names.find(text);
    const list = Object.assign(document.createElement("ul"), { className: "door-found" });
    list.append(...found.slice(0, MOST).map((each) => personButton(each, "", () => choose(each.person))));
    place.replaceChildren(...(found.length ? [list] : [line("door-nobody", this.say.nobody, false, "p")]));
    if (found.length > MOST) place.append(line("note", fill(this.say.more, { n: found.length - MOST }), false, "p"));
  }

  // --- walk-ins --------------------------------------------------------------------------------------------------

  openWalkIn(name) {
    this.walkIn.querySelector("form").reset();
    this.find("#walk-in-name").value = name;
    this.walkIn.showModal();
    this.find("#walk-in-name").focus();
  }

  async admit(event) {
    event.preventDefault();
    const typed = new FormData(event.target);
    const line = (name) => (typed.get(name) || "").replace(/\s+/g, " ").trim();
    if (!line("name")) return;
    const given = { name: line("name"), latin_name: line("latin_name"), organisation: line("organisation") };
    const walkIn = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
    this.walkIn.close();
    await this.decide("entry", { walk_in: { ...walkIn, adult: true } });
  }

  // --- children --------------------------------------------------------------------------------------------------

  /** Choose a child, then the adult who takes it over; then do it and call `done(adult)`. */
  openHandover(child = "", { leaving = false, but = "", done = () => {} } = {}) {
    Object.assign(this, { child, leaving, but, done });
    this.find("#handover-find").value = "";
    this.handover.showModal();
    this.fillChoices();
  }

  fillChoices() {
    const { say, child } = this;
    const rows = child ? this.adults() : this.door.knowledge.childrenInside(this.door.device.checkpoint, this.now);
    const wanted = fold(this.find("#handover-find").value);
    const text = ({ person }) => fold(`${person.name} ${person.latin_name || ""} ${person.organisation || ""}`);
    const buttons = rows
      .filter((row) => text(row).includes(wanted))
      .slice(0, MOST)
      .map((row) => personButton(row.person, row.isCarer ? say.answers : "", () => this.choose(row.key)));
    const nobody = line("note", child ? say.no_adults : say.no_children, false, "li");
    this.handover.querySelector(".door-handover-lede").textContent = this.question();
    this.handover.querySelector("ul").replaceChildren(...(buttons.length ? buttons : [nobody]));
  }

  adults() {
    const all = this.door.knowledge.adultsFor(this.child, this.door.device.checkpoint, this.now);
    return all.filter(({ key }) => key !== this.but);
  }

  question() {
    if (!this.child) return this.say.handover_child;
    const name = this.door.knowledge.person(this.child)?.name || "";
    return fill(this.leaving ? this.say.goes_with : this.say.handover_adult, { name });
  }

  async choose(key) {
    if (!this.child) {
      this.child = key;
      this.find("#handover-find").value = "";
      return this.fillChoices();
    }
    this.handover.close();
    return this.done(key) || undefined;
  }

  // --- the evacuation list ---------------------------------------------------------------------------------------

  openInside() {
    document.body.classList.add("is-list"); // only the list is printed
    this.inside.showModal();
    this.fillInside();
  }

  fillInside() {
    const { say, door } = this;
    const { at } = door.knowledge.roster;
    const { inside: all, gone } = door.listInside();
    const time = at ? dayAndTime(at, door.device.meeting.tz) : "";
    const others = door.knowledge.countUnnamed();
    const state = fill(at ? say.inside_as_of : say.inside_own, { n: all.length + others, time });
    this.inside.querySelector(".door-inside-meeting").replaceChildren(line("", door.device.meeting.title, true, "span"));
    const more = others ? ` ${fill(say.inside_others, { n: others })}` : "";
    this.inside.querySelector(".door-inside-state").textContent = state + more;
    const places = new Map();
    for (const each of all) places.set(each.place, [...(places.get(each.place) || []), each]);
    const parts = [...places].map(([name, people]) => this.place(name, people));
    if (gone.length) parts.push(this.place(say.gone, gone), line("note", say.gone_why, false, "p"));
    const nobody = line("note", say.nobody_inside, false, "p");
    this.inside.querySelector(".door-inside").replaceChildren(...(parts.length ? parts : [nobody]));
  }

  place(name, people) {
    const part = document.createElement("section");
    const list = document.createElement("ol");
    for (const { person } of people) {
      const row = document.createElement("li");
      row.append(...nameLines(person || { name: this.say.unnamed }));
      list.append(row);
    }
    part.append(line("", `${name}: ${people.length}`, true, "h3"), list);
    return part;
  }
}
