"""A record through time: everything that was said of it, and how it stood on a day."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from flask import flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub import clock
from eventhub.accounts import guard
from eventhub.directory import imprecise
from eventhub.directory.models import Precision
from eventhub.errors import InvalidError
from eventhub.pages import query_text
from eventhub.partnerships import statements, telling
from eventhub.partnerships.views import bp, load
from eventhub.security import permission
from eventhub.ui import day_text


@bp.get("/partnerships/<int:partnership_id>/record")
@permission("partnerships.read")
def record(partnership_id: int) -> ResponseReturnValue:
    """How the record stood at the end of a day (today, unless the address names another), and each statement."""
    partnership = load(partnership_id)
    zone: tzinfo = ZoneInfo(g.meeting.tz) if partnership.origin and partnership.origin.meeting else UTC
    asked = query_text("day")
    day = _day(asked) or clock.now().astimezone(zone).date()
    may_edit = guard.may("partnerships.edit")
    stood = statements.as_of(partnership.id, datetime.combine(day + timedelta(days=1), time.min, zone))
    shown = {item: value for item, value in stood.items() if telling.may_be_told(item, value, may_edit=may_edit)}
    order = list(statements.KINDS.values())
    items = sorted(shown, key=lambda item: order.index(telling.kind_of(item)))
    return render_template(
        "partnerships/record.html",
        p=partnership,
        day=day,
        day_words=day_text(day),
        items=[(telling.title_of(item, shown[item]), telling.lines(item, shown[item])) for item in items],
        left_out=len(stood) - len(shown),
        story=telling.story(statements.list_statements(partnership.id), may_edit=may_edit),
        tz=zone,
    )


def _day(text: str) -> date | None:
    try:
        value, precision = imprecise.parse(text)
    except InvalidError:
        value, precision = None, Precision.UNKNOWN
    if text and precision is not Precision.DAY:
        flash(_("Write a whole day, such as 2026-02-18. Shown is today."), "wait")
    return value if precision is Precision.DAY else None
