"""After any sequence of corrections, answers, disputes, merges and undos every figure equals a plain recount.

The recount goes its own way: it replays the statements that were made and the answers that were given, and knows
nothing of the ladder's code.
"""

import pytest

from eventhub import clock
from eventhub.db import db
from eventhub.partnerships import facts, merging, queries, service, statements
from eventhub.partnerships.listing import entries
from eventhub.partnerships.models import Partnership, Verification
from eventhub.partnerships.states import (
    FieldGroup,
    Influence,
    Rung,
    SubstantiationState,
    Visibility,
)
from eventhub.reports import ledger
from eventhub.reports import service as reports
from tests.factories.partnerships import a_partnership, says
from tests.partnerships.doings import STAFF, Doings, V

STEPS = 12  # looks; three acts before each


class Story(Doings):
    """A random sequence of what staff, parties and outsiders do to three records of the same two organisations."""

    AGREE = (6, 0.8)

    def __init__(self, seed):
        super().__init__(seed)
        first = a_partnership()
        self.meeting, organisations = first.origin.meeting, [party.organisation for party in first.parties]
        for _ in range(2):
            service.create(parties=organisations, meeting=self.meeting, title=first.title, by=STAFF)
        db.session.commit()

    def doings(self):
        return [
            self.answer, self.answer, self.answer, self.add, self.correct, self.context, self.join, self.join, self.part, self.outside,
            self.decide, self.hide,
        ]  # fmt: skip

    def correct(self):
        partnership = self.one()
        if partnership.activities and self.chance.random() < 0.6:
            self.change_activity(partnership)
        elif self.chance.random() < 0.5:
            service.set_origin(partnership, influence=self.chance.choice(list(Influence)), by=STAFF)
        else:
            self.change_title(partnership)

    def join(self):
        for _until_two in range(5):
            kept, gone = self.one(), self.one()
            if kept is not gone:
                break
        merging.join(kept, gone, by=STAFF)

    def hide(self):
        visibility = self.chance.choice([Visibility.HIDDEN] + [Visibility.INTERNAL] * 4)
        service.change(self.one(), visibility=visibility, by=STAFF)


def recount():
    """{partnership: (rung, confirmed activities, all activities)} from what was said and answered, plainly."""
    found = {}
    for (ident,) in db.session.query(Partnership.id):
        said = statements.as_of(ident, clock.now())
        if said["core"].get("merged_into_id") is not None or said["core"]["visibility"] == "hidden":
            continue
        partnership = db.session.get(Partnership, ident)
        stands = facts.facts(partnership)  # what the parties would be shown now
        parties = [int(item.split(":")[1]) for item in said if item.startswith("party:")]
        last = {}
        for row in sorted(db.session.query(Verification).filter_by(partnership_id=ident), key=lambda v: v.round):
            if row.field_group is FieldGroup.FACTS and row.answered_at is not None:
                last[row.party_id] = row
        yes = all(party in last and last[party].state is V.CONFIRMED for party in parties)

        def agreed(key, parties=parties, last=last, stands=stands, yes=yes):
            return yes and all(last[party].old_value.get(key) == stands[key] for party in parties)

        activities = [item for item in said if item.startswith("activity:")]
        confirmed = [item for item in activities if agreed(item)]
        whole = agreed("core") and agreed("origin")
        firm = [
            row.item
            for row in partnership.substantiations
            if row.state is SubstantiationState.GIVEN
            and all(stands.get(key) == value for key, value in row.shown.items())
            and not row.item.startswith("outcome")
            and agreed(row.item)
        ]
        rung = Rung.SUBSTANTIATED if whole and firm else Rung.CONFIRMED if whole else Rung.REPORTED
        found[ident] = (rung, len(confirmed), len(activities))
    return found


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_every_figure_equals_a_plain_recount(app, seed):
    story, met = Story(seed), set()
    for _ in range(STEPS):
        for _again in range(3):
            story.step()
        plain = recount()
        met |= {rung for rung, _n, _all in plain.values()} | {f"{len(plain)} records"}
        rows = entries(queries.list_partnerships([story.meeting.id]))
        assert {
            row.partnership.id: (row.standing.rung, row.counted_activities, len(row.partnership.activities))
            for row in rows
        } == plain
        kept = {row.id: (row.standing.rung, row.counted_activities, len(row.activities)) for row in ledger.read()}
        assert kept == plain
        came = reports.outcome(rows)
        headline = [ident for ident, (rung, _n, _all) in plain.items() if rung is not Rung.REPORTED]
        assert sorted(entry.partnership.id for entry in came.counted) == sorted(headline)
        assert len(came.reported) == len(plain) - len(headline)
        assert came.substantiated == sum(rung is Rung.SUBSTANTIATED for rung, _n, _all in plain.values())
        assert came.with_activity == sum(n > 0 for rung, n, _all in plain.values() if rung is not Rung.REPORTED)
        for partnership in db.session.query(Partnership):
            assert statements.as_of(partnership.id, clock.now()) == statements.present(partnership)
    assert Rung.REPORTED in met and len(met) >= 4  # the story went through what it is about


def test_answers_without_new_facts_move_the_response_rate_and_not_the_count(app):
    story = Story(1)
    rows = db.session.query(Partnership).all()
    for partnership in rows:
        says(partnership.parties[0])
    before = reports.outcome(entries(queries.list_partnerships([story.meeting.id])))
    db.session.expire_all()
    for partnership in rows:
        says(partnership.parties[1], V.DISPUTED)
        says(partnership.parties[0], words="Once more.")
    db.session.expire_all()
    after = reports.outcome(entries(queries.list_partnerships([story.meeting.id])))
    assert (len(before.counted), before.response.answered) == (len(after.counted), 3) == (0, 3)
    assert after.response.answered == 6
