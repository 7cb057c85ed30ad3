"""A meeting's own questions on the form: from the table to form fields, and from the form to answers."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    DateField,
    DecimalField,
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from eventhub.pages import PageForm
from eventhub.registration.models import FieldKind, FormField

KINDS = {
    FieldKind.TEXT.value: _("A line of text"),
    FieldKind.LONG_TEXT.value: _("A longer text"),
    FieldKind.CHOICE.value: _("One of several choices"),
    FieldKind.CHOICES.value: _("Any of several choices"),
    FieldKind.YES_NO.value: _("Yes or no"),
    FieldKind.DATE.value: _("A date"),
    FieldKind.NUMBER.value: _("A number"),
}
MANY = 7  # more choices than this are a list to pull down, not radio buttons
NEEDED = _("This answer is needed.")
LARGEST = 10**12


def name_of(field: FormField) -> str:
    """The name of a question's form field."""
    return f"q{field.id}"


class _AskedOf:
    """Leave a question alone that is asked of another sector: no answer is needed, whatever was typed."""

    def __init__(self, sector_id: int) -> None:
        self.sector_id = str(sector_id)

    def __call__(self, form: PageForm, field: Field) -> None:
        sector = form["sector_id"].data if "sector_id" in form else ""
        if sector != self.sector_id:
            field.errors = []
            raise StopValidation


def form_with(base: type[PageForm], fields: list[FormField]) -> type[PageForm]:
    """A form class with the meeting's own questions added to ``base``."""
    if not fields:
        return base
    return type(base.__name__, (base,), {name_of(field): _field(field) for field in fields})


def _field(field: FormField) -> Any:
    # a text must hold something after cleaning; of a number, 0 is an answer
    required = DataRequired if field.kind in (FieldKind.TEXT, FieldKind.LONG_TEXT) else InputRequired
    needed = required(NEEDED) if field.required else Optional()
    validators = [_AskedOf(field.sector_id), needed] if field.sector_id else [needed]
    options: dict[str, Any] = {"label": field.label, "description": field.help}
    choices = [(choice, choice) for choice in field.choices]
    if field.kind is FieldKind.TEXT:
        return StringField(validators=[*validators, Length(max=300)], **options)
    if field.kind is FieldKind.LONG_TEXT:
        return TextAreaField(validators=[*validators, Length(max=4000)], render_kw={"rows": 4}, **options)
    if field.kind is FieldKind.DATE:
        return DateField(validators=validators, **options)
    if field.kind is FieldKind.NUMBER:
        return DecimalField(validators=[*validators, NumberRange(-LARGEST, LARGEST), _finite], **options)
    if field.kind is FieldKind.YES_NO:
        return RadioField(validators=validators, choices=[("yes", _("Yes")), ("no", _("No"))], **options)
    if field.kind is FieldKind.CHOICES:
        boxes = {"option_widget": CheckboxInput(), "widget": ListWidget(prefix_label=False)}
        return SelectMultipleField(validators=validators, choices=choices, **boxes, **options)
    if len(choices) > MANY:
        return SelectField(validators=validators, choices=[("", _("Choose …")), *choices], **options)
    return RadioField(validators=validators, choices=choices, **options)


def _finite(_form: PageForm, field: Field) -> None:
    if field.data is not None and not field.data.is_finite():
        raise ValidationError(_("Write a number."))


def answers(form: PageForm, fields: list[FormField], sector_id: str | None) -> dict[int, Any]:
    """The answers by question, as JSON holds them; those of other sectors are left out."""
    return {
        field.id: _plain(form[name_of(field)].data)
        for field in fields
        if name_of(field) in form and (not field.sector_id or str(field.sector_id) == (sector_id or ""))
    }


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if value is not None and not isinstance(value, str | list | bool):  # a decimal number
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def shown(field: FormField, value: Any) -> str:
    """An answer in words."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if field.kind is FieldKind.YES_NO:
        return str({"yes": _("Yes"), "no": _("No")}.get(value, value))
    return "" if value is None else str(value)


def fill(form: PageForm, fields: list[FormField], values: dict[int, Any]) -> None:
    """Show stored answers in a form."""
    for field in fields:
        value = values.get(field.id)
        if value is None or name_of(field) not in form:
            continue
        form[name_of(field)].data = date.fromisoformat(value) if field.kind is FieldKind.DATE else value
