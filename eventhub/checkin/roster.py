"""The roster: what a device may hold of a meeting, so that it can judge without the server.

Decides who is on it (whoever was confirmed once or holds a badge; walk-ins), what is said of them (names and marks, no
address, phone, age, note), and which scope sees whom. Codes appear as hashes only. The facts ride along in the form of
the door's protocol, so that the rules on the device are those of the server.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from eventhub.checkin import facts, gather
from eventhub.checkin.gather import Fact
from eventhub.checkin.known import Known
from eventhub.checkin.models import Scan, Verdict
from eventhub.checkin.shown import NO, OK
from eventhub.directory.models import Organisation, Person
from eventhub.directory.queries import worn_names
from eventhub.registration.models import Registration
from eventhub.safeguarding import queries as safeguarding
from eventhub.security import hashed

CHILDREN, DESK = "children", "desk"  # the scopes that see more


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of the roster. ``audience`` is the scope that may see it, empty for every device."""

    person: str
    content: dict[str, Any]
    audience: str = ""
    device: int | None = None  # who made the walk-in, and knows it already


def entries(connection: sa.Connection, about: Known) -> list[Entry]:
    """Everybody whom some device of the meeting may hold, children and walk-ins included; the same number of queries
    for ten people and for ten thousand."""
    return [*_registered(connection, about), *_walk_ins(connection, about)]


def _registered(connection: sa.Connection, about: Known) -> Iterable[Entry]:
    own = _by_person(connection, about)
    marks = safeguarding.photo_answers(about.meeting_id)
    for row in _people(connection, about.meeting_id):
        key = gather.key_of(row.person_id)
        found = own[key]
        if not found.is_known:
            continue
        mark = OK if safeguarding.photo_mark(marks.get(row.person_id, {}), is_child=found.is_child) else NO
        content = {
            "h": found.present,
            "person": key,
            **(_child(row, found) if found.is_child else _adult(row)),
            "mark": mark,
            "see_focal_point": found.is_child,
            "sign_ups": found.sign_ups(),
            "facts": sorted(found.facts, key=str),
        }
        yield Entry(key, content, CHILDREN if found.is_child else "")


def _adult(row: Any) -> dict[str, Any]:
    name, latin, called = worn_names(row)
    shown = {
        "name": name,
        "latin_name": latin,
        "called": called,
        "sort_key": row.sort_key if name == row.full_name else name.casefold(),  # which is made of the whole name
        "organisation": row.organisation or row.organisation_text or "",
        "role": row.role.value,
    }
    # found by the whole name only
    return {**shown, "unlisted": True} if row.at_risk else shown


def _child(row: Any, found: "_Own") -> dict[str, Any]:
    """Like any other delegate, by the chosen name."""
    return {
        "name": row.called,
        "latin_name": "",
        "called": row.called,
        "sort_key": row.called.casefold(),
        "organisation": "",
        "role": "delegate",
        "carers": found.carers(),
    }


def _people(connection: sa.Connection, meeting_id: int) -> Iterable[Any]:
    return connection.execute(
        sa.select(
            Registration.person_id,
            Registration.role,
            Registration.organisation_text,
            Organisation.name.label("organisation"),
            Person.full_name,
            Person.latin_name,
            Person.called,
            Person.sort_key,
            Person.at_risk,
        )
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .where(Registration.meeting_id == meeting_id)
        .order_by(Registration.id)
    )


# --- the facts of each -------------------------------------------------------------------------------------------


class _Own:
    """One person's facts, codes hashed."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.is_child = False
        self.present: str | None = None  # the hash of the code that is valid now

    @property
    def is_known(self) -> bool:
        """Who never was confirmed and never had a badge cannot come to a door."""
        return any(fact["fact"] in ("confirmed", "issued") for fact in self.facts)

    def carers(self) -> list[str]:
        """Whoever is, or was, named for the child; the facts say when."""
        return sorted({fact["adult"] for fact in self.facts if fact["fact"] == "named"})

    def sign_ups(self) -> list[str]:
        """The checkpoints of the sessions that the person is signed up for now."""
        latest = {"signed_up": dict[str, int](), "withdrawn": dict[str, int]()}
        for fact in self.facts:
            if fact["fact"] in latest:
                times, t = latest[fact["fact"]], facts.instant(fact["from"])
                times[fact["checkpoint"]] = max(t, times.get(fact["checkpoint"], t))
        made, withdrawn = latest["signed_up"], latest["withdrawn"]
        return sorted(c for c, t in made.items() if c not in withdrawn or withdrawn[c] < t)


def _by_person(connection: sa.Connection, about: Known) -> Mapping[str, _Own]:
    """Each person's own facts. Who was merged has those merges too, and is a child when one of them is."""
    persons, stated = gather.about_people(connection, about)
    own: dict[str, _Own] = defaultdict(_Own)
    for person in persons:
        own[person["key"]].is_child |= person["child"]
    holder: dict[str, str] = {}
    for fact in stated:
        if fact["fact"] == "issued":
            holder[fact["code"]] = fact["person"]
    ended = {fact["code"] for fact in stated if fact["fact"] in ("revoked", "replaced")}
    hashes = {code: hashed(code) for code in holder}
    for fact in stated:
        code = fact.get("code")
        key = holder[code] if code else fact.get("person") or fact["child"]
        own[key].facts.append({**fact, "code": hashes[code]} if code else fact)
        if fact["fact"] == "issued" and code not in ended:
            own[key].present = hashes[fact["code"]]
    _add_merges(own, gather.list_merges(connection))
    return own


def _add_merges(own: dict[str, _Own], merges: list[tuple[int, int]]) -> None:
    seen: set[int] = set()
    for one, _ in merges:
        if one in seen:
            continue
        all_ = gather.with_merged({one}, merges)
        seen |= all_
        here = [own[key] for key in map(gather.key_of, sorted(all_)) if key in own]
        is_child = any(each.is_child for each in here)
        for each in here:
            each.is_child = is_child
            each.facts += [gather.merged(a, b) for a, b in merges if a in all_]


# --- walk-ins ----------------------------------------------------------------------------------------------------


def _walk_ins(connection: sa.Connection, about: Known) -> Iterable[Entry]:
    """Walk-ins that stand: known by name only, at a desk."""
    rows = connection.execute(
        sa.select(Scan.scan_id, Scan.device_id, Scan.t.label("instant"), Scan.content)
        .join(Verdict, sa.and_(Verdict.device_id == Scan.device_id, Verdict.scan_id == Scan.scan_id))
        .where(
            Scan.meeting_id == about.meeting_id,
            Scan.person_key.like("walkin:%"),
            Verdict.verdict.is_not(None),
            Scan.kind == "entry",
        )
        .order_by(Scan.t.desc(), Scan.id)
    )
    made = {row.scan_id: row for row in rows if row.content.get("walk_in")}
    for scan_id, row in made.items():
        key, walk_in = f"walkin:{scan_id}", row.content["walk_in"]
        name = walk_in["name"]
        # a walk-in counts from the scan on, without the two minutes that a confirmation is given
        since = facts.written(row.instant + facts.EARLY_MS)
        content = {
            "h": None,
            "person": key,
            "name": name,
            "latin_name": walk_in.get("latin_name") or "",
            "called": "",
            "sort_key": (walk_in.get("latin_name") or name).casefold(),
            "organisation": walk_in.get("organisation") or "",
            "role": "walk_in",
            "mark": NO,
            "see_focal_point": False,
            "sign_ups": [],
            "facts": [{"fact": "confirmed", "person": key, "from": since}],
        }
        yield Entry(key, content, DESK, row.device_id)
