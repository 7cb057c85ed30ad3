// Saves a follow-up as it is typed: a moment after the last key, and at once on a tap. Without it the page's own
// button does the same. Saves take turns, so that an older one never arrives after a newer one.
"use strict";
(() => {
  const form = document.querySelector("form[data-save-as-typed]");
  const line = document.getElementById("saved");
  if (!form || !line || !window.fetch) return;
  const words = line.querySelector("span");
  let timer = 0;
  let busy = false;
  let again = false;
  let clean = true;

  const say = (text, failed) => {
    words.textContent = text;
    line.classList.toggle("tone-stop", Boolean(failed));
  };

  async function save() {
    window.clearTimeout(timer);
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    again = false;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Saved-As-Typed": "1", Accept: "application/json" },
      });
      const told = await answer.json();
      if (answer.ok) {
        form.elements.seen.value = told.version;
        clean = !again;
      }
      say(told.said || line.dataset.failed, !answer.ok);
    } catch (error) {
      say(navigator.onLine ? line.dataset.failed : line.dataset.offline, true);
    }
    busy = false;
    if (again) save();
  }

  form.addEventListener("input", (event) => {
    clean = false;
    window.clearTimeout(timer);
    timer = window.setTimeout(save, event.target.type === "radio" ? 50 : 900);
  });
  form.addEventListener("submit", () => {
    window.clearTimeout(timer);
    clean = true;
  });
  window.addEventListener("online", () => {
    if (!clean) save();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!clean) event.preventDefault();
  });
})();
