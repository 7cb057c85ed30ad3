"""Forms for when and where 1:1 meetings may be: local times in, instants out."""

from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField, SelectField, StringField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from eventhub import ui
from eventhub.meetings.models import Meeting
from eventhub.meetings.states import Precision
from eventhub.networking.service_windows import SLOT_MINUTES
from eventhub.pages import PageForm
from eventhub.programme import queries as programme
from eventhub.programme.forms import instant
from eventhub.programme.models import Room


class WindowForm(PageForm):
    day = SelectField(_("Day"))
    starts = TimeField(_("Begins"), [InputRequired()])
    ends = TimeField(_("Ends"), [InputRequired()], description=_("A time before 04:00 means the night after that day."))
    slot_minutes = IntegerField(
        _("Minutes for each 1:1 meeting"), [InputRequired(), NumberRange(*SLOT_MINUTES)], default=20
    )

    def __init__(self, meeting: Meeting, **options: Any) -> None:
        super().__init__(**options)
        self._tz = meeting.tz
        last = meeting.ends if meeting.dates_precision is Precision.DAY else meeting.starts
        days = [meeting.starts + timedelta(days=n) for n in range((last - meeting.starts).days + 1)]
        self.day.choices = [(day.isoformat(), ui.day_text(day, weekday=True)) for day in days]

    def facts(self) -> dict[str, Any]:
        """The fields as the service takes them."""
        day = date.fromisoformat(self.day.data)
        return {
            "starts": instant(day, self.starts.data, self._tz),
            "ends": instant(day, self.ends.data, self._tz),
            "slot_minutes": self.slot_minutes.data,
        }


class TableForm(PageForm):
    """A new table."""

    name = StringField(
        _("Name"), [DataRequired(), Length(max=60)], description=_("As it stands on the table: Table 4.")
    )
    room_id = SelectField(_("Room"), default="")
    place = StringField(_("How to find it"), [Length(max=200)])

    def __init__(self, meeting: Meeting, **options: Any) -> None:
        super().__init__(**options)
        rooms = programme.list_rooms(meeting.id)
        self.room_id.choices = [("", _("in none of them")), *((str(room.id), room.name) for room in rooms)]
        self._rooms: dict[str, Room] = {str(room.id): room for room in rooms}

    def facts(self) -> dict[str, Any]:
        """The fields as the service takes them."""
        return {
            "name": self.name.data,
            "room": self._rooms.get(self.room_id.data),
            "place": self.place.data or "",
        }


class ChangeTableForm(TableForm):
    active = BooleanField(
        _("In use"), description=_("Nobody new is sent to a table that is not in use. Who agreed on it keeps it.")
    )

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "active": bool(self.active.data)}


class MostOpenForm(PageForm):
    most_open = IntegerField(
        _("Unanswered requests that one person may have"),
        [InputRequired(), NumberRange(1, 50)],
        description=_("Whoever has as many waits for an answer, or takes one back, before asking somebody else."),
    )
