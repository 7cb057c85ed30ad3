"""Makes the README's pictures from a running demo. ``python -m tests.pictures`` writes docs/pictures/.

The letters of every script come from EventHub's own fonts, so that the pictures are the same on every machine.
"""

import io
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import FLAGS
from tests.live import ROOT, Live
from tests.machine import chromium

FOLDER = ROOT / "docs" / "pictures"
FORUM, TODAY = "/m/riverside-forum-5", "/m/riverside-children"
FIRST = "/m/riverside-forum-1"  # years ago: its partnerships are confirmed, one by somebody independent
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 720}
LIMIT = 200_000  # bytes of one picture
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{fonts}</dir>
<cachedir>{cache}</cachedir></fontconfig>"""


def main() -> None:
    """Start the demo, take the pictures, stop the demo."""
    os.environ["EVENTHUB_REQUIRE_SECOND_FACTOR"] = "0"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        fonts = folder / "fonts.conf"
        fonts.write_text(FONTS.format(fonts=ROOT / "eventhub/static/fonts", cache=folder / "fonts"))
        environment = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
        live = Live(folder, f"sqlite:///{folder / 'eventhub.db'}", "", "--demo").start(patience=120)
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, env=environment)
        try:
            take_all(live, browser)
        finally:
            browser.close()
            live.stop()


def take_all(live: Live, browser: Browser) -> None:
    """All pictures of the README, each under its name there."""
    desk = browser.new_page(viewport=DESK)
    shot(desk, live.url + FORUM, "meeting")
    phone = browser.new_page(viewport=PHONE, device_scale_factor=2)
    shot(phone, f"{live.url}{FORUM}/register", "register", fill_in)
    sign_in(desk, live)
    shot(desk, f"{live.url}/staff{FORUM}/", "overview")
    shot(desk, f"{live.url}/staff{FIRST}/report", "report")
    desk.goto(f"{live.url}/staff{FIRST}/partnerships")
    desk.locator("table.list tbody tr", has_text="Substantiated").locator("th a").first.click()
    desk.wait_for_load_state()
    shot(desk, desk.url, "partnership")
    keep(funder_report(desk, live), "funder-report")
    keep(badge(desk, live, FORUM, 1).render(scale=2.5).to_pil(), "badge")
    shot(phone, ticket_address(desk, live), "ticket")
    door = browser.new_page(viewport=PHONE, device_scale_factor=2, storage_state=desk.context.storage_state())
    keep(somebody_arrives(door, live), "door")


def shot(page: Page, address: str, name: str, first: Callable[[Page], None] | None = None) -> None:
    """A picture of the window at an address."""
    page.goto(address)
    if first is not None:
        first(page)
    keep(Image.open(io.BytesIO(page.screenshot())), name)


def fill_in(page: Page) -> None:
    page.locator("input[type=radio]").first.check()
    page.fill("input[name=full_name]", "សុខ ស្រីមុំ")


def sign_in(page: Page, live: Live) -> None:
    page.goto(live.url + "/staff/account/sign-in")
    page.fill("input[name=email]", "administrator@riverside-forum.example")
    page.fill("input[name=password]", (live.folder / "demo-password").read_text().strip())
    page.click("main button[type=submit]")
    page.wait_for_url("**/staff/")


def badge(page: Page, live: Live, meeting: str, number: int) -> pypdfium2.PdfPage:
    """One badge of a meeting, as it is printed."""
    page.goto(f"{live.url}/staff{meeting}/badges/")
    address = page.locator("a[href$='.pdf']").nth(number).evaluate("a => a.href")
    return pypdfium2.PdfDocument(page.request.get(address).body())[0]


def funder_report(page: Page, live: Live) -> Image.Image:
    """The first page of the report to a funder, and a story of it, side by side."""
    pages = pypdfium2.PdfDocument(page.request.get(f"{live.url}/staff/reports/issued/1/pdf").body())
    return beside([pages[number].render(scale=0.95).to_pil() for number in (0, 2)])


def beside(pictures: list[Image.Image], gap: int = 8) -> Image.Image:
    """Pictures of one height in a line, on grey."""
    wide = sum(one.width for one in pictures) + gap * (len(pictures) - 1)
    whole = Image.new("RGB", (wide, pictures[0].height), "#7d8794")
    for place, one in enumerate(pictures):
        whole.paste(one, (place * (one.width + gap), 0))
    return whole


def ticket_address(page: Page, live: Live) -> str:
    """A participant's own page, from the ticket's letter in the demo's catcher."""
    page.goto(f"{live.url}/staff{FORUM}/badges/")
    page.locator("form[action*='/send/'] button").nth(1).click()
    page.wait_for_load_state()
    while True:  # the worker sends within seconds; the list shows it then
        page.goto(f"{live.url}/demo/letters/?q=ticket")
        letters = page.locator("table.list tbody th a")
        if letters.count():
            break
        page.wait_for_timeout(500)
    letters.first.click()
    return page.frame_locator("iframe").locator("a[href*='/me/']").first.evaluate("a => a.href")


def somebody_arrives(page: Page, live: Live) -> Image.Image:
    """The door's verdict on a badge of today's meeting whose code is typed."""
    printed = badge(page, live, TODAY, 2).get_textpage().get_text_range()
    lines = [line.split() for line in printed.splitlines()]
    code = "".join("".join(x) for x in lines if len(x) > 1 and all(re.fullmatch("[0-9A-Z]{1,4}", part) for part in x))
    page.goto(f"{live.url}/staff{TODAY}/door")
    page.locator("main form button").first.click()
    page.fill("input[name=text]", code)
    page.press("input[name=text]", "Enter")
    page.locator(".verdict .who").first.wait_for()
    return Image.open(io.BytesIO(page.screenshot()))


def keep(picture: Image.Image, name: str) -> None:
    """Write a picture with as many colours as fit the limit."""
    for colours in (256, 128, 64, 32):
        small = picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
        small.save(FOLDER / f"{name}.png", optimize=True)
        if (FOLDER / f"{name}.png").stat().st_size < LIMIT:
            return
    raise SystemExit(f"{name}.png is larger than {LIMIT} bytes")


if __name__ == "__main__":
    main()
