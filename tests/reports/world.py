"""A small network and what may happen to it, at random: people come and cancel, parties confirm, correct, dispute and
answer later, records are joined and parted, organisations and people are merged and told apart again."""

from datetime import date, timedelta

import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.directory.models import Organisation, Person, Precision
from eventhub.invitations.models import Quota
from eventhub.invitations.states import NomineeRole
from eventhub.meetings.states import MeetingState
from eventhub.partnerships import (
    attendance,
    commitments,
    follow_ups,
    merging,
    parts,
    service,
    verification,
)
from eventhub.partnerships.models import FollowUp, Partnership
from eventhub.partnerships.models_commit import Commitment
from eventhub.partnerships.states import (
    CommitmentState,
    FollowUpState,
    Influence,
    LevelKind,
    OriginKind,
    PartnershipState,
    ThemeScheme,
    Visibility,
)
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from tests.factories.basics import a_meeting, a_sector, a_series
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import a_partnership, an_introduction
from tests.factories.reports import invite, let_in, nominate, register
from tests.partnerships.doings import STAFF, Doings

EXACTNESS = (Precision.DAY, Precision.MONTH, Precision.QUARTER, Precision.YEAR)
SAID = ("exchanges_information", "alters_activities", "shares_resources", "enhances_capacity")


class World(Doings):
    """Three editions, six organisations, five partnerships; ``step`` does one thing."""

    AGREE = (7, 0.85)

    def __init__(self, seed):
        super().__init__(seed)
        chance = self.chance
        self.series = a_series(secretariat="River Secretariat")
        self.meetings = [
            a_meeting(MeetingState.OVER, series=self.series, starts=date(year, 7, 1), ends=date(year, 7, 3))
            for year in (2019, 2021, 2022)
        ]
        sectors = [a_sector(code) for code in ("coalition", "environment", "")[:2]]
        lands = ("KH", "KH", "JP", "NP", "", "PH")
        names = [{"name": "River Secretariat"}, *[{}] * 5]
        self.homes = [
            an_organisation(country=land, sector=chance.choice([*sectors, None]), **name)
            for land, name in zip(lands, names, strict=True)
        ]
        self.people = [a_person(home, country=home.country) for home in self.homes for _twice in range(2)]
        for meeting in self.meetings[1:]:
            invited = {home.id: invite(meeting, home) for home in self.homes}
            for person in chance.sample(self.people, 7):
                role = NomineeRole.ALTERNATE if chance.random() < 0.2 else NomineeRole.DELEGATE
                nominate(invited[person.affiliations[0].organisation_id], person, role=role)
                register(meeting, person, sector=chance.choice([*sectors, None]))
                if chance.random() < 0.7:
                    let_in(meeting, person)
            for sector, land in ((sectors[0], ""), (sectors[1], ""), (sectors[0], "KH")):
                db.session.add(Quota(meeting_id=meeting.id, sector_id=sector.id, country=land, seats=4))
        for meeting, home in [(self.meetings[0], home) for home in self.homes[:3]] + [
            (self.meetings[1], self.homes[5])
        ]:
            attendance.note(meeting=meeting, organisation=home, counts={"adult": 2}, by=STAFF)
        for number in range(4):
            self._begin(chance.choice(self.meetings), through=number % 2)
        service.create(
            parties=[row.organisation for row in self.one().parties], meeting=self.meetings[0], title="Again", by=STAFF
        )
        for home in self.homes[1:4]:
            commitments.promise(meeting=chance.choice(self.meetings), organisation=home, text="We will", by=STAFF)
        db.session.commit()

    def _begin(self, meeting, *, through):
        one, other = self.chance.sample(self.people, 2)
        if one.affiliations[0].organisation_id == other.affiliations[0].organisation_id:
            other = next(
                p for p in self.people if p.affiliations[0].organisation_id != one.affiliations[0].organisation_id
            )
        pair = [person.affiliations[0].organisation for person in (one, other)]
        if not through:
            return a_partnership(meeting, parties=pair, focal=(one, other))
        by = next(p for p in self.people if p not in (one, other))
        introduction = an_introduction(meeting, people=(one, other), introduced_by=self.chance.choice([by, None]))
        return service.create_from_introduction(introduction, by=STAFF)

    def doings(self):
        return [
            *[self.answer] * 4, self.ask, self.act, self.act, self.correct, self.stage, self.say_more, self.begin_again, self.join,
            self.part, self.outside, self.decide, self.hide, self.same_organisation, self.same_person, self.told_later,
            self.told_later, self.promise, self.registration, self.move, self.endanger, self.context,
        ]  # fmt: skip

    def ask(self):
        verification.ask(self.chance.choice(self.one().parties), by=STAFF)

    def act(self):
        day = date(2019, 6, 1) + timedelta(days=self.chance.randrange(2000))
        facts = {"start": day, "start_precision": self.chance.choice(EXACTNESS)} if self.chance.random() < 0.8 else {}
        self.add(**facts)

    def correct(self):
        partnership = self.one()
        if partnership.activities and self.chance.random() < 0.5:
            self.change_activity(partnership)
        elif partnership.activities and self.chance.random() < 0.3:
            parts.remove(partnership, "activity", partnership.activities[0].id, by=STAFF)
        else:
            self.change_title(partnership)

    def stage(self):
        said = {name: self.chance.choice([True, True, False, None]) for name in SAID}
        day = date(2021, 1, 1) + timedelta(days=self.chance.randrange(900))
        parts.add(self.one(), "stage", by=STAFF, stated_on=day, **said)

    def say_more(self):
        partnership = self.one()
        if self.chance.random() < 0.5:
            service.change(partnership, levels=self.chance.sample(list(LevelKind), 2), by=STAFF)
        elif self.chance.random() < 0.5:
            parts.add(
                partnership, "theme", scheme=ThemeScheme.OWN, label=self.chance.choice(["Heat", "16.2"]), by=STAFF
            )
        else:
            parts.add(partnership, "theme", scheme=ThemeScheme.SDG, code=self.chance.choice(["16.2", "8.7"]), by=STAFF)

    def begin_again(self):
        day = date(2019, 1, 1) + timedelta(days=self.chance.randrange(1200))
        service.set_origin(
            self.one(), influence=self.chance.choice(list(Influence)), kind=self.chance.choice(list(OriginKind)),
            first_contact=day, first_contact_precision=self.chance.choice(EXACTNESS), by=STAFF,
        )  # fmt: skip

    def join(self):
        rows = self.rows()
        pairs = [(a, b) for a in rows for b in rows if a is not b and _homes(a) & _homes(b)]
        if pairs:
            merging.join(*self.chance.choice(pairs), by=STAFF)

    def hide(self):
        visibility = self.chance.choice([Visibility.HIDDEN] + [Visibility.INTERNAL] * 3)
        for row in db.session.query(Partnership).filter_by(visibility=Visibility.HIDDEN):
            service.change(row, visibility=Visibility.INTERNAL, by=STAFF)
        service.change(self.one(), visibility=visibility, by=STAFF)

    def endanger(self):
        for row in db.session.query(Person).filter_by(at_risk=True):
            row.at_risk = False
        if self.chance.random() < 0.3:
            self.chance.choice(self.people).at_risk = True

    def same_organisation(self):
        self._same(Organisation, self.homes)

    def same_person(self):
        self._same(Person, self.people)

    def _same(self, model, among):
        merged = db.session.query(model).filter(model.merged_into_id.is_not(None)).all()
        if merged and self.chance.random() < 0.6:
            directory.undo_merge(self.chance.choice(merged), by=STAFF)
        else:
            directory.merge(*self.chance.sample(among, 2), by=STAFF)

    def told_later(self):
        partnership = self.one()
        with clock.frozen(clock.now().replace(year=2022, month=7, day=10)):
            follow_ups.schedule(partnership)
        rows = db.session.query(FollowUp).filter_by(partnership_id=partnership.id).order_by(FollowUp.id).all()
        if rows:
            row = self.chance.choice(rows)
            row.state = self.chance.choice([FollowUpState.SENT, FollowUpState.ANSWERED, FollowUpState.OVERDUE])
            what = self.chance.choice(["activity", "in_touch", "nothing"])
            row.answer = {"what": what} if row.state is FollowUpState.ANSWERED else {}

    def promise(self):
        row = self.chance.choice(db.session.query(Commitment).order_by(Commitment.id).all())
        commitments.tell(
            row, state=self.chance.choice(list(CommitmentState)), words=str(self.chance.random()), by=SYSTEM
        )

    def registration(self):
        row = self.chance.choice(db.session.query(Registration).order_by(Registration.id).all())
        states = (RegistrationState.CONFIRMED, RegistrationState.CANCELLED, RegistrationState.WAITING)
        db.session.execute(
            sa.update(Registration).where(Registration.id == row.id).values(state=self.chance.choice(states))
        )

    def move(self):
        service.move(self.one(), self.chance.choice(list(PartnershipState)), by=STAFF)


def _homes(row):
    return {party.organisation_id for party in row.parties}
