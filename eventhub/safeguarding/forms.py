"""Forms of safeguarding: the two consents, naming adults, incidents."""

from collections.abc import Collection
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField, Field, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, ValidationError

from eventhub.directory.languages import language_choices
from eventhub.mail import addresses
from eventhub.pages import PageForm
from eventhub.safeguarding import texts
from eventhub.safeguarding.models import REQUIRED_OF_CHILDREN, AgeBand, ConsentBy, Guardian, Purpose
from eventhub.translated import LANGUAGES, Reviewed, shown_in

NEEDED = _("This answer is needed.")
NOT_AN_ADDRESS = _("This is not a complete e-mail address. It looks like name@example.org.")
AGE_BANDS = {
    AgeBand.UNDER_9: _("under 9"),
    AgeBand.FROM_9_TO_12: _("9 to 12"),
    AgeBand.FROM_13_TO_15: _("13 to 15"),
    AgeBand.FROM_16_TO_17: _("16 or 17"),
}


def an_address(_form: PageForm, field: Field) -> None:
    """A validator: an e-mail address in any script, by its syntax alone; the network is never asked."""
    if field.data and addresses.read(field.data) is None:
        raise ValidationError(NOT_AN_ADDRESS)


class ShownInField(HiddenField):
    """In which language a page showed what is agreed to: written while the page is made, read when it comes back.

    Between the two the reader may have turned another page of ours to another language.
    """

    def __init__(self, *args: Any, shown: Collection[Reviewed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown = shown

    def _value(self) -> str:
        return shown_in(self.shown)

    @property
    def language(self) -> str:
        """As the page said; a form that does not say came from a page of now."""
        return self.data if self.data in LANGUAGES else shown_in(self.shown)


class ConsentForm(PageForm):
    """One side's answers: yes or no to each purpose. Nothing is chosen beforehand; a "no" is an answer like a "yes"."""

    side = HiddenField(validators=[AnyOf([ConsentBy.GUARDIAN.value, ConsentBy.CHILD.value])])
    shown_in: ShownInField

    def answers(self) -> dict[Purpose, bool]:
        return {p: self[p.value].data == "yes" for p in Purpose if self[p.value].data in ("yes", "no")}


class PaperForm(ConsentForm):
    """Answers that came on paper or aloud: in which language, and that somebody holds or heard them."""

    language = SelectField(_("Language of the paper, or in which it was read aloud"), choices=language_choices)
    seen = BooleanField(_("I hold the signed paper, or heard the answers myself"), [InputRequired(NEEDED)])


def consent_form(side: ConsentBy, kind: type[ConsentForm] = ConsentForm, **data: Any) -> ConsentForm:
    """The form of one side, in its own words."""
    words = texts.FOR_CHILD if side is ConsentBy.CHILD else texts.FOR_GUARDIAN
    fields: dict[str, Any] = {
        purpose.value: RadioField(
            words[purpose],
            [InputRequired(NEEDED) if purpose in REQUIRED_OF_CHILDREN else Optional()],
            choices=[("yes", _("Yes")), ("no", _("No"))],
        )
        for purpose in Purpose
    }
    fields["shown_in"] = ShownInField(shown=words.values())
    form: ConsentForm = type("ConsentForm", (kind,), fields)(**{"side": side.value, **data})
    return form


def paper_form(side: ConsentBy, **data: Any) -> ConsentForm:
    """The same questions, for staff who hold a signed paper or heard the answers."""
    return consent_form(side, PaperForm, **data)


class AdultForm(PageForm):
    """Name an adult by e-mail address: only somebody who is registered can be named."""

    email = EmailField(_("E-mail address of the adult"), [DataRequired(NEEDED), an_address, Length(max=254)])
    role = RadioField(
        _("As"), [InputRequired(NEEDED)], choices=[("adult", _("the named adult")), ("deputy", _("the deputy"))],
        default="adult",
    )  # fmt: skip


class GuardianForm(PageForm):
    name = StringField(_("Guardian's name"), [DataRequired(NEEDED)])
    relation = StringField(_("What they are to the child"), [Length(max=100)])
    email = EmailField(
        _("Guardian's e-mail address"),
        [DataRequired(NEEDED), an_address, Length(max=254)],
        description=_("A new address withdraws the links that went to the old one."),
    )
    phone = StringField(_("Guardian's phone number"), [Length(max=40)])
    age_band = RadioField(
        _("The child's age"), [InputRequired(NEEDED)], choices=[(b.value, word) for b, word in AGE_BANDS.items()]
    )

    @classmethod
    def of(cls, guardian: Guardian | None) -> "GuardianForm":
        if guardian is None:
            return cls()
        known = {name: getattr(guardian, name) for name in ("name", "relation", "email", "phone")}
        return cls(**known, age_band=guardian.age_band.value if guardian.age_band else None)


class IncidentForm(PageForm):
    text = TextAreaField(_("What happened"), [DataRequired(NEEDED), Length(max=20_000)], render_kw={"rows": 8})
    named = TextAreaField(
        _("E-mail addresses of everybody whom this names"),
        [Length(max=4000)],
        description=_("One a line. Nobody with one of these addresses can open it, or see that it exists."),
        render_kw={"rows": 3},
    )

    def addresses(self) -> list[str]:
        return [line.strip() for line in (self.named.data or "").splitlines() if line.strip()]
