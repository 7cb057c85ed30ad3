"""Looking up badges: by code, per registration, and whom a print run is for.

A badge is valid while it is neither revoked nor replaced *and* its registration is confirmed; the second half is
derived here, never stored.
"""

import base64
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy.orm import aliased, contains_eager, joinedload

from eventhub.badges import cards
from eventhub.badges.models import Badge, BadgeState
from eventhub.badges.qr import qr_svg
from eventhub.db import db, page_of
from eventhub.directory.models import Organisation, Person
from eventhub.errors import NotFoundError
from eventhub.meetings.models import Meeting
from eventhub.registration.columns import IS_CHILD, ON_PAPER
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationRole, RegistrationState
from eventhub.security import token
from eventhub.waits import Wait

ROWS = 50  # of a page
# what people mix up when they type a code that has no I, L and O
_MEANT = str.maketrans("ILO", "110")


def read_code(text: str) -> str:
    """The code in what somebody typed or a scanner sent: the bare code, in groups, in small letters, or the address."""
    last = text.strip().rstrip("/").rsplit("/", 1)[-1].upper()
    return re.sub(r"[^0-9A-Z]", "", last).translate(_MEANT)


def find_badge(code: str) -> Badge | None:
    """The badge of a code as it was typed or scanned, whatever its state; None for a code that nobody issued."""
    return db.session.scalar(
        sa.select(Badge).where(Badge.code == read_code(code)).options(joinedload(Badge.registration))
    )


def get_badge(meeting_id: int, badge_id: int) -> Badge:
    """A badge of the meeting; raises NotFoundError."""
    badge = db.session.get(Badge, badge_id, options=[joinedload(Badge.registration).joinedload(Registration.person)])
    if badge is None or badge.registration.meeting_id != meeting_id:
        raise NotFoundError(_("There is no such badge in this meeting."))
    return badge


def held_badge(registration_id: int) -> Badge | None:
    """The badge that is neither revoked nor replaced, whatever the registration's state."""
    return db.session.scalar(
        sa.select(Badge).where(Badge.registration_id == registration_id, Badge.state == BadgeState.VALID)
    )


def newest_badge(registration_id: int) -> Badge | None:
    """The last badge issued, whatever became of it."""
    return db.session.scalar(
        sa.select(Badge).where(Badge.registration_id == registration_id).order_by(Badge.id.desc()).limit(1)
    )


def valid_badge(registration_id: int) -> Badge | None:
    """The badge that opens the door now; None when there is none or the registration is not confirmed."""
    return db.session.scalar(
        sa.select(Badge)
        .join(Registration, Registration.id == Badge.registration_id)
        .where(
            Badge.registration_id == registration_id,
            Badge.state == BadgeState.VALID,
            Registration.state == RegistrationState.CONFIRMED,
        )
    )


def is_valid(badge: Badge) -> bool:
    """Whether the badge opens a door: it stands, and so does the registration behind it."""
    return badge.state is BadgeState.VALID and badge.registration.state is RegistrationState.CONFIRMED


# the code of conduct comes first: no badge without it
_CONDUCT = sa.or_(
    sa.select(Meeting.code_of_conduct).where(Meeting.id == Registration.meeting_id).scalar_subquery() == "",
    Registration.code_of_conduct_at.is_not(None),
)


def ids_without_badge(meeting_id: int) -> list[int]:
    """Registrations that are confirmed and complete and never had a badge; a revoked one comes back only by hand."""
    held = sa.exists().where(Badge.registration_id == Registration.id)
    return list(
        db.session.scalars(
            sa.select(Registration.id)
            .where(
                Registration.meeting_id == meeting_id,
                Registration.state == RegistrationState.CONFIRMED,
                ~held,
                _CONDUCT,
            )
            .order_by(Registration.id)
        )
    )


def not_followed_up(before: datetime, limit: int = 200) -> list[int]:
    """Registrations confirmed before an instant whose badge and ticket letter never came: what the queue lost."""
    return list(
        db.session.scalars(
            sa.select(Registration.id)
            .where(
                Registration.state == RegistrationState.CONFIRMED,
                Registration.followed_up_at.is_(None),
                Registration.confirmed_at < before,
                _CONDUCT,
            )
            .order_by(Registration.confirmed_at)
            .limit(limit)
        )
    )


# what a badge shows, of every valid badge of somebody who comes
_VALID = (
    sa.select(
        Badge.id.label("badge_id"),
        Badge.code,
        Registration.role,
        sa.func.coalesce(
            sa.func.nullif(Registration.country, ""), sa.func.nullif(Organisation.country, ""), Person.country
        ).label("country"),
        *ON_PAPER,
    )
    .join(Registration, Registration.id == Badge.registration_id)
    .join(Person, Person.id == Registration.person_id)
    .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
    .where(
        Registration.state == RegistrationState.CONFIRMED,
        Badge.state == BadgeState.VALID,
    )
    .order_by(Person.sort_key, Person.full_name, Badge.id)
)


def holders(
    meeting_id: int,
    *,
    with_children: bool,
    badge_id: int | None = None,
    unprinted: bool = False,
    sector_id: int | None = None,
    role: RegistrationRole | None = None,
) -> list[Any]:
    """Whom a print run is for, by sort key: plain columns (see ``cards.face``), one statement for any number."""
    query = _VALID.where(Registration.meeting_id == meeting_id)
    if badge_id is not None:
        query = query.where(Badge.id == badge_id)
    if not with_children:
        query = query.where(~IS_CHILD)
    if unprinted:
        query = query.where(Badge.printed_at.is_(None))
    if sector_id is not None:
        query = query.where(Registration.sector_id == sector_id)
    if role is not None:
        query = query.where(Registration.role == role)
    return list(db.session.execute(query))


def search(meeting_id: int, *, with_children: bool, q: str = "", show: str = "", page: int = 1) -> Pagination:
    """Confirmed registrations with their newest badge, if any, 50 a page, by name: (registration, badge).

    ``show``: "" for all, "missing" without a valid badge, "unprinted" with one that was never printed.
    """
    loaded = (contains_eager(Registration.person), contains_eager(Registration.organisation))
    found = _found(meeting_id=meeting_id, with_children=with_children, q=q, show=show).options(*loaded)
    return page_of(found.order_by(Person.sort_key, Registration.id), page, ROWS)


def _found(*, meeting_id: int, with_children: bool, q: str, show: str) -> sa.Select[Registration, Badge]:
    issued = aliased(Badge)
    newest = sa.select(sa.func.max(issued.id)).where(issued.registration_id == Registration.id).scalar_subquery()
    query = (
        sa.select(Registration, Badge)
        .select_from(Registration)
        .join(Registration.person)
        .outerjoin(Registration.organisation)
        .outerjoin(Badge, Badge.id == newest)
        .where(Registration.meeting_id == meeting_id, Registration.state == RegistrationState.CONFIRMED)
    )
    if not with_children:
        query = query.where(~IS_CHILD)
    for word in q.split()[:6]:
        columns = (Person.full_name, Person.latin_name, Person.called, Person.search_text, Organisation.name)
        query = query.where(sa.or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if show == "missing":
        query = query.where(sa.or_(Badge.id.is_(None), Badge.state != BadgeState.VALID))
    elif show == "unprinted":
        query = query.where(Badge.state == BadgeState.VALID, Badge.printed_at.is_(None))
    return query


def counts(meeting_id: int, *, with_children: bool) -> dict[str, int]:
    """How many are confirmed ("all"), have no valid badge ("missing"), have one that was never printed."""
    unprinted = sa.func.count(Badge.id).filter(Badge.printed_at.is_(None))
    query = _confirmed(sa.func.count(Registration.id), sa.func.count(Badge.id), unprinted, meeting_id=meeting_id)
    if not with_children:
        query = query.where(~IS_CHILD)
    everybody, badges, fresh = db.session.execute(query).one()
    return {"all": everybody, "missing": everybody - badges, "unprinted": fresh}


def _confirmed(*what: Any, meeting_id: int) -> sa.Select[*tuple[Any, ...]]:
    """Something of everybody who is confirmed, beside their valid badge."""
    return (
        sa.select(*what)
        .select_from(Registration)
        .join(Registration.person)
        .outerjoin(Badge, sa.and_(Badge.registration_id == Registration.id, Badge.state == BadgeState.VALID))
        .where(Registration.meeting_id == meeting_id, Registration.state == RegistrationState.CONFIRMED)
    )


def waiting(meeting: Meeting) -> list[Wait]:
    """What waits for a decision: people who come and have no badge."""
    missing = _confirmed(sa.func.count(Registration.id), meeting_id=meeting.id).where(Badge.id.is_(None), ~IS_CHILD)
    return [
        Wait(
            missing.scalar_subquery(),
            lambda n: ngettext("confirmed person without a badge", "confirmed people without a badge", n),
            url_for("badges.index", show="missing"),
        )
    ]


def mark_printed(badge_ids: Iterable[int], at: datetime) -> None:
    """Note that these badges are on paper."""
    ids = list(badge_ids)
    for start in range(0, len(ids), 500):
        db.session.execute(
            sa.update(Badge)
            .where(Badge.id.in_(ids[start : start + 500]))
            .values(printed_at=at)
            .execution_options(synchronize_session=False)
        )


def ticket_view(registration: Registration) -> dict[str, Any] | None:
    """The ticket as the participant's own page shows it (templates/me/ticket.html); None while there is no place.

    ``state`` is "ready", "soon" (the badge is being made) or "conduct" (the code of conduct comes first); a ready one
    has ``qr`` (a data address for <img>), ``code`` in groups of four, ``pdf_url`` and ``ics_url``.
    """
    if registration.state is not RegistrationState.CONFIRMED:
        return None
    link = token("me", registration.id, registration.link_version)
    view: dict[str, Any] = {"state": "soon", "ics_url": url_for("ticket.ics", token=link)}
    badge = held_badge(registration.id)
    if badge is not None:
        svg = qr_svg(cards.address(badge.code))
        view |= {
            "state": "ready",
            "qr": "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode(),
            "code": " ".join(badge.code[n : n + 4] for n in range(0, len(badge.code), 4)),
            "pdf_url": url_for("ticket.pdf", token=link),
        }
    elif registration.meeting.code_of_conduct and registration.code_of_conduct_at is None:
        view["state"] = "conduct"
    return view
