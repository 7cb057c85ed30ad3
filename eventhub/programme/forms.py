"""Forms for sessions, rooms and tracks: local times in, instants out; people chosen from a list or typed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from eventhub import ui
from eventhub.meetings.models import Meeting
from eventhub.meetings.service import DAY_BEGINS
from eventhub.meetings.states import Precision
from eventhub.pages import PageForm, clean_line
from eventhub.programme import queries
from eventhub.programme.kinds import AUDIENCES, KINDS, PARTS
from eventhub.programme.models import Audience, Session

SPARE_ROWS = 3  # empty lines for people, beside those that are filled
MOST_ROWS = 40


class SpeakerRow(Form):
    who = StringField(_("Name"), [Length(max=300)], filters=[clean_line])
    part = SelectField(_("Part"), choices=[(key.value, label) for key, label in PARTS.items()], default="speaker")


class SessionForm(PageForm):
    """One session. ``version`` travels along, so that a second editor is told."""

    version = HiddenField()
    title = StringField(_("Title"), [DataRequired(), Length(max=200)])
    kind = SelectField(_("Kind"), choices=[(key.value, label) for key, label in KINDS.items()], default="session")
    day = SelectField(_("Day"))
    starts = TimeField(_("Begins"), [DataRequired()])
    ends = TimeField(_("Ends"), [DataRequired()], description=_("A time before 04:00 means the night after that day."))
    room_id = SelectField(_("Room"), coerce=lambda value: int(value) if value else None)
    track_id = SelectField(_("Track"), coerce=lambda value: int(value) if value else None)
    summary = TextAreaField(_("What it is about"), [Length(max=5000)])
    languages = StringField(
        _("Languages spoken"), [Length(max=300)], description=_("Names with commas between: English, Khmer.")
    )
    interpretation = StringField(_("Interpretation into"), [Length(max=300)])
    audience = SelectField(_("For whom"), choices=[(key.value, label) for key, label in AUDIENCES.items()])
    capacity = IntegerField(
        _("Places"), [Optional(), NumberRange(1, 100_000)], description=_("Leave it empty for no limit.")
    )
    needs_sign_up = BooleanField(_("People sign up for this session"))
    speakers = FieldList(FormField(SpeakerRow), label=_("People"), max_entries=MOST_ROWS)
    keep_clashes = BooleanField(_("Keep it all the same"))

    def __init__(self, meeting: Meeting, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tz = meeting.tz
        last = meeting.ends if meeting.dates_precision is Precision.DAY else meeting.starts
        days = [meeting.starts + timedelta(days=n) for n in range((last - meeting.starts).days + 1)]
        self.day.choices = [(day.isoformat(), ui.day_text(day, weekday=True)) for day in days]
        self.room_id.choices = [("", _("not decided")), *((r.id, r.name) for r in queries.list_rooms(meeting.id))]
        self.track_id.choices = [("", _("none")), *((t.id, t.name) for t in queries.list_tracks(meeting.id))]

    def validate_languages(self, field: StringField) -> None:
        read_languages(field.data or "")

    def validate_interpretation(self, field: StringField) -> None:
        read_languages(field.data or "")

    def add_rows(self) -> None:
        """Empty lines after the filled ones, when the form is shown."""
        filled = sum(1 for row in self.speakers.entries if row.form.who.data)
        while len(self.speakers.entries) < min(filled + SPARE_ROWS, MOST_ROWS):
            self.speakers.append_entry()

    def facts(self) -> dict[str, Any]:
        """The fields as the service takes them, without the people."""
        day = date.fromisoformat(self.day.data)
        return {
            "title": self.title.data,
            "summary": self.summary.data or "",
            "kind": self.kind.data,
            "starts": instant(day, self.starts.data, self.tz),
            "ends": instant(day, self.ends.data, self.tz),
            "room_id": self.room_id.data,
            "track_id": self.track_id.data,
            "languages": read_languages(self.languages.data or ""),
            "interpretation": read_languages(self.interpretation.data or ""),
            "audience": Audience(self.audience.data),
            "capacity": self.capacity.data,
            "needs_sign_up": bool(self.needs_sign_up.data),
        }

    def people(self) -> list[tuple[str, str]]:
        """The filled lines: (what was written, part)."""
        return [(row.form.who.data, row.form.part.data) for row in self.speakers.entries if row.form.who.data]


def instant(day: date, at: time, tz: str) -> datetime:
    """A local time on a meeting's day as an instant; the day lasts until 04:00 of the next."""
    local = datetime.combine(day if at >= DAY_BEGINS else day + timedelta(days=1), at, ZoneInfo(tz))
    return local.astimezone(UTC)


def values_of(session: Session, people: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A session as its form shows it."""
    zone = ZoneInfo(session.meeting.tz)
    return {
        "version": session.version,
        "title": session.title,
        "kind": session.kind,
        "day": queries.day_of(session, session.meeting.tz).isoformat(),
        "starts": session.starts.astimezone(zone).time(),
        "ends": session.ends.astimezone(zone).time(),
        "room_id": session.room_id,
        "track_id": session.track_id,
        "summary": session.summary,
        "languages": written_languages(session.languages),
        "interpretation": written_languages(session.interpretation),
        "audience": session.audience.value,
        "capacity": session.capacity,
        "needs_sign_up": session.needs_sign_up,
        "speakers": [{"who": who, "part": part} for who, part in people],
    }


def written_languages(tags: Sequence[str]) -> str:
    """ "English, Khmer" """
    return ", ".join(Locale("en").languages.get(tag.replace("-", "_"), tag) for tag in tags)


def read_languages(text: str) -> list[str]:
    """Language tags (BCP 47) from names or tags with commas between; raises ValidationError for an unknown one."""
    names = {name.casefold(): tag for tag, name in Locale("en").languages.items()}
    tags = []
    for written in (part.strip() for part in text.split(",")):
        if not written:
            continue
        tag = names.get(written.casefold()) or (written.lower() if written.lower() in names.values() else "")
        if not tag:
            raise ValidationError(
                _("“%(name)s” is not a language we know. Write its English name, such as Khmer or Urdu.", name=written)
            )
        tags.append(tag.replace("_", "-"))
    return list(dict.fromkeys(tags))


class RoomForm(PageForm):
    name = StringField(_("Room"), [DataRequired(), Length(max=100)])
    capacity = IntegerField(_("Seats"), [Optional(), NumberRange(1, 100_000)])


class TrackForm(PageForm):
    name = StringField(_("Track"), [DataRequired(), Length(max=100)])
