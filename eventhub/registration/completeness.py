"""What a registration still lacks before it can be confirmed, in words for the person."""

from flask_babel import gettext as _

from eventhub.meetings.models import Meeting
from eventhub.registration import queries
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.safeguarding import queries as safeguarding_queries
from eventhub.safeguarding import service as safeguarding
from eventhub.safeguarding.models import ChaperoneRole
from eventhub.safeguarding.queries import Answerable


def missing(registration: Registration, meeting: Meeting) -> list[str]:
    """What must still happen; empty when the registration is complete."""
    if registration.is_child:
        return missing_of_children([registration], meeting)[registration.id]
    if meeting.code_of_conduct and registration.code_of_conduct_at is None:
        return [_("The code of conduct has not been accepted yet.")]
    return []


def missing_of_children(
    registrations: list[Registration], meeting: Meeting, known: Answerable | None = None
) -> dict[int, list[str]]:
    """What each child still lacks, in a fixed number of queries: consents, guardian, and an adult who is coming."""
    known = known or safeguarding_queries.answerable([r.person_id for r in registrations], meeting.id)
    lacking, carers = safeguarding.missing_of([r.person for r in registrations], meeting, known), known.carers
    adults = [row.adult_id for rows in carers.values() for row in rows if row.role is ChaperoneRole.ADULT]
    coming = queries.registrations_of(adults, meeting.id) if adults else {}
    found = {}
    for registration in registrations:
        words = list(lacking[registration.person_id])
        for row in carers.get(registration.person_id, []):
            theirs = coming.get(row.adult_id)
            if row.role is ChaperoneRole.ADULT and (theirs is None or theirs.state is not RegistrationState.CONFIRMED):
                words.append(_("The named adult's own registration is not confirmed yet."))
        found[registration.id] = words
    return found
