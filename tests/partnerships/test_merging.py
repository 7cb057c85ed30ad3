"""Two records of one partnership: suggested, joined by a person, parted again exactly, or refused with the reason."""

import random
from datetime import date

import pytest

from eventhub.audit import SYSTEM, Actor
from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.directory.models import Precision
from eventhub.errors import LinkExpiredError
from eventhub.partnerships import follow_ups, merging, parts, queries, service, statements, verification
from eventhub.partnerships.models import FollowUp
from eventhub.partnerships.states import (
    ActivityKind,
    LevelKind,
    MergeDecision,
    PartnershipState,
    Rung,
    ThemeScheme,
    VerificationState,
    Visibility,
)
from eventhub.security import Role, token
from tests.factories.directory import an_organisation
from tests.factories.partnerships import a_partnership, confirm, says

ANNA = Actor("staff", "1", "Anna")


def an_activity(partnership, title="A visit", **more):
    return parts.add(partnership, "activity", kind=ActivityKind.LEARNING_VISIT, title=title, by=SYSTEM, **more)


@pytest.fixture
def two(app):
    """Two records of the same parties, each with parts of its own and some that both have."""
    kept = a_partnership(title="Kept")
    organisations = [party.organisation for party in kept.parties]
    gone = service.create(parties=organisations, meeting=kept.origin.meeting, title="Gone", by=SYSTEM)
    for partnership, title in ((kept, "A visit"), (gone, "A training")):
        row = an_activity(partnership, title)
        parts.add(partnership, "evidence", kind="quote", quote=title, activity_id=row.id, by=SYSTEM)
        parts.add(partnership, "theme", scheme=ThemeScheme.CRC_CLUSTER, code="5", by=SYSTEM)
        year = {"start": date(2019, 1, 1), "start_precision": Precision.YEAR}
        shared = an_activity(partnership, "Both wrote this down", **year)
        parts.add(partnership, "evidence", kind="quote", quote=f"{title}, too", activity_id=shared.id, by=SYSTEM)
    parts.add(gone, "theme", label="Networks", primary=True, by=SYSTEM)
    service.change(kept, levels=[LevelKind.COMMUNE], visibility=Visibility.MEMBERS, by=SYSTEM)
    service.change(gone, levels=[LevelKind.COMMUNE, LevelKind.NATIONAL], summary="They met.", by=SYSTEM)
    db.session.commit()
    return kept, gone


def picture(*partnerships):
    """All that the records say, and how well it is known."""
    db.session.expire_all()
    return [
        (statements.present(row), row.merged_into_id, queries.standing(row), [v.state for v in row.verifications])
        for row in partnerships
    ]


def joined(kept, gone):
    merge = merging.join(kept, gone, by=ANNA)
    db.session.commit()
    return merge


def test_the_same_parties_at_the_same_time_are_suggested_until_somebody_decides(two):
    kept, gone = two
    assert (merging.suggested(kept), merging.suggested(gone)) == ([gone], [kept])
    merging.keep_apart(kept, gone, by=ANNA)
    merging.keep_apart(gone, kept, by=ANNA)
    db.session.commit()
    assert (merging.suggested(kept), merging.suggested(gone)) == ([], [])
    assert [row.decision for row in merging.list_decisions(kept.id)] == [MergeDecision.APART]


def test_an_alias_is_the_same_party_and_what_was_over_before_is_another(app):
    kept = a_partnership()
    alias = an_organisation()
    directory.merge(kept.parties[0].organisation, alias, by=SYSTEM)
    by_alias = service.create(parties=[alias, kept.parties[1].organisation], by=SYSTEM)
    long_ago = service.create(parties=[alias, kept.parties[1].organisation], by=SYSTEM)
    an_activity(long_ago, start=date(2001, 1, 1), start_precision=Precision.YEAR)
    service.move(long_ago, PartnershipState.ENDED, by=SYSTEM)
    db.session.commit()
    assert merging.suggested(kept) == [by_alias]


def test_the_preview_says_what_the_merge_then_does(two):
    kept, gone = two
    before = statements.present(gone)
    made = merging.plan(kept, gone)
    assert {item.partition(":")[0] for item in made.same} == {"origin", "level", "activity", "theme"}
    joined(kept, gone)
    db.session.expire_all()
    assert sorted(row.title for row in kept.activities) == ["A training", "A visit", "Both wrote this down"]
    assert {row.level for row in kept.levels} == {LevelKind.COMMUNE, LevelKind.NATIONAL}
    assert [row.label for row in kept.themes if row.primary] == ["Violence against children"]  # one main theme
    assert (kept.visibility, kept.summary) == (Visibility.INTERNAL, "They met.")  # the stricter of the two
    here = statements.present(kept)
    assert all(item in here for item in made.moved) and all(item in before for item in made.moved)
    shared = next(row for row in kept.activities if row.title == "Both wrote this down")
    assert sorted(row.quote for row in kept.evidence if row.activity_id == shared.id) == [
        "A training, too",
        "A visit, too",
    ]
    assert queries.list_partnerships(None, hidden=True) == [kept]
    assert queries.find_from_introduction(0) is None and queries.canonical(gone) == kept


def test_merge_and_undo_leave_everything_as_it_was(two):
    kept, gone = two
    confirm(kept)
    says(gone.parties[0])
    before = picture(kept, gone)
    merge = joined(kept, gone)
    assert picture(kept, gone) != before
    for _ in range(2):  # twice is once
        merging.part(merge, by=ANNA)
        db.session.commit()
    assert picture(kept, gone) == before
    assert merging.suggested(kept) == [gone]
    moved = [row for row in statements.list_statements(gone.id) if row.said_by == "Anna"]
    assert moved  # and that it was once joined is still told


def test_corrections_in_between_stay_with_what_they_correct(two):
    kept, gone = two
    merge = joined(kept, gone)
    came, own = (next(row for row in kept.activities if row.title == title) for title in ("A training", "A visit"))
    parts.change(kept, "activity", came.id, title="A longer training", by=SYSTEM)
    parts.change(kept, "activity", own.id, title="A longer visit", by=SYSTEM)
    service.change(kept, visibility=Visibility.MEMBERS, by=SYSTEM)
    new = an_activity(kept, "New since")
    merging.part(merge, by=ANNA)
    db.session.commit()
    db.session.expire_all()
    assert {row.title for row in gone.activities} == {"A longer training", "Both wrote this down"}
    assert {row.title for row in kept.activities} == {"A longer visit", "Both wrote this down", "New since"}
    assert (new.partnership_id, kept.visibility, kept.summary) == (kept.id, Visibility.MEMBERS, "")


def test_what_came_over_counts_only_when_it_is_confirmed_here(two):
    kept, gone = two
    confirm(kept)
    confirm(gone)
    joined(kept, gone)
    db.session.expire_all()
    rungs = {row.title: queries.standing(kept).items[f"activity:{row.id}"] for row in kept.activities}
    assert rungs == {
        "A visit": Rung.CONFIRMED, "Both wrote this down": Rung.CONFIRMED, "A training": Rung.REPORTED,
    }  # fmt: skip


def test_a_dispute_is_not_lost_in_a_merge(two):
    kept, gone = two
    says(gone.parties[0], VerificationState.DISPUTED)
    with pytest.raises(merging.CannotMergeError, match="disputes"):
        merging.plan(kept, gone)
    says(gone.parties[0])
    merge = joined(kept, gone)
    says(kept.parties[0], VerificationState.DISPUTED)
    with pytest.raises(merging.CannotPartError, match="disputes"):
        merging.part(merge, by=ANNA)
    db.session.rollback()


def test_what_cannot_be_undone_exactly_is_refused_and_says_why(two):
    kept, gone = two
    merge = joined(kept, gone)
    came, own = (next(row for row in kept.activities if row.title == title) for title in ("A training", "A visit"))
    across = parts.add(kept, "evidence", kind="quote", quote="Both", activity_id=came.id, by=SYSTEM)
    db.session.commit()
    with pytest.raises(merging.CannotPartError, match="tied"):
        merging.part(merge, by=ANNA)
    db.session.rollback()
    parts.change(kept, "evidence", across.id, activity_id=own.id, by=SYSTEM)
    third = service.create(parties=[p.organisation for p in kept.parties], meeting=kept.origin.meeting, by=SYSTEM)
    second = joined(kept, third)
    with pytest.raises(merging.CannotPartError, match="later merge"):
        merging.part(merge, by=ANNA)
    db.session.rollback()
    merging.part(second, by=ANNA)
    parts.remove(kept, "activity", came.id, by=SYSTEM)
    with pytest.raises(merging.CannotPartError, match="removed since"):
        merging.part(merge, by=ANNA)
    db.session.rollback()


def test_who_may_not_be_joined(two):
    kept, gone = two
    other = a_partnership()
    for one, two_, sentence in ((kept, kept, "one record"), (kept, other, "has a party")):
        with pytest.raises(merging.CannotMergeError, match=sentence):
            merging.plan(one, two_)
    joined(kept, gone)
    with pytest.raises(merging.CannotMergeError, match="already"):
        merging.plan(gone, kept)
    with pytest.raises(service.JoinedError):
        service.change(gone, title="Too late", by=SYSTEM)
    db.session.rollback()


def test_links_about_the_record_that_has_gone_say_so(two):
    kept, gone = two
    row = verification.ask(gone.parties[0], by=SYSTEM)
    due = queries.list_follow_ups(gone.id)[0]
    follow_ups.send(due.id)
    joined(kept, gone)
    with pytest.raises(LinkExpiredError, match="joined"):
        verification.open_link(token("verification", row.id))
    with pytest.raises(LinkExpiredError, match="joined"):
        follow_ups.open_link(token("follow_up", due.id))
    waiting = queries.list_due_follow_ups(date(2190, 1, 1))
    assert {db.session.get(FollowUp, ident).partnership_id for ident in waiting} == {kept.id}


@pytest.mark.parametrize("seed", range(4))
def test_any_merges_and_corrections_undone_in_turn_are_as_if_they_had_not_been(app, seed):
    """merge; undo = identity, whatever the records hold and however often it is done."""
    chance = random.Random(seed)
    first = a_partnership()
    meeting, organisations = first.origin.meeting, [party.organisation for party in first.parties]
    records = [first, *(service.create(parties=organisations, meeting=meeting, by=SYSTEM) for _ in range(2))]
    for partnership in records:
        for n in range(chance.randrange(4)):
            row = an_activity(partnership, chance.choice("AB"), description=chance.choice(["", str(n)]))
            if chance.random() < 0.6:
                parts.add(partnership, "evidence", kind="quote", quote="x", activity_id=row.id, by=SYSTEM)
        levels = chance.sample(list(LevelKind), chance.randrange(3))
        summary, visibility = chance.choice(["", "Text"]), chance.choice(list(Visibility))
        service.change(partnership, levels=levels, summary=summary, visibility=visibility, by=SYSTEM)
        for code in chance.sample("12345", chance.randrange(3)):
            parts.add(partnership, "theme", scheme=ThemeScheme.CRC_CLUSTER, code=code, by=SYSTEM)
        if chance.random() < 0.5:
            says(partnership.parties[0])
    db.session.commit()
    for _round in range(2):
        chance.shuffle(records)
        before = [picture(*records)]
        a, b, c = records
        merges = [joined(a, b)]
        before.append(picture(*records))
        merges.append(joined(*chance.choice([(a, c), (c, a)])))
        for merge in reversed(merges):
            merging.part(merge, by=ANNA)
            db.session.commit()
            assert picture(*records) == before.pop()


def test_joining_and_parting_through_the_pages(sign_in, two):
    kept, gone = two
    browser, path = sign_in(), f"/staff/partnerships/{kept.id}"
    shown = browser.get(path).text
    assert "Compare and decide" in shown
    preview = browser.get(f"{path}/merge?other={gone.ref.lower()}").text
    assert "A training" in preview and "What both have" in preview and "Join the two records" in preview
    assert "no record with this reference" in browser.get(f"{path}/merge?other=P-1").text
    stale = browser.post(f"{path}/merge", data={"version": 0, "other": gone.id, "why": "Entered twice"})
    assert stale.status_code == 422 and "Entered twice" in stale.text
    data = {"version": kept.version, "other": gone.id, "why": "Entered twice"}
    assert browser.post(f"{path}/merge", data=data).status_code == 302
    assert browser.post(f"{path}/merge", data={"other": "x"}).status_code == 404
    assert browser.get(f"/staff/partnerships/{gone.id}").location.endswith(path)
    assert f"{gone.ref} was joined to this record" in browser.get(path).text
    merge = merging.list_decisions(kept.id)[0]
    undo = f"{path}/merges/{merge.id}/undo"
    reader = sign_in(Role.READER, kept.origin.meeting)
    assert reader.post(undo).status_code == 403 and reader.get(f"{path}/merge").status_code == 403
    assert browser.post(undo).status_code == 302
    assert "Compare and decide" in browser.get(path).text
    assert browser.post(f"{path}/apart", data={"other": gone.id}).status_code == 302
    assert "Compare and decide" not in browser.get(path).text
