"""Forms for partnerships and their parts. Each part's form reads a row and gives back what the service takes."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    DateField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from eventhub.directory import imprecise
from eventhub.directory.models import Organisation
from eventhub.meetings.models import Meeting
from eventhub.networking import queries as introductions
from eventhub.networking.forms import RememberedDateField
from eventhub.pages import PageForm
from eventhub.partnerships import states as s
from eventhub.partnerships import words
from eventhub.partnerships.pick import pick_organisation

NOT_KNOWN = ""


class ChecklistField(SelectMultipleField):
    """Several of a list, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NewPartnershipForm(PageForm):
    first = StringField(_("First organisation"), [DataRequired()], description=_("Any of its names, or #12."))
    second = StringField(_("Second organisation"), [DataRequired()])
    third = StringField(_("A third one"))
    title = StringField(_("Title"), [Length(max=200)], description=_("Left empty, the organisations' names."))
    summary = TextAreaField(_("In a few sentences"), [Length(max=4000)])
    kind = SelectField(_("How it began"), choices=words.choices(s.OriginKind), default="unknown")
    first_contact = RememberedDateField(_("When they first met"))

    def organisations(self) -> list[Organisation]:
        picked = (pick_organisation(self[name].data or "", name) for name in ("first", "second", "third"))
        return [organisation for organisation in picked if organisation is not None]

    def facts(self) -> dict[str, Any]:
        first_contact, precision = self.first_contact.remembered
        return {
            "title": self.title.data or "",
            "summary": self.summary.data or "",
            "kind": s.OriginKind(self.kind.data),
            "first_contact": first_contact,
            "first_contact_precision": precision,
        }


class VersionForm(PageForm):
    """A form about one version of a partnership: the second of two editors is told."""

    version = HiddenField()
    why = StringField(
        _("Why, or how it is known"), [Length(max=300)], description=_("Kept with the change, in the record's history.")
    )

    @property
    def seen_version(self) -> int:
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


class MergeForm(VersionForm):
    """Join another record to the one whose version was seen."""


class PartnershipForm(VersionForm):
    title = StringField(_("Title"), [DataRequired(), Length(max=200)])
    summary = TextAreaField(
        _("In a few sentences"), [Length(max=4000)], description=_("The public reads this once all parties agree.")
    )
    levels = ChecklistField(_("Levels it works on"), choices=words.choices(s.LevelKind))
    visibility = SelectField(_("Who may read it"), choices=words.choices(s.Visibility))
    sensitivity = SelectField(_("How careful to be"), choices=words.choices(s.Sensitivity), default="ordinary")

    def values(self) -> dict[str, Any]:
        return {
            "title": self.title.data,
            "summary": self.summary.data or "",
            "levels": [s.LevelKind(value) for value in self.levels.data or []],
            "visibility": s.Visibility(self.visibility.data),
            "sensitivity": s.Sensitivity(self.sensitivity.data),
        }


class OriginForm(VersionForm):
    meeting_id = SelectField(_("At which meeting"), default="")
    session_id = SelectField(_("In which session"), default="")
    introduction_id = SelectField(_("By which introduction"), default="")
    kind = SelectField(_("How"), choices=words.choices(s.OriginKind))
    first_contact = RememberedDateField(_("When they first met"))
    knew_before = SelectField(_("Did they know each other before?"), choices=words.choices(s.KnewBefore))
    influence = SelectField(
        _("What part had the meeting?"),
        choices=words.choices(s.Influence),
        description=_("A contribution, as the parties see it."),
    )
    stated_by = StringField(_("Who says so"), [Length(max=200)])
    stated_on = DateField(_("On which day"), [Optional()])

    def __init__(self, meetings: list[Meeting], at: Meeting | None, **options: Any) -> None:
        super().__init__(**options)
        self._meetings = {str(meeting.id): meeting for meeting in meetings}
        sessions = introductions.list_sessions(at.id) if at is not None else []
        self._sessions = {str(session.id): session for session in sessions}
        met = introductions.list_choices(at.id) if at is not None else []
        self._introductions = {str(row.id): row for row in met}
        unknown = (NOT_KNOWN, _("not known"))
        self.meeting_id.choices = [unknown, *((ident, m.title) for ident, m in self._meetings.items())]
        self.session_id.choices = [unknown, *((ident, row.title) for ident, row in self._sessions.items())]
        self.introduction_id.choices = [
            unknown,
            *((ident, f"{row.a.full_name} · {row.b.full_name}") for ident, row in self._introductions.items()),
        ]

    def values(self) -> dict[str, Any]:
        meeting = self._meetings.get(self.meeting_id.data)
        session = self._sessions.get(self.session_id.data)
        introduction = self._introductions.get(self.introduction_id.data)
        first_contact, precision = self.first_contact.remembered

        def here(row: Any) -> Any:
            return row if row is not None and meeting is not None and row.meeting_id == meeting.id else None

        return {
            "meeting": meeting,
            "session": here(session),  # another meeting was chosen: its own sessions are offered next time
            "introduction": here(introduction),
            "kind": s.OriginKind(self.kind.data),
            "first_contact": first_contact,
            "first_contact_precision": precision,
            "knew_before": s.KnewBefore(self.knew_before.data),
            "influence": s.Influence(self.influence.data),
            "stated_by": self.stated_by.data or "",
            "stated_on": self.stated_on.data,
        }

    @staticmethod
    def data_of(origin: Any) -> dict[str, Any]:
        if origin is None:
            return {}
        fields = ("kind", "knew_before", "influence", "stated_by", "stated_on")
        return {
            **{name: getattr(origin, name) for name in fields},
            "meeting_id": str(origin.meeting_id or ""),
            "session_id": str(origin.session_id or ""),
            "introduction_id": str(origin.introduction_id or ""),
            "first_contact": imprecise.written(origin.first_contact, origin.first_contact_precision),
        }


# what a party fills in behind its link


class VerificationForm(PageForm):
    """A party's answer; ``seen`` marks the facts that were shown."""

    seen = HiddenField()
    words = TextAreaField(
        _("What is not right, and how it was"),
        [Length(max=4000)],
        description=_("Only if something is not right. Leave it empty to confirm."),
    )
    by_name = StringField(_("Your name"), [Length(max=200)])


class CloseForm(VerificationForm):
    """How close the work is: trust and value too, which nobody has to answer."""

    trust = SelectField(_("How much do you trust each other?"), choices=words.SCALE, default="")
    value = SelectField(_("How much does the work together bring you?"), choices=words.SCALE, default="")

    def ratings(self) -> dict[str, int | None]:
        return {name: int(self[name].data) if self[name].data else None for name in ("trust", "value")}


class FollowUpForm(PageForm):
    kind = SelectField(_("What kind"), choices=words.choices(s.ActivityKind), default="exchange_of_information")
    title = StringField(_("What you did together, in a few words"), [Length(max=300)])
    start = RememberedDateField(_("When"))
    place = StringField(_("Where"))
    words = TextAreaField(_("Anything else"), [Length(max=2000)])

    def facts(self) -> dict[str, Any]:
        start, precision = self.start.remembered
        return {
            "kind": s.ActivityKind(self.kind.data),
            "title": self.title.data or "",
            "start": start,
            "start_precision": precision,
            "place": self.place.data or "",
            "words": self.words.data or "",
        }
