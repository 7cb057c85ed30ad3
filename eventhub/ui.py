"""Decides how facts are written on a page: dates with their doubt, names in their script, counts, states, colours.

Templates use the filters and globals that `init_app` registers. Each filter that returns HTML isolates its text with
<bdi>, so that it stays whole inside a right-to-left line; its sibling with `_text` returns the plain words for letters.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from flask import Flask, current_app, request, url_for
from flask_babel import get_locale, gettext
from markupsafe import Markup, escape

from eventhub.band import band_svg, mail_band
from eventhub.clock import now
from eventhub.colour import DEFAULT_ACCENT, accent_tokens, normal
from eventhub.states import known, label_of, tone_of
from eventhub.translated import is_draft

RTL = frozenset(("ar", "arc", "ckb", "dv", "fa", "he", "ks", "nqo", "prs", "ps", "sd", "syr", "ug", "ur", "yi"))
RTL_SCRIPTS = frozenset(("arab", "aran", "hebr", "thaa", "syrc", "nkoo"))
PRECISIONS = ("day", "month", "quarter", "year", "unknown")

# First and last code point of the blocks that need a class of their own, and the class.
SCRIPTS = (
    (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x06FF, "arabic"),
    (0x0750, 0x077F, "arabic"),
    (0x0780, 0x07BF, "thaana"),
    (0x08A0, 0x08FF, "arabic"),
    (0x0900, 0x097F, "devanagari"),
    (0x0980, 0x09FF, "bengali"),
    (0x0B80, 0x0BFF, "tamil"),
    (0x0D80, 0x0DFF, "sinhala"),
    (0x0E00, 0x0E7F, "thai"),
    (0x0E80, 0x0EFF, "lao"),
    (0x0F00, 0x0FFF, "tibetan"),
    (0x1000, 0x109F, "myanmar"),
    (0x1100, 0x11FF, "hangul"),
    (0x1780, 0x17FF, "khmer"),
    (0x3040, 0x30FF, "japanese"),
    (0x3400, 0x9FFF, "han"),
    (0xAC00, 0xD7AF, "hangul"),
    (0xFB50, 0xFDFF, "arabic"),
    (0xFE70, 0xFEFE, "arabic"),
    (0x20000, 0x323AF, "han"),
)


# Languages and scripts

_BRITISH = Locale("en", "GB")


def locale() -> Locale:
    """The reader's locale; plain English reads day first, as the region writes it."""
    found = get_locale()
    return _BRITISH if found is None or (found.language == "en" and found.territory is None) else found


def page_lang() -> str:
    """The page's language as a BCP 47 tag, for `lang`."""
    return str(get_locale() or "en").replace("_", "-")


def dir_of(lang: object) -> str:
    """ "rtl" or "ltr" for a language tag such as "ur", "ur-PK", "pa-Arab", or a Babel locale."""
    parts = re.split(r"[-_]", str(lang or "").lower())
    scripts = [part for part in parts[1:] if len(part) == 4 and part.isalpha()]
    if scripts:
        return "rtl" if scripts[0] in RTL_SCRIPTS else "ltr"
    return "rtl" if parts[0] in RTL else "ltr"


def language_name(lang: object) -> Markup:
    """A language in its own words ("ខ្មែរ"), isolated and marked with its tag."""
    tag = str(lang or "").replace("_", "-")
    try:
        name = Locale.parse(tag, sep="-").get_display_name() or tag
    except (UnknownLocaleError, ValueError):
        name = tag
    return Markup('<bdi lang="{}">{}</bdi>').format(tag, name)


@lru_cache(4096)
def _script_of(char: str) -> str:
    point = ord(char)
    for first, last, script in SCRIPTS:
        if first <= point <= last:
            return script
    return "latin"


def script_class(text: object) -> str:
    """The CSS class of a text's main script, such as "script-khmer".

    Any script but Latin wins over Latin, since it is the one that needs the room; kana makes a text Japanese.
    """
    words = str(text or "")[:500]
    if words.isascii():  # long tables have thousands of them
        return "script-latin"
    seen = Counter(_script_of(c) for c in words if unicodedata.category(c)[0] in "LM")
    if seen["japanese"]:
        return "script-japanese"
    del seen["latin"]
    return "script-" + (seen.most_common(1)[0][0] if seen else "latin")


def bdi(text: object) -> Markup:
    """Any text a person wrote, isolated, with the class of its script."""
    return _opening(script_class(text)) + escape(text) + _CLOSING


_CLOSING = Markup("</bdi>")


@lru_cache(64)  # a long table has thousands, and Markup.format takes five times as long as an addition
def _opening(script: str) -> Markup:
    return Markup('<bdi class="{}">').format(script)


def _read(thing: Any, *names: str) -> str:
    if not thing:  # None, or a variable that the page was not given
        return ""
    for name in names:
        value = thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)
        if value:
            return str(value)
    return ""


def name_of(person: Any, latin: bool = True) -> Markup:
    """A person's or organisation's name as they write it, and in Latin letters where that differs.

    Takes an object or mapping with `full_name` (or `name`) and `latin_name`, or a string, or None ("unknown").
    """
    if isinstance(person, str):
        person = {"full_name": person}
    own, other = _read(person, "full_name", "name", "latin_name"), _read(person, "latin_name")
    if not own:
        return Markup('<span class="unknown">{}</span>').format(gettext("unknown"))
    first = Markup('<bdi class="name {}">{}</bdi>').format(script_class(own), own)
    if not latin or not other or other == own:
        return first
    return Markup('{} <bdi class="name-latin" lang="und-Latn">{}</bdi>').format(first, other)


# Dates and numbers


def _when(machine: str, words: str) -> Markup:
    return Markup('<bdi><time datetime="{}">{}</time></bdi>').format(machine, words)


def _unknown() -> Markup:
    return Markup('<span class="unknown">{}</span>').format(gettext("unknown"))


def day_text(value: date | None, weekday: bool = False, tz: str | tzinfo | None = None) -> str:
    """ "28 July 2025"; with `weekday` "Monday, 28 July 2025". A moment is the day that it was in `tz`."""
    there = _day_in(value, tz)
    return format_date(there, "full" if weekday else "long", locale()) if there else gettext("unknown")


def day(value: date | None, weekday: bool = False, tz: str | tzinfo | None = None) -> Markup:
    """The same for a page."""
    there = _day_in(value, tz)
    return _when(f"{there:%Y-%m-%d}", day_text(there, weekday)) if there else _unknown()


def _day_in(value: date | None, tz: str | tzinfo | None) -> date | None:
    return _in_zone(value, tz).date() if isinstance(value, datetime) else value


def days_text(start: date | None, end: date | None = None) -> str:
    """ "28–30 July 2025"; one day when both are the same or the end is missing."""
    if not start or not end or start == end:
        return day_text(start or end)
    reader = locale()
    apart = "y" if start.year != end.year else "M" if start.month != end.month else "d"
    pieces = reader.interval_formats["yMMMd"].get(apart) or []
    if len(pieces) != 2:
        return f"{day_text(start)} – {day_text(end)}"
    whole = [re.sub(r"(?<!M)MMM(?!M)", "MMMM", piece) for piece in pieces]
    said = "".join(format_date(when, piece, reader) for when, piece in zip((start, end), whole, strict=True))
    # newer lists of Unicode put thin spaces around the dash also between two numbers of days, where they tear
    return said.replace("\u2009–\u2009", "–") if apart == "d" else said


def days(start: date | None, end: date | None = None) -> Markup:
    """The same for a page."""
    return Markup("<bdi>{}</bdi>").format(days_text(start, end)) if start or end else _unknown()


def when(meeting: Any) -> Markup:
    """When a meeting takes or took place, as exactly as it is known."""
    if str(meeting.dates_precision) == "day":
        return days(meeting.starts, meeting.ends)
    return imprecise(meeting.starts, meeting.dates_precision)


def when_text(meeting: Any) -> str:
    """The same in plain words."""
    if str(meeting.dates_precision) == "day":
        return days_text(meeting.starts, meeting.ends)
    return imprecise_text(meeting.starts, meeting.dates_precision)


def _zone(tz: str | tzinfo | None) -> tzinfo:
    return tz if isinstance(tz, tzinfo) else ZoneInfo(tz) if tz else UTC


def _in_zone(value: datetime, tz: str | tzinfo | None) -> datetime:
    """The moment in a zone; a moment without one is UTC, as the database keeps it."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(_zone(tz))


def _zone_words(value: datetime) -> str:
    offset = value.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    utc = f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"
    if not getattr(value.tzinfo, "key", "").count("/"):
        return utc
    city = get_timezone_location(value.tzinfo, locale=locale(), return_city=True)
    return gettext("%(city)s time, %(utc)s", city=city, utc=utc)


def zone_text(tz: str, on: date | None = None) -> str:
    """A zone in words, as it is on a day: "Kuala Lumpur time, UTC+8"; today without one."""
    there = datetime(on.year, on.month, on.day, 12, tzinfo=_zone(tz)) if on else _in_zone(now(), tz)
    return _zone_words(there)


def moment_text(value: datetime | None, tz: str | tzinfo | None = None) -> str:
    """ "28 July 2025, 09:30 (Manila time, UTC+8)"; `tz` is an IANA name or a tzinfo, UTC without it."""
    if not value:
        return gettext("unknown")
    there = _in_zone(value, tz)
    clock = format_datetime(there, "HH:mm", locale=locale())
    return f"{day_text(there.date())}, {clock} ({_zone_words(there)})"


def moment(value: datetime | None, tz: str | tzinfo | None = None) -> Markup:
    """The same for a page."""
    return _when(_in_zone(value, tz).isoformat(timespec="minutes"), moment_text(value, tz)) if value else _unknown()


def clock(value: datetime | None, tz: str | tzinfo | None = None) -> Markup:
    """The time of day only, "09:30", for tables whose head names the zone."""
    if not value:
        return _unknown()
    there = _in_zone(value, tz)
    return _when(there.isoformat(timespec="minutes"), format_time(there, "HH:mm", locale=locale()))


def imprecise_text(value: date | None, precision: object = "day") -> str:
    """A remembered date with no more than was remembered: "18 February 2020", "February 2020", "unknown"."""
    kind = str(getattr(precision, "value", precision) or "unknown")
    if not value or kind not in PRECISIONS or kind == "unknown":
        return gettext("unknown")
    if kind == "quarter":
        quarter = (value.month + 2) // 3
        return gettext("quarter %(number)d of %(year)d", number=quarter, year=value.year)
    if kind == "day":
        return day_text(value)
    return format_date(value, {"month": "LLLL y", "year": "y"}[kind], locale())


def imprecise(value: date | None, precision: object = "day") -> Markup:
    """The same for a page; the machine-readable part is no more exact than the words."""
    words = imprecise_text(value, precision)
    if words == gettext("unknown") or not value:
        return _unknown()
    kind = str(getattr(precision, "value", precision))
    if kind == "quarter":
        return Markup("<bdi>{}</bdi>").format(words)
    return _when(value.strftime({"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[kind]), words)


def count_text(n: int | None) -> str:
    """A whole number in the reader's digits; None is "unknown"."""
    return gettext("unknown") if n is None else _count_text(n, locale())


@lru_cache(4096)  # a long table has thousands of small numbers
def _count_text(n: int, reader: Locale) -> str:
    return format_decimal(n, locale=reader)


def count(n: int | None) -> Markup:
    """A head-count: 0 is 0, None is written out as unknown."""
    return _unknown() if n is None else _counted(n, locale())


@lru_cache(4096)
def _counted(n: int, reader: Locale) -> Markup:
    return Markup("<bdi>{}</bdi>").format(_count_text(n, reader))


def cells(row: Sequence[str | int | None], quiet: bool = False) -> list[Markup]:
    """A table's row: counts, texts of people, and what is not known, which is a dash where the row is ``quiet``. All at
    once, since the table of a network has thousands; its words (organisations, countries, years) stand there many times."""
    reader, none = locale(), _unknown() if None in row and not quiet else _NOTHING
    return [none if cell is None else _counted(cell, reader) if isinstance(cell, int) else _word(cell) for cell in row]


def rows_of(opens: Sequence[Markup], rows: Iterable[Any]) -> Markup:
    """A table's rows whose numbers lead nowhere, whole: ``opens`` holds what begins each column's cell, a row's ``url``
    is where its first cell leads. A network's tables have too many cells to ask of each in the template."""
    known: dict[str | int | None, Markup] = {None: _unknown()}
    lines = []
    for row in rows:
        plain = not row.quiet and Markup not in map(type, row.cells)
        for cell in row.cells if plain else ():
            if cell not in known:
                [known[cell]] = cells([cell])
        first, *others = [known[cell] for cell in row.cells] if plain else cells(row.cells, row.quiet)
        head = f'<a href="{escape(row.url)}">{first}</a>' if row.url else first
        rest = [f"{opening}<span>{value}</span></td>" for opening, value in zip(opens[1:], others, strict=True)]
        quiet = ' class="is-quiet"' if row.quiet else ""
        lines.append(f"    <tr{quiet}>\n{opens[0]}{head}</th>{''.join(rest)}    </tr>\n")
    return Markup("".join(lines))  # noqa: S704  (all parts are markup: cells escapes)


def _word(text: str) -> Markup:
    return _kept_word(text) if type(text) is str else bdi(text)  # markup that equals a text is not escaped like it


@lru_cache(4096)
def _kept_word(text: str) -> Markup:
    return bdi(text)


_NOTHING = Markup('<span class="unknown">–</span>')


def of(n: int | None, total: int | None) -> Markup:
    """ "12 of 70": a number of people never stands without what it is a part of."""
    return Markup("<bdi>{}</bdi>").format(gettext("%(n)s of %(total)s", n=count_text(n), total=count_text(total)))


def share(n: int | None, total: int | None) -> Markup:
    """ "17%", or unknown where either number is, or there is nobody to be a share of."""
    if n is None or not total:
        return _unknown()
    return Markup("<bdi>{}</bdi>").format(format_percent(n / total, locale=locale()))


# Colour, addresses


def accent_style(thing: Any = None) -> str:
    """The custom properties of an accent, as a stylesheet sets them; "" for nothing.

    Takes a meeting (its `accent`), a colour, or nothing.
    """
    accent = thing if isinstance(thing, str) else _read(thing, "accent")
    if not accent:
        return ""
    names = {"night_accent": "n", "night_dark": "n-dark", "night_pale": "n-pale", "night_on": "n-on"}
    tokens = accent_tokens(normal(accent))
    return ";".join(
        f"--a-{names.get(key, 'd' if key == 'accent' else 'd-' + key)}:{value}" for key, value in tokens.items()
    )


def accent_sheet(thing: Any = None) -> str:
    """The address of the stylesheet of an accent; "" for the house's own teal, which needs none.

    Pages hold no styles themselves: whoever found a way to write into one could not even change how it looks.
    """
    accent = normal(thing if isinstance(thing, str) else _read(thing, "accent"))
    if accent == DEFAULT_ACCENT:
        return ""
    made = hashlib.blake2b(accent_style(accent).encode(), digest_size=5).hexdigest()
    return url_for("house.accent", colour=accent.removeprefix("#"), v=made)


def accent_colours(thing: Any = None) -> dict[str, str]:
    """The derived colours themselves, for letters, where no stylesheet decides."""
    return accent_tokens(thing if isinstance(thing, str) else _read(thing, "accent"))


def band(thing: Any, width: int | None = None, height: int = 50) -> Markup:
    """The woven band of a meeting (its `slug` and `accent`) or of a slug."""
    slug = thing if isinstance(thing, str) else _read(thing, "slug") or "eventhub"
    accent = "" if isinstance(thing, str) else _read(thing, "accent")
    return band_svg(slug, normal(accent), width, height)


@lru_cache(256)
def _fingerprint(path: str, changed: int) -> str:
    return hashlib.blake2b(Path(path).read_bytes(), digest_size=5).hexdigest()


def asset(filename: str) -> str:
    """The address of a static file with the hash of its content, so that it may be cached for ever."""
    path = Path(current_app.static_folder or "static") / filename
    try:
        return url_for("static", filename=filename, v=_fingerprint(str(path), path.stat().st_mtime_ns))
    except FileNotFoundError:
        return url_for("static", filename=filename)


def listed(words: Iterable[object]) -> str:
    """Several names in one sentence, as the reader's language joins them: "A, B and C"."""
    return str(format_list([str(word) for word in words], locale=locale()))


def url_with(**changes: Any) -> str:
    """This page with some of its query changed, as a relative address; None takes a key away.

    A new filter starts at page 1. The query is the visitor's: it is only ever encoded, never handed to `url_for`.
    """
    query: dict[str, Any] = {**request.args.to_dict(flat=False), **changes}
    if "page" not in changes:
        query.pop("page", None)
    return "?" + urlencode({key: value for key, value in query.items() if value is not None}, doseq=True)


FILTERS = (
    day, day_text, days, days_text, moment, moment_text, clock, imprecise, imprecise_text, count, count_text, of, share,
    name_of, bdi, script_class, dir_of, language_name, band, listed,
)  # fmt: skip
GLOBALS = (
    when,
    accent_colours, accent_sheet, asset, band,
    mail_band, days, days_text, day, moment, imprecise, count, cells, rows_of, of, share,
    name_of, bdi, script_class, zone_text, dir_of, page_lang, language_name, url_with,
    is_draft,
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Give the templates every filter and global of this page."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update({f.__name__: f for f in FILTERS})
    app.jinja_env.globals.update({g.__name__: g for g in GLOBALS})
    app.jinja_env.globals.update(state_tone=tone_of, state_label=label_of, state_known=known)
