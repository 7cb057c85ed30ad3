"""Forms of one's wishes: whom I would like to meet, whether I agree to be seated, and how often."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from eventhub.networking.models_seating import MOST
from eventhub.networking.wishes import MOST_SEATS
from eventhub.pages import PageForm
from eventhub.registration.models import Registration


class ConsentForm(PageForm):
    agreed = BooleanField(
        _("Seat me with people I would like to meet, or who would like to meet me"),
        description=_(
            "The organisers then choose the time and the table, never against your sessions. "
            "Whoever sits with you reads your name. You can cancel each one."
        ),
    )
    most = IntegerField(
        _("At most this many 1:1 meetings"), [InputRequired(), NumberRange(1, MOST_SEATS)], default=MOST
    )


class WishForm(PageForm):
    whom = SelectField(_("Somebody from the list"), [DataRequired()])

    def offer(self, people: Iterable[Registration]) -> "WishForm":
        """The people to choose from, each with the organisation, since names are not unique."""
        choices: list[tuple[str, Any]] = [("", _("Choose a person"))]
        for row in people:
            home = row.organisation.name if row.organisation else row.organisation_text
            # each part keeps its own direction (Unicode's isolates)
            parts = [f"\u2068{part}\u2069" for part in (row.person.full_name, home) if part]
            choices.append((str(row.id), ", ".join(parts)))
        self.whom.choices = choices
        return self
