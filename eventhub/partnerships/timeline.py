"""The vertical time line of a partnership: the handshake, what was done, what changed, who was asked since.

Each entry is placed by what is known of its date; what has no date stands right after the handshake, since all that is
known is that it came after. A change is placed after what was done.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from eventhub.directory import imprecise
from eventhub.directory.imprecise import Bounds, Span
from eventhub.directory.models import Precision
from eventhub.partnerships import facts, timing
from eventhub.partnerships.ladder import Standing, Word
from eventhub.partnerships.models import Activity, FollowUp, Origin, Outcome, Partnership, Verification
from eventhub.partnerships.states import FollowUpState, SubstantiationState
from eventhub.partnerships.words import word

Event = dict[str, Any]
DAYS_A_MONTH = 30.44
IN_MONTHS = 90  # days; longer times are said in months too


def events(partnership: Partnership, standing: Standing, follow_ups: Sequence[FollowUp]) -> list[Event]:
    """The entries in order, as macros/timeline.html takes them."""
    start = timing.contact_of(partnership.origin)
    handshake = [_origin(partnership.origin, standing)] if partnership.origin else []
    done = sorted((_activity(row, standing, start) for row in partnership.activities), key=_place)
    changed = [_outcome(row, standing) for row in partnership.outcomes]
    asked = _follow_ups([row for row in follow_ups if row.state is not FollowUpState.CLOSED])
    # a change has no date: it stands after what was done, and before what the parties are asked later
    last = _place(done[-1])[1] if done else date.min
    before = [event for event in asked if event["date"] <= last]
    return handshake + sorted([*done, *before], key=_place) + changed + asked[len(before) :]


def _place(event: Event) -> tuple[bool, date, bool]:
    bounds = imprecise.bounds(event["date"], event["precision"])
    return (bounds is not None, bounds.first if bounds else date.min, bounds is None or bounds.first != bounds.last)


def _origin(origin: Origin, standing: Standing) -> Event:
    when, precision, end = origin.first_contact, origin.first_contact_precision, None
    introduction = origin.introduction
    if when is None and introduction is not None and introduction.met_on is not None:
        when, precision = introduction.met_on, introduction.met_precision
    if when is None and origin.meeting is not None:
        when, precision, end = origin.meeting.starts, origin.meeting.dates_precision, origin.meeting.ends
    place = ", ".join(part for part in (origin.meeting.title, origin.meeting.place) if part) if origin.meeting else ""
    title = _("They met at %(meeting)s", meeting=place) if place else _("They met")
    details = [word(origin.kind)] if origin.kind.value != "unknown" else []
    if origin.session is not None:
        details.append(origin.session.title)
    return {
        "key": facts.ORIGIN,
        "date": when,
        "end": end,
        "precision": precision,
        "kind": _("Handshake"),
        "title": title,
        "text": " · ".join(details),
        "state": standing.items.get(facts.ORIGIN),
        "introduction": introduction,
    }


def _activity(row: Activity, standing: Standing, start: Bounds | None) -> Event:
    time = timing.time_to(row, start)
    exact = row.start_precision is Precision.DAY and row.end_precision is Precision.DAY
    return {
        "key": facts.activity_key(row),
        "date": row.start,
        "end": row.end if exact else None,
        "precision": row.start_precision,
        "kind": word(row.kind),
        "title": row.title,
        "text": row.description,
        "place": row.place,
        "note": _("%(time)s after they met", time=span_text(time)) if time is not None else "",
        "state": standing.items.get(facts.activity_key(row)),
        "part": "activity",
        "part_id": row.id,
        "counts": row.counts,
        "outputs": row.outputs,
    }


def _outcome(row: Outcome, standing: Standing) -> Event:
    return {
        "key": facts.outcome_key(row),
        "date": None,
        "precision": Precision.UNKNOWN,
        "kind": f"{_('What changed')}: {word(row.change)}",
        "title": row.statement,
        "text": row.significance,
        "note": row.contribution,
        "state": standing.items.get(facts.outcome_key(row)),
        "part": "outcome",
        "part_id": row.id,
    }


def _follow_ups(rows: Sequence[FollowUp]) -> list[Event]:
    """In the order of their days. Those still to come of one day stand together."""
    found: list[Event] = []
    for row in sorted(rows, key=lambda row: (row.due, row.id)):
        event = _follow_up(row)
        if row.state is FollowUpState.SCHEDULED and found and found[-1]["same"] == event["same"]:
            found[-1]["title"] += f" · {event['title']}"
        else:
            found.append(event)
    return found


def _follow_up(row: FollowUp) -> Event:
    said = {"nothing": _("Nothing came of it"), "in_touch": _("They are in touch"), "activity": _("An activity")}
    return {
        "key": f"follow_up:{row.id}",
        "same": (row.due, row.state),
        "date": row.due,
        "precision": Precision.DAY,
        "kind": _("Asked after %(months)d months", months=row.months),
        "title": row.party.organisation.name,
        "text": " · ".join(part for part in (said.get(row.answer.get("what", "")), row.answer.get("words")) if part),
        "state": row.state,
    }


def span_text(span: Span) -> str:
    """ "778 days", or "414–778 days (14–26 months)"."""
    if span.exact:
        days = ngettext("%(num)d day", "%(num)d days", span.most)
    else:
        days = _("%(least)d–%(most)d days", least=span.least, most=span.most)
    if span.most < IN_MONTHS:
        return days
    least, most = round(span.least / DAYS_A_MONTH), round(span.most / DAYS_A_MONTH)
    if least == most:
        return _("%(days)s (about %(months)d months)", days=days, months=most)
    return _("%(days)s (about %(least)d–%(most)d months)", days=days, least=least, most=most)


def who_stands_where(partnership: Partnership, standing: Standing) -> dict[str, str]:
    """For each step of the ladder, who stands on it, in words."""
    names = {party.id: party.organisation.name for party in partnership.parties}
    confirmed = [names[party] for party in standing.confirmed_by]
    sources = [row.title or row.url or row.given_by for row in partnership.evidence if row.independent]
    sources += [
        f"{row.name}, {row.organisation}"
        for row in partnership.substantiations
        if row.state is SubstantiationState.GIVEN
    ]
    published = [row.title or row.url for row in partnership.evidence if row.kind == "published_source"]
    missing = [names[party] for party, answer in standing.words.items() if answer is not Word.CONFIRMED]
    steps = {}
    if published:
        steps["reported"] = _("Published: %(sources)s", sources=", ".join(published))
    if confirmed:
        steps["confirmed"] = ", ".join(confirmed)
        if missing:
            steps["confirmed"] = _("%(yes)s; not yet %(rest)s", yes=", ".join(confirmed), rest=", ".join(missing))
    if sources:
        steps["substantiated"] = ", ".join(sources)
    return steps


def answers(partnership: Partnership) -> dict[int, list[Verification]]:
    """Each party's rounds, newest first."""
    found: dict[int, list[Verification]] = {party.id: [] for party in partnership.parties}
    for row in reversed(partnership.verifications):
        found[row.party_id].append(row)
    return found


FEWEST_CHILDREN = 5  # a smaller number of children is never written: it could point to one child


def people(counts: dict[str, dict[str, int]]) -> str:
    """Who took part, as far as it is known: "adults: 2 women, 3 men"; "unknown" when nobody counted."""
    ages = {"adult": _("adults"), "young": _("young people"), "child": _("children")}
    said = []
    for age, label in ages.items():
        cells = [
            _cell(age, sex, counts[age][sex]) for sex in ("f", "m", "other", "unknown") if sex in counts.get(age, {})
        ]
        if cells:
            said.append(f"{label}: {', '.join(cells)}")
    return "; ".join(said) or _("unknown")


def _cell(age: str, sex: str, n: int) -> str:
    words = {"f": _("female"), "m": _("male"), "other": _("other"), "unknown": _("not told apart")}
    number = _("fewer than 5") if age == "child" and 0 < n < FEWEST_CHILDREN else str(n)
    return f"{number} {words[sex]}"
