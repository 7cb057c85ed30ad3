"""Forms for quotas and invitations, and for what an invited organisation answers."""

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _
from wtforms import (
    DateField,
    EmailField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from eventhub.directory import places
from eventhub.directory import queries as directory
from eventhub.invitations.service_naming import Nominee
from eventhub.invitations.service_sending import MOST_SEATS
from eventhub.invitations.states import NomineeRole
from eventhub.mail import addresses
from eventhub.meetings import queries as meetings
from eventhub.pages import PageForm
from eventhub.ui import locale

SEATS = NumberRange(1, MOST_SEATS, message=_("Write a number between 1 and %(max)s."))


def complete_address(_form: PageForm, field: Field) -> None:
    """Syntax only: whether a mailbox exists is for the mail server to say."""
    if field.data and addresses.read(field.data) is None:
        raise ValidationError(_("This is not a complete e-mail address. It looks like name@example.org."))


def language_choices() -> list[tuple[str, str]]:
    """The languages that letters are written in, in the reader's words."""
    names = locale().languages
    return [(tag, names.get(tag, tag)) for tag in current_app.config["LANGUAGES"]]


def sector_choices(none: Any) -> list[tuple[int, Any]]:
    return [(0, none), *((sector.id, sector.name) for sector in meetings.list_sectors())]


def country_choices(none: Any, *, used: bool) -> list[tuple[str, Any]]:
    """Countries and territories; with ``used`` only those that organisations are from."""
    if not used:
        return [("", none), *places.country_choices()]
    return [("", none), *((code, places.country_name(code)) for code in directory.list_countries())]


def role_names() -> dict[str, Any]:
    """Every role's word; a child's looks like any other delegate's."""
    return {
        NomineeRole.DELEGATE.value: _("delegate"),
        NomineeRole.ALTERNATE.value: _("alternate"),
        NomineeRole.OBSERVER.value: _("observer"),
        NomineeRole.CHAPERONE.value: _("accompanying adult"),
        NomineeRole.CHILD_DELEGATE.value: _("delegate"),
    }


class QuotaForm(PageForm):
    sector_id = SelectField(_("Sector"), coerce=int)
    country = SelectField(_("Country or territory"))
    seats = IntegerField(
        _("Seats"), [Optional(), NumberRange(0, 100_000)], description=_("Leave it empty to take the target away.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sector_id.choices = sector_choices(None)[1:]
        self.country.choices = country_choices(_("all countries"), used=False)


class SectorForm(PageForm):
    name = StringField(
        _("Name of the sector"), [DataRequired(), Length(max=120)], description=_("For example: environmental groups.")
    )


class InviteForm(PageForm):
    """What all the chosen organisations are offered."""

    seats = IntegerField(_("Seats for each"), [InputRequired(), SEATS], default=2)
    deadline = DateField(
        _("Answer by"), [InputRequired()], description=_("The last day, where the meeting takes place.")
    )
    language = SelectField(_("Language of the letter"))
    as_sector = SelectField(_("Count them under"), coerce=int, default=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = language_choices()
        self.as_sector.choices = sector_choices(_("each organisation's own sector"))


class InvitePeopleForm(InviteForm):
    """What all the chosen people are offered: one seat each, which is theirs."""

    seats = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.as_sector.choices = sector_choices(_("the sector of each one's organisation"))


class SendForm(PageForm):
    reason = TextAreaField(_("Why beyond the quota"), [Length(max=1000)])


class InvitationForm(PageForm):
    """One invitation's facts."""

    seats = IntegerField(_("Seats"), [InputRequired(), SEATS])
    deadline = DateField(_("Answer by"), [InputRequired()])
    email = EmailField(_("E-mail"), [Length(max=254), complete_address])
    addressee = StringField(_("To whom"), [Length(max=300)], description=_("Whom the letter greets by name."))
    language = SelectField(_("Language of the letter"))
    sector_id = SelectField(_("Sector"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = language_choices()
        self.sector_id.choices = sector_choices(_("none"))

    def facts(self) -> dict[str, Any]:
        """The fields as the service takes them."""
        data = {name: value for name, value in self.data.items() if name != "csrf_token"}
        return {**data, "email": data["email"] or "", "sector_id": data["sector_id"] or None}


# --- the organisation's answers ----------------------------------------------------------------------------------


class DeclineForm(PageForm):
    reason = TextAreaField(
        _("Why not"),
        [Length(max=2000)],
        description=_("A few words help the organisers to plan. You may leave it empty."),
    )


class NomineeForm(PageForm):
    """One person. The same form for adults and children, so that everybody is asked "18 or over?"."""

    full_name = StringField(
        _("Full name"),
        [DataRequired(_("Write the person's name.")), Length(max=300)],
        description=_("As the person writes it, in their own script."),
    )
    latin_name = StringField(
        _("Name in Latin letters"), [Length(max=300)], description=_("As in a passport, if the name above is not.")
    )
    role = SelectField(
        _("Role"),
        choices=[
            (NomineeRole.DELEGATE.value, _("delegate")),
            (NomineeRole.ALTERNATE.value, _("alternate, in reserve")),
            (NomineeRole.OBSERVER.value, _("observer")),
            (NomineeRole.CHAPERONE.value, _("adult who accompanies children")),
        ],
    )
    adult = RadioField(
        _("Is this person 18 or over?"),
        [InputRequired(_("Say whether the person is 18 or over."))],
        choices=[("yes", _("Yes, 18 or over")), ("no", _("No, under 18"))],
    )
    email = EmailField(_("E-mail"), [Length(max=254), complete_address])
    contact_name = StringField(_("Name of the guardian or accompanying adult"), [Length(max=300)])
    contact_email = EmailField(_("That adult's e-mail"), [Length(max=254), complete_address])

    def nominee(self) -> Nominee:
        """The person as the service takes it; of a child neither an own address nor a surname's Latin form."""
        is_child = self.adult.data == "no"
        return Nominee(
            full_name=self.full_name.data or "",
            latin_name=self.latin_name.data or "",
            email="" if is_child else self.email.data or "",
            role=NomineeRole(self.role.data),
            is_child=is_child,
            contact_name=self.contact_name.data or "" if is_child else "",
            contact_email=self.contact_email.data or "" if is_child else "",
        )
