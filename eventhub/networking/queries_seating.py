"""Looking up wishes and seatings."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.networking import queries_offers
from eventhub.networking.models import Profile
from eventhub.networking.models_seating import SeatingConsent, Wish
from eventhub.registration.models import Registration


def find_consent(registration_id: int) -> SeatingConsent | None:
    return db.session.get(SeatingConsent, registration_id)


def list_wishes(registration_id: int) -> list[Wish]:
    """A participant's wishes, the dearest first, whoever they are about now."""
    return list(db.session.scalars(sa.select(Wish).where(Wish.by_id == registration_id).order_by(Wish.place, Wish.id)))


def _wishable(registration: Registration) -> sa.Select[Any]:
    """Others in the list who agreed to be asked for 1:1 meetings."""
    return queries_offers.shown(registration.meeting_id).where(
        Profile.may_be_asked,
        Profile.registration_id != registration.id,
        Registration.person_id != registration.person_id,
    )


def list_wishable(registration: Registration) -> list[Registration]:
    """Whom this participant may wish for, by name, those on their list among them."""
    return list(
        db.session.scalars(
            _wishable(registration)
            .with_only_columns(Registration)
            .options(joinedload(Registration.person), joinedload(Registration.organisation))
            .order_by(Person.sort_key, Registration.id)
        )
    )


def may_wish_for(registration: Registration, whom_id: int) -> bool:
    found = _wishable(registration).where(Profile.registration_id == whom_id).with_only_columns(Profile.id)
    return db.session.scalar(found) is not None
