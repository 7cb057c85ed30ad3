"""A party's correction keeps both values until staff or another party decide; each group of facts is asked by itself."""

import re
from datetime import date

import pytest

from eventhub.audit import SYSTEM, Actor
from eventhub.db import db
from eventhub.directory.models import Precision
from eventhub.errors import InvalidError, NotAllowedError, StaleError
from eventhub.partnerships import corrections, facts, ladder, parts, queries, service, statements, verification
from eventhub.partnerships.states import (
    ActivityKind,
    FieldGroup,
    Influence,
    ProposalState,
    Rung,
    VerificationState,
    Visibility,
)
from eventhub.security import token
from tests.factories.partnerships import a_partnership, confirm

V = VerificationState
ANNA = Actor("staff", "1", "Anna")


def says(party, group, state=V.CONFIRMED, words="", **more):
    row = verification.ask(party, group=group, by=SYSTEM)
    seen = verification.digest(party.partnership, group)
    answered = verification.answer(row, state=state, words=words, by_name="Sopheap", seen=seen, **more)
    db.session.commit()
    db.session.expire_all()
    return answered


@pytest.fixture
def visited(app):
    partnership = a_partnership()
    parts.add(
        partnership, "activity", kind=ActivityKind.LEARNING_VISIT, title="A visit", start=date(2019, 1, 1),
        start_precision=Precision.YEAR, by=SYSTEM,
    )  # fmt: skip
    return confirm(partnership)


def corrects(partnership, **fixes):
    activity = facts.activity_key(partnership.activities[0])
    typed = {f"{activity}/{name}": value for name, value in fixes.items()}
    says(partnership.parties[0], FieldGroup.FACTS, V.CORRECTED, typed=typed)
    return corrections.open_proposals(partnership)


def test_both_values_stand_until_staff_decide(visited):
    (proposal,) = corrects(visited, start="2020-02-18", title="A visit")  # the title is as it stands
    activity = visited.activities[0]
    assert (proposal.stood, proposal.proposed, activity.start) == ("2019", "2020-02-18", date(2019, 1, 1))
    assert queries.standing(visited).rung is Rung.REPORTED
    corrections.accept(proposal, by=ANNA, version=visited.version)
    corrections.accept(proposal, by=ANNA)  # twice is once
    db.session.commit()
    db.session.expire_all()
    assert (activity.start, activity.start_precision) == (date(2020, 2, 18), Precision.DAY)
    last = [row for row in statements.list_statements(visited.id) if row.item == facts.activity_key(activity)]
    party = visited.parties[0].organisation.name
    assert [(row.said_by, row.why, row.value["start"]) for row in last][1:] == [
        ("Anna", f"As {party} corrected it", "2020-02-18")
    ]
    assert queries.standing(visited).rung is Rung.REPORTED  # until the parties confirm what stands now
    confirm(visited)
    assert queries.standing(visited).rung is Rung.CONFIRMED


def test_kept_as_it_stands_what_was_said_is_kept_too(visited):
    (proposal,) = corrects(visited, place="Dhaka")
    corrections.decline(proposal, by=ANNA)
    db.session.commit()
    assert (proposal.state, proposal.proposed, visited.activities[0].place) == (ProposalState.DECLINED, "Dhaka", "")
    assert corrections.open_proposals(visited) == []


def test_the_other_party_may_agree_and_nobody_to_ones_own(visited):
    (proposal,) = corrects(visited, title="A study visit")
    one, other = visited.parties
    with pytest.raises(NotAllowedError):
        corrections.accept(proposal, by=Actor("party", str(one.id), "Sopheap"))
    row = verification.ask(one, by=SYSTEM)
    verification.agree(row, proposal.id, by_name="Sopheap", seen=verification.digest(visited, FieldGroup.FACTS))
    assert proposal.state is ProposalState.OPEN  # it is not offered to whoever made it
    row = verification.ask(other, by=SYSTEM)
    with pytest.raises(verification.ChangedError):
        verification.agree(row, proposal.id, by_name="Ms Kaida", seen="other")
    verification.agree(row, proposal.id, by_name="Ms Kaida", seen=verification.digest(visited, FieldGroup.FACTS))
    db.session.commit()
    assert (visited.activities[0].title, proposal.state) == ("A study visit", ProposalState.ACCEPTED)
    assert proposal.decided_by == f"Ms Kaida, {other.organisation.name}"


def test_a_later_correction_of_the_same_field_replaces_the_earlier(visited):
    corrects(visited, place="Dhaka")
    (proposal,) = corrects(visited, place="Chattogram")
    assert proposal.proposed == "Chattogram"
    assert [row.state for row in visited.proposals] == [ProposalState.REPLACED, ProposalState.OPEN]


def test_who_decides_on_an_old_page_is_told(visited):
    (proposal,) = corrects(visited, place="Dhaka")
    seen = visited.version
    parts.change(visited, "activity", visited.activities[0].id, place="Colombo", by=SYSTEM)
    with pytest.raises(StaleError):
        corrections.accept(proposal, by=ANNA, version=seen)
    db.session.rollback()


@pytest.mark.parametrize(
    ("typed", "state"),
    [({"origin/first_contact": "soon"}, V.CORRECTED), ({"origin/kind": "magic"}, V.CORRECTED),
     ({"core/title": "x" * 201}, V.CORRECTED), ({"core/title": "Another"}, V.CONFIRMED), ({}, V.CORRECTED)],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(app, typed, state):
    partnership = a_partnership()
    group = FieldGroup.ORIGIN if "origin/kind" in typed else FieldGroup.FACTS
    row = verification.ask(partnership.parties[0], group=group, by=SYSTEM)
    with pytest.raises(InvalidError):
        verification.answer(
            row, state=state, by_name="X", seen=verification.digest(partnership, group), typed=typed
        )  # fmt: skip
    db.session.rollback()


def test_the_origin_and_the_stage_and_the_text_are_corrected_in_their_own_ways(app):
    partnership = a_partnership(summary="They met.")
    party = partnership.parties[1]
    says(
        party, FieldGroup.ORIGIN, V.CORRECTED, typed={"origin/influence": "started", "origin/first_contact": "2018-Q3"}
    )
    says(party, FieldGroup.STAGE, V.CORRECTED, typed={"stage/exchanges_information": "yes"})
    says(party, FieldGroup.STAGE, V.CORRECTED, typed={"stage/alters_activities": "no"})
    says(party, FieldGroup.PUBLIC_TEXT, V.CORRECTED, typed={"core/summary": "They met in Manila."})
    for proposal in corrections.open_proposals(partnership):
        corrections.accept(proposal, by=ANNA)
    db.session.commit()
    db.session.expire_all()
    origin = partnership.origin
    assert (origin.influence, origin.first_contact_precision) == (Influence.STARTED, Precision.QUARTER)
    assert partnership.summary == "They met in Manila."
    assert (queries.stage(partnership), len(partnership.stages)) == (ladder.Stage(1, 1), 1)
    assert partnership.stages[0].stated_by == party.organisation.name


@pytest.mark.parametrize("group", list(FieldGroup))
def test_each_group_is_confirmed_by_itself_and_anew_after_a_change(app, group):
    partnership = a_partnership(summary="They met.")
    parts.add(partnership, "stage", stated_on=date(2020, 1, 1), exchanges_information=True, stated_by="Both", by=SYSTEM)
    for party in partnership.parties:
        says(party, group)
    assert [g for g in FieldGroup if queries.standing(partnership, g).counted] == [group]
    if group is FieldGroup.ORIGIN:
        service.set_origin(partnership, influence=Influence.NONE, by=SYSTEM)
    elif group is FieldGroup.STAGE:
        parts.change(partnership, "stage", partnership.stages[0].id, alters_activities=True, by=SYSTEM)
    else:
        service.change(partnership, title="Another title", by=SYSTEM)
    db.session.commit()
    standing = queries.standing(partnership, group)
    assert (standing.counted, set(standing.words.values())) == (False, {ladder.Word.CHANGED})


def test_a_dispute_of_the_origin_alone_holds_the_whole_back_until_it_is_settled(app):
    partnership = confirm(a_partnership(summary="They met.", visibility=Visibility.PUBLIC))
    for party in partnership.parties:
        says(party, FieldGroup.PUBLIC_TEXT)
    assert queries.public_text(partnership) == "They met."
    says(partnership.parties[0], FieldGroup.ORIGIN, V.DISPUTED, "We met elsewhere.")
    standing = queries.standing(partnership)
    assert (standing.rung, standing.disputed, queries.public_text(partnership)) == (Rung.REPORTED, True, None)
    says(partnership.parties[0], FieldGroup.ORIGIN)
    assert (queries.standing(partnership).rung, queries.public_text(partnership)) == (Rung.CONFIRMED, "They met.")
    says(partnership.parties[0], FieldGroup.ORIGIN, V.CORRECTED, "It was a year earlier.")
    assert queries.standing(partnership).rung is Rung.REPORTED
    confirm(partnership)  # all facts, the origin among them
    assert queries.standing(partnership).rung is Rung.CONFIRMED


def test_from_the_partys_page_to_the_decision(client, sign_in, visited):
    one, other = visited.parties
    activity = visited.activities[0]
    row = verification.ask(one, by=SYSTEM)
    path = f"/verification/{token('verification', row.id)}"
    shown = client.get(path).text
    seen = re.search(r'name="seen"[^>]*value="([0-9a-f]{32})"', shown)[1]
    assert "Correct single things" in shown
    name = f"activity:{activity.id}/start"
    data = {"by_name": "Sopheap", "seen": seen, "state": "corrected", name: "no idea"}
    wrong = client.post(path, data=data)
    assert wrong.status_code == 422 and "no idea" in wrong.text
    assert client.post(path, data={**data, "state": "confirmed", name: "2020-02"}).status_code == 422
    for _ in range(2):
        assert client.post(path, data={**data, name: "2020-02"}).status_code == 302
    db.session.expire_all()
    assert len(visited.proposals) == 1
    browser = sign_in()
    shown = browser.get(f"/staff/partnerships/{visited.id}").text
    assert "A party corrects this" in shown and "2020-02" in shown
    asked = verification.ask(other, by=SYSTEM)
    path = f"/verification/{token('verification', asked.id)}"
    shown = client.get(path).text
    assert "Another party corrects this" in shown
    agreed = {"by_name": "Ms Kaida", "seen": re.search(r'name="seen"[^>]*value="([0-9a-f]{32})"', shown)[1]}
    assert client.post(path, data={**agreed, "agree": visited.proposals[0].id, "by_name": ""}).status_code == 422
    assert client.post(path, data={**agreed, "agree": visited.proposals[0].id}).status_code == 302
    db.session.expire_all()
    assert (activity.start, activity.start_precision) == (date(2020, 2, 1), Precision.MONTH)
    (proposal,) = corrects(visited, place="Dhaka")
    decide = f"/staff/partnerships/{visited.id}/corrections/{proposal.id}"
    stale = browser.post(decide, data={"decision": "accept", "version": 1}, follow_redirects=True)
    assert "Somebody changed this" in stale.text
    version = db.session.get(type(visited), visited.id).version
    assert browser.post(decide, data={"decision": "decline", "version": version}).status_code == 302
    assert "A party corrects this" not in browser.get(f"/staff/partnerships/{visited.id}").text
