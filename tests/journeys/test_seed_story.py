"""The seed's story, whole, through the pages and letters that people use, on real parts.

A meeting of today is made; coalitions, an environmental group and a research institution are invited by sector; C-Rights
and CRC-Cambodia name people, who register; letters arrive in a real SMTP server; the QR of the mailed ticket, read from
the rendered PDF by an independent decoder, checks its holder in; an introduction is recorded; the partnership is logged
with what was done, and both parties confirm it through their own links; the report counts it, once, and does not count
the earlier project of one party.
"""

import csv
import io
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp

from tests import conftest
from tests.journeys.phone import Phone
from tests.journeys.visitor import Visitor
from tests.live import COMMAND, Live, wait_until

SLUG = "appm-manila"
TZ = ZoneInfo("Asia/Manila")
STAFF = ("secretariat@appm.example", "a long enough password")
SECTORS = ("Coalitions and networks", "Environmental groups", "Research institutions")
ORGANISATIONS = (
    # name, country, sector, address, another name
    ("C-Rights", "JP", 0, "office@c-rights.example", "シーライツ"),
    ("CRC-Cambodia", "KH", 0, "office@crc-cambodia.example", "Child Rights Coalition Cambodia"),
    ("Coral Watch (invented)", "PH", 1, "office@coral.example", ""),
    ("Institute of Childhood (invented)", "TH", 2, "office@institute.example", ""),
)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, process_name: str, post_office):
    folder = tmp_path_factory.mktemp("story")
    url = conftest.database_url(f"story_{process_name}", folder)
    running = Live(folder, url, post_office.url, EVENTHUB_REQUIRE_SECOND_FACTOR="0", EVENTHUB_LIMITS="off").start()
    yield running
    running.stop()


def staff_of(live: Live) -> Visitor:
    """The secretariat, made on the command line and signed in by its page."""
    command = [*COMMAND, "user", "create", "--email", STAFF[0], "--name", "Secretariat", "--role", "administrator"]
    environment = {**live.environment, "EVENTHUB_DATA": str(live.folder)}
    subprocess.run(
        [*command, "--password-stdin"], input=STAFF[1], text=True, check=True, cwd=live.folder, env=environment
    )
    browser = Visitor(live.url).open("/staff/")
    return browser.send(browser.form("password"), email=STAFF[0], password=STAFF[1])


class Letters:
    """What arrived at somebody's address."""

    def __init__(self, post_office) -> None:
        self.post_office = post_office

    def link(self, address: str, kind: str) -> str:
        """The newest personal link of a kind in this person's letters; waits for it."""

        def find() -> str | None:
            for message in reversed(self.post_office.to(address)):
                body = message.get_body(("plain",)).get_content()
                found = re.search(rf"https?://\S+/{kind}/[\w-]+", body)
                if found:
                    return found[0]
            return None

        return wait_until(find, patience=120)

    def attachment(self, address: str, media_type: str) -> bytes:
        def find() -> bytes | None:
            for message in reversed(self.post_office.to(address)):
                for part in message.iter_attachments():
                    if part.get_content_type() == media_type:
                        return part.get_payload(decode=True)
            return None

        return wait_until(find, patience=120)


def test_the_seeds_story(live: Live, post_office) -> None:
    staff, letters = staff_of(live), Letters(post_office)
    plan_the_meeting(staff)
    organisations = add_organisations(staff)
    invite_by_sector(staff, organisations)
    person = Visitor(live.url)
    name_and_register(person, letters, "office@c-rights.example", "Machiko Kaida", "machiko@c-rights.example", "JP")
    name_and_register(person, letters, "office@crc-cambodia.example", "Pehn Son", "son@crc-cambodia.example", "KH")
    decline(person, letters, "office@coral.example")
    codes = [read_ticket(letters, address) for address in ("machiko@c-rights.example", "son@crc-cambodia.example")]
    check_in(live, staff, codes)
    introduce(staff)
    log_the_partnership(staff)
    confirm_by_link(live, staff, letters)
    read_the_report(staff)


def plan_the_meeting(staff: Visitor) -> None:
    staff.open("/staff/series/new")
    staff.send(staff.form("short_name"), name="Asia Pacific Partnership Meeting", short_name="APPM")
    today = (datetime.now(TZ) - timedelta(hours=4)).date()  # a day of a meeting begins at four in the morning
    staff.open("/staff/meetings/new")
    staff.send(
        staff.form("title"),
        title="APPM, Manila",
        slug=SLUG,
        starts=today,
        ends=today + timedelta(days=1),
        tz="Asia/Manila",
        place="Manila",
        country="PH",
        capacity=50,
        code_of_conduct="Be kind. Keep children safe.",
        contact_email="appm@appm.example",
    )
    staff.send(staff.form(action="/state/open"))
    assert "APPM, Manila" in Visitor(staff.base_url).open(f"/m/{SLUG}").text


def add_organisations(staff: Visitor) -> dict[str, str]:
    """Three sectors and four organisations; returns their ids by name."""
    for name in SECTORS:
        staff.open(f"/staff/m/{SLUG}/invitations/quotas")
        staff.send(staff.form(action="/sectors"), name=name)
    ids = {}
    for name, country, sector, email, other in ORGANISATIONS:
        staff.open(f"/staff/m/{SLUG}/organisations/new")
        form = staff.form("website")
        staff.send(
            form,
            name=name,
            country=country,
            email=email,
            sector_id=form.choices["sector_id"][sector + 1],
            **{"names-0-text": other},
        )
        ids[name] = staff.path.rstrip("/").split("/")[-1]
    return ids


def invite_by_sector(staff: Visitor, organisations: dict[str, str]) -> None:
    """One sector after the other, each with its quota."""
    for number in range(len(SECTORS)):
        staff.open(f"/staff/m/{SLUG}/invitations/quotas")
        form = staff.form("seats")
        staff.send(form, sector_id=form.choices["sector_id"][number], seats=4)
        staff.open(f"/staff/m/{SLUG}/invitations/new?sector={number + 1}")
        form = staff.form("organisations")
        expected = {organisations[row[0]] for row in ORGANISATIONS if row[2] == number}
        assert set(form.choices["organisations"]) == expected
        deadline = datetime.now(TZ).date()
        staff.send(form, organisations=sorted(expected), seats=2, deadline=deadline)
        staff.send(staff.form(action="/send"))
    staff.open(f"/staff/m/{SLUG}/invitations/")
    assert all(row[0] in staff.text for row in ORGANISATIONS)


def name_and_register(person: Visitor, letters: Letters, office: str, name: str, email: str, country: str) -> None:
    """The organisation accepts and names somebody; that person registers by their own link."""
    person.open(letters.link(office, "invitation"))
    assert "APPM, Manila" in person.text
    person.send(person.form(action="/accept"))
    person.send(person.form("full_name"), full_name=name, email=email, adult="yes")
    person.open(letters.link(email, "nomination"))
    person.open(person.link("/register"))
    person.send(
        person.form("submission_key"),
        adult="yes",
        country=country,
        photo_internal="yes",
        photo_public="no",
        accepts_code="y",
    )
    assert person.path.endswith("/register/done"), person.text
    person.open(letters.link(email, "me"))
    assert name in person.text


def decline(person: Visitor, letters: Letters, office: str) -> None:
    person.open(letters.link(office, "invitation"))
    person.send(person.form(action="/decline"), reason="Our own assembly is in the same week.")


def read_ticket(letters: Letters, address: str) -> str:
    """The badge's code, read by zxing from the ticket that was mailed, as a scanner would from paper."""
    assert letters.attachment(address, "text/calendar").startswith(b"BEGIN:VCALENDAR")
    pdf = pypdfium2.PdfDocument(letters.attachment(address, "application/pdf"))
    picture = pdf[0].render(scale=3).to_pil()
    found = zxingcpp.read_barcodes(picture)
    assert len(found) == 1
    address_in_qr = found[0].text
    assert re.fullmatch(r"HTTPS?://[A-Z0-9.:]+/B/[0-9A-Z]{21,}", address_in_qr)
    return address_in_qr.rsplit("/", 1)[1]


def check_in(live: Live, staff: Visitor, codes: list[str]) -> None:
    """Two phones at one entrance hear of one badge at the same moment: one admits. The other badge is typed in."""
    staff.open(f"/staff/m/{SLUG}/checkpoints/new")
    staff.send(staff.form("kind"), name="Main entrance", kind="entrance")
    checkpoint = staff.path.rstrip("/").split("/")[-1]
    phones = [Phone(live, staff, SLUG, checkpoint) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda phone: phone.ask(codes[0]), phones))
    assert sorted(answer["verdict"] for answer in answers) == ["admitted", "already_in"]
    admitted = next(answer for answer in answers if answer["verdict"] == "admitted")
    assert (admitted["person"]["name"], admitted["person"]["mark"]) == ("Machiko Kaida", "no_photo")
    staff.open(f"/staff/m/{SLUG}/door")
    staff.send(staff.form(action="/door/start"), checkpoint=checkpoint)
    staff.send(staff.form("text"), text=codes[1].lower())
    assert "Pehn Son" in staff.text
    staff.open(f"/staff/m/{SLUG}/here")
    assert "Machiko Kaida" in staff.text and "Pehn Son" in staff.text


def introduce(staff: Visitor) -> None:
    """They met; who introduced them and in which session nobody remembers, and the year only is known."""
    staff.open(f"/staff/m/{SLUG}/introductions/new")
    form = staff.form("met")
    people = {
        name: next(c for c in form.choices["source"] if c.startswith(name)) for name in ("Machiko Kaida", "Pehn Son")
    }
    staff.send(form, a=people["Machiko Kaida"], b=people["Pehn Son"], topic="Reports to the UN CRC", met="2018")
    assert "Reports to the UN CRC" in staff.text


def log_the_partnership(staff: Visitor) -> None:
    """From the introduction: what was done, at which levels; the earlier project of one party is its context."""
    staff.send(staff.form(action="/partnership"))
    address = staff.path
    both = []
    staff.open(f"{address}/edit")
    staff.send(
        staff.form("levels"),
        levels=["commune", "province", "national"],
        title="C-Rights and CRC-Cambodia: reports and child-led networks",
    )
    for kind, title, start in (
        ("exchange_of_information", "Exchange on reports to the UN CRC and the UPR", ""),
        ("learning_visit", "Learning visit on child-led networks", "2020-02-18"),
    ):
        staff.open(f"{address}/activity/new")
        form = staff.form("organisation_ids")
        both = form.choices["organisation_ids"]
        staff.send(form, kind=kind, title=title, start=start, organisation_ids=both)
    staff.open(f"{address}/context/new")
    staff.send(
        staff.form("since"),
        organisation_id=both[0],
        source="published story",
        text="Children's Rights Promotion Project in Svay Rieng, running before",
    )
    staff.open(address)
    staff.send(next(f for f in staff.page.forms if f.action.endswith("/ask") and "party" not in f.fields))


def confirm_by_link(live: Live, staff: Visitor, letters: Letters) -> None:
    """Both parties say yes by their own links; opening a link alone confirms nothing."""
    for address in ("machiko@c-rights.example", "son@crc-cambodia.example"):
        party = Visitor(live.url).open(letters.link(address, "verification"))
        assert "18 February 2020" in party.text and "Learning visit" in party.text
        assert headline(staff) == 0  # the first of two, and opening a link, confirm nothing
        party.send(party.form("by_name"), state="confirmed")
    assert headline(staff) == 1
    again = Visitor(live.url).open(letters.link("son@crc-cambodia.example", "verification"))
    assert again.status == 200


def table(staff: Visitor, name: str) -> list[dict[str, str]]:
    """One of the report's tables, as the CSV that anybody can take away."""
    content = Visitor.open(staff, f"/staff/m/{SLUG}/report/{name}.csv").content
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def headline(staff: Visitor) -> int:
    """How many partnerships the meeting's funnel counts: confirmed and above."""
    row = next(row for row in table(staff, "funnel") if row["Step"] == "Partnerships, confirmed")
    return int(row["Number"])


def read_the_report(staff: Visitor) -> None:
    """One partnership, confirmed, with its range of time; the earlier project is nowhere in the figures."""
    steps = {row["Step"]: row["Number"] for row in table(staff, "funnel")}
    assert (steps["Invited"], steps["Accepted"], steps["Confirmed"], steps["Attended"]) == ("4", "2", "2", "2")
    rows = table(staff, "partnerships")
    assert len(rows) == 1
    assert (rows[0]["Evidence"], rows[0]["Activities, all"]) == ("Confirmed", "2")
    # the year of the meeting is all that is known: from 1 January to 31 December 2018, to 18 February 2020
    assert "414–778 days" in rows[0]["From first contact to first activity"]
    assert not any("Svay Rieng" in value for row in rows for value in row.values())
    staff.open("/staff/reports/years")
    assert "APPM, Manila" in staff.text
