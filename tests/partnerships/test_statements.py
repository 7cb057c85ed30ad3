"""Nothing is overwritten: who said what of each item, when and why; the record as it stood on any day."""

from datetime import UTC, date, datetime, timedelta

from eventhub import clock
from eventhub.audit import SYSTEM, Actor
from eventhub.db import db
from eventhub.directory.models import Precision
from eventhub.partnerships import follow_ups, parts, queries, service, statements
from eventhub.partnerships.states import ActivityKind, LevelKind, PartnershipState
from tests.factories.directory import an_organisation
from tests.factories.partnerships import a_partnership

ANNA, BORIS = Actor("staff", "1", "Anna"), Actor("staff", "2", "Boris")


def said(partnership, item):
    return [(row.said_by, row.why, row.value) for row in statements.list_statements(partnership.id) if row.item == item]


def test_a_correction_keeps_the_old_value_who_said_it_when_and_why(app):
    partnership = a_partnership()
    row = parts.add(
        partnership, "activity", kind=ActivityKind.TRAINING, title="A training", start=date(2019, 1, 1),
        start_precision=Precision.YEAR, by=ANNA,
    )  # fmt: skip
    parts.change(
        partnership, "activity", row.id, start=date(2020, 2, 18), start_precision=Precision.DAY, by=BORIS,
        why="The signed list has the day.",
    )  # fmt: skip
    db.session.commit()
    (who, why, first), (who_then, why_then, second) = said(partnership, f"activity:{row.id}")
    assert (who, why, first["start"], first["start_precision"]) == ("Anna", "", "2019-01-01", "year")
    assert (who_then, why_then, second["start"]) == ("Boris", "The signed list has the day.", "2020-02-18")
    parts.remove(partnership, "activity", row.id, by=ANNA, why="Entered twice.")
    db.session.commit()
    assert said(partnership, f"activity:{row.id}")[-1] == ("Anna", "Entered twice.", None)


def test_what_did_we_say_on_that_day(app):
    stood = {}
    start = clock.now().replace(microsecond=0)
    partnership = a_partnership()
    third = an_organisation()

    def steps():
        yield lambda: parts.add(partnership, "theme", label="Networks", by=ANNA)
        yield lambda: service.change(partnership, title="Other", levels=[LevelKind.COMMUNE, LevelKind.GLOBAL], by=ANNA)
        yield lambda: service.set_origin(partnership, stated_by="Both", by=BORIS)
        yield lambda: parts.add(partnership, "party", organisation=third, by=ANNA)
        yield lambda: service.change(partnership, levels=[LevelKind.GLOBAL], by=BORIS)
        yield lambda: parts.remove(partnership, "theme", partnership.themes[0].id, by=BORIS)
        yield lambda: service.move(partnership, PartnershipState.ACTIVE, by=BORIS)

    db.session.commit()
    for day, step in enumerate(steps(), 1):
        with clock.frozen(start + timedelta(days=day)):
            step()
            db.session.commit()
            stood[clock.now()] = statements.present(partnership)
    for at, items in stood.items():
        assert statements.as_of(partnership.id, at) == items
    assert statements.as_of(partnership.id, start - timedelta(days=1)) == {}
    assert statements.as_of(partnership.id, datetime(2190, 1, 1, tzinfo=UTC)) == statements.present(partnership)


def test_a_change_that_goes_past_the_services_is_kept_too(app):
    partnership = a_partnership()
    follow_up = queries.list_follow_ups(partnership.id)[0]
    follow_ups.send(follow_up.id)
    follow_ups.answer(follow_up, what="activity", kind=ActivityKind.EVENT, title="We met again")
    partnership.title = "Set by hand"
    db.session.commit()
    assert statements.as_of(partnership.id, clock.now()) == statements.present(partnership)
    activity = partnership.activities[0]
    assert said(partnership, f"activity:{activity.id}")[0][0] == follow_up.party.organisation.name
    assert said(partnership, "core")[-1][2]["title"] == "Set by hand"


def test_saving_without_a_change_says_nothing(app):
    partnership = a_partnership()
    before = len(statements.list_statements(partnership.id))
    service.change(partnership, title=partnership.title, by=SYSTEM)
    parts.change(partnership, "party", partnership.parties[0].id, role=partnership.parties[0].role, by=SYSTEM)
    db.session.commit()
    assert len(statements.list_statements(partnership.id)) == before


def test_what_a_transaction_takes_back_was_never_said(app):
    partnership = a_partnership()
    before = len(statements.list_statements(partnership.id))
    parts.add(partnership, "theme", label="Networks", by=ANNA)
    db.session.rollback()
    parts.add(partnership, "theme", label="Reports", by=BORIS)
    db.session.commit()
    assert [row.said_by for row in statements.list_statements(partnership.id)][before:] == ["Boris"]
