"""What the doors could not know, for the organiser: scans where the door and the rules differ, scans that were put aside,
and other contents under one name; what was said of them. Each list costs the same number of queries for any page."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy.pagination import Pagination

from eventhub.badges.models import Badge
from eventhub.checkin import gather, rules
from eventhub.checkin.facts import instant
from eventhub.checkin.known import Known, current
from eventhub.checkin.models import AsideWord, Device, FirstEntry, Scan, Settlement, Told, Verdict
from eventhub.db import db, page_of
from eventhub.directory.models import Person
from eventhub.directory.queries import worn_names
from eventhub.registration.models import Registration
from eventhub.safeguarding.models import Chaperoning
from eventhub.waits import count_of, numbers

CLOCK_IS_OFF_MS = 60_000  # less than a minute is not worth a word
ROWS = 50  # on a page


@dataclass(frozen=True, slots=True)
class Named:
    """The names of somebody as the badge has them; of a child the chosen one."""

    full_name: str
    latin_name: str = ""


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a scan is about, as far as the reader may see. ``person`` is None where there is no name to show."""

    key: str
    person: "Named | None" = None
    is_child: bool = False
    hidden: bool = False  # a child, and the reader may not see children
    walk_in: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """The scan by which the person was let in before: where, by which device, when (ms)."""

    checkpoint: str
    device: str
    t: int


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a list. ``id`` names it in the form. Instants in ms; ``own_clock`` only where it was off."""

    id: str
    who: Who
    kind: str
    t: int
    checkpoint: str
    device: str
    own_clock: int | None
    told: str
    verdict: str
    why: str = ""  # for what was put aside
    may_count: bool = True
    ended_at: datetime | None = None  # of the badge
    other: Other | None = None
    carers: tuple[tuple[Named, int | None], ...] = ()  # of a child, each with when they came
    voids: str = ""


@dataclass(slots=True)
class Page:
    """The cases of one page, and the pagination to walk on."""

    cases: list[Case]
    pages: Pagination


# --- which ones --------------------------------------------------------------------------------------------------

_WORD = sa.exists().where(AsideWord.scan_row_id == Scan.id)
_EMPTY = sa.literal_column("''")  # not a parameter: the partial index is found by it


def _aside(meeting_id: int) -> list[Any]:
    return [Scan.meeting_id == meeting_id, Scan.put_aside != _EMPTY, Scan.counts_from.is_(None), ~_WORD]


def _contents(meeting_id: int) -> list[Any]:
    counts = sa.or_(Scan.put_aside == _EMPTY, Scan.counts_from.is_not(None))
    return [Scan.meeting_id == meeting_id, Scan.other, counts, ~_WORD]


def counted(meeting_id: int) -> dict[str, sa.ScalarSelect[int]]:
    """What counts how many wait, as parts of a statement: ``differ``, ``aside``, ``contents``."""
    return {
        "differ": count_of(Verdict, Verdict.meeting_id == meeting_id, Verdict.conflict),
        "aside": count_of(Scan, *_aside(meeting_id)),
        "contents": count_of(Scan, *_contents(meeting_id)),
    }


def counts(meeting_id: int) -> dict[str, int]:
    """How many wait; one query."""
    asked = counted(meeting_id)
    return dict(zip(asked, numbers([*asked.values()]), strict=True))


def find_aside(meeting_id: int, scan_row_id: int) -> Scan | None:
    """A scan that was put aside and does not count, whether it was left out before or not."""
    found = db.session.get(Scan, scan_row_id, with_for_update=True)
    fits = found is not None and found.meeting_id == meeting_id and found.put_aside and found.counts_from is None
    return found if fits else None


def find_other(meeting_id: int, scan_row_id: int) -> Scan | None:
    """Another content under a known name."""
    found = db.session.get(Scan, scan_row_id, with_for_update=True)
    return found if found is not None and found.meeting_id == meeting_id and found.other else None


def find_word(scan_row_id: int) -> AsideWord | None:
    """What somebody decided about a scan that was put aside; None while nobody has."""
    return db.session.scalar(sa.select(AsideWord).where(AsideWord.scan_row_id == scan_row_id))


def may_count(about: Known, scan: Scan) -> bool:
    """Whether a scan speaks of a checkpoint of this meeting; else the rules have nothing to say of it."""
    return scan.content["checkpoint"] in about.names


# --- the lists ---------------------------------------------------------------------------------------------------


def list_differing(meeting_id: int, page: int, *, with_children: bool) -> Page:
    """Scans where what was told and what the rules say differ, the newest first."""
    differing = sa.select(Verdict).where(Verdict.meeting_id == meeting_id, Verdict.conflict)
    found = page_of(differing.order_by(Verdict.id.desc()), page, ROWS)
    verdicts = {(row.device_id, row.scan_id): row for row in found.items}
    scans = _counting(meeting_id, verdicts)
    return Page(_Reading(meeting_id, scans, with_children=with_children).cases(verdicts), found)


def list_aside(meeting_id: int, page: int, *, with_children: bool) -> Page:
    """Scans that were put aside and wait for a word."""
    return _list_scans(meeting_id, _aside(meeting_id), page, with_children=with_children)


def list_contents(meeting_id: int, page: int, *, with_children: bool) -> Page:
    """Scans that came under the name of another one, with other content."""
    return _list_scans(meeting_id, _contents(meeting_id), page, with_children=with_children)


def _list_scans(meeting_id: int, conditions: list[Any], page: int, *, with_children: bool) -> Page:
    found = page_of(sa.select(Scan).where(*conditions).order_by(Scan.id.desc()), page, ROWS)
    names = {(row.device_id, row.scan_id) for row in found.items}
    verdicts = {
        (row.device_id, row.scan_id): row
        for row in db.session.scalars(sa.select(Verdict).where(Verdict.scan_id.in_({scan_id for _, scan_id in names})))
    }
    return Page(_Reading(meeting_id, found.items, with_children=with_children).cases(verdicts), found)


def _counting(meeting_id: int, names: Collection[tuple[int, str]]) -> list[Scan]:
    """Of each name the content that counts."""
    rows = db.session.scalars(
        sa.select(Scan)
        .where(
            Scan.meeting_id == meeting_id,
            Scan.scan_id.in_({scan_id for _, scan_id in names}),
            sa.or_(Scan.put_aside == "", Scan.counts_from.is_not(None)),
        )
        .order_by(Scan.content_hash.desc())
    )
    chosen = {(row.device_id, row.scan_id): row for row in rows}  # the least hash comes last
    return [chosen[name] for name in names if name in chosen]


@dataclass(frozen=True, slots=True)
class Said:
    """A person's word, for the list of what was settled."""

    at: datetime
    by_name: str
    what: str  # settled | counts | left_out | seen
    who: Who
    t: int
    checkpoint: str
    device: str
    verdict: str
    reason: str
    id: str  # of the scan, where it may still be let count


def list_said(meeting_id: int, *, with_children: bool, most: int = 100) -> list[Said]:
    """The latest words on the meeting's scans, the newest first."""
    settled = db.session.execute(
        sa.select(Settlement, Scan)
        .join(Scan, sa.and_(Scan.device_id == Settlement.device_id, Scan.scan_id == Settlement.scan_id))
        .where(Scan.meeting_id == meeting_id)
        .order_by(Settlement.id.desc())
        .limit(most)
    ).all()
    words = db.session.execute(
        sa.select(AsideWord, Scan)
        .join(Scan, Scan.id == AsideWord.scan_row_id)
        .where(Scan.meeting_id == meeting_id)
        .order_by(AsideWord.id.desc())
        .limit(most)
    ).all()
    reading = _Reading(meeting_id, [scan for _, scan in (*settled, *words)], with_children=with_children)
    said = [reading.said(word, scan, "settled", word.verdict) for word, scan in settled]
    for word, scan in words:
        left = "left_out" if scan.put_aside else "seen"
        said.append(reading.said(word, scan, "counts" if word.counts else left, "", word.reason))
    return sorted(said, key=lambda s: s.at, reverse=True)[:most]


# --- what is known of each ---------------------------------------------------------------------------------------


class _Reading:
    """Everything about some scans that a list shows."""

    def __init__(self, meeting_id: int, scans: Collection[Scan], *, with_children: bool) -> None:
        self.meeting_id, self.scans, self.with_children = meeting_id, list(scans), with_children
        self.about = current(meeting_id)
        keys = {scan.person_key for scan in scans}
        self.people = self._people({ident for key in keys if (ident := gather.id_of(key)) is not None})
        self.walk_ins = self._walk_ins({key[7:] for key in keys if key.startswith("walkin:")})
        self.told = self._told({scan.scan_id for scan in scans})
        self.entries = self._entries(keys)
        self.carers = self._carers()
        devices = {scan.device_id for scan in scans} | {row.device_id for rows in self.entries.values() for row in rows}
        self.devices = {row.id: row for row in db.session.scalars(sa.select(Device).where(Device.id.in_(devices)))}
        self.ended = self._ended({scan.content["code"] for scan in scans if "code" in scan.content})

    def _people(self, ids: Collection[int]) -> dict[int, tuple[Person, bool]]:
        """Who is, or was, registered here; nobody else has a name on these pages."""
        rows = db.session.execute(
            sa.select(Person, Registration.is_child)
            .join(Registration, Registration.person_id == Person.id)
            .where(Registration.meeting_id == self.meeting_id, Person.id.in_(ids))
        )
        return {person.id: (person, is_child or person.is_child) for person, is_child in rows}

    def _walk_ins(self, scan_ids: Collection[str]) -> dict[str, str]:
        if not scan_ids:
            return {}
        rows = db.session.execute(
            sa.select(Scan.scan_id, Scan.content).where(Scan.meeting_id == self.meeting_id, Scan.scan_id.in_(scan_ids))
        )
        return {scan_id: content["walk_in"]["name"] for scan_id, content in rows if "walk_in" in content}

    def _told(self, scan_ids: Collection[str]) -> dict[tuple[int, str], set[str]]:
        told: dict[tuple[int, str], set[str]] = {}
        for row in db.session.scalars(sa.select(Told).where(Told.scan_id.in_(scan_ids))):
            told.setdefault((row.device_id, row.scan_id), set()).add(row.verdict)
        return told

    def _entries(self, keys: Collection[str]) -> dict[str, list[Any]]:
        """By person: where and when each was let in, first things first."""
        rows = db.session.execute(
            sa.select(FirstEntry.person_key, FirstEntry.checkpoint_id, FirstEntry.device_id, FirstEntry.scan_id)
            .add_columns(FirstEntry.day, FirstEntry.t.label("instant"))
            .where(FirstEntry.meeting_id == self.meeting_id, FirstEntry.person_key.in_(keys))
            .order_by(FirstEntry.t)
        )
        found: dict[str, list[Any]] = {}
        for row in rows:
            found.setdefault(row.person_key, []).append(row)
        return found

    def _carers(self) -> dict[int, list[tuple[Person, dict[date, int]]]]:
        """Of each child on the page: the adults named for it, each with when they first came on each day."""
        children = [ident for ident, (_, is_child) in self.people.items() if is_child and self.with_children]
        key = sa.literal("p") + sa.cast(Person.id, sa.String)
        entered = sa.and_(FirstEntry.person_key == key, FirstEntry.meeting_id == self.meeting_id)
        rows = db.session.execute(
            sa.select(Chaperoning.child_id, Person, FirstEntry.day, FirstEntry.t)
            .join(Person, Person.id == Chaperoning.adult_id)
            .outerjoin(FirstEntry, entered)
            .where(Chaperoning.meeting_id == self.meeting_id, Chaperoning.child_id.in_(children))
            .order_by(Chaperoning.id, FirstEntry.t.desc())
        )
        found: dict[int, dict[int, tuple[Person, dict[date, int]]]] = {}
        for child, adult, day, t in rows:
            came = found.setdefault(child, {}).setdefault(adult.id, (adult, {}))[1]
            if day is not None:
                came[day] = t
        return {child: list(adults.values()) for child, adults in found.items()}

    def _ended(self, codes: Collection[str]) -> dict[str, datetime]:
        rows = db.session.execute(
            sa.select(Badge.code, Badge.ended_at).where(Badge.code.in_(codes), Badge.ended_at.is_not(None))
        )
        return {code: at for code, at in rows}

    def cases(self, verdicts: dict[tuple[int, str], Any]) -> list[Case]:
        return [self._case(scan, verdicts.get((scan.device_id, scan.scan_id))) for scan in self.scans]

    def _case(self, scan: Scan, verdict: Any) -> Case:
        who, name = self._who(scan), (scan.device_id, scan.scan_id)
        computed = (verdict.verdict if verdict is not None else None) or ""
        answered = [verdict.answered] if verdict is not None and verdict.answered else []
        differs = verdict is not None and verdict.conflict and not scan.put_aside
        return Case(
            id=f"{scan.device_id}:{scan.scan_id}:{computed}" if differs else str(scan.id),
            who=who,
            kind=scan.kind,
            t=scan.t,
            checkpoint=self._place(scan),
            device=self.devices[scan.device_id].name,
            own_clock=_own_clock(scan),
            told=rules.said(self.told.get(name, ()), answered) or "",
            verdict=computed,
            why=scan.put_aside,
            may_count=may_count(self.about, scan),
            ended_at=self.ended.get(scan.content.get("code", "")),
            other=self._other(scan),
            carers=self._came(scan),
            voids=scan.content.get("voids", ""),
        )

    def _who(self, scan: Scan) -> Who:
        key = scan.person_key
        person, is_child = self.people.get(gather.id_of(key) or 0, (None, False))
        hidden = is_child and not self.with_children
        walk_in = self.walk_ins.get(key[7:], "") if key.startswith("walkin:") else ""
        named = None if hidden or person is None else Named(person.called) if is_child else _worn(person)
        return Who("" if hidden else key, named, is_child, hidden, walk_in)

    def _place(self, scan: Scan) -> str:
        return self.about.names.get(scan.content["checkpoint"], "")

    def _other(self, scan: Scan) -> Other | None:
        """Where the person had been let in before this scan, that day; at this checkpoint rather than elsewhere."""
        day = self.about.day(scan.t)
        before = [
            row
            for row in self.entries.get(scan.person_key, ())
            if row.day == day
            and row.instant <= scan.t
            and (row.device_id, row.scan_id) != (scan.device_id, scan.scan_id)
        ]
        if not before or scan.kind != "entry":
            return None
        group = self.about.group(scan.content["checkpoint"])
        same = [row for row in before if self.about.group(str(row.checkpoint_id)) == group]
        row = (same or before)[-1]
        return Other(self.about.names.get(str(row.checkpoint_id), ""), self.devices[row.device_id].name, row.instant)

    def _came(self, scan: Scan) -> tuple[tuple[Person, int | None], ...]:
        day = self.about.day(scan.t)
        adults = self.carers.get(gather.id_of(scan.person_key) or 0, ())
        return tuple((_worn(adult), came.get(day) if day is not None else None) for adult, came in adults)

    def said(self, word: Any, scan: Scan, what: str, verdict: str, reason: str = "") -> Said:
        again = what == "left_out" and may_count(self.about, scan)
        return Said(
            at=word.at,
            by_name=word.by_name,
            what=what,
            who=self._who(scan),
            t=scan.t,
            checkpoint=self._place(scan),
            device=self.devices[scan.device_id].name,
            verdict=verdict,
            reason=reason,
            id=str(scan.id) if again else "",
        )


def _worn(person: Person) -> Named:
    return Named(*worn_names(person)[:2])


def _own_clock(scan: Scan) -> int | None:
    """What the device's clock showed, where that was off."""
    shown = instant(scan.content["scanned_at"])
    off = abs(shown - scan.t) >= CLOCK_IS_OFF_MS or scan.put_aside == "clock"
    return shown if off else None


def names(items: Iterable[str]) -> list[tuple[int, str, str]]:
    """(device, scan, verdict) of what a form sent; whatever is no such name is left out."""
    found = []
    for item in items:
        device, _, rest = item.partition(":")
        scan_id, _, verdict = rest.partition(":")
        if device.isascii() and device.isdigit() and len(device) < 10 and scan_id and verdict:
            found.append((int(device), scan_id[:36], verdict[:40]))
    return found
