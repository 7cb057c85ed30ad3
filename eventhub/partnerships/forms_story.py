"""Forms for stories."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from eventhub.pages import PageForm
from eventhub.partnerships.forms import ChecklistField, VersionForm
from eventhub.partnerships.models import Evidence
from eventhub.partnerships.states import Basis

BASES = [
    (Basis.CONSENT.value, _("They said yes")),
    (Basis.PUBLISHED_SOURCE.value, _("A published source names them already")),
]


class StoryForm(VersionForm):
    why = None
    title = StringField(_("Title"), [DataRequired(), Length(max=200)])
    lead = TextAreaField(
        _("Lead"),
        [Length(max=600)],
        description=_("Two sentences that make one want to read on. No fact that stands nowhere below."),
    )
    lead_rests_on = ChecklistField(_("What the lead rests on"), description=_("The records that its facts come from."))
    photo = SelectField(
        _("Photograph"),
        default="",
        description=_("Pictures among the partnership's evidence to which everybody on them agreed."),
    )
    photo_words = StringField(_("What can be seen on it"), [Length(max=300)])
    why_chosen = TextAreaField(
        _("Why this story"),
        [Length(max=600)],
        description=_("What makes this change matter more than others, as those who chose it put it."),
    )
    chosen_by = StringField(
        _("Chosen by"), [Length(max=200)], description=_("A group or an office; a person only who agreed to be named.")
    )

    def __init__(self, photos: list[Evidence], records: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(**options)
        self._photos = {str(row.id): row for row in photos}
        self.lead_rests_on.choices = records
        self.photo.choices = [
            ("", _("none")),
            *((ident, row.title or f"#{ident}") for ident, row in self._photos.items()),
        ]

    def values(self) -> dict[str, Any]:
        return {
            "title": self.title.data or "",
            "lead": self.lead.data or "",
            "lead_rests_on": self.lead_rests_on.data or [],
            "why_chosen": self.why_chosen.data or "",
            "chosen_by": self.chosen_by.data or "",
            "photo": self._photos.get(self.photo.data),
            "photo_words": self.photo_words.data or "",
        }


class ClaimForm(PageForm):
    text = TextAreaField(_("Sentence"), [Length(max=2000)], description=_("Empty: leave it out of the story."))


class BasisForm(PageForm):
    basis = SelectField(_("Why may they be named?"), choices=BASES)
    words = TextAreaField(_("Who said yes, when and how; or the source"), [Length(max=1000)])
    url = StringField(_("Address of the source"), [Length(max=500)])
