"""The papers of a day or a session: the signature list for donors, the blank list for when all fails, the children's own
list; and the signature list as a table for spreadsheets."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from flask_babel import gettext as _

from eventhub import clock, files
from eventhub.badges import cards
from eventhub.badges.sheet import plain
from eventhub.checkin import facts, gather
from eventhub.directory.places import country_name
from eventhub.documents.queries_sheets import Reach, Row, Rows, Sheet, came, expected
from eventhub.errors import NotFoundError, RuleError
from eventhub.meetings.models import Meeting
from eventhub.safeguarding import queries as safeguarding
from eventhub.typeset import typeset
from eventhub.ui import day_text, moment_text

TEMPLATE = "documents/sheet.typ"
MOST = 5000  # lines of one paper
MANY = 80  # lines; longer papers are typeset in a process of their own, as a job
A_PAGE = 15  # lines of the blank list on one page
EMPTY_LINES = 15  # for whoever is on no list
REACH = {Reach.LOCAL: "local", Reach.INTERNATIONAL: "international", Reach.UNKNOWN: "unknown"}

Progress = Callable[[int, int | None], None]


def signature_list(sheet: Sheet, progress: Progress | None = None) -> tuple[bytes, int]:
    """The PDF for donors, and how many people are named on it: who was there, with room to sign."""
    rows = came(sheet)
    return _make(sheet, "signed", [("", rows.named)], _summary(rows), progress), len(rows.named)


def blank_list(sheet: Sheet, progress: Progress | None = None) -> tuple[bytes, int]:
    """The PDF to print before: everybody expected, by name, a page for each group of letters, and empty lines."""
    rows = expected(sheet)
    groups = letter_groups(rows.named)
    return _make(sheet, "blank", groups, _summary(rows), progress, empty=EMPTY_LINES), len(rows.named)


def children_list(sheet: Sheet) -> bytes:
    """The children by the names they chose, each with adult and deputy. For who may see children only."""
    children = expected(sheet).children
    ids = [ident for row in children if (ident := gather.id_of(row.key)) is not None]
    carers = safeguarding.carers(ids, sheet.meeting.id)
    shown = []
    for row in children:
        adults = [held.adult for held in carers.get(gather.id_of(row.key) or 0, [])]
        shown.append({"name": row.called or cards.NAMELESS, "adults": [_adult(adult) for adult in adults]})
    return _typeset(sheet, "children", [{"title": "", "rows": shown}], [], None, 0)


def _adult(adult: Any) -> str:
    latin = adult.latin_name
    return plain(f"{adult.full_name} ({latin})" if latin and latin != adult.full_name else adult.full_name)


def letter_groups(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    """The rows in pages that begin with a new letter: as many letters together as fit, so "A–C"."""
    groups: list[tuple[list[str], list[Row]]] = []
    for row in rows:
        letter = (row.sort_key or row.name)[:1].upper() or "?"
        if groups and groups[-1][0][-1] == letter:
            groups[-1][1].append(row)
        else:
            groups.append(([letter], [row]))
    joined: list[tuple[list[str], list[Row]]] = []
    for letters, group in groups:
        if joined and len(joined[-1][1]) + len(group) <= A_PAGE:
            joined[-1][0].extend(letters)
            joined[-1][1].extend(group)
        else:
            joined.append((list(letters), list(group)))
    return [(_span(letters), group) for letters, group in joined]


def _span(letters: list[str]) -> str:
    return letters[0] if letters[0] == letters[-1] else f"{letters[0]}–{letters[-1]}"


def table(sheet: Sheet) -> list[list[Any]]:
    """The signature list for a spreadsheet; who is not named is counted in the last lines."""
    rows, zone = came(sheet), ZoneInfo(sheet.meeting.tz)
    lines: list[list[Any]] = [
        [
            _("No."),
            _("Name"),
            _("Name in Latin letters"),
            _("Organisation"),
            _("Country or territory"),
            _("Role"),
            _("Local or international"),
            _("Let in (time of the place)"),
            _("Signed (time of the place)"),
        ]
    ]
    for number, row in enumerate(rows.named, start=1):
        first = facts.moment(row.first).astimezone(zone) if row.first is not None else None
        signed = row.signed_at.astimezone(zone) if row.signed_at else None
        lines.append(
            [
                number,
                row.name,
                row.latin_name,
                row.organisation,
                country_name(row.country) if row.country else _("unknown"),
                row.role or _("walk-in"),
                _reach_words(row.reach),
                first.strftime("%Y-%m-%d %H:%M") if first else "",
                signed.strftime("%Y-%m-%d %H:%M") if signed else "",
            ]
        )
    return [*lines, *([_("not named"), words] for words in _kept_back(rows))]


def _reach_words(reach: Reach) -> str:
    return {Reach.LOCAL: _("local"), Reach.INTERNATIONAL: _("international"), Reach.UNKNOWN: _("unknown")}[reach]


def _kept_back(rows: Rows) -> list[str]:
    words = []
    if rows.children:
        words.append(_("Children: %(n)s (names kept by the focal point)", n=len(rows.children)))
    if rows.kept_back:
        words.append(_("Adults not named: %(n)s (names kept by the secretariat)", n=rows.kept_back))
    return words


def _summary(rows: Rows) -> list[str]:
    with force_locale("en"):
        total = len(rows.everybody)
        counts = ", ".join(f"{rows.count(reach)} {word}" for reach, word in REACH.items())
        return [
            f"{total} {'person' if total == 1 else 'people'}: {counts}.",
            *(f"{words}." for words in _kept_back(rows)),
        ]


def _make(
    sheet: Sheet,
    form: str,
    groups: list[tuple[str, list[Row]]],
    summary: list[str],
    progress: Progress | None,
    empty: int = 0,
) -> bytes:
    number = sum(len(rows) for _title, rows in groups)
    if not number and not empty:
        raise RuleError(_("Nobody who may be named was checked in or signed yet, so there is nothing to print."))
    if number > MOST:
        raise RuleError(_("These are %(n)s people; one paper holds %(most)s.", n=number, most=MOST))
    if progress is not None:
        progress(0, number)  # frees the database for the others
    with force_locale("en"):
        records = [{"title": plain(title), "rows": [_record(row, sheet) for row in rows]} for title, rows in groups]
    return _typeset(sheet, form, records, summary, number, empty)


def _typeset(
    sheet: Sheet, form: str, groups: list[dict[str, Any]], summary: list[str], number: int | None, empty: int
) -> bytes:
    meeting, session = sheet.meeting, sheet.session
    with force_locale("en"):
        hours = ""
        if session is not None:
            start, end = (moment.astimezone(ZoneInfo(meeting.tz)) for moment in (session.starts, session.ends))
            hours = f"{start:%H:%M}–{end:%H:%M}"
        data = {
            "form": form,
            "meeting": {
                "title": plain(meeting.title),
                "accent": meeting.accent,
                "project": plain(meeting.project_line),
                "place": _place(meeting),
                "country": country_name(meeting.country) if meeting.country else "",
            },
            "session": plain(session.title) if session is not None else "",
            "date": day_text(sheet.day, weekday=True),
            "hours": hours,
            "printed": moment_text(clock.now(), meeting.tz),
            "groups": groups,
            "summary": summary,
            "empty": empty,
        }
    apart = number is not None and number > MANY
    return typeset(TEMPLATE, data, logo_of(meeting), tagged=not apart, apart=apart)


def _place(meeting: Meeting) -> str:
    """Venue and city; the city once, where the venue's address has it already."""
    venue, city = plain(meeting.venue), plain(meeting.place)
    return venue if city and city.casefold() in venue.casefold() else ", ".join(filter(None, (venue, city)))


def logo_of(meeting: Meeting) -> dict[str, bytes]:
    """The logo as a picture for the paper; nothing where there is none (any more)."""
    if meeting.logo_id is None:
        return {}
    try:
        return {"logo": files.get(meeting.logo_id).content}
    except NotFoundError:
        return {}


def _record(row: Row, sheet: Sheet) -> dict[str, str]:
    signed = row.signed_at.astimezone(ZoneInfo(sheet.meeting.tz)) if row.signed_at else None
    return {
        "name": plain(row.name),
        "latin_name": plain(row.latin_name),
        "organisation": plain(row.organisation),
        "country": country_name(row.country) if row.country else "unknown",
        "country_code": row.country,
        "language": row.language,
        "role": (row.role or "walk-in").capitalize(),
        "reach": REACH[row.reach],
        "signed": f"{signed:%H:%M}" if signed else "",
    }


MAKERS = {"signed": signature_list, "blank": blank_list}
JOB = "documents.sheet"
