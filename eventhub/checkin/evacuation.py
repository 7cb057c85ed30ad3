"""The evacuation list as a PDF: A4, large names, a box to tick, ready in a second for thousands."""

from flask_babel import force_locale

from eventhub.badges.cards import NAMELESS
from eventhub.badges.sheet import plain
from eventhub.checkin.facts import moment
from eventhub.checkin.queries_evacuation import Evacuation, Line
from eventhub.meetings.models import Meeting
from eventhub.typeset import typeset
from eventhub.ui import clock as clock_text
from eventhub.ui import moment_text

MANY = 150  # lines; longer lists are typeset in a process of their own


def pdf(meeting: Meeting, found: Evacuation, *, by_name: str) -> bytes:
    """The list as it is printed; raises TypesetError."""
    with force_locale("en"):
        data = {
            "title": plain(meeting.title),
            "as_of": moment_text(found.as_of, meeting.tz),
            "by": plain(by_name),
            "count": found.count,
            "unnamed": found.unnamed,
            "focal": " ".join(filter(None, (plain(meeting.focal_point_name), plain(meeting.focal_point_phone)))),
            "silent": [
                {
                    "name": plain(f"{device.name}, {device.checkpoint}"),
                    "since": moment_text(device.heard_at, meeting.tz) if device.heard_at else "the beginning",
                }
                for device in found.silent
            ],
            "alone": [_record(line, meeting) for line in found.alone],
            "gone": [_record(line, meeting) for line in found.gone],
            "lines": [_record(line, meeting) for line in found.lines],
        }
    many = len(found.lines) > MANY
    return typeset("checkin/evacuation.typ", data, tagged=not many, apart=many)


def _record(line: Line, meeting: Meeting) -> dict[str, object]:
    return {
        "name": plain(line.name) or (NAMELESS if line.is_child else "A badge that nobody knows"),
        "latin_name": plain(line.latin_name),
        "organisation": plain(line.organisation),
        "language": line.language,
        "place": plain(line.place),
        "since": clock_text(moment(line.since), meeting.tz).striptags(),
        "children": [_record(child, meeting) for child in line.children],
    }
