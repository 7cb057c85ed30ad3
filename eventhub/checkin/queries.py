"""Looking up checkpoints, devices, who is where, and who was there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from eventhub import clock
from eventhub.checkin import gather
from eventhub.checkin.devices import PAPER
from eventhub.checkin.facts import milliseconds
from eventhub.checkin.known import Known, current
from eventhub.checkin.models import (
    Checkpoint,
    CheckpointKind,
    CheckpointRules,
    Device,
    EnrolmentToken,
    FirstEntry,
    Presence,
    Scan,
    Verdict,
)
from eventhub.db import db, of_meeting
from eventhub.directory.models import Organisation, Person
from eventhub.directory.queries import fold, worn_names
from eventhub.registration.columns import IS_CHILD, ORGANISATION
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.security import hashed
from eventhub.waits import count_of


def list_checkpoints(meeting_id: int) -> list[Checkpoint]:
    """The meeting's checkpoints, as they were made."""
    return list(
        db.session.scalars(sa.select(Checkpoint).where(Checkpoint.meeting_id == meeting_id).order_by(Checkpoint.id))
    )


def get_checkpoint(checkpoint_id: int, meeting_id: int) -> Checkpoint:
    """A checkpoint of the meeting; raises NotFoundError."""
    return of_meeting(Checkpoint, checkpoint_id, meeting_id)


def current_rules(meeting_id: int) -> dict[int, CheckpointRules]:
    """The rules of each checkpoint in force now; one query."""
    rows = db.session.scalars(
        sa.select(CheckpointRules)
        .join(Checkpoint, Checkpoint.id == CheckpointRules.checkpoint_id)
        .where(Checkpoint.meeting_id == meeting_id, CheckpointRules.at_ms <= milliseconds(clock.now()))
        .order_by(CheckpointRules.at_ms, CheckpointRules.id)
    )
    return {row.checkpoint_id: row for row in rows}


def list_rules(checkpoint_id: int) -> list[CheckpointRules]:
    """The rules of a checkpoint, newest first: each held until the next."""
    return list(
        db.session.scalars(
            sa.select(CheckpointRules)
            .where(CheckpointRules.checkpoint_id == checkpoint_id)
            .order_by(CheckpointRules.at_ms.desc(), CheckpointRules.id.desc())
        )
    )


def count_let_in(meeting_id: int) -> dict[tuple[int, date], int]:
    """How many people were let in at each checkpoint on each day, each counted once."""
    rows = db.session.execute(
        sa.select(FirstEntry.checkpoint_id, FirstEntry.day, sa.func.count())
        .where(FirstEntry.meeting_id == meeting_id)
        .group_by(FirstEntry.checkpoint_id, FirstEntry.day)
    )
    return {(checkpoint, day): n for checkpoint, day, n in rows}


def list_groups(meeting_id: int) -> dict[str, list[str]]:
    """The groups of checkpoints with the names of those in each."""
    found: dict[str, list[str]] = {}
    for each in list_checkpoints(meeting_id):
        if each.group:
            found.setdefault(each.group, []).append(each.name)
    return found


def list_devices(meeting_id: int) -> list[tuple[Device, datetime | None]]:
    """Each device, newest first, with when it was heard of last, by a scan or asking; lists on paper are none."""
    last = sa.select(Scan.device_id, sa.func.max(Scan.id).label("last")).where(Scan.meeting_id == meeting_id)
    newest = last.group_by(Scan.device_id).subquery()
    rows = db.session.execute(
        sa.select(Device, Scan.received_at)
        .outerjoin(newest, newest.c.device_id == Device.id)
        .outerjoin(Scan, Scan.id == newest.c.last)
        .where(Device.meeting_id == meeting_id, Device.key_hash.not_like(f"{PAPER}%"))
        .order_by(Device.id.desc())
    )
    return [(device, max(filter(None, (at, device.seen_at)), default=None)) for device, at in rows]


def find_scan(device_id: int, scan_id: str) -> dict[str, Any] | None:
    """The scan that a device made under this name, as it was sent; None when there is none yet."""
    content = db.session.scalar(
        sa.select(Scan.content).where(Scan.device_id == device_id, Scan.scan_id == scan_id).order_by(Scan.id).limit(1)
    )
    return {"id": scan_id, **content} if content is not None else None


def find_token(token: str) -> EnrolmentToken | None:
    """An enrolment token that still works."""
    row = db.session.scalar(sa.select(EnrolmentToken).where(EnrolmentToken.token_hash == hashed(token.strip().upper())))
    return row if row is not None and row.used_at is None and row.expires_at > clock.now() else None


def attended_person_ids(meeting_id: int) -> set[int]:
    """Everybody who was let in anywhere at this meeting, children included; walk-ins without a record are not."""
    keys = db.session.scalars(sa.select(FirstEntry.person_key).where(FirstEntry.meeting_id == meeting_id).distinct())
    return {ident for key in keys if (ident := gather.id_of(key)) is not None}


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody at a checkpoint now. ``person`` is None for a walk-in, a code that names nobody, and who is no
    participant of this meeting: those are counted, and their names belong to somebody else's meeting."""

    key: str
    checkpoint_id: int | None  # None: left the group
    since: int  # ms
    is_child: bool
    person: Any = None
    organisation: str = ""
    walk_in: dict[str, Any] | None = None

    @property
    def shown(self) -> tuple[str, str, str]:
        """Name, Latin name and organisation as lists show them: children and people at risk by what they are called."""
        if self.person is None:
            said = self.walk_in or {}
            return said.get("name") or "", said.get("latin_name") or "", said.get("organisation") or ""
        if self.is_child or self.person.at_risk:
            return self.person.called, "", ""
        return self.person.full_name, self.person.latin_name, self.organisation


def list_present(meeting_id: int, day: date) -> list[Present]:
    """Who is inside on this day, with names; as many queries whatever the number."""
    number = sa.cast(sa.func.substr(Presence.person_key, 2), sa.Integer)
    ours = sa.and_(Presence.person_key.like("p%"), sa.not_(Presence.person_key.like("%:%")))
    person_id = sa.case((ours, number), else_=sa.null())
    rows = db.session.execute(
        sa.select(
            Presence.person_key,
            Presence.checkpoint_id,
            Presence.since_t,
            Person,
            Registration.is_child,
            sa.func.coalesce(Organisation.name, Registration.organisation_text, ""),
        )
        .outerjoin(Person, Person.id == person_id)
        .outerjoin(
            Registration, sa.and_(Registration.person_id == Person.id, Registration.meeting_id == Presence.meeting_id)
        )
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .where(Presence.meeting_id == meeting_id, Presence.day == day, Presence.checkpoint_id.is_not(None))
        .order_by(Person.sort_key, Presence.person_key)
    ).all()
    guests = walk_ins(meeting_id, [row[0][7:] for row in rows if row[0].startswith("walkin:")])
    others = _registered_otherwise(meeting_id, {row[3].id for row in rows if row[3] is not None and row[4] is None})
    found = []
    for key, checkpoint_id, since, person, is_child, organisation in rows:
        if person is not None and is_child is None:
            known = others.get(person.id)
            person, is_child, organisation = (person, *known) if known else (None, False, "")
        found.append(
            Present(
                key=key,
                checkpoint_id=checkpoint_id,
                since=since,
                is_child=bool(is_child or (person is not None and person.is_child)),
                person=person,
                organisation=organisation,
                walk_in=guests.get(key[7:]),
            )
        )
    return found


def _registered_otherwise(meeting_id: int, ids: set[int]) -> dict[int, tuple[bool, str]]:
    """Who of these is registered here under a record that is one with theirs: whether as a child, and organisation."""
    if not ids:
        return {}
    merges = gather.list_merges(db.session.connection())
    same = {ident: gather.with_merged({ident}, merges) for ident in ids}
    rows = db.session.execute(
        sa.select(
            Registration.person_id,
            IS_CHILD,
            sa.func.coalesce(Organisation.name, Registration.organisation_text, ""),
        )
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .where(Registration.meeting_id == meeting_id, Registration.person_id.in_(set().union(*same.values())))
    ).all()
    found: dict[int, tuple[bool, str]] = {}
    for ident, ones in same.items():
        here = [(is_child, organisation) for person, is_child, organisation in rows if person in ones]
        if here:
            found[ident] = (any(is_child for is_child, _ in here), here[0][1])
    return found


def walk_ins(meeting_id: int, scan_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What walk-ins said of themselves (name, latin_name, organisation), by the scan that made them."""
    if not scan_ids:
        return {}
    rows = db.session.execute(
        sa.select(Scan.scan_id, Scan.content).where(Scan.meeting_id == meeting_id, Scan.scan_id.in_(list(scan_ids)))
    )
    return {scan_id: content["walk_in"] for scan_id, content in rows if "walk_in" in content}


def count_present(meeting_id: int, day: date) -> dict[int, int]:
    """How many people are at each checkpoint on this day."""
    rows = db.session.execute(
        sa.select(Presence.checkpoint_id, sa.func.count())
        .where(Presence.meeting_id == meeting_id, Presence.day == day, Presence.checkpoint_id.is_not(None))
        .group_by(Presence.checkpoint_id)
    )
    return {checkpoint: n for checkpoint, n in rows if checkpoint is not None}


def list_places(meeting_id: int, day: date) -> list[Any]:
    """Who is where on this day, without names: person_key, checkpoint_id, since_t."""
    return list(
        db.session.execute(
            sa.select(Presence.person_key, Presence.checkpoint_id, Presence.since_t)
            .where(Presence.meeting_id == meeting_id, Presence.day == day, Presence.checkpoint_id.is_not(None))
            .order_by(Presence.id)
        )
    )


def list_first_entries(meeting_id: int, day: date, checkpoint_id: int | None = None) -> list[Any]:
    """Everybody's first entry of a day, at all checkpoints or at one: person_key, checkpoint_id, device_id, scan_id,
    and the instant in ms."""
    here = [] if checkpoint_id is None else [FirstEntry.checkpoint_id == checkpoint_id]
    first = FirstEntry
    columns = (first.person_key, first.checkpoint_id, first.device_id, first.scan_id, first.t.label("instant"))
    return list(
        db.session.execute(
            sa.select(*columns)
            .where(first.meeting_id == meeting_id, first.day == day, *here)
            .order_by(first.t, first.scan_id)
        )
    )


def child_keys(meeting_id: int) -> set[str]:
    """The door's keys of the meeting's children."""
    ids = db.session.scalars(
        sa.select(Registration.person_id)
        .join(Person, Person.id == Registration.person_id)
        .where(Registration.meeting_id == meeting_id, IS_CHILD)
    )
    return {gather.key_of(ident) for ident in ids}


def list_conflicts(meeting_id: int) -> list[Verdict]:
    """Scans where what the person was told and what the rules compute disagree, unsettled."""
    return list(
        db.session.scalars(
            sa.select(Verdict).where(Verdict.meeting_id == meeting_id, Verdict.conflict).order_by(Verdict.id)
        )
    )


def about(meeting_id: int) -> Known:
    """The meeting's days, checkpoints and rules as they are now."""
    return current(meeting_id)


def today(meeting_id: int) -> date | None:
    """The meeting's day in which now lies."""
    return about(meeting_id).day(milliseconds(clock.now()))


MOST_FOUND = 20


def list_doors(meeting_id: int, day: date, session_id: int | None) -> list[Checkpoint]:
    """The checkpoints of a session, or (None) the entrances of a day."""
    query = sa.select(Checkpoint).where(Checkpoint.meeting_id == meeting_id, Checkpoint.session_id == session_id)
    if session_id is None:
        of_day = sa.or_(Checkpoint.day.is_(None), Checkpoint.day == day)
        query = query.where(Checkpoint.kind == CheckpointKind.ENTRANCE, of_day)
    return list(db.session.scalars(query.order_by(Checkpoint.id)))


def list_open_checkpoints(meeting_id: int) -> list[Checkpoint]:
    """Where somebody can stand now: not closed, and not of another day."""
    day = today(meeting_id)
    return [c for c in list_checkpoints(meeting_id) if c.closed_at is None and c.day in (None, day)]


def count_confirmed(meeting_id: int) -> sa.ScalarSelect[int]:
    """How many registrations of the meeting are confirmed, children among them, as a part of a statement."""
    return count_of(
        Registration, Registration.meeting_id == meeting_id, Registration.state == RegistrationState.CONFIRMED
    )


def only_named(present: list[Present], text: str) -> list[Present]:
    """Those whose name, in any script, holds every word of the text."""
    words = fold(text).split()
    return [p for p in present if all(word in _searched(p) for word in words)]


def _searched(present: Present) -> str:
    return fold(" ".join(present.shown))


def search_people(meeting_id: int, text: str, *, with_children: bool) -> list[dict[str, Any]]:
    """Confirmed people whose name, in any script, holds every word of the text: key, name, latin_name, organisation.

    A child is found by its chosen name only, and only with ``with_children``; people at risk by the whole name that is
    on the badge.
    """
    words = fold(text).split()
    if not words or len(text.strip()) < 2:
        return []
    is_child = IS_CHILD
    whole = sa.or_(Person.full_name == text, Person.latin_name == text)
    worn = sa.or_(Person.called == text, sa.and_(Person.called == "", whole))
    anywhere = (Person.search_text.contains(word, autoescape=True) for word in words)
    wanted = [
        sa.and_(sa.not_(is_child), sa.not_(Person.at_risk), *anywhere),
        sa.and_(sa.not_(is_child), Person.at_risk, worn),
    ]
    if with_children:
        called = sa.func.lower(Person.called)
        wanted.append(sa.and_(is_child, *(called.contains(word, autoescape=True) for word in text.lower().split())))
    rows = db.session.execute(
        sa.select(Person, is_child, ORGANISATION)
        .select_from(Registration)
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .where(
            Registration.meeting_id == meeting_id,
            Registration.state == RegistrationState.CONFIRMED,
            sa.or_(*wanted),
        )
        .order_by(Person.sort_key, Person.id)
        .limit(MOST_FOUND)
    )
    found = []
    for person, child, organisation in rows:
        name, latin, _ = (person.called, "", "") if child else worn_names(person)
        shown = {"full_name": name, "latin_name": latin, "organisation": "" if child else organisation}
        found.append({"key": gather.key_of(person.id), **shown})
    return found
