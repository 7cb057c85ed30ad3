"""Forms of one's own 1:1 meetings: a slot of those in which both are free, and a few words."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask_babel import lazy_gettext as _
from wtforms import SelectField, TextAreaField
from wtforms.validators import Length, ValidationError

from eventhub import ui
from eventhub.networking.forms_offers import BoxesField
from eventhub.networking.service_one_to_one import NoTimeError
from eventhub.networking.slots import Slot
from eventhub.pages import PageForm

MOST_WORDS = 600  # characters


class _TimeForm(PageForm):
    """``slots`` are what may be chosen. A slot that went to others meanwhile is told in a sentence, not as a fault."""

    time = SelectField(_("When"), validate_choice=False)

    def __init__(self, slots: Iterable[Slot], tz: str, **options: Any) -> None:
        super().__init__(**options)
        zone = ZoneInfo(tz)
        self._slots = {key_of(slot.starts): slot for slot in slots}
        by_day = groupby(self._slots.items(), key=lambda pair: pair[1].starts.astimezone(zone).date())
        # a closed list shows no heading, so each choice has its day, too
        self.time.choices = {
            ui.day_text(day, weekday=True): [
                (key, f"{words_of_day(slot, tz)}, {words_of_time(slot, tz)}") for key, slot in pairs
            ]
            for day, pairs in by_day
        }

    def validate_time(self, field: SelectField) -> None:
        if field.data not in self._slots:
            raise ValidationError(NoTimeError.sentence)

    @property
    def has_times(self) -> bool:
        return bool(self._slots)

    @property
    def starts(self) -> datetime:
        """The beginning of the chosen slot; once the form is valid."""
        return self._slots[self.time.data].starts


class KeptForm(PageForm):
    """Which of the ``slots`` one keeps for oneself."""

    times = BoxesField(_("I keep these for myself"))

    def __init__(self, slots: Iterable[Slot], tz: str, **options: Any) -> None:
        super().__init__(**options)
        self._slots = {key_of(slot.starts): slot for slot in slots}
        self.times.choices = [
            (key, f"{words_of_day(slot, tz)}, {words_of_time(slot, tz)}") for key, slot in self._slots.items()
        ]

    @property
    def wanted(self) -> list[datetime]:
        """The beginnings of the chosen slots; once the form is valid."""
        return [self._slots[key].starts for key in self.times.data or []]


def key_of(starts: datetime) -> str:
    """How a form names a slot."""
    return str(int(starts.timestamp()))


def words_of_day(slot: Slot, tz: str) -> str:
    """ "Mon 28 Dec" at the place."""
    return format_date(slot.starts.astimezone(ZoneInfo(tz)).date(), "EEE d MMM", ui.locale())


def words_of_time(slot: Slot, tz: str) -> str:
    """ "12:00–12:20" at the place."""
    zone = ZoneInfo(tz)
    return f"{slot.starts.astimezone(zone):%H:%M}–{slot.ends.astimezone(zone):%H:%M}"


class AskForm(_TimeForm):
    message = TextAreaField(
        _("What you would like to talk about"), [Length(max=MOST_WORDS)], description=_("A sentence is enough.")
    )


class ProposeForm(_TimeForm):
    words = TextAreaField(_("A word about it"), [Length(max=MOST_WORDS)])


class NoForm(PageForm):
    words = TextAreaField(
        _("A word about it"), [Length(max=MOST_WORDS)], description=_("They read it. Without it they hear only the no.")
    )
