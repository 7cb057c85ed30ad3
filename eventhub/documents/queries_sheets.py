"""Who stands on the sheet of a day or of a session: from the door's presence, and who signed on paper.

A sheet is for people outside the house (donors, auditors). So children and people at risk are counted on it and never
named; who is local and who came from abroad follows from the person's country, else the organisation's, and is written
out as unknown where neither is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub.checkin import gather
from eventhub.checkin import queries as checkin
from eventhub.checkin.devices import PAPER
from eventhub.checkin.models import Checkpoint, Device, FirstEntry
from eventhub.db import db
from eventhub.directory.models import Organisation, Person
from eventhub.documents.models import Signature
from eventhub.errors import NotFoundError
from eventhub.meetings.models import Meeting
from eventhub.meetings.service import DAY_BEGINS
from eventhub.programme import queries as programme
from eventhub.programme.models import Session, SignUp
from eventhub.registration.columns import ORGANISATION
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState

SESSION = "session-"  # before a session's id in a sheet's name


class Reach(StrEnum):
    LOCAL = "local"
    INTERNATIONAL = "international"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Sheet:
    """What one paper is for: a day, or a session on its day."""

    meeting: Meeting
    day: date
    session: Session | None = None

    @property
    def name(self) -> str:
        """How addresses and rows call it."""
        return f"{SESSION}{self.session.id}" if self.session is not None else self.day.isoformat()


@dataclass(frozen=True, kw_only=True)
class Row:
    """One person. ``first`` is the first entry (ms since 1970), None when the door saw nobody; instants are UTC."""

    key: str
    name: str
    latin_name: str = ""
    called: str = ""
    sort_key: str = ""
    organisation: str = ""
    country: str = ""
    reach: Reach = Reach.UNKNOWN
    role: str = ""
    language: str = ""
    is_child: bool = False
    at_risk: bool = False
    first: int | None = None
    signed_at: datetime | None = None

    @property
    def is_named(self) -> bool:
        """Whether the name may leave the house."""
        return not self.is_child and not self.at_risk


@dataclass(frozen=True)
class Rows:
    """The people of a sheet, by name."""

    everybody: list[Row]

    @cached_property
    def named(self) -> list[Row]:
        return [row for row in self.everybody if row.is_named]

    @property
    def children(self) -> list[Row]:
        return [row for row in self.everybody if row.is_child]

    @property
    def kept_back(self) -> int:
        """Adults who are counted and not named."""
        return sum(not row.is_named and not row.is_child for row in self.everybody)

    def count(self, reach: Reach) -> int:
        return sum(row.reach is reach for row in self.everybody)


def day_of(meeting: Meeting, moment: datetime) -> date:
    """The meeting's day in which an instant lies: it begins at 04:00 at the place."""
    there = moment.astimezone(ZoneInfo(meeting.tz))
    return there.date() if there.time() >= DAY_BEGINS else there.date() - timedelta(days=1)


def list_sheets(meeting: Meeting) -> list[Sheet]:
    """Every day of the meeting, each followed by its sessions (breaks have none)."""
    sessions = [s for s in programme.list_sessions(meeting.id) if s.kind != "break"]
    sheets = []
    for each in meeting.days:
        sheets.append(Sheet(meeting, each.day))
        sheets += [Sheet(meeting, each.day, s) for s in sessions if day_of(meeting, s.starts) == each.day]
    return sheets


def get_sheet(meeting: Meeting, name: str) -> Sheet:
    """The sheet of this name; raises NotFoundError."""
    if name.startswith(SESSION) and name.removeprefix(SESSION).isascii() and name.removeprefix(SESSION).isdigit():
        number = int(name.removeprefix(SESSION)[:10])
        session = programme.get_session(meeting.id, min(number, 2**31 - 1))
        return Sheet(meeting, day_of(meeting, session.starts), session)
    day = next((row.day for row in meeting.days if row.day.isoformat() == name), None)
    if day is None:
        raise NotFoundError(_("The meeting has no such day."))
    return Sheet(meeting, day)


def count_came(meeting_id: int) -> tuple[dict[date, int], dict[int, int]]:
    """How many people the door let in: by day, and by session; two statements."""
    here = FirstEntry.meeting_id == meeting_id
    people = sa.func.count(sa.distinct(FirstEntry.person_key))
    days = db.session.execute(sa.select(FirstEntry.day, people).where(here).group_by(FirstEntry.day))
    sessions = db.session.execute(
        sa.select(Checkpoint.session_id, people)
        .join(Checkpoint, Checkpoint.id == FirstEntry.checkpoint_id)
        .where(here, Checkpoint.session_id.is_not(None))
        .group_by(Checkpoint.session_id)
    )
    return {day: n for day, n in days}, {ident: n for ident, n in sessions if ident is not None}


def count_signed(meeting_id: int) -> dict[str, int]:
    """How many people signed each sheet."""
    rows = db.session.execute(
        sa.select(Signature.sheet, sa.func.count())
        .where(Signature.meeting_id == meeting_id, Signature.withdrawn_at.is_(None))
        .group_by(Signature.sheet)
    )
    return {sheet: n for sheet, n in rows}


def signatures(sheet: Sheet) -> dict[str, Signature]:
    """Who signed this sheet, by the door's key."""
    rows = db.session.scalars(
        sa.select(Signature).where(
            Signature.meeting_id == sheet.meeting.id,
            Signature.sheet == sheet.name,
            Signature.withdrawn_at.is_(None),
        )
    )
    return {row.person_key: row for row in rows}


def first_entries(sheet: Sheet) -> dict[str, int]:
    """When each person was first let in, by the door's key: at any door of that day, or at the session's."""
    query = sa.select(FirstEntry.person_key, sa.func.min(FirstEntry.t)).where(FirstEntry.meeting_id == sheet.meeting.id)
    if sheet.session is None:
        query = query.where(FirstEntry.day == sheet.day)
    else:
        query = query.join(Checkpoint, Checkpoint.id == FirstEntry.checkpoint_id).where(
            Checkpoint.session_id == sheet.session.id
        )
    return {key: t for key, t in db.session.execute(query.group_by(FirstEntry.person_key))}


def seen_at_doors(sheet: Sheet) -> set[str]:
    """Whom a door, not a list on paper, let in first, by the key of the record that stands for each person."""
    paper = sa.exists().where(Device.id == FirstEntry.device_id, Device.key_hash.startswith(PAPER))
    query = sa.select(FirstEntry.person_key).where(FirstEntry.meeting_id == sheet.meeting.id, ~paper)
    if sheet.session is None:
        query = query.where(FirstEntry.day == sheet.day)
    else:
        at_session = sa.select(Checkpoint.id).where(Checkpoint.session_id == sheet.session.id)
        query = query.where(FirstEntry.checkpoint_id.in_(at_session))
    return set(_by_root(dict.fromkeys(db.session.scalars(query), True), _roots()))


def came(sheet: Sheet) -> Rows:
    """Everybody whom the door let in or who signed; the same number of statements for any number of people."""
    return _rows(sheet, only=lambda _registration, is_there: is_there)


def expected(sheet: Sheet) -> Rows:
    """Everybody for whom a blank sheet has a line: the confirmed (of a session with sign-up, who signed up), and
    whoever came without being so."""
    wanted: set[int] | None = None
    if sheet.session is not None and sheet.session.needs_sign_up:
        wanted = set(
            db.session.scalars(
                sa.select(SignUp.registration_id).where(
                    SignUp.session_id == sheet.session.id, SignUp.withdrawn_at.is_(None)
                )
            )
        )

    def chosen(registration: Any, is_there: bool) -> bool:
        awaited = registration.state == RegistrationState.CONFIRMED and (wanted is None or registration.id in wanted)
        return is_there or awaited

    return _rows(sheet, only=chosen)


def _rows(sheet: Sheet, *, only: Any) -> Rows:
    roots = _roots()
    firsts, signed = _by_root(first_entries(sheet), roots), _by_root(signatures(sheet), roots)
    there = {*firsts, *signed}
    rows: dict[str, Row] = {}
    for registration in _registrations(sheet.meeting.id):
        ident = roots.get(registration.person_id, registration.person_id)
        key = gather.key_of(ident)
        if key not in rows and only(registration, key in there):
            rows[key] = _row(registration, key, sheet.meeting, firsts.get(key), signed.get(key))
    guests = checkin.walk_ins(sheet.meeting.id, [key[7:] for key in there if key.startswith("walkin:")])
    for ident, said in guests.items():
        key = f"walkin:{ident}"
        rows[key] = Row(
            key=key,
            name=said.get("name", ""),
            latin_name=said.get("latin_name") or "",
            organisation=said.get("organisation") or "",
            sort_key=(said.get("latin_name") or said.get("name", "")).casefold(),
            first=firsts.get(key),
            signed_at=_signed_at(signed.get(key)),
        )
    return Rows(sorted(rows.values(), key=lambda row: (row.sort_key, row.key)))


def _roots() -> dict[int, int]:
    """Merged records with the one that stands for them; one statement."""
    into = dict(gather.list_merges(db.session.connection()))

    def root(ident: int) -> int:
        seen = set()
        while ident in into and ident not in seen:
            seen.add(ident)
            ident = into[ident]
        return ident

    return {ident: root(ident) for ident in into}


def _by_root(values: dict[str, Any], roots: dict[int, int]) -> dict[str, Any]:
    """The same by the key of the record that stands for each person."""
    found: dict[str, Any] = {}
    for key in sorted(values):
        ident = gather.id_of(key)
        found.setdefault(key if ident is None else gather.key_of(roots.get(ident, ident)), values[key])
    return found


def _registrations(meeting_id: int) -> Iterable[Any]:
    """Plain columns of every registration with the person it is for (after merges), by name; one statement."""
    shown = sa.orm.aliased(Person)
    return db.session.execute(
        sa.select(
            Registration.id,
            Registration.person_id,
            Registration.state,
            Registration.role,
            Registration.language,
            Registration.country,
            sa.or_(Registration.is_child, Person.is_child, shown.is_child).label("is_child"),
            sa.or_(Person.at_risk, shown.at_risk).label("at_risk"),
            shown.full_name,
            shown.latin_name,
            shown.called,
            shown.sort_key,
            shown.country.label("own_country"),
            ORGANISATION.label("organisation"),
            Organisation.country.label("organisation_country"),
        )
        .join(Person, Person.id == Registration.person_id)
        .join(shown, shown.id == sa.func.coalesce(Person.merged_into_id, Person.id))
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .where(Registration.meeting_id == meeting_id)
        # of two registrations of one person the confirmed one stands for both
        .order_by(sa.case((Registration.state == RegistrationState.CONFIRMED, 0), else_=1), Registration.id)
    )


def reach_of(country: str, meeting: Meeting) -> Reach:
    """Local or from abroad, seen from the meeting's country."""
    if not country or not meeting.country:
        return Reach.UNKNOWN
    return Reach.LOCAL if country.upper() == meeting.country.upper() else Reach.INTERNATIONAL


def _row(found: Any, key: str, meeting: Meeting, first: int | None, signed: Signature | None) -> Row:
    country = found.country or found.own_country or found.organisation_country or ""
    return Row(
        key=key,
        name=found.full_name,
        latin_name=found.latin_name if found.latin_name != found.full_name else "",
        called=found.called,
        sort_key=found.sort_key or found.full_name.casefold(),
        organisation=found.organisation or "",
        country=country,
        reach=reach_of(country, meeting),
        role=found.role.shown,
        language=found.language,
        is_child=bool(found.is_child),
        at_risk=bool(found.at_risk),
        first=first,
        signed_at=_signed_at(signed),
    )


def _signed_at(signed: Signature | None) -> datetime | None:
    return signed.signed_at if signed is not None else None
