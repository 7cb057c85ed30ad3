"""Quotas: how many seats a sector, or a sector of one country, should have. They warn and never block."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from sqlalchemy.exc import IntegrityError

from eventhub import audit
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.invitations import queries, queries_quotas
from eventhub.invitations.models import Invitation, Quota
from eventhub.invitations.queries_quotas import QuotaLine
from eventhub.invitations.states import InvitationState
from eventhub.meetings import queries as meetings
from eventhub.meetings import service as meetings_service
from eventhub.meetings.models import Meeting, Sector


@dataclass(frozen=True)
class Overrun:
    """A quota that would be passed: the line of the matrix, and the seats beyond the target."""

    line: QuotaLine
    seats: int


def set_quota(*, meeting: Meeting, sector: Sector, country: str = "", seats: int | None, by: Actor) -> Quota | None:
    """Set the target of a sector (of all countries, or of one); None takes it away. Twice is once."""
    lock(Meeting, meeting.id)  # two presses make one row
    quota = queries.find_quota(meeting.id, sector.id, country)
    before = quota.seats if quota else None
    if seats is None:
        if quota is not None:
            audit.record(by, "removed", quota, sector=sector.code, country=country, before=before)
            db.session.delete(quota)
            db.session.flush()
        return None
    if quota is None:
        quota = Quota(meeting_id=meeting.id, sector=sector, country=country, seats=seats)
        db.session.add(quota)
    quota.seats = seats
    db.session.flush()
    if before != seats:
        audit.record(by, "set", quota, sector=sector.code, country=country, before=before, seats=seats)
    return quota


def add_sector(name: str, *, by: Actor) -> Sector:
    """The sector of this name; made at the end of the list when it is new. Twice is once."""
    known = meetings.list_sectors()
    same = [sector for sector in known if sector.name.casefold() == name.casefold()]
    if same:
        return same[0]
    base = meetings_service.slugify(name)[:30] or "sector"
    codes = {sector.code for sector in known}
    code = next(c for n in count(1) if (c := base if n == 1 else f"{base}-{n}") not in codes)
    position = 1 + max((sector.position for sector in known), default=0)
    try:
        with db.session.begin_nested():
            sector = meetings_service.add_sector(code=code, name=name, position=position)
    except IntegrityError:  # another press took the code in this moment: look again
        return add_sector(name, by=by)
    audit.record(by, "created", sector)
    return sector


def overruns(meeting: Meeting, invitations: Iterable[Invitation]) -> list[Overrun]:
    """The quotas that would be passed if these invitations were sent too.

    Drafts are plans: beside the seats already promised only these invitations count, each once.
    """
    planned = [i for i in invitations if i.state not in queries.LIVE]
    found = []
    for line in queries_quotas.list_quota_lines(meeting.id):
        if line.target is None or line.sector is None:
            continue
        more = sum(
            i.seats
            for i in planned
            if i.sector_id == line.sector.id and (not line.country or i.country == line.country)
        )
        if more and line.invited + more > line.target:
            found.append(Overrun(line, line.invited + more - line.target))
    return found


def is_over(overrun: Overrun, invitation: Invitation) -> bool:
    """Whether this invitation is one of those that pass the quota."""
    sector = overrun.line.sector
    return (
        sector is not None
        and invitation.sector_id == sector.id
        and invitation.state is not InvitationState.ACCEPTED
        and (not overrun.line.country or invitation.country == overrun.line.country)
    )
