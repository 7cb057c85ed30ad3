"""What all figures of a report are counted from, read once. The number of statements does not depend on the data."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import gettext as _

from eventhub import clock
from eventhub.db import db
from eventhub.directory.models import Organisation, Person
from eventhub.invitations.models import Quota
from eventhub.meetings import queries as meetings
from eventhub.meetings.models import Meeting
from eventhub.partnerships.models import FollowUp, Origin, Party
from eventhub.partnerships.models_commit import Commitment, CommitmentTelling
from eventhub.partnerships.models_follow import FollowUpAnswer, PersonFollowUp
from eventhub.partnerships.queries import Response
from eventhub.partnerships.states import FollowUpState
from eventhub.programme.models import Session
from eventhub.reports import ledger, queries
from eventhub.reports.ledger import Kept
from eventhub.reports.scope import Scope


@dataclass(frozen=True)
class Reply:
    """What the parties of one partnership said so many months after the meeting."""

    partnership: int
    months: int
    asked: int
    answered: int
    said: frozenset[str]  # activity | in_touch | nothing


class Facts:
    """The records in a scope, as of a day."""

    def __init__(self, scope: Scope, *, outward: bool = False) -> None:
        self.scope = scope
        self.outward = outward  # for readers outside: no person is named
        self.as_of: date = clock.today()
        self.meetings: list[Meeting] = scope.meetings
        self.every_sector = meetings.list_sectors()
        self.sectors: dict[int, str] = {sector.id: sector.name for sector in self.every_sector}
        self.organisations = organisations()
        self.kept: list[Kept] = scope.chosen(ledger.read(), self.organisations)
        self._lands: dict[int, list[str]] = {}
        self.counted = [row for row in self.kept if row.counted]
        self.reported = [row for row in self.kept if not row.counted]

    @property
    def response(self) -> Response:
        """Of the parties asked to confirm the facts, how many answered anything at all."""
        return Response(sum(row.answered for row in self.kept), sum(row.asked for row in self.kept))

    @cached_property
    def people(self) -> dict[int, queries.People]:
        """The adults of each meeting, of the sector and country in question."""
        found = queries.people(self.meetings)
        if self.scope.narrowed:
            for one in found.values():
                self._narrow(one)
        return found

    def _narrow(self, one: queries.People) -> None:
        sector = self.scope.sector.id if self.scope.sector else None
        here = {
            person
            for person in one.registered or ()
            if (sector is None or one.sector.get(person) == sector)
            and (not self.scope.country or one.country.get(person) == self.scope.country)
        }
        for name in ("nominated", "registered", "confirmed", "attended"):
            group = getattr(one, name)
            setattr(one, name, None if group is None else group & here)
        one.introduced &= here
        one.listed = {
            ident: (its, country)
            for ident, (its, country) in one.listed.items()
            if (sector is None or its == sector) and (not self.scope.country or country == self.scope.country)
        }

    @cached_property
    def invited(self) -> dict[int, queries.Invited]:
        return queries.invited(self.meetings)

    @cached_property
    def sensitive(self) -> bool:
        """Whether children or people at risk could be seen in small numbers of people."""
        return queries.could_show_somebody(self.meetings)

    @property
    def silent_on_people(self) -> bool:
        """Whether nothing is said of people, because the filters could single somebody out."""
        return self.scope.narrowed and self.sensitive

    @cached_property
    def replies(self) -> list[Reply]:
        """What was asked and answered later, of the partnerships in question."""
        ids = {row.id for row in self.kept}
        asked: Counter[tuple[int, int]] = Counter()
        answered: Counter[tuple[int, int]] = Counter()
        said: dict[tuple[int, int], set[str]] = defaultdict(set)
        for partnership, months, replied, words in (*_by_party(), *_by_person()):
            if partnership in ids:
                asked[partnership, months] += 1
                answered[partnership, months] += replied
                said[partnership, months].update(words)
        return [Reply(*key, n, answered[key], frozenset(said[key])) for key, n in sorted(asked.items())]

    @cached_property
    def quotas(self) -> list[tuple[int, int, str, int]]:
        """(meeting, sector, country, seats) of the quotas; the country is "" for a whole sector."""
        ids = [meeting.id for meeting in self.meetings]
        rows = db.session.execute(
            sa.select(Quota.meeting_id, Quota.sector_id, Quota.country, Quota.seats)
            .where(Quota.meeting_id.in_(ids))
            .order_by(Quota.meeting_id, Quota.sector_id, Quota.country)
        )
        # of one country only seats of that country can be compared with people of it
        chosen = self.scope.sector.id if self.scope.sector else None
        return [
            (meeting, sector, country, seats)
            for meeting, sector, country, seats in rows
            if (chosen is None or sector == chosen) and (not self.scope.country or country == self.scope.country)
        ]

    @cached_property
    def commitments(self) -> list[Any]:
        """What the delegations promised, as plain rows; ``tellings`` is how often somebody said how it stands."""
        rows: Iterable[Any] = db.session.execute(
            sa.select(
                Commitment.meeting_id,
                Commitment.organisation_id,
                Commitment.state,
                Commitment.due,
                Commitment.due_precision,
                sa.select(sa.func.count(CommitmentTelling.id))
                .where(CommitmentTelling.commitment_id == Commitment.id)
                .scalar_subquery()
                .label("tellings"),
            ).where(Commitment.meeting_id.in_([meeting.id for meeting in self.meetings]))
        )
        sector, country = self.scope.sector, self.scope.country
        return [
            row
            for row in rows
            for home in [self.organisations[row.organisation_id]]
            if (sector is None or home.sector_id == sector.id) and (not country or home.country == country)
        ]

    @cached_property
    def sessions(self) -> dict[int, str]:
        """The sessions of the meetings in question that are over, without breaks, and whichever else a partnership began
        in: by id the title, with its year where several have the same."""
        began = {row.session_id for row in self.kept if row.session_id is not None}
        here = sa.and_(
            Session.meeting_id.in_([meeting.id for meeting in self.meetings]),
            Session.kind != "break",
            Session.ends <= clock.now(),
        )
        rows = db.session.execute(
            sa.select(Session.id, Session.title, Meeting.year, Meeting.title)
            .join(Meeting, Meeting.id == Session.meeting_id)
            .where(sa.or_(Session.id.in_(began), here))
            .order_by(Session.starts, Session.id)
        ).all()
        often = Counter(title for _id, title, _year, _meeting in rows)
        a_year = Counter((title, year) for _id, title, year, _meeting in rows)
        return {
            ident: title
            if often[title] == 1
            else f"{year}: {title}"
            if a_year[title, year] == 1
            else f"{meeting}: {title}"
            for ident, title, year, meeting in rows
        }

    @cached_property
    def introducers(self) -> dict[int, str]:
        """The names of those who introduced people, where they may be listed."""
        ids = {row.introducer_id for row in self.kept if row.introducer_id is not None}
        if self.outward:
            return dict.fromkeys(ids, _("a participant"))
        rows = db.session.execute(
            sa.select(Person.id, Person.full_name).where(Person.id.in_(ids), ~Person.at_risk, ~Person.is_child)
        )
        return dict(rows.all())  # type: ignore[arg-type]

    def countries(self, row: Kept) -> list[str]:
        """The countries of a partnership's parties, each once; "" for one that is not noted."""
        found = self._lands.get(row.id)
        if found is None:
            found = self._lands[row.id] = sorted({self.organisations[ident].country or "" for ident in row.parties})
        return found


class Home(NamedTuple):
    """An organisation, as every figure reads it."""

    id: int
    name: str
    country: str
    sector_id: int | None


def organisations() -> dict[int, Home]:
    """Every organisation by id, also those that were merged into others."""
    its = Organisation.__table__.c  # rows and no records: a third of the time
    rows = db.session.execute(sa.select(its.id, its.name, its.country, its.sector_id)).all()
    return {home.id: home for home in map(Home._make, rows)}


_ASKED = (FollowUpState.SENT, FollowUpState.ANSWERED, FollowUpState.OVERDUE)


def _by_party() -> Iterable[tuple[int, int, bool, set[str]]]:
    """(partnership, months, replied, what was said) of every party that was asked by itself."""
    rows: Iterable[Any] = db.session.execute(
        sa.select(FollowUp.partnership_id, FollowUp.months, FollowUp.state, FollowUp.answer).where(
            FollowUp.state.in_(_ASKED)
        )
    )
    for partnership, months, state, answer in rows:
        replied = state is FollowUpState.ANSWERED
        yield partnership, months, replied, {answer.get("what", "")} if replied else set()


def _by_person() -> Iterable[tuple[int, int, bool, set[str]]]:
    """The same of every focal person who was asked about everybody met at the meeting."""
    rows: Iterable[Any] = db.session.execute(
        sa.select(
            Party.partnership_id,
            PersonFollowUp.months,
            FollowUpAnswer.in_contact,
            FollowUpAnswer.together,
        )
        .join(Origin, Origin.partnership_id == Party.partnership_id)
        .join(
            PersonFollowUp,
            sa.and_(PersonFollowUp.person_id == Party.focal_person_id, PersonFollowUp.meeting_id == Origin.meeting_id),
        )
        .outerjoin(
            FollowUpAnswer,
            sa.and_(
                FollowUpAnswer.follow_up_id == PersonFollowUp.id, FollowUpAnswer.partnership_id == Party.partnership_id
            ),
        )
        .where(PersonFollowUp.state.in_(_ASKED))
    )
    for partnership, months, in_contact, together in rows:
        replied = in_contact is not None or together is not None
        words = {"activity"} if together else {"in_touch"} if in_contact else {"nothing"} if replied else set()
        yield partnership, months, replied, words
