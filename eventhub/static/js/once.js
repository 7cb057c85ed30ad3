// A form that records is sent once: its button rests after the first press; and who is off line is told before.

for (const form of document.querySelectorAll(".self-press")) {
  form.addEventListener("submit", (event) => {
    const words = document.querySelector(".self-offline");
    if (!navigator.onLine && words) {
      event.preventDefault();
      words.hidden = false;
      return;
    }
    const button = form.querySelector("button");
    setTimeout(() => (button.disabled = true));
    addEventListener("pageshow", () => (button.disabled = false), { once: true });
  });
}
