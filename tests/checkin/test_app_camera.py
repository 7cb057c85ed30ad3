"""The door app's camera: our own badges, printed, held up sharp, tilted, dim, blurred and under a thumb, with no network."""

import pytest
import zxingcpp
from playwright.sync_api import expect

from eventhub.audit import SYSTEM
from eventhub.badges import cards, printing
from eventhub.checkin import queries
from eventhub.db import db
from tests.browser import FLAGS
from tests.checkin import videos
from tests.checkin.phones import PATIENCE, Phone
from tests.factories.checkin import a_checkpoint, a_participant, a_running_meeting
from tests.machine import chromium
from tests.typeset.pages import pages

pytestmark = [pytest.mark.browser, pytest.mark.once]

# No machine of ours has a lamp, or gives its camera to another app: these speak as a phone's hardware would.
HARDWARE = """
  window.hardware = { torch: [], held: 0, taken: false };
  const { getCapabilities } = MediaStreamTrack.prototype;
  MediaStreamTrack.prototype.getCapabilities = function () { return { ...getCapabilities.call(this), torch: true }; };
  MediaStreamTrack.prototype.applyConstraints = async ({ advanced }) => hardware.torch.push(advanced[0].torch);
  const { getUserMedia } = MediaDevices.prototype;
  MediaDevices.prototype.getUserMedia = async function (wanted) {
    if (hardware.taken) throw new DOMException("in use", "NotReadableError");
    return getUserMedia.call(this, wanted);
  };
  WakeLock.prototype.request = async (what) => (hardware.held += what === "screen");
"""
TAKEN = """() => {
  hardware.taken = true;
  document.querySelector("video").srcObject.getTracks()[0].dispatchEvent(new Event("ended"));
}"""
NAMES = ["Sharp Sok", "Tilted Tun", "Dim Dara", "Blurred Bopha", "Thumb Thida", "Half Hana"]
WATCH = """() => {
  window.names = new Set();
  const place = document.querySelector(".door-screen .verdict");
  new MutationObserver(() => names.add(place.querySelector(".who")?.textContent)).observe(place, { childList: true });
}"""


def printed_badges(meeting):
    """Each badge as it comes out of the printer and the corners of its code, by the first word of its name."""
    names = {cards.address(a_participant(meeting, name).code): name.split()[0].lower() for name in NAMES}
    choice = printing.Choice(backs=False)
    pdf, _ = printing.print_run(meeting, choice, by=SYSTEM, progress=lambda _done, _total: db.session.commit())
    found = {}
    for page in pages(pdf):
        picture = page.render(scale=videos.BADGE / page.get_width()).to_pil().convert("L")
        [code] = zxingcpp.read_barcodes(picture)
        found[names[code.text]] = (picture, corners(code.position))
    return found


def corners(position):
    """Left, top, right, bottom in pixels."""
    return position.top_left.x, position.top_left.y, position.bottom_right.x, position.bottom_right.y


def middle(code):
    return (code[0] + code[2]) // 2, (code[1] + code[3]) // 2


def the_video(path, badges):
    """The six, each held up in its own way; a half covered one is read as soon as the finger is gone."""
    held = {
        "sharp": badges["sharp"][0],
        "dim": videos.dim(badges["dim"][0]),
        "blurred": videos.blurred(badges["blurred"][0]),
        "thumb": videos.with_a_thumb(*badges["thumb"]),
        "half": videos.half_covered(*badges["half"]),
    }
    shown = [(picture, middle(badges[name][1])) for name, picture in held.items()]
    assert zxingcpp.read_barcodes(held["half"]) == []
    shown.append((badges["half"][0], middle(badges["half"][1])))
    leaning = videos.tilted(badges["tilted"][0])
    [code] = zxingcpp.read_barcodes(leaning)
    return videos.write(path, [*shown, (leaning, middle(corners(code.position)))])


def the_hardware_obeys(page):
    """The light, a camera that another app takes, and a screen that stays on."""
    assert page.evaluate("hardware.held") == 1
    page.keyboard.press("Escape")
    light = page.locator(".door-light")
    light.click()
    expect(light).to_have_text("Light off")
    light.click()
    expect(light).to_have_text("Light on")
    assert page.evaluate("hardware.torch") == [True, False]
    page.evaluate(TAKEN)
    expect(page.locator(".door-no-camera")).to_contain_text("Another app uses the camera")
    expect(page.locator(".door-camera")).to_be_hidden()
    page.evaluate("hardware.taken = false")
    page.get_by_role("button", name="Try the camera again").click()
    expect(page.locator(".door-camera")).to_be_visible()
    expect(page.locator(".door-no-camera")).to_be_hidden()


def test_printed_badges_are_read_however_they_are_held(chrome, venue, tmp_path):
    meeting = a_running_meeting()
    door = a_checkpoint(meeting, "Main entrance")
    video = the_video(tmp_path / "badges.y4m", printed_badges(meeting))
    camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    camera.append(f"--use-file-for-fake-video-capture={video}")
    browser = chrome.browser_type.launch(executable_path=chromium(), args=[*FLAGS, *camera])
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.add_init_script(HARDWARE)
    Phone(venue, context).enrol(door).page.close()
    venue.stop()
    phone = Phone(venue, context).open()
    phone.page.evaluate(WATCH)
    phone.page.wait_for_function("(wanted) => wanted.every((name) => names.has(name))", arg=NAMES, timeout=3 * PATIENCE)
    expect(phone.network).to_contain_text("No network")
    the_hardware_obeys(phone.page)
    phone.page.wait_for_function("() => document.querySelector('video').srcObject")  # it begins again
    phone.page.evaluate(TAKEN)  # else the next badge of the video lies over the button
    phone.page.keyboard.press("Escape")
    expect(phone.page.locator(".door-no-camera")).to_be_visible()
    venue.start()
    phone.send()
    context.close()
    browser.close()
    assert phone.errors == []
    present = queries.list_present(meeting.id, queries.today(meeting.id))
    assert sorted(each.person.full_name for each in present) == sorted(NAMES)
