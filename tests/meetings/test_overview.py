"""A meeting's first page: what waits for whom, and what happened lately, without a name that must not be there."""

import importlib
import re
from pathlib import Path

import pytest

from eventhub import audit, trail
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.documents import service as documents
from eventhub.invitations.states import InvitationState
from eventhub.meetings import views
from eventhub.meetings.states import MeetingState
from eventhub.security import Role
from tests.factories.badges import confirmed_people
from tests.factories.basics import a_meeting
from tests.factories.documents import let_in
from tests.factories.invitations import a_nomination, an_invitation
from tests.factories.partnerships import an_introduction

DARA = Actor("staff", "7", "Dara Sok")


def overview(browser, meeting):
    return browser.get(f"/staff/m/{meeting.slug}/").text


def test_what_waits_is_shown_to_who_may_open_it(sign_in):
    meeting = a_meeting()
    for _ in range(2):
        an_invitation(InvitationState.DRAFT, meeting=meeting)
    page = overview(sign_in(Role.ORGANISER, meeting), meeting)
    assert f'href="/staff/m/{meeting.slug}/invitations/review"' in page and "prepared and not sent" in page
    page = overview(sign_in(Role.PROGRAMME, meeting), meeting)
    assert "prepared and not sent" not in page and "Nothing waits for you in this meeting." in page


def test_a_count_leads_to_a_list_of_as_many_and_one_is_one(sign_in):
    meeting = a_meeting()
    an_invitation(InvitationState.DRAFT, meeting=meeting)
    empty = an_invitation(InvitationState.ACCEPTED, meeting=meeting)
    a_nomination(meeting=meeting)
    browser = sign_in(Role.ORGANISER, meeting)
    page = overview(browser, meeting)
    assert "invitation is prepared and not sent" in page and "organisation accepted and has named nobody yet" in page
    unnamed = browser.get(f"/staff/m/{meeting.slug}/invitations/?state=unnamed").text
    assert empty.name in unnamed and "1 to 1 of 1" in unnamed
    record = browser.get(f"/staff/m/{meeting.slug}/invitations/{empty.id}").text
    assert f'href="/staff/m/{meeting.slug}/invitations/" aria-current="true"' in record  # where one is, in the rail


@pytest.mark.once
def test_every_feature_that_has_decisions_stands_on_the_page():
    offered = {
        getattr(importlib.import_module(f"eventhub.{path.parent.name}.{path.stem}"), "waiting", None)
        for path in Path(views.__file__).parents[1].glob("*/queries*.py")
    }
    assert offered - {None} == set(views.WAITING)


def test_the_first_steps_are_shown_with_what_they_are_a_part_of(sign_in):
    meeting = a_meeting()
    an_invitation(meeting=meeting)
    an_invitation(InvitationState.DRAFT, meeting=meeting)
    page = re.sub(r"<[^>]+>", "", overview(sign_in(Role.ORGANISER, meeting), meeting))
    assert re.search(r"Invited\s+1\s+of 2 invitations drawn up", page)
    assert "How far it has come" not in overview(sign_in(Role.DOOR, meeting), meeting)
    nothing = a_meeting()
    page = overview(sign_in(Role.ORGANISER, nothing), nothing)
    assert "Nothing to count yet." in page and "invitations drawn up" not in page


def test_a_meeting_that_is_over_says_what_its_results_begin_with(sign_in):
    meeting = a_meeting(MeetingState.OVER)
    (came,) = confirmed_people(meeting, 1)
    browser = sign_in(Role.ORGANISER, meeting)
    page = overview(browser, meeting)
    assert "Write down who met whom" in page and "Issue the certificates" not in page  # nobody was let in
    let_in(meeting, came)
    an_introduction(meeting)
    db.session.commit()
    page = overview(browser, meeting)
    assert "Issue the certificates" in page and "Write down who met whom" not in page
    documents.issue_missing(meeting, by=DARA)
    db.session.commit()
    assert "What comes next" not in overview(browser, meeting)


def test_lately_is_told_in_words_and_together(sign_in):
    meeting = a_meeting()
    for _ in range(3):
        audit.record(DARA, "approved", meeting_row("registrations"), meeting_id=meeting.id)
    audit.record(DARA, "sent", meeting_row("invitations"), meeting_id=meeting.id)
    audit.record(
        Actor("participant", "5", "Sreymom Chan"), "submitted", meeting_row("registrations"), meeting_id=meeting.id
    )
    page = overview(sign_in(Role.ORGANISER, meeting), meeting)
    for words in ("Approved 3 registrations", "Sent an invitation", "Submitted a registration", "Made the meeting"):
        assert words in page
    assert "Dara Sok" in page and "a participant" in page and "Sreymom" not in page


def test_many_who_are_not_named_are_told_of_in_one_line(sign_in):
    meeting = a_meeting()
    for ident in range(3):
        someone = Actor("participant", str(ident), f"Secret {ident}")
        audit.record(someone, "listed", meeting_row("profiles"), meeting_id=meeting.id)
    for _press in range(2):
        audit.record(DARA, "over", meeting_row("meetings"), meeting_id=meeting.id)
    page = overview(sign_in(Role.ORGANISER, meeting), meeting)
    assert "Listed what 3 people offer and seek" in page and "participants" in page and "Secret" not in page
    assert "Set the meeting to: over (2 times)" in page


def meeting_row(table, ident=1):
    """Whatever a trail speaks of: a table's name and an id."""
    return type("Row", (), {"__tablename__": table, "id": ident})


def test_lately_says_nothing_of_what_one_may_not_see(sign_in):
    meeting = a_meeting(admits_children=True)
    child = directory.create_person(full_name="Chan Sreymom", called="Mom", is_child=True, by=DARA)
    audit.record(DARA, "read sealed record", child, meeting_id=meeting.id, kind="medical")
    audit.record(DARA, "reported", meeting_row("incidents"), meeting_id=meeting.id)
    db.session.commit()
    pages = {role: overview(sign_in(role, meeting), meeting) for role in Role}
    told = {role for role, page in pages.items() if "sealed record" in page}
    assert told == {Role.ADMINISTRATOR, Role.ORGANISER, Role.SAFEGUARDING}
    assert {role for role, page in pages.items() if "an incident" in page} == {Role.ADMINISTRATOR, Role.SAFEGUARDING}
    assert not any("Sreymom" in page or "Mom" in page for page in pages.values())


def test_every_act_has_words_for_every_kind(app):
    for kind in [*trail.KINDS, "of_another_kind"]:
        for action in [*trail.ACTS, "approved", "added level to"]:
            entry = audit.AuditEntry(subject_kind=kind, subject_id=5, action=action, detail={"role": "door"})
            for count in (1, 4):
                words = trail.sentence(entry, count)
                assert words[0].isupper() and "%" not in words and "_" not in words


def test_an_act_without_words_is_said_with_its_verb(app):
    audit.record(DARA, "waiting", meeting_row("registrations"), meeting_id=1)
    audit.record(DARA, "set quota", meeting_row("unknown"), meeting_id=1)
    db.session.flush()
    assert [line["what"] for line in trail.lines(audit.recent(1))] == [
        "Set quota a record",
        "Put a registration on the waiting list",
    ]
