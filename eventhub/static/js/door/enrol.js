// A phone becomes a door: it says its name, trades the code for a key, fetches the list of people and says what it is.

import { SaidNo } from "./contact.js";
import { factLines, fill } from "./status.js";

/** Show the form, enrol, and show what the phone is; resolves when somebody starts to work. */
export async function enrol(door, settings, status, find) {
  await ask(door, settings, find);
  history.replaceState(null, "", settings.home);
  const place = find(".door-ready");
  const said = find(".door-ready-roster");
  said.textContent = settings.say.fetching;
  showFacts(place, status);
  place.hidden = false;
  await door.sync();
  const isThere = door.knowledge && Boolean(door.knowledge.roster.at);
  said.textContent = isThere ? fill(settings.say.ready, { n: door.knowledge.entries.size }) : settings.say.ready_online;
  if (door.device) showFacts(place, status);
  await new Promise((done) => place.querySelector("button").addEventListener("click", done, { once: true }));
  place.hidden = true;
}

function showFacts(place, status) {
  place.querySelector("dl").replaceChildren(...factLines(status.facts()));
}

/** Ask for a name until the server took it. */
function ask(door, settings, find) {
  const place = find(".door-enrol");
  const error = find(".door-enrol-error");
  const name = find("#device-name");
  place.hidden = false;
  name.focus();
  return new Promise((done) => {
    find(".door-enrol-form").addEventListener("submit", async (event) => {
      event.preventDefault();
      error.textContent = "";
      const button = place.querySelector("button");
      button.disabled = true;
      try {
        await door.enrol(settings.token, name.value.trim());
        place.hidden = true;
        done();
      } catch (failure) {
        error.textContent = failure instanceof SaidNo ? failure.message : settings.say.failed;
      } finally {
        button.disabled = false;
      }
    });
  });
}
