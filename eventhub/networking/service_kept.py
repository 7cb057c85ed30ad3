"""Rules for the times that a participant keeps for themselves: nobody asks for them, and nobody hears why."""

from collections.abc import Collection
from datetime import datetime

from flask_babel import gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.errors import InvalidError
from eventhub.networking import queries_one_to_one as queries
from eventhub.networking.models_one_to_one import KeptTime
from eventhub.networking.queries_own import list_standing
from eventhub.networking.service_one_to_one import NoTimeError, check_may_meet, hold
from eventhub.networking.slots import overlaps
from eventhub.networking.states import OneToOneState
from eventhub.registration.models import Registration


def keep_times(registration: Registration, wanted: Collection[datetime], *, at: datetime | None = None) -> int:
    """The slots ahead (by their beginnings) that this participant keeps for themselves, in place of those before.

    Nobody asks for them any more. Returns how many; raises InvalidError where something is agreed in one.
    """
    now = at or clock.now()
    check_may_meet(registration)
    hold(registration.meeting_id)
    ahead = {slot.starts: slot for slot in queries.list_slots(registration.meeting_id) if slot.starts > now}
    agreed = [row for row in list_standing(registration.id) if row.state is OneToOneState.ACCEPTED]
    for starts in wanted:
        if starts not in ahead:
            raise NoTimeError(_("This time is no longer a slot. Look at the list again."), field="times")
        if any(overlaps(ahead[starts], row) for row in agreed):
            raise InvalidError(
                _("You agreed on a 1:1 meeting at a time that you want to keep. Move or cancel it first."),
                field="times",
            )
    before = {row.starts: row for row in queries.list_kept(registration.id) if row.starts > now}
    for starts in before.keys() - set(wanted):
        db.session.delete(before[starts])
    for starts in set(wanted) - before.keys():
        slot = ahead[starts]
        db.session.add(
            KeptTime(
                meeting_id=registration.meeting_id, registration_id=registration.id, starts=slot.starts, ends=slot.ends
            )
        )
    db.session.flush()
    me = directory.canonical(registration.person)
    by = Actor("participant", str(me.id), me.full_name)
    audit.record(by, "kept times for themselves", registration, times=len(set(wanted)))
    return len(set(wanted))
