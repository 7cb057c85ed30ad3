// The rail is longer than most screens: it opens where the page's own link stands. Without this script it opens at its top.
for (const rail of document.querySelectorAll(".rail nav")) {
  const here = rail.querySelector("[aria-current]");
  if (!here) continue;
  const place = here.getBoundingClientRect();
  const frame = rail.getBoundingClientRect();
  const room = Math.min(frame.bottom, window.innerHeight) - frame.top;
  const below = place.bottom - frame.top;
  if (below > room - 48) rail.scrollTop = below - room / 2;
}
