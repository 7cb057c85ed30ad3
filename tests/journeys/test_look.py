"""Every main page in a real browser: it fits a phone, says what it is, can be used by keyboard and without JavaScript."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from eventhub import security
from tests import demo_data
from tests.conftest import empty_database
from tests.live import Live, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.once]

PHONE = {"width": 360, "height": 800}
FORUM, PAST, CHILDREN = "/m/riverside-forum-5", "/m/riverside-forum-4", "/m/riverside-children"
PUBLIC = [
    "/",
    "/stories/",
    FORUM,
    f"{FORUM}/programme",
    f"{PAST}/statement",
    f"{FORUM}/register",
    f"{CHILDREN}/register/child",
    "/staff/account/sign-in",
]
STAFF = [
    "/staff/",
    f"/staff{FORUM}/",
    f"/staff{FORUM}/facts",
    f"/staff{FORUM}/invitations/",
    f"/staff{FORUM}/invitations/new",
    f"/staff{FORUM}/invitations/new/people",
    f"/staff{FORUM}/invitations/quotas",
    f"/staff{FORUM}/registrations/",
    f"/staff{FORUM}/registrations/form",
    f"/staff{FORUM}/programme/",
    f"/staff{FORUM}/letters",
    f"/staff{FORUM}/badges/",
    f"/staff{FORUM}/certificates/",
    f"/staff{FORUM}/introductions",
    f"/staff{FORUM}/one-to-one",
    f"/staff{FORUM}/jobs",
    f"/staff{CHILDREN}/children/",
    f"/staff{PAST}/partnerships",
    f"/staff{PAST}/commitments",
    "/staff/stories",
    f"/staff{PAST}/statement",
    f"/staff{PAST}/follow-ups",
    f"/staff{PAST}/follow-ups/answers",
    f"/staff{PAST}/report",
    "/staff/reports/years",
    "/staff/people",
    "/staff/organisations",
    "/staff/imports",
    "/staff/accounts",
    "/staff/looks",
]
# a page of each family that is opened by a personal link, of the demo's records
PERSONAL = [
    ("me", 1),
    ("invitation", 1),
    ("consent", 1),
    ("verification", 1),
    ("substantiation", 1),
    ("person_follow_up", 1),
]
KILOBYTE = 1000

# What one page looks like to somebody who cannot see the whole of it: how far it is too wide, which controls have no name.
MEASURE = """() => ({
    wide: document.documentElement.scrollWidth - innerWidth,
    h1: document.querySelectorAll("h1").length,
    unnamed: [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
        .filter(i => !i.labels?.length && !i.ariaLabel && !i.getAttribute("aria-labelledby")).map(i => i.outerHTML),
    lang: document.documentElement.lang,
})"""
FOCUS = """() => { const e = document.activeElement, s = getComputedStyle(e), b = e.getBoundingClientRect();
    return {tag: e.tagName, outline: s.outlineStyle != "none" ? parseFloat(s.outlineWidth) : 0, top: b.top}; }"""


@dataclass
class Watch:
    """One page of the browser and what went wrong on it: messages of the console, requests to elsewhere."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda m: self.wrong.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda r: self.wrong.append(r.url) if not r.url.startswith(self.allowed) else None)

    allowed: tuple[str, ...] = ("http://127.0.0.1", "data:", "blob:")


@pytest.fixture(scope="module")
def live(tmp_path_factory, session_app, run_folder, post_office):
    """The demo, as `eventhub up --demo` gives it."""
    folder = tmp_path_factory.mktemp("look")
    with session_app.app_context():
        filled = demo_data.fill(session_app, run_folder)
        empty_database()
    for name in (demo_data.FILE, "demo-password"):
        shutil.copy(filled / name, folder / name)
    url = f"sqlite:///{folder / demo_data.FILE}"
    hub = Live(folder, url, post_office.url, "--demo", EVENTHUB_REQUIRE_SECOND_FACTOR="0").start(patience=240)
    yield hub
    hub.stop()


@pytest.fixture(scope="module")
def signed_in(live, chrome):
    """The cookies of a signed-in administrator, got by signing in once."""
    context = chrome.new_context()
    page = context.new_page()
    page.goto(live.url + "/staff/account/sign-in")
    page.fill("input[name=email]", "administrator@riverside-forum.example")
    page.fill("input[name=password]", (Path(live.folder) / "demo-password").read_text().strip())
    page.click("main button[type=submit]")
    page.wait_for_url("**/staff/")
    state = context.storage_state()
    context.close()
    return state


def look(watch: Watch, address: str) -> list[str]:
    """Open an address; what is wrong with it, in words."""
    watch.wrong.clear()
    answer = watch.page.goto(address)
    seen = watch.page.evaluate(MEASURE)
    faults = [f"{address}: {wrong}" for wrong in watch.wrong]
    if answer is None or answer.status != 200:
        faults.append(f"{address} answered {answer and answer.status}")
    if seen["wide"] > 0:
        faults.append(f"{address} is {seen['wide']} px too wide")
    if seen["h1"] != 1 or not seen["lang"]:
        faults.append(f"{address} has {seen['h1']} h1, lang {seen['lang']!r}")
    return faults + [f"{address}: no label: {control}" for control in seen["unnamed"]]


def keyboard(page: Page) -> list[str]:
    """The first press of Tab leads to something that shows itself and its ring."""
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    # the skip link slides in: wait until it has arrived
    page.wait_for_function("() => document.activeElement.getBoundingClientRect().top >= 0")
    focus = page.evaluate(FOCUS)
    good = focus["tag"] in ("A", "INPUT", "BUTTON", "SUMMARY", "SELECT", "TEXTAREA") and focus["outline"] >= 2
    return [] if good else [f"{page.url}: the focus is not to be seen: {focus}"]


def phone(browser: Browser, **more) -> BrowserContext:
    return browser.new_context(viewport=PHONE, reduced_motion="reduce", **more)


def personal_link(live: Live, post_office, page: Page) -> str:
    """The link of a participant's own page, from the ticket that staff send again."""
    page.goto(f"{live.url}/staff{FORUM}/badges/")
    page.locator("form[action*='/send/'] button").first.click()
    page.wait_for_load_state()
    bodies = lambda: [m.get_body(("plain",)).get_content() for m in post_office.messages]  # noqa: E731
    found = wait_until(lambda: re.findall(rf"{live.url}(/me/[^\s/?]+)", "\n".join(bodies())), patience=120)
    return found[0]


def test_the_public_pages_fit_a_phone_in_both_directions(live, chrome):
    context = phone(chrome)
    watch = Watch(context.new_page())
    faults = []
    for path in PUBLIC:
        faults += look(watch, live.url + path) + keyboard(watch.page)
    for path in PUBLIC:
        faults += look(watch, f"{live.url}{path}?lang=ur")
        if watch.page.get_attribute("html", "dir") != "rtl":
            faults.append(f"{path} in Urdu does not run from right to left")
        side = watch.page.evaluate("getComputedStyle(document.querySelector('h1')).textAlign")
        if side != "right":  # English words among Urdu ones keep their order, at the page's side
            faults.append(f"{path} in Urdu has its heading at the {side}")
    context.close()
    assert faults == []


def test_the_staff_pages_fit_a_phone_and_a_desk(live, chrome, signed_in, post_office):
    context = phone(chrome, storage_state=signed_in)
    watch = Watch(context.new_page())
    faults = []
    for path in STAFF:
        faults += look(watch, live.url + path)
        for width in (768, 1100, 1280):
            watch.page.set_viewport_size({"width": width, "height": 800})
            over = watch.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            faults += [f"{path} is {over} px too wide at {width}"] if over > 0 else []
        watch.page.set_viewport_size(PHONE)
    faults += keyboard(watch.page)
    mine = personal_link(live, post_office, watch.page)
    for path in (mine, f"{mine}/one-to-one", f"{mine}/agenda"):
        faults += look(watch, live.url + path) + look(watch, f"{live.url}{path}?lang=ur")
    context.close()
    assert faults == []


def test_without_javascript_the_forms_are_there(live, chrome, signed_in):
    context = phone(chrome, java_script_enabled=False, storage_state=signed_in)
    page = context.new_page()
    for path in (f"{FORUM}/register", f"/staff{FORUM}/registrations/", f"/staff{FORUM}/invitations/new"):
        page.goto(live.url + path)
        assert page.locator("main form button:visible").count() > 0, path  # others may be folded away
    page.goto(f"{live.url}{FORUM}/register")
    page.fill("input[name=full_name]", "សុខ ស្រីមុំ")
    page.locator("main form").evaluate("form => { form.noValidate = true }")
    page.click("main form button[type=submit]")
    assert page.locator(".error-summary a").count() > 0
    assert page.input_value("input[name=full_name]") == "សុខ ស្រីមុំ"  # what was typed is never lost
    context.close()


def personal_pages(live: Live) -> list[str]:
    """Their addresses, signed with the key that the tests' servers have."""
    signing = Flask("links")
    signing.config["EVENTHUB"] = SimpleNamespace(secret_key=live.environment["EVENTHUB_SECRET_KEY"], base_url="")
    with signing.app_context():
        return [security.link(purpose, ident) for purpose, ident in PERSONAL]


def test_a_first_visit_of_any_public_page_costs_at_most_100_kilobytes(live, chrome):
    stories = chrome.new_context()
    page = stories.new_page()
    page.goto(live.url + "/stories/")
    story = page.locator("main a[href^='/stories/']").first.get_attribute("href") or ""
    page.goto(live.url + story)
    assert page.locator("main img").count() == 1  # with its picture
    stories.close()
    heavy = {}
    for path in [*PUBLIC, story, *personal_pages(live)]:
        context = phone(chrome)  # nothing is kept from one page to the next
        page = context.new_page()
        sizes: list[float] = []
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.loadingFinished", lambda event, sizes=sizes: sizes.append(event["encodedDataLength"]))
        answer = page.goto(live.url + path, wait_until="networkidle")
        context.close()
        if answer is None or answer.status != 200 or len(sizes) < 2 or sum(sizes) > 100 * KILOBYTE:
            heavy[path] = (answer and answer.status, sizes)
    assert heavy == {}
