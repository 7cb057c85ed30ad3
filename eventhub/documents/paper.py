"""The grid in which a signed paper is typed in: reading what was sent, and telling it from what the page showed.

Two people may type in the same paper at once: only a row that was ticked on the page and no longer is was taken back,
and only what was changed is written. Whatever is wrong stays as it was typed, with the reason beside it.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from eventhub.checkin import facts
from eventhub.checkin.service_paper import WalkIn
from eventhub.documents import service_paper
from eventhub.documents.queries_sheets import Row, Sheet
from eventhub.errors import InvalidError
from eventhub.pages import clean_line

EMPTY_LINES = 5
LONGEST = 200  # characters of a name
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.h]?([0-5][0-9])(?::[0-9]{2})?")


@dataclass
class Line:
    """A row of the grid as it stands in the browser."""

    key: str
    name: str
    latin_name: str = ""
    organisation: str = ""
    is_ticked: bool = False
    was_ticked: bool = False
    at: str = ""
    is_seen: bool = False  # a door let this person in
    problem: str = ""


@dataclass
class Grid:
    """The whole page. ``signed``, ``taken_back`` and ``walk_ins`` are what it asks to be written."""

    lines: list[Line]
    guests: list[Line]
    default_at: str = ""
    signed: dict[str, datetime] = field(default_factory=dict)
    taken_back: list[str] = field(default_factory=list)
    walk_ins: list[WalkIn] = field(default_factory=list)

    @property
    def has_problems(self) -> bool:
        return any(line.problem for line in [*self.lines, *self.guests])


def shown(sheet: Sheet, rows: list[Row], seen: set[str]) -> Grid:
    """The grid as it is kept."""
    zone = ZoneInfo(sheet.meeting.tz)
    lines = [
        Line(
            key=row.key,
            name=(row.called or _("Delegate")) if row.is_child else row.name,
            latin_name="" if row.is_child else row.latin_name,
            organisation="" if row.is_child else row.organisation,
            is_ticked=row.signed_at is not None,
            was_ticked=row.signed_at is not None,
            at=row.signed_at.astimezone(zone).strftime("%H:%M") if row.signed_at else "",
            is_seen=row.key in seen,
        )
        for row in rows
    ]
    start = sheet.session.starts.astimezone(zone).strftime("%H:%M") if sheet.session is not None else ""
    return Grid(lines, [_empty() for _n in range(EMPTY_LINES)], start)


def _empty() -> Line:
    return Line(key=str(uuid.uuid4()), name="")


def read(sheet: Sheet, kept: Grid, sent: Mapping[str, Any]) -> Grid:
    """The grid as it was sent, over what is kept."""
    grid = Grid(kept.lines, [], str(clean_line(sent.get("default_at", "")))[:20])
    for line in grid.lines:
        was = sent.get(f"was-{line.key}") == "1"
        at = str(clean_line(sent.get(f"at-{line.key}", "")))[:20]
        ticked = f"tick-{line.key}" in sent or (bool(at) and not was)
        if f"at-{line.key}" not in sent:
            continue  # it came into the list meanwhile: nobody has seen it
        if was and not ticked:
            grid.taken_back.append(line.key)
            line.is_ticked = False
        elif ticked and not (line.is_ticked and line.at == at):
            line.is_ticked, line.at, line.was_ticked = True, at, was
            _take(sheet, grid, line)
    for number in range(EMPTY_LINES):
        grid.guests.append(_guest(sheet, grid, number, sent))
    return grid


def _take(sheet: Sheet, grid: Grid, line: Line) -> None:
    try:
        grid.signed[line.key] = service_paper.instant(sheet, _time(line.at or grid.default_at))
    except InvalidError as error:
        line.problem = str(error)


def _guest(sheet: Sheet, grid: Grid, number: int, sent: Mapping[str, Any]) -> Line:
    name, organisation, at = (
        str(clean_line(sent.get(f"guest-{what}-{number}", "")))[:LONGEST] for what in ("name", "organisation", "at")
    )
    line = Line(key=_ident(sent.get(f"guest-id-{number}", "")), name=name, organisation=organisation, at=at)
    if not name:
        if organisation or at:
            line.problem = _("Write the name.")
        return line
    try:
        when = service_paper.instant(sheet, _time(at or grid.default_at))
        grid.walk_ins.append(WalkIn(line.key, name, organisation, facts.milliseconds(when)))
    except InvalidError as error:
        line.problem = str(error)
    return line


def _ident(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid4())


def _time(text: str) -> time:
    """A time as people type it: 09:05, 9.05, 905. Raises InvalidError."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise InvalidError(_("Write the time as on the paper, such as 09:05."))
    return time(int(found[1]), int(found[2]))
