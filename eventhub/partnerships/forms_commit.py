"""Forms for commitments and the meeting's statement."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from eventhub.directory import imprecise
from eventhub.directory.models import Organisation
from eventhub.networking.forms import RememberedDateField
from eventhub.pages import PageForm
from eventhub.partnerships.forms import VersionForm
from eventhub.partnerships.models_commit import Commitment
from eventhub.partnerships.states import CommitmentState, Stance

STATES = [
    (CommitmentState.OPEN.value, _("Still going on")),
    (CommitmentState.KEPT.value, _("Kept")),
    (CommitmentState.PARTLY.value, _("Kept in part")),
    (CommitmentState.NOT_KEPT.value, _("Not kept")),
    (CommitmentState.WITHDRAWN.value, _("Withdrawn")),
]
STANCES = [
    (Stance.ENDORSES.value, _("We endorse it")),
    (Stance.RESERVES.value, _("We endorse it, with a reservation")),
    (Stance.DISSENTS.value, _("We dissent")),
]


class CommitmentForm(VersionForm):
    why = None  # what is told of it later says so
    organisation_id = SelectField(_("Delegation"), [InputRequired()])
    text = TextAreaField(_("What was promised"), [DataRequired(), Length(max=2000)])
    due = RememberedDateField(_("Until when"))
    who = StringField(_("Who does it"), [Length(max=200)])

    def __init__(self, delegations: list[Organisation], **options: Any) -> None:
        super().__init__(**options)
        self._organisations = {str(row.id): row for row in delegations}
        self.organisation_id.choices = [(ident, row.name) for ident, row in self._organisations.items()]

    def values(self) -> dict[str, Any]:
        due, precision = self.due.remembered
        return {
            "organisation": self._organisations[self.organisation_id.data],
            "text": self.text.data or "",
            "due": due,
            "due_precision": precision,
            "who": self.who.data or "",
        }

    @staticmethod
    def data_of(row: Commitment) -> dict[str, Any]:
        return {
            "organisation_id": str(row.organisation_id),
            "text": row.text,
            "due": imprecise.written(row.due, row.due_precision),
            "who": row.who,
            "version": str(row.version),
        }


class TellingForm(PageForm):
    state = SelectField(_("How it stands"), choices=STATES)
    words = TextAreaField(_("In a few words"), [Length(max=2000)])
    evidence_url = StringField(
        _("Where it can be seen"), [Length(max=500)], description=_("An address, if there is one.")
    )


class StatementForm(VersionForm):
    why = None
    title = StringField(_("Title"), [DataRequired(), Length(max=200)])
    text = TextAreaField(
        _("The statement"), [DataRequired(), Length(max=20_000)], description=_("An empty line begins a new paragraph.")
    )


class VoiceForm(PageForm):
    stance = RadioField(
        _("How does your delegation stand to it?"), [InputRequired(_("Choose one of the three."))], choices=STANCES
    )
    words = TextAreaField(
        _("Your reservation or dissent, in your own words"),
        [Length(max=4000)],
        description=_("It stands beside the statement as you write it."),
    )
    by_name = StringField(_("Your name"), [Length(max=200)])
