"""The network of organisations: who stands on the map, which ties there are, and what is not known of them.

A tie is a partnership between two organisations; several between the same two are one tie that stands where the best
of them stands. Who took part in a meeting and has no tie on record stands on the map too: that is "no tie known".
Where parties were asked and none replied, the tie is only reported, and is counted as "no reply".
"""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import blake2b
from itertools import chain, combinations
from operator import attrgetter
from typing import NamedTuple

import sqlalchemy as sa

from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.directory.models import Organisation, Person
from eventhub.meetings.models import Meeting, Series
from eventhub.partnerships.models_import import PastAttendance
from eventhub.partnerships.states import Rung
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.reports.facts import Home, organisations
from eventhub.reports.ledger import Kept


class Node(NamedTuple):
    """One organisation; ``since`` is the year of its first meeting or tie on record."""

    id: int
    name: str
    country: str
    sector_id: int | None
    since: int
    secretariat: bool = False


class Tie(NamedTuple):
    """Between two organisations (``a`` < ``b``), with the partnerships that it stands for."""

    a: int
    b: int
    since: int
    confirmed: bool
    substantiated: bool
    disputed: bool
    silent: bool
    stage: int | None  # 0-4 at least; None: nobody said
    partnerships: tuple[int, ...]

    @property
    def ends(self) -> tuple[int, int]:
        return self.a, self.b


_ENDS = attrgetter("a", "b")  # of thousands of ties, in less time than the property takes


@dataclass(frozen=True)
class Network:
    """Nodes and ties by id. ``of`` takes a part of it away; nothing in it changes."""

    nodes: tuple[Node, ...]
    ties: tuple[Tie, ...]

    def of(self, *, secretariat: bool = True, reported: bool = True) -> "Network":
        """Without the secretariat's nodes and their ties, or without what is only reported."""
        if secretariat and reported:
            return self
        if (secretariat, reported) not in self._parts:
            nodes = self.nodes if secretariat else tuple([node for node in self.nodes if not node.secretariat])
            ties = self.ties if reported else tuple([tie for tie in self.ties if tie.confirmed])
            if len(nodes) < len(self.nodes):
                here = {node.id for node in nodes}
                ties = tuple([tie for tie in ties if tie.a in here and tie.b in here])
            self._parts[secretariat, reported] = Network(nodes, ties)
        return self._parts[secretariat, reported]

    @cached_property
    def _parts(self) -> dict[tuple[bool, bool], "Network"]:
        """What ``of`` has made: a page's tables ask for the same parts again."""
        return {}

    @cached_property
    def degrees(self) -> Mapping[int, int]:
        """To how many others each organisation is tied."""
        none = dict.fromkeys([node.id for node in self.nodes], 0)
        return none | Counter(chain.from_iterable(map(_ENDS, self.ties)))

    @cached_property
    def fingerprint(self) -> str:
        """The same for two networks of the same organisations and ties, whatever is known of them."""
        ends = sorted(map(_ENDS, self.ties))
        content = array("q", [len(self.nodes), *sorted([node.id for node in self.nodes]), *chain.from_iterable(ends)])
        return blake2b(content.tobytes(), digest_size=16).hexdigest()

    @property
    def years(self) -> tuple[int, int] | None:
        """The first and the last year in which somebody joined or a tie began; None for an empty network."""
        found = [node.since for node in self.nodes] + [tie.since for tie in self.ties]
        return (min(found), max(found)) if found else None


def network(
    kept: Iterable[Kept],
    *,
    meeting_ids: Collection[int] | None,
    took_part: Collection[int] | None = None,
    secretariats: Collection[int] = (),
    until: int | None = None,
    alone: Collection[int] | None = None,
    homes: Mapping[int, Home] | None = None,
) -> Network:
    """The network of the meetings (None: of all, and of partnerships from no meeting) as it was in a year's end.

    Evidence is as it stands today; stages are as they were stated by then. ``took_part`` are the meetings whose
    organisations stand on the map without a tie too, where they are others; ``alone`` are those that may (None: all).
    ``homes`` are the organisations by id (``facts.organisations``), for who has read them already.
    """
    ties = _ties([row for row in kept if meeting_ids is None or row.meeting_id in meeting_ids], until)
    first = _took_part(meeting_ids if took_part is None else took_part)
    if alone is not None:
        first = {ident: year for ident, year in first.items() if ident in alone}
    for tie in ties:
        for end in (tie.a, tie.b):
            if tie.since < first.get(end, tie.since + 1):
                first[end] = tie.since
    if until is not None:
        first = {ident: year for ident, year in first.items() if year <= until}
    return Network(tuple(_nodes(first, frozenset(secretariats), homes)), tuple(ties))


def _ties(kept: Iterable[Kept], until: int | None) -> list[Tie]:
    day = date(until, 12, 31) if until is not None else date.max
    pairs: dict[tuple[int, int], list[Kept]] = {}
    for row in kept:
        if row.since <= day:
            for pair in combinations(row.parties, 2):
                if pair in pairs:
                    pairs[pair].append(row)
                else:
                    pairs[pair] = [row]
    return [_tie(pair, pairs[pair], day) for pair in sorted(pairs)]


def _tie(pair: tuple[int, int], rows: list[Kept], day: date) -> Tie:
    """The best known of these partnerships is what the tie stands for."""
    best = [row for row in rows if row.counted] or rows
    confirmed = best[0].counted
    stages = [stage.least for row in best if (stage := row.stage_at(day)) is not None]
    return Tie(
        *pair,
        since=min([row.since for row in rows]).year,
        confirmed=confirmed,
        substantiated=confirmed and any([row.standing.rung is Rung.SUBSTANTIATED for row in best]),
        disputed=not confirmed and any([row.standing.disputed for row in best]),
        silent=not confirmed and all([row.silent for row in best]),
        stage=max(stages) if stages else None,
        partnerships=tuple([row.id for row in rows]),
    )


def _took_part(meeting_ids: Collection[int] | None) -> dict[int, int]:
    """The year of each organisation's first confirmed adult who may be listed, or of the first list of the time that
    names it; canonical."""
    into = directory.canonical_ids(Organisation)
    statement = (
        sa.select(Registration.organisation_id, sa.func.min(Meeting.year))
        .join(Person, Person.id == Registration.person_id)
        .join(Meeting, Meeting.id == Registration.meeting_id)
        .where(
            Registration.organisation_id.is_not(None),
            Registration.state == RegistrationState.CONFIRMED,
            ~Registration.is_child,
            ~Person.is_child,
            ~Person.at_risk,
        )
        .group_by(Registration.organisation_id)
    )
    if meeting_ids is not None:
        statement = statement.where(Registration.meeting_id.in_(meeting_ids))
    listed = (
        sa.select(PastAttendance.organisation_id, sa.func.min(Meeting.year))
        .join(Meeting, Meeting.id == PastAttendance.meeting_id)
        .outerjoin(Person, Person.id == PastAttendance.person_id)
        .where(sa.or_(PastAttendance.person_id.is_(None), ~sa.or_(Person.at_risk, Person.is_child)))
        .group_by(PastAttendance.organisation_id)
    )
    if meeting_ids is not None:
        listed = listed.where(PastAttendance.meeting_id.in_(meeting_ids))
    first: dict[int, int] = {}
    for ident, year in chain(db.session.execute(statement).all(), db.session.execute(listed).all()):
        end = into.get(ident, ident)
        if year < first.get(end, year + 1):
            first[end] = year
    return first


def _nodes(first: Mapping[int, int], secretariats: frozenset[int], homes: Mapping[int, Home] | None) -> list[Node]:
    found = organisations() if homes is None else homes
    return [
        Node(*row, year, ident in secretariats)
        for ident, year in sorted(first.items())
        if (row := found.get(ident)) is not None
    ]


def secretariats(series: Iterable[Series]) -> dict[int, str]:
    """The organisations that run these series: those in the directory that go by the name written with the series."""
    found = {}
    for one in series:
        for organisation in directory.match_organisations(one.secretariat):
            found[organisation.id] = organisation.name
    return found
