"""What staff, parties and outsiders may do to records of partnerships, at random: for tests that recount what comes of
any sequence of it."""

import random

from eventhub.audit import Actor
from eventhub.db import db
from eventhub.errors import RuleError
from eventhub.partnerships import corrections, merging, parts, service, substantiation
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.models_record import Merge
from eventhub.partnerships.states import ActivityKind, MergeDecision, VerificationState
from tests.factories.partnerships import says

V = VerificationState
STAFF = Actor("staff", "1", "Anna")


class Doings:
    """``step`` does one of ``doings``. A child sets ``AGREE``: how often a party confirms beside one correction and one
    dispute, and how often the others do so at once."""

    AGREE: tuple[int, float]

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def doings(self):
        raise NotImplementedError

    def step(self):
        try:
            self.chance.choice(self.doings())()
            db.session.commit()
        except RuleError:  # a rule said no: nothing has happened
            db.session.rollback()
        db.session.expire_all()

    def rows(self):
        return db.session.query(Partnership).filter_by(merged_into_id=None).order_by(Partnership.id).all()

    def one(self):
        return self.chance.choice(self.rows())

    def answer(self):
        times, together = self.AGREE
        partnership, state = self.one(), self.chance.choice([V.CONFIRMED] * times + [V.CORRECTED, V.DISPUTED])
        everybody = state is V.CONFIRMED and self.chance.random() < together
        for party in partnership.parties if everybody else [self.chance.choice(partnership.parties)]:
            says(party, state)

    def add(self, **facts):
        parts.add(self.one(), "activity", kind=ActivityKind.EVENT, title=self.chance.choice("ABC"), by=STAFF, **facts)

    def context(self):
        partnership = self.one()
        organisation = partnership.parties[0].organisation
        parts.add(partnership, "context", organisation=organisation, text="Earlier work", by=STAFF)

    def part(self):
        merges = db.session.query(Merge).filter_by(decision=MergeDecision.JOINED, undone_at=None).all()
        if merges:
            merging.part(self.chance.choice(merges), by=STAFF)

    def outside(self):
        partnership = self.one()
        item = self.chance.choice(substantiation.choices(partnership))
        row = substantiation.ask(partnership, name="X", email="x@outside.example", item=item, by=STAFF)
        said = {"name": "X", "organisation": "Outside", "relation": "r", "statement": "s", "apart": True}
        substantiation.answer(row, yes=self.chance.random() < 0.8, seen=substantiation.digest(row), **said)

    def decide(self):
        partnership = self.one()
        says(partnership.parties[0], V.CORRECTED, typed={"core/title": self._title()})
        for proposal in corrections.open_proposals(partnership):
            self.chance.choice([corrections.accept, corrections.decline])(proposal, by=STAFF)

    def change_activity(self, partnership):
        row = self.chance.choice(partnership.activities)
        parts.change(partnership, "activity", row.id, title=self.chance.choice("ABC"), by=STAFF)

    def change_title(self, partnership):
        service.change(partnership, title=self._title(), by=STAFF)

    def _title(self):
        return self.chance.choice(["One", "Two"])
