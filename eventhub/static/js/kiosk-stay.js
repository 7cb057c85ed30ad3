// Staying on the kiosk's page, as far as a browser lets a page: the whole screen, all keys, ways back that lead nowhere, and
// a question before it is left. What the tablet's own buttons do is for screen pinning or Guided Access to forbid.

const BACKS = 5; // ways back that stay here, to begin with
const MOST_BACKS = 40;

let isLeaving = false;

/** The whole screen; browsers allow it after a touch only. */
export function fill() {
  const page = document.documentElement;
  if (!document.fullscreenElement && page.requestFullscreen) {
    page.requestFullscreen({ navigationUI: "hide" }).then(lock, () => {});
  }
}

/** All keys come to the page, also those that open tabs and windows, as far as the system lets them. */
function lock() {
  if (navigator.keyboard && navigator.keyboard.lock) navigator.keyboard.lock().catch(() => {});
}

/** Stay at the address `home` while `isKiosk()`, until `leave`. */
export function stayAt(home, isKiosk) {
  const add = () => history.pushState(null, "", home);
  for (let n = 0; n < BACKS; n += 1) add();
  // browsers pass over what was added without a touch, so each touch adds one more
  document.addEventListener("pointerdown", () => history.length < MOST_BACKS && add());
  addEventListener("popstate", add);
  addEventListener("beforeunload", (event) => isKiosk() && !isLeaving && event.preventDefault());
  for (const kind of ["contextmenu", "dragstart", "selectstart"]) {
    document.addEventListener(kind, (event) => event.target.closest?.("input") || event.preventDefault());
  }
}

/** Staff goes on to another page, and is not asked. */
export function leave() {
  isLeaving = true;
}
