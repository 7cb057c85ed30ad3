"""Forms for introductions, by staff and by the people themselves, and the field for a date that somebody remembers."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from eventhub.directory import imprecise
from eventhub.directory.models import Precision
from eventhub.errors import InvalidError
from eventhub.meetings.models import Meeting
from eventhub.networking import queries
from eventhub.networking.models import IntroductionSource
from eventhub.pages import PageForm
from eventhub.programme.models import Session

NOT_KNOWN = ""
SOURCES = [
    (IntroductionSource.STAFF.value, _("The secretariat saw it")),
    (IntroductionSource.PERSON.value, _("One of the two told us")),
    (IntroductionSource.MEMBER.value, _("A member told us")),
    (IntroductionSource.PUBLISHED.value, _("A published source tells it")),
    (IntroductionSource.IMPORT.value, _("It was imported")),
]


class RememberedDateField(StringField):
    """A date as exactly as it is known: 2020-02-18, 2020-02, 2019-Q3, 2020 or nothing."""

    def __init__(self, label: Any = None, validators: Any = (), **options: Any) -> None:
        options.setdefault("description", _("2020-02-18, 2020-02, 2019-Q3 or 2020. Empty when it is not known."))
        super().__init__(label, [*validators, Length(max=20)], **options)

    def pre_validate(self, form: Any) -> None:
        try:
            imprecise.parse(self.data or "")
        except InvalidError as error:
            raise ValidationError(str(error)) from error

    @property
    def remembered(self) -> tuple[date | None, Precision]:
        """The first day of what is known, and how exactly; once the form is valid."""
        return imprecise.parse(self.data or "")


class IntroductionForm(PageForm):
    a = StringField(
        _("First person"), [DataRequired()], description=_("A name, an e-mail address, or a number such as #12.")
    )
    b = StringField(_("Second person"), [DataRequired()])
    introduced_by = StringField(
        _("Who introduced them"), description=_("Leave it empty when nobody did, or when it is not known.")
    )
    session_id = SelectField(
        _("In which session"), default="", description=_("Sitting in the same session is not yet an introduction.")
    )
    topic = StringField(_("What they spoke about"), [Length(max=300)])
    met = RememberedDateField(_("When"))
    source = SelectField(
        _("How we know"),
        choices=SOURCES[:-1],  # an import says so itself
    )
    source_text = TextAreaField(
        _("The source in words"), [Length(max=2000)], description=_("For example where it was published.")
    )
    ask = BooleanField(_("Write to both, so that each can say yes or no"))

    def __init__(self, meeting: Meeting, **options: Any) -> None:
        super().__init__(**options)
        sessions = queries.list_sessions(meeting.id)
        self.session_id.choices = [
            (NOT_KNOWN, _("not known, or in the margins")),
            *((str(session.id), session.title) for session in sessions),
        ]
        self._sessions = {str(session.id): session for session in sessions}

    def facts(self) -> dict[str, Any]:
        """The fields as the service takes them, without the people."""
        met_on, precision = self.met.remembered
        return {
            "session": self._sessions.get(self.session_id.data),
            "topic": self.topic.data or "",
            "met_on": met_on,
            "precision": precision,
            "source": IntroductionSource(self.source.data),
            "source_text": self.source_text.data or "",
        }


class MetForm(PageForm):
    """ "I met somebody", from one's own page. Which of its two buttons was pressed says whether the address is shared."""

    badge = StringField(
        _("The code or the name on their badge"),
        [DataRequired(_("Scan the badge, or type the code or the name on it."))],
    )
    session_id = SelectField(_("In which session"), default=NOT_KNOWN)
    topic = StringField(_("What you spoke about"), [Length(max=300)])

    def __init__(self, sessions: Sequence[Session], **options: Any) -> None:
        super().__init__(**options)
        self.session_id.choices = [
            (NOT_KNOWN, _("in none, or I do not know")),
            *((str(session.id), session.title) for session in sessions),
        ]
        self._sessions = {str(session.id): session for session in sessions}

    def facts(self) -> dict[str, Any]:
        """The fields as the service takes them, without the badge."""
        return {
            "session": self._sessions.get(self.session_id.data),
            "topic": self.topic.data or "",
        }


class OthersForm(PageForm):
    """Two people whom one met; ``known`` are (the introduction's id, the name)."""

    first = SelectField(_("First person"))
    second = SelectField(_("Second person"))
    topic = StringField(_("Why they should meet"), [Length(max=300)])

    def __init__(self, known: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(**options)
        self.first.choices = known
        self.second.choices = known
        if not self.is_submitted():
            self.second.data = known[1][0]
