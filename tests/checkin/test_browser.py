"""The door page in a real Chromium, before a camera that shows a badge's code: scan, type, look up, undo."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from eventhub.badges.qr import qr_matrix
from eventhub.checkin.models import Scan
from eventhub.db import db
from eventhub.security import Role
from tests.browser import FLAGS
from tests.factories.checkin import a_checkpoint, a_participant, a_running_meeting
from tests.machine import chromium

pytestmark = pytest.mark.browser
WIDTH, HEIGHT, SIDE = 640, 480, 320  # pixels of the video, and of the code in it


def a_video(path: Path, text: str) -> Path:
    """A second of a code held before the camera, a little tilted, as a YUV4MPEG2 file."""
    modules = qr_matrix(text)
    code = Image.new("L", (len(modules) + 8, len(modules) + 8), 255)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            code.putpixel((x + 4, y + 4), 0 if dark else 255)
    tilted = code.resize((SIDE, SIDE), Image.Resampling.NEAREST).rotate(7, fillcolor=255)
    frame = Image.new("L", (WIDTH, HEIGHT), 140)
    frame.paste(tilted, ((WIDTH - SIDE) // 2, (HEIGHT - SIDE) // 2))
    colour = bytes([128]) * (WIDTH * HEIGHT // 2)
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + (b"FRAME\n" + frame.tobytes() + colour) * 10)
    return path


def a_page(chrome: Browser, server: str, session: str, video: Path) -> tuple[Browser, Page]:
    """A signed-in page of a browser whose camera shows the video."""
    fake = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    camera = f"--use-file-for-fake-video-capture={video}"
    browser = chrome.browser_type.launch(executable_path=chromium(), args=[*FLAGS, *fake, camera])
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.grant_permissions(["camera"], origin=server)
    context.add_cookies([{"name": "session", "value": session, "url": server}])
    return browser, context.new_page()


def test_a_volunteer_scans_types_looks_up_and_undoes(chrome, server, sign_in, tmp_path):
    meeting = a_running_meeting()
    checkpoint = a_checkpoint(meeting, "Main entrance")
    scanned = a_participant(meeting, "សុខ ស្រីមុំ", latin_name="Sok Sreymom", organisation="Lotus Network")
    typed, named = a_participant(meeting, "محمد خان"), a_participant(meeting, "Somchai Dee")
    door = f"{server}/staff/m/{meeting.slug}/door"
    browser = sign_in(Role.DOOR, meeting)
    assert browser.post(f"/staff/m/{meeting.slug}/door/start", data={"checkpoint": checkpoint.id}).status_code == 302
    session = browser.get_cookie("session").value
    video = a_video(tmp_path / "camera.y4m", f"HTTPS://HUB.EXAMPLE/B/{scanned.code}")
    codes = (typed.code, named.registration.person.full_name)
    db.session.commit()
    chromium_, page = a_page(chrome, server, session, video)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(door)
    verdict = page.locator(".door-screen .verdict")
    expect(verdict).to_contain_text("Admitted")
    expect(verdict).to_contain_text("សុខ ស្រីមុំ")
    expect(verdict).to_contain_text("Sok Sreymom")
    expect(verdict).to_contain_text("No photo")
    expect(page.locator(".door-screen")).to_be_hidden()  # and the badge is still before the camera
    page.keyboard.type(f"{server}/b/{codes[0].lower()}\n")  # a scanner that types
    expect(verdict).to_contain_text("محمد خان")
    page.keyboard.press("Escape")
    page.locator("#text").fill("somchai")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Somchai Dee").click()
    expect(verdict).to_contain_text("Somchai Dee")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Undo the last scan").click()
    expect(verdict).to_contain_text("Undone")
    expect(page.locator(".last-five li")).to_have_count(4)
    chromium_.close()
    assert errors == []
    db.session.commit()
    kinds = db.session.scalars(sa.select(Scan.kind).order_by(Scan.id)).all()
    assert kinds == ["entry", "entry", "entry", "void"]  # held up all the while, and one scan
