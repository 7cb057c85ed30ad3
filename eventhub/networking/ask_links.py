"""Where lists of people lead to: asking somebody for a 1:1 meeting, or the one that stands with them."""

from collections.abc import Callable

from flask import url_for
from flask_babel import gettext as _

from eventhub import clock
from eventhub.networking import queries_own
from eventhub.networking.models import Profile
from eventhub.networking.queries_one_to_one import is_open
from eventhub.registration.models import Registration

Link = tuple[str, str]  # label, address


def links(registration: Registration, token: str) -> Callable[[Profile], Link | None]:
    """For a reader: what a page offers beside each profile; None where the person did not agree to be asked."""
    now = clock.now()
    if not is_open(registration.meeting_id, at=now):
        return lambda _profile: None
    standing = queries_own.between(registration, at=now)

    def link(profile: Profile) -> Link | None:
        other = profile.registration_id
        if other in standing:
            return _("Our 1:1 meeting"), url_for("one_to_one.show", token=token, one_to_one_id=standing[other])
        if not profile.may_be_asked or other == registration.id:
            return None
        return _("Ask for a 1:1 meeting"), url_for("one_to_one.ask", token=token, registration_id=other)

    return link
