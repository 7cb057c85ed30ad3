"""The matrix of target and actual: seats and people by sector and country."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from eventhub.db import db
from eventhub.directory.models import Organisation, Person
from eventhub.invitations.models import Invitation, Nomination, Quota
from eventhub.invitations.queries import LIVE
from eventhub.invitations.states import SEATED, STANDING, InvitationState, NominationState
from eventhub.meetings.models import Sector

_Key = tuple[int | None, str]  # sector, country
_COUNTRY = sa.func.coalesce(Organisation.country, Person.country, "")  # of who is invited


@dataclass(frozen=True)
class QuotaLine:
    """One line of the matrix: seats of a sector, of all countries (``country`` empty) or of one. Target may be unset."""

    sector: Sector | None
    country: str
    target: int | None
    drafted: int
    invited: int
    accepted: int
    nominated: int
    registered: int

    @property
    def committed(self) -> int:
        """Seats that are promised or about to be."""
        return self.drafted + self.invited

    @property
    def over(self) -> int:
        return max(0, self.committed - self.target) if self.target is not None else 0


def list_quota_lines(meeting_id: int, registered: Mapping[_Key, int] | None = None) -> list[QuotaLine]:
    """The matrix of target and actual: every sector in the list's order, below it the countries with a target.

    ``registered`` are people by sector and country, from who knows registrations; without it only nominees count.
    """
    quotas = {(q.sector_id, q.country): q.seats for q in _list_quotas(meeting_id)}
    seats, people = _seats(meeting_id), _people(meeting_id)
    lines = []
    for sector in [*db.session.scalars(sa.select(Sector).order_by(Sector.position, Sector.name)), None]:
        ident = sector.id if sector else None
        countries = sorted(country for sector_id, country in quotas if sector_id == ident and country)
        for country in ["", *countries]:
            counts = _sums(seats, people, ident, country)
            if registered is not None:
                counts["registered"] = _sum(registered, ident, country)
            target = quotas.get((ident, country)) if ident else None
            if sector is not None or any(counts.values()):
                lines.append(QuotaLine(sector, country, target, **counts))
    return lines


def _list_quotas(meeting_id: int) -> list[Quota]:
    return list(db.session.scalars(sa.select(Quota).where(Quota.meeting_id == meeting_id)))


def _seats(meeting_id: int) -> dict[tuple[_Key, InvitationState], int]:
    wanted = (
        sa.select(Invitation.sector_id, _COUNTRY, Invitation.state, sa.func.sum(Invitation.seats))
        .outerjoin(Organisation, Invitation.organisation_id == Organisation.id)
        .outerjoin(Person, Invitation.person_id == Person.id)
        .where(Invitation.meeting_id == meeting_id)
        .group_by(Invitation.sector_id, _COUNTRY, Invitation.state)
    )
    return {((sector, where), state): int(n) for sector, where, state, n in db.session.execute(wanted)}


def _people(meeting_id: int) -> dict[tuple[_Key, NominationState], int]:
    wanted = (
        sa.select(Invitation.sector_id, _COUNTRY, Nomination.state, sa.func.count())
        .join(Invitation, Nomination.invitation_id == Invitation.id)
        .outerjoin(Organisation, Invitation.organisation_id == Organisation.id)
        .outerjoin(Person, Invitation.person_id == Person.id)
        .where(Invitation.meeting_id == meeting_id, Nomination.state.in_(STANDING), Nomination.role.in_(SEATED))
        .group_by(Invitation.sector_id, _COUNTRY, Nomination.state)
    )
    return {((sector, where), state): int(n) for sector, where, state, n in db.session.execute(wanted)}


def _sums(
    seats: dict[tuple[_Key, InvitationState], int],
    people: dict[tuple[_Key, NominationState], int],
    sector_id: int | None,
    country: str,
) -> dict[str, int]:
    def total(counts: Mapping[tuple[_Key, Any], int], *states: Any) -> int:
        return sum(
            _sum({key: n for (key, at), n in counts.items() if at == state}, sector_id, country) for state in states
        )

    return {
        "drafted": total(seats, InvitationState.DRAFT),
        "invited": total(seats, *LIVE),
        "accepted": total(seats, InvitationState.ACCEPTED),
        "nominated": total(people, *STANDING),
        "registered": total(people, NominationState.REGISTERED),
    }


def _sum(counts: Mapping[_Key, int], sector_id: int | None, country: str) -> int:
    return sum(n for (sector, where), n in counts.items() if sector == sector_id and (not country or where == country))
