"""How long from the meeting to what came of it: a number of days, or a range where a date is imprecise.

The start is the tightest that the records allow: the day of first contact as stated, else the day on which the two
people were introduced, each narrowed by the meeting's days where they agree; else the meeting's days. Where a stated
first contact contradicts the meeting's days, the statement wins: they knew each other from elsewhere.
"""

from datetime import date

from eventhub.directory import imprecise
from eventhub.directory.imprecise import Bounds, Span
from eventhub.partnerships.models import Activity, Origin, Partnership
from eventhub.partnerships.states import MOVES


def contact(stated: Bounds | None, met: Bounds | None, meeting: Bounds | None) -> Bounds | None:
    """Between which days the first contact lies; None when nothing is known of it."""
    start = meeting
    for told in (met, stated):
        if told is not None:
            start = (told.within(start) if start else None) or told
    return start


def contact_of(origin: Origin | None) -> Bounds | None:
    """The first contact of a partnership's origin."""
    if origin is None:
        return None
    introduction = origin.introduction
    return contact(
        imprecise.bounds(origin.first_contact, origin.first_contact_precision),
        imprecise.bounds(introduction.met_on, introduction.met_precision) if introduction else None,
        Bounds(origin.meeting.starts, origin.meeting.ends) if origin.meeting else None,
    )


def time_to(activity: Activity, start: Bounds | None) -> Span | None:
    """Days from first contact to an activity; None when a date is missing or the activity came before."""
    when = imprecise.bounds(activity.start, activity.start_precision)
    return imprecise.span(start, when) if start and when else None


def time_to_first(activities: list[Activity], start: Bounds | None) -> Span | None:
    """Days from first contact to the first dated activity after it."""
    spans = [found for activity in activities if (found := time_to(activity, start)) is not None]
    if not spans:
        return None
    return Span(min(found.least for found in spans), min(found.most for found in spans))


def period(partnership: Partnership) -> tuple[date, date]:
    """The first and the last day on which it may have gone on. What is not known, or goes on, has no end."""
    begun = contact_of(partnership.origin)
    over = not MOVES[partnership.state]
    done = [imprecise.bounds(row.end or row.start, row.end_precision if row.end else row.start_precision)
            for row in partnership.activities]  # fmt: skip
    last = max((bounds.last for bounds in done if bounds is not None), default=date.max) if over else date.max
    return (begun.first if begun else date.min, last)


def overlap(one: tuple[date, date], other: tuple[date, date]) -> bool:
    """Whether two spans of days, ends included, have one in common."""
    return one[0] <= other[1] and other[0] <= one[1]
