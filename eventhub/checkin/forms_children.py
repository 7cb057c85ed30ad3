"""Forms for children at the door: who takes over, with whom the child leaves."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from eventhub.checkin.forms import ScanForm

OTHER = "other"


class HandoverForm(ScanForm):
    adult = SelectField(
        _("Who takes over"), [DataRequired(_("Choose the adult who takes over."))], validate_choice=True
    )

    def __init__(self, adults: Iterable[tuple[str, str]], **more: Any) -> None:
        super().__init__(prefix="handover-", **more)  # beside LeaveForm on one page
        self.adult.choices = [("", _("Choose")), *adults]


class LeaveForm(ScanForm):
    """With whom a child leaves: one of its adults, its guardian, or somebody whose name is written."""

    adult = RadioField(_("With whom does the child leave?"), [DataRequired(_("Say with whom the child leaves."))])
    name = StringField(
        _("The other adult's name"),
        [Length(max=200)],
        description=_("Only for somebody else. Ask for a paper with a name, and call the focal point."),
    )

    def __init__(self, adults: Iterable[tuple[str, str]], **more: Any) -> None:
        super().__init__(**more)
        self.adult.choices = [*adults, (OTHER, _("somebody else"))]

    def validate_name(self, field: StringField) -> None:
        if self.adult.data == OTHER and not field.data:
            raise ValidationError(_("Write the name of the adult."))
