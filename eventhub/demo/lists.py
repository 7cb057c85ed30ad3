"""What a list of the first edition's time says of who was there: some people by name, some organisations by a number."""

import sqlalchemy as sa

from eventhub.db import db
from eventhub.demo.editions import SECRETARIAT, Edition
from eventhub.directory.models import Organisation
from eventhub.partnerships import attendance

SIGNED = "Signed list of the first day (invented)"
REPORT = "Report of the meeting, page 3: a number, no names (invented)"


def fill(edition: Edition) -> None:
    """Half of those who came signed; of three organisations more only a number is known, and of one not even that."""
    here = edition.confirmed
    for registration in here[::2]:
        if registration.organisation is not None and not registration.person.at_risk:
            attendance.note(
                meeting=edition.meeting, organisation=registration.organisation, person=registration.person,
                source=SIGNED, by=SECRETARIAT,
            )  # fmt: skip
    known = {registration.organisation_id for registration in here}
    others = db.session.scalars(
        sa.select(Organisation)
        .where(Organisation.id.not_in(known), Organisation.merged_into_id.is_(None))
        .order_by(Organisation.id)
        .limit(4)
    )
    for organisation, counts in zip(
        others, ({"adult": 2}, {"adult": 3, "young": 1}, {"adult": 1, "young": 0}, {}), strict=False
    ):
        attendance.note(
            meeting=edition.meeting, organisation=organisation, counts=counts, source=REPORT, by=SECRETARIAT
        )
