"""What waits for a person's word at the door, for the first page."""

from flask import url_for
from flask_babel import ngettext

from eventhub import clock
from eventhub.checkin import queries_children, unsettled
from eventhub.meetings.models import Meeting
from eventhub.waits import Number, Wait


def waiting(meeting: Meeting) -> list[Wait]:
    """For the overview: what waits for a person's word at the door."""
    waits, page = unsettled.counted(meeting.id), "checkin.to_settle"
    return [
        Wait(
            waits["differ"],
            lambda n: ngettext(
                "scan where the door and the rules differ", "scans where the door and the rules differ", n
            ),
            url_for(page, kind="differ"),
        ),
        Wait(
            waits["aside"],
            lambda n: ngettext("scan that was put aside", "scans that were put aside", n),
            url_for(page, kind="aside"),
        ),
        Wait(
            waits["contents"],
            lambda n: ngettext(
                "scan that came twice with other content", "scans that came twice with other content", n
            ),
            url_for(page, kind="contents"),
        ),
        Wait(
            _not_home(meeting),
            lambda n: ngettext(
                "child whose safe return home nobody has confirmed",
                "children whose safe return home nobody has confirmed",
                n,
            ),
            url_for("checkin.children"),
        ),
    ]


def _not_home(meeting: Meeting) -> Number:
    """Only after the meeting, while the lists are kept: within a week somebody makes sure of each child."""
    days_since = (clock.today(meeting.tz) - meeting.ends).days
    return queries_children.count_not_home(meeting.id) if meeting.admits_children and 0 < days_since < 365 else 0
