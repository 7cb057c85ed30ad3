"""Forms about somebody independent: whom to ask, and what they answer."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from eventhub.directory.languages import language_choices
from eventhub.pages import PageForm
from eventhub.partnerships import facts
from eventhub.partnerships.models import Partnership


class AskOutsideForm(PageForm):
    item = SelectField(_("What should they tell us about?"), default=facts.CORE)
    name = StringField(_("Name"), [DataRequired(), Length(max=200)])
    email = EmailField(
        _("E-mail address"),
        [DataRequired(), Length(max=254)],
        description=_("Of somebody who belongs to none of the parties."),
    )
    language = SelectField(_("Language of the letter"), default="en")

    def prepare(self, partnership: Partnership) -> None:
        self.item.choices = [
            (facts.CORE, _("the partnership as a whole")),
            *((facts.activity_key(row), row.title[:100]) for row in partnership.activities),
            *((facts.outcome_key(row), row.statement[:100]) for row in partnership.outcomes),
        ]
        self.language.choices = language_choices()

    def values(self) -> dict[str, Any]:
        return {name: self[name].data for name in ("item", "name", "email", "language")}


class OutsideForm(PageForm):
    """What somebody independent says; ``seen`` marks the facts that were shown."""

    seen = HiddenField()
    name = StringField(_("Your name"), [Length(max=200)])
    organisation = StringField(_("Your organisation, or what you do"), [Length(max=200)])
    relation = StringField(
        _("How do you know them?"), [Length(max=300)], description=_("For example: I work for the commune's council.")
    )
    statement = TextAreaField(
        _("What you know of it"), [Length(max=4000)], description=_("A sentence or two, in any language.")
    )
    apart = BooleanField(_("I belong to none of these organisations"))
    may_be_named = BooleanField(_("You may name me when you tell of this"))

    def values(self) -> dict[str, Any]:
        texts = {name: self[name].data or "" for name in ("name", "organisation", "relation", "statement", "seen")}
        return {**texts, "apart": bool(self.apart.data), "may_be_named": bool(self.may_be_named.data)}
