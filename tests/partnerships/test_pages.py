"""Partnerships through their pages: staff log and ask, parties answer by their links."""

import itertools
import re
from datetime import UTC, date, datetime
from io import BytesIO

import pytest

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory.models import Precision
from eventhub.files import StoredFile
from eventhub.partnerships import follow_ups, parts, queries, queries_waiting, service, timeline, verification
from eventhub.partnerships.ladder import Word
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.states import ActivityKind, FieldGroup, Rung, VerificationState, Visibility
from eventhub.security import Role, link, token
from eventhub.waits import numbers
from tests.factories.basics import a_meeting
from tests.factories.directory import an_organisation
from tests.factories.partnerships import a_partnership, an_introduction, confirm, says
from tests.factories.photographs import a_picture

FORM = {"kind": "learning_visit", "mode": "unknown", "title": "Learning visit", "start": "2020-02-18"}


def page_of(partnership, path=""):
    return f"/staff/partnerships/{partnership.id}{path}"


def reload(partnership):
    db.session.expire_all()
    return queries.get_partnership(partnership.id)


def test_from_an_introduction_to_a_confirmed_partnership(sign_in, client):
    introduction = an_introduction()
    staff = sign_in(Role.ORGANISER, introduction.meeting)
    press = f"/staff/m/{introduction.meeting.slug}/introductions/{introduction.id}/partnership"
    first, again = staff.post(press), staff.post(press)
    assert first.location == again.location
    partnership = db.session.query(Partnership).one()
    version = partnership.version
    answer = staff.post(
        page_of(partnership, "/activity/new"), data={**FORM, "version": version, "adult_f": "2"}, follow_redirects=True
    )
    assert answer.status_code == 200 and "Learning visit" in answer.text and "2 female" in answer.text
    assert staff.post(page_of(partnership, "/ask")).status_code == 302
    for party in reload(partnership).parties:
        path = f"/verification/{token('verification', queries.newest_round(party.id, 'facts').id)}"
        shown = client.get(path).text
        assert "Learning visit" in shown and "18 February 2020" in shown
        seen = re.search(r'name="seen"[^>]*value="([0-9a-f]{32})"', shown)[1]
        sent = client.post(path, data={"state": "confirmed", "by_name": "Focal", "seen": seen, "words": ""})
        assert sent.status_code == 302
        answered = client.get(path).text
        assert "You confirmed this" in answered and "<summary>Answer again</summary>" in answered
        assert "Answer again" not in shown and answered.index('id="answer"') < answered.index("You confirmed this")
    assert queries.standing(reload(partnership)).rung is Rung.CONFIRMED
    shown = staff.get(page_of(partnership)).text
    assert "Confirmed" in shown and "/verification/" not in shown
    # what is still to come is one line, no part of the story
    assert shown.count("The parties will be asked what came of it on:") == 1 and "Asked after" not in shown


def test_every_part_is_added_changed_and_removed_through_its_page(sign_in):
    partnership = a_partnership()
    organisation, browser = an_organisation(name="Third Party"), sign_in()
    party = partnership.parties[0]
    filled = {
        "party": {"organisation": "Third Party", "role": "adviser", "joined": "2019-Q3"},
        "place": {"names": "Kompong Ro\nKampong Rou", "path": "Cambodia", "precision": "district"},
        "theme": {"scheme": "sdg", "code": "16.2", "label": "Violence", "primary": "y"},
        "activity": FORM,
        "outcome": {"statement": "They listen to children.", "change": "practice", "direction": "positive"},
        "context": {"organisation_id": party.organisation_id, "text": "An older project", "since": "2014"},
        "evidence": {
            "kind": "url",
            "url": "https://news.example/visit",
            "title": "News",
            "visibility": "internal",
            "nature": "news",
        },
        "stage": {"stated_on": "2020-03-01", "exchanges_information": "yes", "stated_by": "Both"},
        "formality": {"kind": "mou", "since": "2019", "until": "2021-06"},
        "resource": {"kind": "money", "what": "Bus fares", "amount": "12500.50", "currency": "php"},
    }
    lists = {"party": "parties", "activity": "activities", "evidence": "evidence", "formality": "formalities"}
    for part, data in filled.items():
        data = {"version": reload(partnership).version, **data}
        answer = browser.post(page_of(partnership, f"/{part}/new"), data=data)
        assert answer.status_code == 302, (part, re.findall(r"field-error.*", answer.text))
        row = getattr(reload(partnership), lists.get(part, f"{part}s"))[-1]
        assert browser.get(page_of(partnership, f"/{part}/{row.id}")).status_code == 200
        data["version"] = reload(partnership).version
        assert browser.post(page_of(partnership, f"/{part}/{row.id}"), data=data).status_code == 302
    shown = browser.get(page_of(partnership)).text
    for text in (
        "Third Party",
        "Kampong Rou",
        "16.2",
        "They listen to children.",
        "An older project",
        "News",
        "Memorandum",
        "12,500.50 PHP",
    ):
        assert text in shown
    third = reload(partnership).parties[-1]
    assert (third.organisation_id, third.joined_precision) == (organisation.id, Precision.QUARTER)
    for part in filled:
        row = getattr(reload(partnership), lists.get(part, f"{part}s"))[-1]
        assert browser.post(page_of(partnership, f"/{part}/{row.id}/remove")).status_code == 302
    assert (reload(partnership).activities, len(partnership.parties)) == ([], 2)


def test_the_second_of_two_editors_is_told_and_loses_nothing(sign_in):
    partnership, browser = a_partnership(), sign_in()
    data = {"version": partnership.version, "title": "First", "visibility": "internal", "levels": ["commune"]}
    assert browser.post(page_of(partnership, "/edit"), data=data).status_code == 302
    answer = browser.post(page_of(partnership, "/edit"), data={**data, "title": "Second"})
    assert answer.status_code == 422 and "Somebody changed this" in answer.text and "Second" in answer.text
    stored = answer.text[answer.text.index("What is stored now") :]
    assert "First" in stored and "Commune" in stored
    assert reload(partnership).title == "First"


def test_the_record_through_time(sign_in):
    partnership, browser = a_partnership(), sign_in()
    data = {"version": partnership.version, "title": "Better", "visibility": "internal", "sensitivity": "ordinary"}
    old = partnership.title
    assert browser.post(page_of(partnership, "/edit"), data={**data, "why": "They said so."}).status_code == 302
    hidden = parts.add(partnership, "evidence", kind="quote", quote="I am Dara", shows_children=True, by=SYSTEM)
    parts.add(
        partnership, "activity", kind=ActivityKind.EVENT, title="Exchange", counts={"child": {"f": 3}}, by=SYSTEM
    )  # fmt: skip
    parts.remove(partnership, "evidence", hidden.id, by=SYSTEM)
    shown = browser.get(page_of(partnership, "/record")).text
    assert "Better" in shown and "<del><bdi" in shown and old in shown and "They said so." in shown
    assert "Dara" not in shown and "fewer than 5 female" in shown
    assert "Nothing was recorded by then." in browser.get(page_of(partnership, "/record?day=1999-01-01")).text
    assert "Write a whole day" in browser.get(page_of(partnership, "/record?day=soon")).text
    at_risk = partnership.parties[0].focal_person
    at_risk.at_risk = True
    name = at_risk.full_name
    assert name not in browser.get(page_of(partnership, "/record")).text
    reader = sign_in(Role.READER, partnership.origin.meeting)
    assert reader.get(page_of(partnership, "/record")).status_code == 404


def test_origin_through_its_page(sign_in):
    introduction = an_introduction()
    partnership, browser = a_partnership(introduction.meeting), sign_in()
    data = {
        "version": partnership.version,
        "meeting_id": introduction.meeting_id,
        "session_id": "",
        "introduction_id": introduction.id,
        "kind": "introduced_by_member",
        "first_contact": "2018",
        "knew_before": "no",
        "influence": "started",
        "stated_by": "A story",
    }
    assert browser.post(page_of(partnership, "/origin"), data=data).status_code == 302
    origin = reload(partnership).origin
    assert (origin.introduction_id, origin.first_contact) == (introduction.id, date(2018, 1, 1))
    assert 'value="2018"' in browser.get(page_of(partnership, "/origin")).text


def test_logging_one_by_hand(sign_in):
    meeting = a_meeting()
    an_organisation(name="C-Rights")
    an_organisation(name="CRC-Cambodia")
    browser, path = sign_in(), f"/staff/m/{meeting.slug}/partnerships/new"
    data = {"first": "c-rights", "second": "Nowhere", "kind": "unknown", "summary": "Kept as typed"}
    refused = browser.post(path, data=data)
    assert refused.status_code == 422 and "Nowhere" in refused.text and "Kept as typed" in refused.text
    answer = browser.post(path, data={**data, "second": "CRC-Cambodia"}, follow_redirects=True)
    assert "C-Rights – CRC-Cambodia" in answer.text
    listed = browser.get(f"/staff/m/{meeting.slug}/partnerships?q=cambodia&show=reported").text
    assert "C-Rights – CRC-Cambodia" in listed
    assert "Nothing matches" in browser.get(f"/staff/m/{meeting.slug}/partnerships?show=confirmed").text


def test_who_may_open_what(client, sign_in):
    partnership, elsewhere = a_partnership(), a_meeting()
    here = partnership.origin.meeting
    assert client.get(page_of(partnership)).status_code == 302
    reader = sign_in(Role.READER, here)
    assert reader.get(page_of(partnership)).status_code == 200
    assert reader.get(page_of(partnership, "/edit")).status_code == 403
    assert reader.post(page_of(partnership, "/ask")).status_code == 403
    assert sign_in(Role.ORGANISER, elsewhere).get(page_of(partnership)).status_code == 403
    assert sign_in(Role.ORGANISER, elsewhere).post(page_of(partnership, "/ask")).status_code == 403
    nowhere = service.create(parties=[an_organisation(), an_organisation()], by=SYSTEM)
    assert reader.get(page_of(nowhere)).status_code == 403
    assert sign_in().get(page_of(nowhere)).status_code == 200


def test_a_hidden_partnership_is_found_only_by_who_may_edit(sign_in):
    partnership = a_partnership(visibility=Visibility.HIDDEN)
    meeting = partnership.origin.meeting
    reader = sign_in(Role.READER, meeting)
    assert reader.get(page_of(partnership)).status_code == 404
    assert partnership.title not in reader.get(f"/staff/m/{meeting.slug}/partnerships").text
    assert sign_in(Role.ORGANISER, meeting).get(page_of(partnership)).status_code == 200


def test_a_dispute_is_seen_at_once(client, sign_in):
    partnership = confirm(a_partnership())
    row = queries.newest_round(partnership.parties[0].id, "facts")
    path = f"/verification/{token('verification', row.id)}"
    seen = verification.digest(partnership, row.field_group)
    assert "missing" not in client.post(path, data={"state": "disputed", "by_name": "X", "seen": seen}).text
    answer = client.post(path, data={"state": "disputed", "by_name": "X", "seen": seen, "words": "<b>No</b>"})
    assert answer.status_code == 302
    shown = sign_in().get(page_of(partnership)).text
    assert "A party disputes this" in shown and "&lt;b&gt;No&lt;/b&gt;" in shown


def test_get_changes_nothing_and_bad_answers_come_back(client):
    partnership = a_partnership()
    row = verification.ask(partnership.parties[0], by=SYSTEM)
    path = f"/verification/{token('verification', row.id)}"
    client.get(path)
    client.head(path)
    seen = verification.digest(partnership, row.field_group)
    for data in (
        {},
        {"state": "asked", "by_name": "X", "seen": seen},
        {"state": "no_reply", "by_name": "X", "seen": seen},
        {"state": "confirmed", "by_name": "", "seen": seen},
        {"state": "corrected", "by_name": "X", "seen": seen, "words": "  "},
        {"state": "confirmed", "by_name": "X" * 999, "seen": seen},
        {"state": "confirmed", "by_name": "X", "seen": "other", "words": "Kept as typed"},
    ):
        answer = client.post(path, data=data)
        assert answer.status_code == 422
    assert "while you were reading" in answer.text and "Kept as typed" in answer.text
    db.session.expire_all()
    assert [str(v.state) for v in reload(partnership).verifications] == ["asked"]


def test_a_link_that_was_replaced_names_the_meeting_and_its_organisers(client):
    partnership = a_partnership()
    row = verification.ask(partnership.parties[0], by=SYSTEM)
    old = token("verification", row.id, row.link_version)
    row.link_version += 1
    gone, meeting = client.get(f"/verification/{old}"), partnership.origin.meeting
    assert gone.status_code == 410 and meeting.title in gone.text and meeting.contact_email in gone.text


@pytest.mark.parametrize("kind", ["verification", "follow-up"])
def test_links_that_do_not_work(client, kind):
    purpose = kind.replace("-", "_")
    assert client.get(f"/{kind}/1-1-{'a' * 26}").status_code == 404
    assert client.get(f"/{kind}/{token(purpose, 12345)}").status_code == 410
    assert client.post(f"/{kind}/{token('me', 1)}", data={"what": "nothing"}).status_code == 404


def test_nothing_came_of_it_is_one_tap(client, sign_in):
    partnership = a_partnership()
    row = queries.list_follow_ups(partnership.id)[0]
    follow_ups.send(row.id)
    path = f"/follow-up/{token('follow_up', row.id)}"
    assert "Nothing came of it" in client.get(path).text
    assert client.post(path, data={"what": "nothing", "kind": "event"}).status_code == 302
    assert "You said: nothing came of it" in client.get(path).text
    assert client.post(path, data={"what": "activity", "kind": "event", "start": "soon"}).status_code == 422
    assert client.post(path, data={"what": "activity", "kind": "event", "title": ""}).status_code == 422
    told = {"what": "activity", "kind": "training", "title": "Joint training", "start": "2019-Q3", "place": "Dhaka"}
    for _ in range(2):
        assert client.post(path, data=told).status_code == 302
    shown = sign_in().get(page_of(partnership)).text
    assert shown.count('<bdi class="script-latin">Joint training</bdi></h3>') == 1 and "quarter 3 of 2019" in shown


def test_children_in_figures_and_files_are_held_back(sign_in):
    partnership = a_partnership()
    parts.add(
        partnership, "activity", kind=ActivityKind.CHILD_LED_EXCHANGE, title="Exchange", by=SYSTEM,
        counts={"child": {"f": 3, "m": 12}},
    )  # fmt: skip
    row = parts.add(
        partnership, "evidence", kind="file", title="Photo of Dara", shows_children=True, by=SYSTEM,
        file_id=parts.attach("photo.png", a_picture()),
    )  # fmt: skip
    changed = {"counts": {"child": {"f": 3, "m": 13}}, "title": "An exchange"}
    parts.change(partnership, "activity", partnership.activities[0].id, by=SYSTEM, **changed)
    gone = parts.add(partnership, "evidence", kind="quote", quote="I am Dara", shows_children=True, by=SYSTEM)
    parts.remove(partnership, "evidence", gone.id, by=SYSTEM)
    reader = sign_in(Role.READER, partnership.origin.meeting)
    shown = reader.get(page_of(partnership)).text
    assert "fewer than 5 female, 13 male" in shown and "before: title: Exchange" in shown
    assert "Dara" not in shown and "counts" not in shown
    for browser in (reader, sign_in()):
        assert browser.get(page_of(partnership, f"/evidence/{row.id}/file")).status_code == 403
        assert "1 is not shown: children" in browser.get(page_of(partnership)).text
    parts.change(partnership, "evidence", row.id, consent_ok=True, visibility=Visibility.HIDDEN, by=SYSTEM)
    assert reader.get(page_of(partnership, f"/evidence/{row.id}/file")).status_code == 403  # not for readers
    file = sign_in().get(page_of(partnership, f"/evidence/{row.id}/file"))
    assert file.data.startswith(b"\x89PNG") and "attachment" in file.headers["Content-Disposition"]


def test_a_file_is_sent_with_its_evidence(sign_in):
    partnership, browser = a_partnership(), sign_in()
    data = {"version": partnership.version, "kind": "file", "title": "Programme", "visibility": "internal"}
    for content, status in ((b"MZ", 422), (b"%PDF-1.7", 302)):
        sent = {**data, "file": (BytesIO(content), "programme.pdf")}
        assert browser.post(page_of(partnership, "/evidence/new"), data=sent).status_code == status
    row = reload(partnership).evidence[0]
    assert row.file_id is not None
    # whatever name it was sent under (also one of the time before names were cleaned), it comes back, and no proxy keeps it
    db.session.get(StoredFile, row.file_id).name = "a\r\nX-Evil: 1.pdf"
    answer = browser.get(page_of(partnership, f"/evidence/{row.id}/file"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "X-Evil" not in answer.headers


def test_a_role_for_all_meetings_opens_only_what_it_is_a_role_for(sign_in):
    """A door volunteer of every meeting who reads one meeting's partnerships reads that one's."""
    mine, loose = a_partnership(), a_partnership()
    elsewhere = a_partnership()
    db.session.delete(loose.origin)
    sign_in(Role.DOOR, email="both@staff.example")
    browser = sign_in(Role.READER, mine.origin.meeting, email="both@staff.example")
    assert [browser.get(page_of(p)).status_code for p in (mine, loose, elsewhere)] == [200, 403, 403]
    shown = browser.get(f"/staff/m/{mine.origin.meeting.slug}/partnerships?all=1").text
    assert mine.ref in shown and elsewhere.ref not in shown and loose.ref not in shown
    assert sign_in(Role.READER, email="all@staff.example").get(page_of(loose)).status_code == 200


def test_staff_cannot_act_as_a_party(sign_in):
    partnership = a_partnership()
    says(partnership.parties[0])
    browser = sign_in()
    browser.post(page_of(partnership, "/ask"))
    row = queries.newest_round(partnership.parties[1].id, "facts")
    for path in (page_of(partnership), f"/staff/m/{partnership.origin.meeting.slug}/partnerships"):
        assert link("verification", row.id).rsplit("/", 1)[1] not in browser.get(path).text


def test_what_waits_for_a_decision_is_counted_and_found(app, sign_in):
    meeting = a_meeting()
    fine, disputed, silent = confirm(a_partnership(meeting)), a_partnership(meeting), a_partnership(meeting)
    says(disputed.parties[0])
    says(disputed.parties[1], VerificationState.DISPUTED)
    with app.test_request_context():
        offered = queries_waiting.waiting(meeting)
        counts = zip(offered, numbers([wait.count for wait in offered]), strict=True)
        waiting = {wait.words(n): (n, wait.url) for wait, n in counts if n}
    assert {label: n for label, (n, _url) in waiting.items()} == {
        "partnership that a party disputes": 1,
        "partnership where a party was not asked yet": 1,
    }
    browser = sign_in()
    shown = browser.get(waiting["partnership that a party disputes"][1]).text
    assert disputed.ref in shown and fine.ref not in shown and silent.ref not in shown
    listed = browser.get(f"/staff/m/{meeting.slug}/partnerships").text
    assert "so many have answered: <bdi>4 of 4</bdi>" in listed  # a count never stands without its response rate
    confirmed = browser.get(f"/staff/m/{meeting.slug}/partnerships?show=confirmed").text
    assert fine.ref in confirmed and disputed.ref not in confirmed  # one party's yes is not enough


def test_what_waits_is_what_the_whole_records_say(app):
    """The first page counts from the answers alone, and every way to stand comes out as by the whole record."""
    meeting = a_meeting()
    given = (None, *(state for state in VerificationState if state in queries.STANDS))
    for first, second in itertools.product(given, given):
        partnership = a_partnership(meeting)
        for party, state in zip(partnership.parties, (first, second), strict=True):
            if state is not None:
                says(party, state)
    asked = verification.ask(a_partnership(meeting).parties[0], by=SYSTEM)
    origin = verification.ask(asked.party, group=FieldGroup.ORIGIN, by=SYSTEM)
    seen = verification.digest(asked.party.partnership, FieldGroup.ORIGIN)
    verification.answer(origin, state=VerificationState.DISPUTED, words="No.", by_name="Somebody", seen=seen)
    changed = confirm(a_partnership(meeting))
    service.change(changed, by=SYSTEM, title="Another name")
    db.session.commit()
    rows = queries.list_partnerships([meeting.id], hidden=True)
    words = [set(queries.standing(row).words.values()) for row in rows]
    with app.test_request_context():
        offered = queries_waiting.waiting(meeting)
    counts = dict(zip(("disputed", "corrected", "not_asked"), numbers([wait.count for wait in offered]), strict=False))
    assert counts == {word: sum(word in found for found in words) for word in counts}
    assert Word.CHANGED in set().union(*words) and all(counts.values())


def test_the_line_is_in_the_order_in_which_it_happened(app):
    partnership = a_partnership()
    for title, start, precision in (
        ("Later", date(2040, 1, 1), Precision.YEAR),
        ("No date", None, Precision.UNKNOWN),
        ("Sooner", date(2027, 12, 31), Precision.DAY),
    ):
        values = {"start": start, "start_precision": precision, "kind": ActivityKind.EVENT}
        with clock.frozen(datetime(2039, 1, 1, tzinfo=UTC)):
            parts.add(partnership, "activity", title=title, by=SYSTEM, **values)
    parts.add(partnership, "outcome", statement="They listen.", change="practice", by=SYSTEM)
    db.session.commit()
    with app.test_request_context():
        events = timeline.events(partnership, queries.standing(partnership), queries.list_follow_ups(partnership.id))
    titles = [event["title"] for event in events]
    both = " · ".join(party.organisation.name for party in partnership.parties)
    done = [title for title in titles[1:] if title != both]
    assert done == ["No date", "Sooner", "Later", "They listen."]
    assert titles.count(both) == 4  # what is still to come stands together, per day
