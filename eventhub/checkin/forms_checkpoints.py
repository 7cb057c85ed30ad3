"""The form that makes a whole meeting's checkpoints from its programme."""

import re
from collections.abc import Sequence
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from eventhub.checkin.service_checkpoints import BEFORE_SESSION, LONGEST_BEFORE, Meal, Plan
from eventhub.pages import PageForm
from eventhub.programme.models import Session
from eventhub.ui import day_text

MOST = 8  # doors, or meals a day
LONGEST_NAME = 80
_MEAL = re.compile(
    r"(?P<name>.+?)[\s,:]+(?P<h1>[0-9]{1,2})[:.](?P<m1>[0-9]{2})\s*(?:-|–|to)\s*(?P<h2>[0-9]{1,2})[:.](?P<m2>[0-9]{2})"
)


class PlanForm(PageForm):
    doors = TextAreaField(
        _("One entrance a day, at these doors"),
        [Length(max=700)],
        default="Main entrance",
        description=_(
            "One door a line; leave it empty for none. Several doors are one house: whoever enters by one and leaves "
            "by another is out."
        ),
    )
    sessions = SelectMultipleField(
        _("Each of these sessions"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_("Hours, places and sign-up are the session's, and follow it when it moves."),
    )
    minutes = IntegerField(
        _("A session's door opens so many minutes before"),
        [InputRequired(), NumberRange(0, LONGEST_BEFORE)],
        default=BEFORE_SESSION,
    )
    rooms_move = BooleanField(_("Entering one session leaves the others"), default=True)
    meals = TextAreaField(
        _("Meals of each day"),
        [Length(max=700)],
        description=_("One a line, with its hours, such as: Lunch 12:00–14:00. Everybody once a day."),
    )

    def __init__(self, sessions: Sequence[Session], tz: str, **more: Any) -> None:
        zone = ZoneInfo(tz)
        usual = [s.id for s in sessions if s.kind not in ("break", "social")]
        super().__init__(data={"sessions": usual}, **more)
        self.sessions.choices = [
            (s.id, f"{day_text(s.starts.astimezone(zone).date())}, {s.starts.astimezone(zone):%H:%M}: {s.title}")
            for s in sessions
        ]

    def validate_doors(self, field: TextAreaField) -> None:
        self._check_lines(field)

    def validate_meals(self, field: TextAreaField) -> None:
        self._check_lines(field)
        for line in _lines(field.data):
            if _meal(line) is None:
                raise ValidationError(
                    _("“%(line)s”: write a name and two times, such as Lunch 12:00–14:00.", line=line[:LONGEST_NAME])
                )

    def _check_lines(self, field: TextAreaField) -> None:
        lines = _lines(field.data)
        if len(lines) > MOST or any(len(line) > LONGEST_NAME for line in lines):
            raise ValidationError(_("At most %(most)s lines of %(long)s letters.", most=MOST, long=LONGEST_NAME))

    def plan(self) -> Plan:
        """What was asked for, as the service takes it."""
        meals = [meal for line in _lines(self.meals.data) if (meal := _meal(line)) is not None]
        return Plan(
            doors=_lines(self.doors.data),
            sessions=set(self.sessions.data or []),
            meals=list({meal.name: meal for meal in meals}.values()),
            rooms_move=bool(self.rooms_move.data),
            minutes=self.minutes.data,
        )


def _lines(text: str | None) -> list[str]:
    """The lines that say something, each once."""
    return list(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))


def _meal(line: str) -> Meal | None:
    found = _MEAL.fullmatch(line)
    if found is None:
        return None
    try:
        opens, closes = time(int(found["h1"]), int(found["m1"])), time(int(found["h2"]), int(found["m2"]))
    except ValueError:
        return None
    return None if opens == closes else Meal(found["name"].strip(), opens, closes)
