"""Forms for series and meetings."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    ColorField,
    DateField,
    DateTimeLocalField,
    EmailField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email, Length, NumberRange, Optional, Regexp

from eventhub.meetings import queries
from eventhub.meetings.states import MeetingMode
from eventhub.pages import PageForm

ACCENT = _("Of buttons, links and the woven band; it is darkened where text would be hard to read.")
COLOUR = Regexp(r"^#[0-9a-fA-F]{6}$", message=_("Give the colour as #rrggbb, such as #0b6e6e."))


def zones() -> dict[str, list[tuple[str, str]]]:
    """The time zones that people know by a city's name, by part of the world: who types "Phnom" is there."""
    known: dict[str, list[tuple[str, str]]] = {part: [] for part in _PARTS.values()}
    for zone in sorted(available_timezones()):
        part, *names = zone.split("/")
        if names and part in _PARTS:
            city = names[-1] if len(names) == 1 else f"{names[-1]} ({names[0]})"
            known[_PARTS[part]].append((zone, city.replace("_", " ")))
    return {**{part: sorted(cities, key=lambda one: one[1]) for part, cities in known.items()}, "UTC": [("UTC", "UTC")]}


# the names of the table of zones, in the order in which meetings of the region need them
_PARTS = {
    "Asia": "Asia",
    "Pacific": "Pacific",
    "Australia": "Australia",
    "Indian": "Indian Ocean",
    "Africa": "Africa",
    "Europe": "Europe",
    "America": "America",
    "Atlantic": "Atlantic",
}


class SeriesForm(PageForm):
    name = StringField(_("Name of the series"), [DataRequired(), Length(max=200)])
    short_name = StringField(_("Short name"), [Length(max=40)], description=_("For example APPM."))
    secretariat = StringField(_("Secretariat"), [Length(max=200)], description=_("The organisation that runs it."))
    purpose = TextAreaField(_("What it is for"), [Length(max=2000)])
    accent = ColorField(_("Colour"), [DataRequired(), COLOUR], default="#0b6e6e", description=ACCENT)


# the form's parts, in the order of the work
PARTS: list[tuple[Any, tuple[str, ...]]] = [
    (_("What it is"), ("series_id", "title", "theme", "slug", "edition_no", "introduction", "accent")),
    (_("When and where"), ("starts", "ends", "mode", "place", "country", "tz", "venue")),
    (
        _("Who may register"),
        (
            "capacity",
            "open_registration",
            "needs_approval",
            "admits_children",
            "registration_opens",
            "registration_closes",
        ),
    ),
    (_("Whom people ask"), ("contact_email", "focal_point_name", "focal_point_phone")),
    (_("What people read"), ("programme_public", "code_of_conduct", "code_of_conduct_version")),
]


class MeetingForm(PageForm):
    """Everything that is decided about a meeting. ``version`` travels along, so that a second editor is told."""

    version = HiddenField()
    series_id = SelectField(_("Series"), coerce=int)
    title = StringField(_("Title"), [DataRequired(), Length(max=200)])
    theme = StringField(_("Theme"), [Length(max=300)])
    slug = StringField(
        _("Address"), [Length(max=80)], description=_("The end of the page's address: appm-2027-manila.")
    )
    edition_no = IntegerField(
        _("Edition number"),
        [Optional(), NumberRange(1, 999)],
        description=_("Leave it empty when it is not known. It is not computed from the year."),
    )
    starts = DateField(_("First day"), [DataRequired()])
    ends = DateField(_("Last day"), [DataRequired()])
    tz = SelectField(_("Time zone of the place"), default="Asia/Manila")
    mode = SelectField(_("How people meet"), choices=[(m.value, m.value.replace("_", " ")) for m in MeetingMode])
    place = StringField(_("City"), [Length(max=120)])
    country = SelectField(_("Country or territory"), default="")
    venue = TextAreaField(_("Venue and address"), [Length(max=500)])
    introduction = TextAreaField(_("Text of the public page"), [Length(max=8000)])
    contact_email = EmailField(_("E-mail for questions"), [Optional(), Email(), Length(max=255)])
    focal_point_name = StringField(_("Safeguarding focal point"), [Length(max=200)])
    focal_point_phone = StringField(
        _("Focal point's phone"), [Length(max=40)], description=_("Printed on the back of every badge.")
    )
    capacity = IntegerField(
        _("Seats"),
        [Optional(), NumberRange(0, 100_000)],
        description=_("Leave it empty for no limit. Who comes later waits in order of arrival."),
    )
    needs_approval = BooleanField(_("An organiser approves each registration"))
    open_registration = BooleanField(_("Anybody may register, not only people who were nominated"))
    registration_opens = DateTimeLocalField(
        _("Registration opens"), [Optional()], description=_("At the meeting's place. Empty: as soon as it is open.")
    )
    registration_closes = DateTimeLocalField(
        _("Registration closes"), [Optional()], description=_("At the meeting's place. Empty: when it is over.")
    )
    admits_children = BooleanField(_("Children may take part"))
    code_of_conduct = TextAreaField(_("Code of conduct"), [Length(max=20_000)])
    code_of_conduct_version = StringField(_("Version of the code of conduct"), [Length(max=32)], default="1")
    programme_public = BooleanField(_("The programme is public"))
    accent = ColorField(_("Colour"), [DataRequired(), COLOUR], default="#0b6e6e", description=ACCENT)

    def __init__(self, *args: Any, countries: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [("", _("not decided yet")), *countries]
        self.series_id.choices = [(series.id, series.name) for series in queries.list_series()]
        self.tz.choices = zones()

    def parts(self) -> list[tuple[Any, list[Field]]]:
        """The fields under the headings of the page, in the order of the work."""
        return [(heading, [self._fields[name] for name in names]) for heading, names in PARTS]

    def facts(self) -> dict[str, Any]:
        """The fields as the service takes them; local times become instants of the chosen zone."""
        data = {
            name: field.data
            for name, field in self._fields.items()
            if name not in ("csrf_token", "version", "series_id")
        }
        zone = ZoneInfo(self.tz.data or "UTC")
        for name in ("registration_opens", "registration_closes"):
            if data[name] is not None:
                data[name] = data[name].replace(tzinfo=zone).astimezone(UTC)
        data["mode"] = MeetingMode(data["mode"])
        return data


def local(value: datetime | None, tz: str) -> datetime | None:
    """An instant as the naive local time that a browser's date field shows."""
    return value.astimezone(ZoneInfo(tz)).replace(tzinfo=None) if value else None
