"""What one participant sees of their introductions: with whom, who said what, and whose address they may have.

A child stands on no such page. Who is at risk stands on the other's page only after saying yes themselves.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload, selectinload

from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.directory.models import Affiliation, Person
from eventhub.directory.names import fold
from eventhub.errors import NotFoundError
from eventhub.networking.models import Introduction
from eventhub.networking.queries import Standing, is_listed, standing
from eventhub.programme.models import Session, SignUp
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState

LINGERS = timedelta(minutes=20)  # people talk on after a session


class Met(NamedTuple):
    """One introduction from one side."""

    introduction: Introduction
    side: str  # mine: "a" or "b"
    other: Person
    organisation: str
    standing: Standing
    answer: bool | None  # mine
    shares: bool  # whether I let the other have my address
    email: str  # the other's, where I may have it; else ""

    @property
    def is_open(self) -> bool:
        """Whether my answer is wanted."""
        return self.answer is None


def list_met(registration: Registration) -> list[Met]:
    """Whom this participant met at the meeting: what waits for an answer first, then the newest."""
    family = directory.family_ids(directory.canonical(registration.person))
    rows = db.session.scalars(
        sa.select(Introduction)
        .where(
            Introduction.meeting_id == registration.meeting_id,
            sa.or_(Introduction.a_id.in_(family), Introduction.b_id.in_(family)),
        )
        .options(
            joinedload(Introduction.session),
            *(_with_organisation(side) for side in (Introduction.a, Introduction.b)),
        )
        .order_by(Introduction.id.desc())
    )
    seen = [_seen(row, "a" if row.a_id in family else "b") for row in rows]
    return sorted((met for met in seen if _may_stand(met)), key=lambda met: not met.is_open)


def _with_organisation(side: sa.orm.QueryableAttribute[Person]) -> sa.orm.interfaces.ORMOption:
    return joinedload(side).options(selectinload(Person.affiliations).joinedload(Affiliation.organisation))


def _seen(row: Introduction, side: str) -> Met:
    theirs = "b" if side == "a" else "a"
    other = directory.canonical(row.b if side == "a" else row.a)
    organisation = directory.current_organisation(other)
    both = standing(row)
    may_write = both is Standing.CONFIRMED and getattr(row, f"{theirs}_shares")
    return Met(
        introduction=row,
        side=side,
        other=other,
        organisation=organisation.name if organisation else "",
        standing=both,
        answer=getattr(row, f"{side}_answer"),
        shares=getattr(row, f"{side}_shares"),
        email=other.email if may_write else "",
    )


def _may_stand(met: Met) -> bool:
    agreed = bool(getattr(met.introduction, "b_answer" if met.side == "a" else "a_answer"))
    return not met.other.is_child and (is_listed(met.other) or agreed)


def get_met(registration: Registration, introduction_id: int) -> Met:
    """One of them; raises NotFoundError for another's."""
    for met in list_met(registration):
        if met.introduction.id == introduction_id:
            return met
    raise NotFoundError(_("This is not one of the people you met. Go back to your own page."))


def list_named(meeting_id: int, text: str) -> list[Registration]:
    """Adults who take part under exactly this name, as it stands on a badge. Never children, never people at risk."""
    folded = fold(text[:200])
    if not folded:
        return []
    rows = db.session.scalars(
        sa.select(Registration)
        .join(Person, Person.id == Registration.person_id)
        .where(
            Registration.meeting_id == meeting_id,
            Registration.state == RegistrationState.CONFIRMED,
            ~Registration.is_child,
            ~Person.is_child,
            ~Person.at_risk,
            *(Person.search_text.contains(word, autoescape=True) for word in folded.split()),
        )
        .options(joinedload(Registration.person))
        .limit(50)
    )
    return [row for row in rows if folded in {fold(row.person.full_name), fold(row.person.latin_name)}]


def session_on_now(registration: Registration, *, at: datetime) -> Session | None:
    """In which session this person is, by the programme: their own sign-up, or the only one; None when several are."""
    on = list(
        db.session.scalars(
            sa.select(Session).where(
                Session.meeting_id == registration.meeting_id,
                Session.starts <= at,
                Session.ends > at - LINGERS,
                Session.kind != "break",
            )
        )
    )
    signed_up = set(
        db.session.scalars(
            sa.select(SignUp.session_id).where(
                SignUp.registration_id == registration.id,
                SignUp.withdrawn_at.is_(None),
                SignUp.session_id.in_([session.id for session in on]),
            )
        )
    )
    own = [session for session in on if session.id in signed_up] or on
    return own[0] if len(own) == 1 else None
