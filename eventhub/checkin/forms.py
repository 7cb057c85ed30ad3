"""Forms of the door: checkpoints and their rules, enrolment, what somebody types at the door."""

import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from eventhub.checkin import queries
from eventhub.checkin.models import CheckpointKind, CheckpointRules
from eventhub.checkin.service import LARGEST_ROOM
from eventhub.meetings.models import Meeting
from eventhub.pages import PageForm
from eventhub.programme import queries as programme
from eventhub.ui import day_text

KINDS = {
    CheckpointKind.ENTRANCE: _("Entrance"),
    CheckpointKind.SESSION: _("Session"),
    CheckpointKind.MEAL: _("Meal"),
}
SCOPES = [
    ("children", _("sees children by their chosen names")),
    ("evacuation", _("holds the list of who is inside")),
    ("desk", _("takes walk-ins")),
]


class RulesForm(PageForm):
    """What may be changed while the door is open."""

    reentry = RadioField(
        _("Coming in again"),
        choices=[("yes", _("People may come in again")), ("once", _("Once a day only, such as a meal"))],
        default="yes",
    )
    capacity = IntegerField(
        _("Places"),
        [Optional(), NumberRange(0, LARGEST_ROOM)],
        description=_("Leave it empty for no limit. Lowering it sends nobody out."),
    )
    needs_sign_up = BooleanField(
        _("Only people who signed up for the session"), description=_("For a checkpoint of the kind Session.")
    )
    open_from = DateTimeLocalField(_("Opens"), [Optional()], description=_("At the meeting's place. Empty: at once."))
    open_to = DateTimeLocalField(
        _("Closes"), [Optional()], description=_("At the meeting's place. Empty: it stays open.")
    )

    def rules(self, tz: str) -> dict[str, Any]:
        """The rules as the service takes them."""
        return {
            "reentry": self.reentry.data,
            "capacity": self.capacity.data,
            "needs_sign_up": bool(self.needs_sign_up.data),
            "open_from": _instant(self.open_from.data, tz),
            "open_to": _instant(self.open_to.data, tz),
        }


class CheckpointForm(RulesForm):
    name = StringField(_("Name"), [DataRequired(), Length(max=120)], description=_("For example Main entrance, day 1."))
    kind = SelectField(_("Kind"), choices=[(kind.value, label) for kind, label in KINDS.items()])
    day = SelectField(_("Day"), description=_("On other days it lets nobody in."))
    session_id = SelectField(
        _("Session"),
        coerce=int,
        description=_(
            "For a checkpoint of the kind Session. With no hours below it follows the session: its hours, its places "
            "and whether one has to sign up."
        ),
    )
    group = SelectField(
        _("Entering one leaves the others"),
        description=_("People are at one checkpoint of a group. This never changes."),
        default="",
    )

    def __init__(self, meeting: Meeting, **more: Any) -> None:
        super().__init__(**more)
        groups = queries.list_groups(meeting.id)
        together = [(g, _("Together with %(names)s", names=", ".join(names)[:120])) for g, names in groups.items()]
        fresh = next(f"group {n}" for n in range(1, len(groups) + 2) if f"group {n}" not in groups)
        self.group.choices = [
            ("", _("No: it stands alone")),
            *together,
            (fresh, _("Together with checkpoints that I make next")),
        ]
        self.day.choices = [("", _("Every day")), *((d.day.isoformat(), day_text(d.day)) for d in meeting.days)]
        sessions = programme.list_sessions(meeting.id)
        self.session_id.choices = [(0, _("None")), *((session.id, session.title) for session in sessions)]


class EnrolForm(PageForm):
    """A code for one device. ``may_see_children``: only who may see children lets a device see them."""

    scope = SelectMultipleField(
        _("This device"),
        choices=SCOPES,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        default=["evacuation"],
    )
    days = IntegerField(_("Works for so many days"), [DataRequired(), NumberRange(1, 31)], default=1)

    def __init__(self, *, may_see_children: bool, **more: Any) -> None:
        super().__init__(**more)
        if not may_see_children:
            self.scope.choices = [(name, words) for name, words in SCOPES if name != "children"]
            self.scope.description = _("A device that sees children is made by the focal point or an organiser.")


class KioskForm(PageForm):
    """A tablet for the public. Beside EnrolForm on one page, so its fields have a prefix."""

    pin = StringField(
        _("PIN to leave it"),
        [DataRequired(), Regexp(r"\A[0-9]{4,8}\Z", message=_("A PIN has 4 to 8 digits, and not all the same."))],
        description=_("4 to 8 digits. Tell it to those who look after the tablet."),
    )
    days = IntegerField(_("Works for so many days"), [DataRequired(), NumberRange(1, 31)], default=1)

    def __init__(self, **more: Any) -> None:
        super().__init__(prefix="kiosk-", **more)


class ScanForm(PageForm):
    """Sent twice is one scan: its name is made with the page."""

    scan_id = HiddenField()

    def ident(self) -> str:
        """The scan's name; a new one where the page's is none."""
        try:
            return str(uuid.UUID(self.scan_id.data or ""))
        except ValueError:
            return str(uuid.uuid4())


class DoorForm(ScanForm):
    """What is typed, or sent by a scanner that types; and what was chosen from the names found."""

    text = StringField(_("Code or name"), [Length(max=300)])
    person = HiddenField()
    undo = HiddenField()
    kind = RadioField(_("Direction"), choices=[("entry", _("In")), ("exit", _("Out"))], default="entry")


def local(value: datetime | None, tz: str) -> datetime | None:
    """An instant as the naive local time that a browser's field shows."""
    return value.astimezone(ZoneInfo(tz)).replace(tzinfo=None) if value else None


def filled(rules: CheckpointRules | None, tz: str) -> dict[str, Any]:
    """The rules in force as the form's first content."""
    if rules is None:
        return {}
    return {
        "reentry": rules.reentry,
        "capacity": rules.capacity,
        "needs_sign_up": rules.needs_sign_up,
        "open_from": local(rules.open_from, tz),
        "open_to": local(rules.open_to, tz),
    }


def _instant(value: datetime | None, tz: str) -> datetime | None:
    return value.replace(tzinfo=ZoneInfo(tz)).astimezone(UTC) if value else None
