"""The forms of registration: what every meeting asks, one question a line, and each meeting's own questions."""

import hashlib
import json
import re
import secrets
from collections.abc import Collection, Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, ValidationError

from eventhub.directory.languages import LANGUAGES, language_choices
from eventhub.directory.places import CODES, country_choices
from eventhub.invitations.models import Nomination
from eventhub.meetings.models import Sector
from eventhub.pages import PageForm
from eventhub.registration import questions
from eventhub.registration.children import ChildEntry
from eventhub.registration.models import FormField, Registration
from eventhub.registration.service import Entry
from eventhub.registration.states import RegistrationRole
from eventhub.safeguarding import texts
from eventhub.safeguarding.forms import AGE_BANDS, ShownInField, an_address
from eventhub.safeguarding.models import AgeBand, Purpose

_LANGUAGES_TO_CHOOSE = [SelectChoice(*language) for language in language_choices()]
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
NEEDED = _("This answer is needed.")
YES_NO = [("yes", _("Yes")), ("no", _("No"))]


def new_key() -> str:
    """A key for one showing of a form: sent twice, it is one submission."""
    return secrets.token_urlsafe(24)


class ListedField(SelectField):
    """A choice from a long list: looked up in ``listed``, not by walking all the names that the page shows."""

    listed: Collection[str]

    def pre_validate(self, _form: Any) -> None:
        if self.data not in self.listed:
            raise ValidationError(self.gettext("Not a valid choice."))


class CountryField(ListedField):
    listed = CODES | {"", None}  # whether one is needed is the form's to say


class LanguageField(ListedField):
    listed = LANGUAGES


class SubmissionForm(PageForm):
    """A form that anybody may send, and that a nervous finger may send twice."""

    submission_key = HiddenField()

    def key(self) -> str:
        """The key that came with the form; a new one when it is missing or not one of ours."""
        if not _KEY.fullmatch(self.submission_key.data or ""):
            self.submission_key.data = new_key()
        return str(self.submission_key.data)

    def fingerprint(self) -> str:
        """What was answered, as one hash: the same answers give the same."""
        beside = ("csrf_token", "submission_key", "shown_in")
        said = {name: value for name, value in self.data.items() if name not in beside}
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


class PersonQuestions(PageForm):
    """What is asked of every adult, online, on their own page and by staff."""

    full_name = StringField(
        _("Your full name, as you write it"),
        [DataRequired(NEEDED)],
        description=_("In your own script. One name is enough if you have one."),
        render_kw={"autocomplete": "name"},
    )
    latin_name = StringField(
        _("Your name in Latin letters"),
        description=_("For the badge and for people who cannot read your script. Leave it empty when it is the same."),
    )
    called = StringField(_("What shall we call you?"), description=_("In letters and when we meet."))
    email = EmailField(
        _("Your e-mail address"),
        [DataRequired(NEEDED), an_address, Length(max=254)],
        description=_("Your ticket and your personal link go there."),
        render_kw={"autocomplete": "email"},
    )
    country = CountryField(_("Your country or territory"), [DataRequired(NEEDED)])
    organisation = StringField(
        _("Your organisation"),
        description=_("As it calls itself. Leave it empty if you come for yourself."),
        render_kw={"autocomplete": "organization"},
    )
    sector_id = SelectField(_("What kind of organisation is it?"), [Optional()])
    language = LanguageField(
        _("The language you read best"), description=_("We write in it where we can, else in English.")
    )

    def ask_about(self, sectors: Iterable[Sector]) -> None:
        """Fill the lists to choose from."""
        self.country.choices = [("", _("Choose …")), *country_choices()]
        self.sector_id.choices = [("", _("Choose …")), *((str(sector.id), sector.name) for sector in sectors)]
        self.language.choices = _LANGUAGES_TO_CHOOSE


class NeedsQuestions(PageForm):
    access = TextAreaField(
        _("Do you need anything so that you can take part?"),
        [Length(max=2000)],
        description=_("For example step-free access, sign language, a quiet room, childcare."),
        render_kw={"rows": 2},
    )
    diet = TextAreaField(
        _("Is there anything you do not eat?"),
        [Length(max=2000)],
        description=_("The kitchen gets numbers, not names. Deleted 30 days after the meeting."),
        render_kw={"rows": 2},
    )

    def needs(self) -> dict[str, str]:
        return {"access": self.access.data or "", "diet": self.diet.data or ""}


class PhotoQuestions(PageForm):
    shown_in = ShownInField(shown=texts.FOR_SELF.values())
    photo_internal = RadioField(
        texts.FOR_SELF[Purpose.PHOTO_INTERNAL],
        [Optional()],
        choices=YES_NO,
        description=_("You take part whatever you answer. You can change it at any time."),
    )
    photo_public = RadioField(texts.FOR_SELF[Purpose.PHOTO_PUBLIC], [Optional()], choices=YES_NO)

    def consents(self) -> dict[Purpose, bool]:
        """What was answered; what was left open is not an answer."""
        said = {Purpose.PHOTO_INTERNAL: self.photo_internal.data, Purpose.PHOTO_PUBLIC: self.photo_public.data}
        return {purpose: answer == "yes" for purpose, answer in said.items() if answer in ("yes", "no")}


class RegisterForm(SubmissionForm, PersonQuestions, NeedsQuestions, PhotoQuestions):
    """The public form of an adult. ``own`` holds the meeting's own questions, by field name."""

    adult = RadioField(
        _("Are you 18 or over?"),
        [InputRequired(NEEDED)],
        choices=[("yes", _("Yes, I am 18 or over")), ("no", _("No, I am under 18"))],
        description=_("We ask everybody. We do not ask for a date of birth."),
    )
    accepts_code = BooleanField(
        texts.ACCEPTS_CODE,
        [InputRequired(_("Nobody can take part without it."))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # in the order of the page, so that the box of errors lists them so: the meeting's own questions before these
        last = ("access", "diet", "photo_internal", "photo_public", "accepts_code")
        self._fields = {
            "adult": self._fields["adult"],
            **{name: field for name, field in self._fields.items() if name not in last},
            **{name: self._fields[name] for name in last},
        }

    def entry(self, sectors: list[Sector], asked: list[FormField], nomination: Nomination | None) -> Entry:
        """What was answered, as the service takes it; a nominee's role is what the organisation said."""
        return Entry(
            role=RegistrationRole(nomination.role.value) if nomination is not None else RegistrationRole.DELEGATE,
            full_name=self.full_name.data,
            latin_name=self.latin_name.data or "",
            called=self.called.data or "",
            email=self.email.data,
            country=self.country.data,
            organisation=self.organisation.data or "",
            sector=chosen(sectors, self.sector_id.data),
            language=self.language.data,
            answers=questions.answers(self, asked, self.sector_id.data),
            needs=self.needs(),
            consents=self.consents(),
            consents_shown_in=self.shown_in.language,
            # a meeting without a code of conduct does not ask
            accepts_code=self.accepts_code is not None and self.accepts_code.data,
        )


class ChildForm(SubmissionForm, NeedsQuestions):
    """A parent or guardian registers a child. Nothing is asked that is not needed."""

    called = StringField(
        _("What does the child want to be called?"),
        [DataRequired(NEEDED), Length(max=100)],
        description=_("This name stands on the badge, without a surname."),
    )
    age_band = RadioField(
        _("How old is the child?"), [InputRequired(NEEDED)], choices=[(b.value, word) for b, word in AGE_BANDS.items()]
    )
    country = CountryField(_("The child's country or territory"), [DataRequired(NEEDED)])
    organisation = StringField(_("The organisation the child comes with"), [DataRequired(NEEDED)])
    sector_id = SelectField(_("What kind of organisation is it?"), [Optional()])
    guardian_name = StringField(
        _("Your name"), [DataRequired(NEEDED)], description=_("You are the child's parent or guardian.")
    )
    guardian_relation = StringField(
        _("What are you to the child?"), [Length(max=100)], description=_("For example mother, uncle, legal guardian.")
    )
    guardian_email = EmailField(
        _("Your e-mail address"),
        [DataRequired(NEEDED), an_address, Length(max=254)],
        description=_("All letters about the child go to you, never to the child."),
    )
    guardian_phone = TelField(
        _("Your phone number"),
        [DataRequired(NEEDED), Length(max=40)],
        description=_("With the country's code, such as +855 … For emergencies during the meeting."),
    )
    adult_email = EmailField(
        _("E-mail address of the adult who comes with the child"),
        [DataRequired(NEEDED), an_address, Length(max=254)],
        description=_("This adult registers, too. It may be you."),
    )
    language = LanguageField(_("The language you read best"))
    accepts_code = BooleanField(
        texts.ACCEPTS_CODE_FOR_CHILD,
        [InputRequired(_("Nobody can take part without it."))],
    )

    ask_about = PersonQuestions.ask_about

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # an adult fills this in: the same two questions are about the child
        self.access.label.text = _("Does the child need anything so that it can take part?")
        self.diet.label.text = _("Is there anything the child does not eat?")

    def entry(self, sectors: list[Sector]) -> ChildEntry:
        return ChildEntry(
            called=self.called.data,
            age_band=AgeBand(self.age_band.data),
            guardian_name=self.guardian_name.data,
            guardian_email=self.guardian_email.data,
            guardian_phone=self.guardian_phone.data,
            guardian_relation=self.guardian_relation.data or "",
            adult_email=self.adult_email.data,
            country=self.country.data,
            organisation=self.organisation.data,
            sector=chosen(sectors, self.sector_id.data),
            language=self.language.data,
            needs=self.needs(),
            # a meeting without a code of conduct does not ask
            accepts_code=self.accepts_code is not None and self.accepts_code.data,
        )


class MineForm(PersonQuestions):
    """What a person changes about themselves. ``version`` travels along, so that a second editor is told."""

    version = HiddenField()

    def entry(self, sectors: list[Sector], asked: list[FormField]) -> Entry:
        """What stands in the form now, as the service takes it."""
        return Entry(
            **person_facts(self),
            organisation=self.organisation.data or "",
            sector=chosen(sectors, self.sector_id.data),
            answers=questions.answers(self, asked, self.sector_id.data),
        )


class ChildMineForm(PageForm):
    """What a guardian changes about a child's registration."""

    version = HiddenField()
    called = StringField(_("What does the child want to be called?"), [DataRequired(NEEDED), Length(max=100)])
    country = CountryField(_("The child's country or territory"), [DataRequired(NEEDED)])
    organisation = StringField(_("The organisation the child comes with"), [DataRequired(NEEDED)])
    sector_id = SelectField(_("What kind of organisation is it?"), [Optional()])
    language = LanguageField(_("The language you read best"))

    ask_about = PersonQuestions.ask_about

    def entry(self, sectors: list[Sector], _asked: list[FormField]) -> Entry:
        return Entry(
            full_name=self.called.data,
            called=self.called.data,
            country=self.country.data,
            language=self.language.data,
            organisation=self.organisation.data or "",
            sector=chosen(sectors, self.sector_id.data),
        )


class StaffForm(MineForm):
    """An organiser registers somebody on their behalf, or corrects a registration."""

    role = SelectField(_("Role"), choices=[(r.value, r.value) for r in RegistrationRole if r != "child_delegate"])
    adult = BooleanField(_("This person is 18 or over"), [InputRequired(_("Children are registered by a guardian."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in _ABOUT_SOMEBODY.items():
            self[name].label.text = label


_ABOUT_SOMEBODY = {
    "full_name": _("Full name, as the person writes it"),
    "latin_name": _("Name in Latin letters"),
    "called": _("What to call the person"),
    "email": _("E-mail address"),
    "country": _("Country or territory"),
    "organisation": _("Organisation"),
    "language": _("Language the person reads best"),
}


class FieldForm(PageForm):
    """One of the meeting's own questions."""

    label = StringField(_("Question"), [DataRequired(NEEDED), Length(max=300)])
    help = StringField(_("Help below it"), [Length(max=300)])
    kind = SelectField(_("Kind of answer"), choices=list(questions.KINDS.items()))
    choices = TextAreaField(
        _("Choices"), [Length(max=4000)], description=_("One a line. Only for the two kinds with choices.")
    )
    required = BooleanField(_("An answer is needed"))
    sector_id = SelectField(_("Ask only people of this sector"), [Optional()])

    def ask_about(self, sectors: Iterable[Sector]) -> None:
        self.sector_id.choices = [("", _("everybody")), *((str(sector.id), sector.name) for sector in sectors)]


class DecisionForm(PageForm):
    """A word to the person with a decision."""

    note = TextAreaField(_("A word to the person"), [Length(max=2000)], render_kw={"rows": 3})


class BulkForm(PageForm):
    action = HiddenField(validators=[AnyOf(["approve", "decline"])])


def chosen(sectors: Iterable[Sector], value: str | None) -> Sector | None:
    """The sector that was chosen from the list."""
    return next((sector for sector in sectors if str(sector.id) == value), None)


def person_facts(form: PersonQuestions) -> dict[str, str]:
    """What the directory keeps of a person."""
    names = ("full_name", "latin_name", "called", "email", "country", "language")
    return {name: form[name].data or "" for name in names}


def stored(registration: Registration) -> dict[str, str]:
    """A registration's facts under the names of the form's fields."""
    person = registration.person
    return {
        "full_name": person.full_name,
        "latin_name": person.latin_name,
        "called": person.called,
        "email": person.email,
        "country": registration.country,
        "organisation": registration.organisation.name if registration.organisation else registration.organisation_text,
        "sector_id": str(registration.sector_id or ""),
        "language": registration.language,
    }


class LinkForm(PageForm):
    """Somebody lost the letter with the link to their own page."""

    email = EmailField(
        _("Your e-mail address"),
        [DataRequired(NEEDED), an_address, Length(max=254)],
        render_kw={"autocomplete": "email"},
    )
