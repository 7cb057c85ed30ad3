// The room's screen: brings the next code when the present one's half minute is over. An old code is taken down.

const settings = JSON.parse(document.getElementById("screen-settings").textContent);
const place = document.querySelector(".room-code");
const old = document.querySelector(".room-old");
const bar = document.querySelector(".room-time span");
const TRY_AGAIN = 3000; // ms
const TOO_OLD = 60000; // ms that a code is worth showing without the next one
let since = Date.now();

function run(seconds) {
  bar.style.transition = "none";
  bar.style.inlineSize = `${(seconds / 30) * 100}%`;
  bar.getBoundingClientRect(); // begins from here
  bar.style.transition = `inline-size ${seconds}s linear`;
  bar.style.inlineSize = "0%";
  setTimeout(bring, seconds * 1000 + 150);
}

async function bring() {
  try {
    const answer = await fetch(settings.more, { cache: "no-store", signal: AbortSignal.timeout ? AbortSignal.timeout(5000) : undefined });
    if (answer.status === 404 || answer.status === 410) return location.reload(); // the link was withdrawn: the page says so
    if (!answer.ok) throw new Error(String(answer.status));
    const { picture, seconds } = await answer.json();
    // our own server's drawing, made of numbers
    place.replaceChildren(document.createRange().createContextualFragment(picture));
    place.hidden = false;
    old.hidden = true;
    since = Date.now();
    run(seconds);
  } catch {
    place.hidden = Date.now() - since > TOO_OLD;
    old.hidden = !place.hidden;
    setTimeout(bring, TRY_AGAIN);
  }
  return undefined;
}

run(settings.seconds);
