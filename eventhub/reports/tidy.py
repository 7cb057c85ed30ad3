"""The records as tidy tables, for questions that no report asks: one row a fact, one column a property, ids that join.

One place says what each table and column is: the CSV files, their data dictionary and the API are made from it. No
person is in any of them: people are counted where they may be, children and people at risk nowhere. What is not known
is empty; where small numbers could point to somebody, the number of people is empty too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import sqlalchemy as sa

from eventhub.db import db
from eventhub.directory.imprecise import Bounds
from eventhub.partnerships.models import Activity
from eventhub.reports import network
from eventhub.reports.facts import Facts
from eventhub.reports.network import Network

Value = str | int | bool | date | None
_ACTIVITY = (
    Activity.id,
    Activity.kind,
    Activity.title,
    Activity.start,
    Activity.start_precision,
    Activity.place,
    Activity.mode,
)


@dataclass(frozen=True)
class Column:
    """``kind`` is a type of the Table Schema: string | integer | boolean | date."""

    name: str
    kind: str
    means: str


@dataclass(frozen=True)
class Dataset:
    name: str
    means: str  # what one row is
    columns: tuple[Column, ...]
    rows: Callable[["Source"], Iterable[Sequence[Value]]]

    def records(self, source: "Source") -> Iterator[dict[str, Value]]:
        """Each row with its columns' names; raises ValueError when a row does not fit them."""
        names = [column.name for column in self.columns]
        return (dict(zip(names, row, strict=True)) for row in self.rows(source))


class Source:
    """What the tables are made from: the facts in a scope, and the network of them."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.slugs = {meeting.id: meeting.slug for meeting in facts.meetings}

    @cached_property
    def network(self) -> Network:
        return network.network(self.facts.kept, meeting_ids=None, took_part=set(self.slugs))


DATASETS: dict[str, Dataset] = {}


def dataset(name: str, means: str, *columns: tuple[str, str, str]):  # type: ignore[no-untyped-def]  # keeps the function
    """Register the function that makes a table's rows."""

    def register(rows: Callable[[Source], Iterable[Sequence[Value]]]):  # type: ignore[no-untyped-def]
        DATASETS[name] = Dataset(name, means, tuple(Column(*column) for column in columns), rows)
        return rows

    return register


def _plain(value: Bounds | None) -> tuple[date | None, date | None]:
    return (value.first, value.last) if value else (None, None)


@dataset(
    "meetings", "A meeting (edition) of a series.",
    ("meeting", "string", "the meeting's address name; other tables point to it"),
    ("series", "string", "the series' address name"),
    ("title", "string", "the meeting's title"),
    ("edition_no", "integer", "the number of the edition; empty: not known"),
    ("year", "integer", "the year of the edition"),
    ("starts", "date", "first day; with another precision than day, the first day that is possible"),
    ("ends", "date", "last day, likewise"),
    ("dates_precision", "string", "day | month | quarter | year | unknown"),
    ("state", "string", "planned | open | running | over | archived | cancelled | postponed"),
    ("mode", "string", "in_person | online | hybrid"),
    ("place", "string", "city"),
    ("country", "string", "country or territory, ISO 3166-1 alpha-2"),
)  # fmt: skip
def _meetings(source: Source) -> Iterable[Sequence[Value]]:
    for m in source.facts.meetings:
        yield (
            m.slug, m.series.slug, m.title, m.edition_no, m.year, m.starts, m.ends, m.dates_precision.value, m.state.value,
            m.mode.value, m.place, m.country,
        )  # fmt: skip


@dataset(
    "organisations", "An organisation that took part in a meeting or is a party of a partnership; merged ones are one.",
    ("organisation", "integer", "the organisation's id; other tables point to it"),
    ("name", "string", "the name to show"),
    ("country", "string", "country or territory, ISO 3166-1 alpha-2; empty: not noted"),
    ("sector", "string", "sector; empty: not noted"),
    ("since", "integer", "year of the first meeting or tie on record here"),
)  # fmt: skip
def _organisations(source: Source) -> Iterable[Sequence[Value]]:
    for node in source.network.nodes:
        yield node.id, node.name, node.country, source.facts.sectors.get(node.sector_id or 0, ""), node.since


@dataset(
    "participations", "An organisation with at least one adult whose registration for a meeting is confirmed.",
    ("meeting", "string", "meetings.meeting"),
    ("organisation", "integer", "organisations.organisation"),
    ("people", "integer", "how many adults; empty where children or people at risk take part in the meeting"),
)  # fmt: skip
def _participations(source: Source) -> Iterable[Sequence[Value]]:
    here = {node.id for node in source.network.nodes}
    for meeting in source.facts.meetings:
        one = source.facts.people[meeting.id]
        counts: dict[int, int] = {}
        for person in one.confirmed or ():
            organisation = one.organisation.get(person)
            if organisation in here and organisation is not None:
                counts[organisation] = counts.get(organisation, 0) + 1
        for organisation, n in sorted(counts.items()):
            yield meeting.slug, organisation, None if source.facts.sensitive else n


@dataset(
    "partnerships", "A partnership, with where it stands today.",
    ("partnership", "string", "the partnership's reference; other tables point to it"),
    ("title", "string", "its title"),
    ("meeting", "string", "meetings.meeting that it came from; empty: none, or not in this export"),
    ("state", "string", "proposed | active | dormant | ended | cancelled"),
    ("evidence", "string", "reported | confirmed | substantiated; headline figures count the last two"),
    ("disputed", "boolean", "whether a party disputes it"),
    ("stage_least", "integer", "stage 0-4 (Himmelman), at least; empty: nobody said"),
    ("stage_most", "integer", "the same at most: an unanswered question leaves a range"),
    ("origin", "string", "session | margin | introduced_by_secretariat | introduced_by_member | known_before | other | unknown"),
    ("influence", "string", "of the meeting, as stated: started | speeded_up | none | unknown"),
    ("contact_from", "date", "first day on which the first contact may have been; empty: not known"),
    ("contact_to", "date", "last such day"),
    ("activity_from", "date", "first day on which the first activity may have been; of a confirmed one, confirmed activities only"),
    ("activity_to", "date", "last such day"),
    ("days_least", "integer", "days from first contact to first activity, at least"),
    ("days_most", "integer", "the same at most"),
    ("activities", "integer", "activities on record"),
    ("activities_confirmed", "integer", "of them confirmed by all parties as they stand"),
    ("parties_asked", "integer", "parties asked about the facts"),
    ("parties_answered", "integer", "of them answered anything at all"),
)  # fmt: skip
def _partnerships(source: Source) -> Iterable[Sequence[Value]]:
    for row in source.facts.kept:
        yield (
            row.ref, row.title, source.slugs.get(row.meeting_id or 0, ""), str(row.state), row.standing.rung.value,
            row.standing.disputed, row.stage.least if row.stage else None, row.stage.most if row.stage else None,
            row.kind.value, row.influence, *_plain(row.contact), *_plain(row.first),
            row.time.least if row.time else None, row.time.most if row.time else None,
            len(row.activities), row.counted_activities, row.asked, row.answered,
        )  # fmt: skip


@dataset(
    "parties", "An organisation that is a party of a partnership.",
    ("partnership", "string", "partnerships.partnership"),
    ("organisation", "integer", "organisations.organisation"),
)  # fmt: skip
def _parties(source: Source) -> Iterable[Sequence[Value]]:
    return ((row.ref, ident) for row in source.facts.kept for ident in row.parties)


@dataset(
    "activities", "An activity of a partnership.",
    ("partnership", "string", "partnerships.partnership"),
    ("activity", "integer", "the activity's id"),
    ("confirmed", "boolean", "whether all parties confirmed it as it stands"),
    ("kind", "string", "learning_visit | training | joint_report | …"),
    ("title", "string", "its title"),
    ("start", "date", "first day of what is known; empty: not known"),
    ("start_precision", "string", "day | month | quarter | year | unknown"),
    ("place", "string", "where, as written"),
    ("mode", "string", "in_person | online | hybrid | unknown"),
)  # fmt: skip
def _activities(source: Source) -> Iterable[Sequence[Value]]:
    acts = {act.id: act for act in db.session.execute(sa.select(*_ACTIVITY))}
    for row in source.facts.kept:
        for ident, confirmed in row.activities:
            if ident in acts:  # else it was removed since
                _id, kind, title, start, precision, place, mode = acts[ident]
                yield row.ref, ident, confirmed, kind.value, title, start, precision.value, place, mode


@dataset(
    "themes", "A theme of a partnership.",
    ("partnership", "string", "partnerships.partnership"),
    ("scheme", "string", "own | crc_cluster | crc_article | general_comment | sdg | dac | upr"),
    ("theme", "string", "code in the scheme, or words"),
    ("label", "string", "the same in words"),
    ("main", "boolean", "whether it is the main theme of the partnership"),
)  # fmt: skip
def _themes(source: Source) -> Iterable[Sequence[Value]]:
    for row in source.facts.kept:
        for theme in row.themes:
            yield row.ref, theme.scheme.value, theme.code or theme.label, theme.label, theme.primary


@dataset(
    "levels", "A level that a partnership works on.",
    ("partnership", "string", "partnerships.partnership"),
    ("level", "string", "commune | district | province | national | sub_regional | regional | global"),
)  # fmt: skip
def _levels(source: Source) -> Iterable[Sequence[Value]]:
    return ((row.ref, level) for row in source.facts.kept for level in row.levels)


@dataset(
    "stages", "A statement about how close a partnership's work is; the newest counts.",
    ("partnership", "string", "partnerships.partnership"),
    ("stated_on", "date", "day of the statement"),
    ("stage_least", "integer", "stage 0-4, at least"),
    ("stage_most", "integer", "the same at most"),
)  # fmt: skip
def _stages(source: Source) -> Iterable[Sequence[Value]]:
    for row in source.facts.kept:
        for day, stage in row.stages:
            yield row.ref, day, stage.least if stage else None, stage.most if stage else None


@dataset(
    "replies", "What was asked about a partnership so many months after the meeting, and answered.",
    ("partnership", "string", "partnerships.partnership"),
    ("months", "integer", "3 | 6 | 12 | 24; more where a past edition was asked by hand"),
    ("asked", "integer", "how many were asked"),
    ("answered", "integer", "of them answered"),
    ("activity", "boolean", "whether somebody said: we did something together"),
    ("in_touch", "boolean", "whether somebody said: in touch"),
    ("nothing", "boolean", "whether somebody said: nothing came of it"),
)  # fmt: skip
def _replies(source: Source) -> Iterable[Sequence[Value]]:
    refs = {row.id: row.ref for row in source.facts.kept}
    for r in source.facts.replies:
        said = ("activity" in r.said, "in_touch" in r.said, "nothing" in r.said)
        yield refs[r.partnership], r.months, r.asked, r.answered, *said


@dataset(
    "ties", "A tie of the network: two organisations with at least one partnership.",
    ("organisation_a", "integer", "organisations.organisation"),
    ("organisation_b", "integer", "organisations.organisation"),
    ("evidence", "string", "reported | confirmed | substantiated: the best known of their partnerships"),
    ("no_reply", "boolean", "asked, and nobody has replied: neither a yes nor a no"),
    ("stage", "integer", "stage 0-4, at least; empty: nobody said"),
    ("since", "integer", "year of the first contact"),
    ("partnerships", "integer", "how many"),
)  # fmt: skip
def _ties(source: Source) -> Iterable[Sequence[Value]]:
    for tie in source.network.ties:
        evidence = "substantiated" if tie.substantiated else "confirmed" if tie.confirmed else "reported"
        yield tie.a, tie.b, evidence, tie.silent, tie.stage, tie.since, len(tie.partnerships)


def dictionary() -> Iterator[list[str]]:
    """The data dictionary: header, then a line a column."""
    yield ["table", "one row is", "column", "type", "meaning"]
    for found in DATASETS.values():
        for column in found.columns:
            yield [found.name, found.means, column.name, column.kind, column.means]
