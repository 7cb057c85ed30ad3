"""Who is in the building, once each, for an evacuation: where and when everybody was last let in, children with their
adults, and which devices have not told what they saw.

Lives depend on it, so everybody who may be inside is counted: walk-ins, people whose registration was cancelled, badges
that nobody knows. Children are named for who may see them and counted for others; people at risk go by what they are
called.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from eventhub import clock
from eventhub.checkin import gather, queries
from eventhub.checkin.devices import KIOSK
from eventhub.checkin.facts import milliseconds
from eventhub.checkin.known import Known
from eventhub.checkin.models import Device, Presence, SelfCheckIn
from eventhub.checkin.queries import Present
from eventhub.db import db
from eventhub.safeguarding import queries as safeguarding

SILENT = timedelta(minutes=5)  # a phone at a door syncs every few seconds while it has a network


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person on the list. ``since`` is the last entry, ms since 1970."""

    key: str
    name: str  # "" for a badge that nobody knows
    latin_name: str = ""
    organisation: str = ""
    place: str
    since: int
    language: str = ""
    is_child: bool = False
    children: list["Line"] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Silent:
    """A device that has not been heard of lately: what it scanned since is missing."""

    name: str
    checkpoint: str
    heard_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Evacuation:
    """The list as of an instant. ``count`` is everybody, ``unnamed`` the children who are counted only."""

    as_of: datetime
    count: int
    lines: list[Line]
    gone: list[Line]  # still in a room by its scans, but left by an entrance later: listed, not counted
    alone: list[Line]  # children none of whose adults is inside
    unnamed: int
    silent: list[Silent]


def evacuation(about: Known, *, with_children: bool) -> Evacuation:
    """Who is inside now; the same number of statements for any number of people."""
    now = clock.now()
    day = about.day(milliseconds(now))
    everybody = _once(queries.list_present(about.meeting_id, day)) if day else []
    out = left_by_entrance(about, day) if day else {}
    gone = [each for each in everybody if out.get(each.key, 0) > each.since]
    present = [each for each in everybody if out.get(each.key, 0) <= each.since]
    adults = [_line(each, about) for each in present if not each.is_child]
    children = [_line(each, about) for each in present if each.is_child]
    alone = _with_adults(about, adults, children) if with_children else []
    return Evacuation(
        as_of=now,
        count=len(present),
        lines=adults,
        gone=[_line(each, about) for each in gone if with_children or not each.is_child],
        alone=alone,
        unnamed=0 if with_children else len(children),
        silent=list_silent(about, now),
    )


def _once(present: list[Present]) -> list[Present]:
    """Each person where they were let in last."""
    latest: dict[str, Present] = {}
    for each in present:
        known = latest.get(each.key)
        if known is None or each.since > known.since:
            latest[each.key] = each
    return list(latest.values())


def entrances(about: Known) -> list[str]:
    """The groups of the meeting's entrances."""
    return sorted({about.group(each["id"]) for each in about.checkpoints if each["kind"] == "entrance"})


def left_by_entrance(about: Known, day: date) -> dict[str, int]:
    """Who was inside by an entrance on this day and is not any more, and when that was (ms)."""
    rows = db.session.execute(
        sa.select(Presence.person_key, sa.func.max(Presence.last_t))
        .where(Presence.meeting_id == about.meeting_id, Presence.day == day, Presence.checkpoint_id.is_(None))
        .where(Presence.group_key.in_(entrances(about)), Presence.since_t != 0)
        .group_by(Presence.person_key)
    )
    return {key: t for key, t in rows}


def _line(present: Present, about: Known) -> Line:
    place = about.names.get(str(present.checkpoint_id), "")
    person = present.person
    name, latin, organisation = present.shown
    if not name and person is not None and not present.is_child:
        name, latin = person.full_name, person.latin_name  # somebody at risk whom nothing else names: lives come first
    return Line(
        key=present.key,
        name=name,
        latin_name=latin if latin != name else "",
        organisation=organisation,
        place=place,
        since=present.since,
        language=person.language if person is not None else "",
        is_child=present.is_child,
    )


def _with_adults(about: Known, adults: list[Line], children: list[Line]) -> list[Line]:
    """Put each child under the first of its adults who is inside; returns those who have none there."""
    ids = [ident for child in children if (ident := gather.id_of(child.key)) is not None]
    carers = safeguarding.carers(ids, about.meeting_id)
    inside = {adult.key: adult for adult in adults}
    alone: list[Line] = []
    for child in children:
        keys = [gather.key_of(row.adult_id) for row in carers.get(gather.id_of(child.key) or 0, [])]
        adult = next((inside[key] for key in keys if key in inside), None)
        (adult.children if adult is not None else alone).append(child)
    return alone


def list_silent(about: Known, now: datetime) -> list[Silent]:
    """Devices that still work and of which nothing was heard for a while; browsers of staff, kiosks and people's own
    phones in a session keep nothing."""
    keyless = set(db.session.scalars(sa.select(SelfCheckIn.device_id)))
    return [
        Silent(name=device.name, checkpoint=about.names.get(str(device.checkpoint_id), ""), heard_at=heard)
        for device, heard in queries.list_devices(about.meeting_id)
        if _may_hold_scans(device, now) and device.id not in keyless and (heard is None or heard < now - SILENT)
    ]


def _may_hold_scans(device: Device, now: datetime) -> bool:
    asks_only = device.user_id is not None or KIOSK in device.scope
    return not asks_only and device.revoked_at is None and device.expires_at > now


def mark(about: Known, day: date) -> tuple[str, int]:
    """A word that changes whenever anybody's place does, and how many are in the building; one light statement."""
    out = sa.orm.aliased(Presence)
    left = sa.exists().where(
        out.meeting_id == Presence.meeting_id,
        out.day == Presence.day,
        out.group_key.in_(entrances(about)),
        out.person_key == Presence.person_key,
        out.checkpoint_id.is_(None),
        out.since_t != 0,
        out.last_t > Presence.since_t,
    )
    inside = sa.case((sa.and_(Presence.checkpoint_id.is_not(None), ~left), Presence.person_key))
    row = db.session.execute(
        sa.select(sa.func.count(), sa.func.sum(Presence.version), sa.func.count(sa.distinct(inside))).where(
            Presence.meeting_id == about.meeting_id, Presence.day == day
        )
    ).one()
    return f"{row[0]}-{row[1] or 0}", int(row[2])
