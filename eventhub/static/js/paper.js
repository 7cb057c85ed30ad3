// The grid of a signed paper: arrow keys move to the row above or below, a typed time ticks its row, and a page with
// unsaved typing is not left by mistake.

const form = document.querySelector("form.paper");
let isChanged = Boolean(document.querySelector(".error-summary"));

form.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const row = event.target.closest(".paper-rows li");
  const next = row && (event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling);
  if (!next) return;
  const column = [...row.querySelectorAll("input:not([type=hidden])")].indexOf(event.target);
  next.querySelectorAll("input:not([type=hidden])")[column]?.focus();
  event.preventDefault();
});

form.addEventListener("input", (event) => {
  isChanged = true;
  const tick = event.target.closest("li")?.querySelector("input[type=checkbox]");
  if (tick && event.target.name.startsWith("at-") && event.target.value) tick.checked = true;
});

form.addEventListener("submit", () => {
  isChanged = false;
});

addEventListener("beforeunload", (event) => {
  if (isChanged) event.preventDefault();
});
