"""Forms for staff accounts, their roles and tokens."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import EmailField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Email, Length, NumberRange

from eventhub.accounts import queries
from eventhub.accounts.models import User
from eventhub.meetings import queries as meetings
from eventhub.pages import PageForm
from eventhub.security import Role

ROLES = {
    Role.ADMINISTRATOR: _("Administrator: everything, and who may do what"),
    Role.ORGANISER: _("Organiser: invites, approves, writes letters, runs the meeting"),
    Role.PROGRAMME: _("Programme: sessions, rooms and speakers"),
    Role.DOOR: _("Door: checks people in"),
    Role.SAFEGUARDING: _("Safeguarding: children, consents and sealed records"),
    Role.READER: _("Reader: programme, partnerships and reports"),
}
ALL_MEETINGS = 0  # in the select field; in the table it is empty


class UserForm(PageForm):
    name = StringField(_("Name"), [DataRequired(), Length(max=200)])
    email = EmailField(
        _("E-mail address"), [DataRequired(), Email(), Length(max=255)], description=_("The person signs in with it.")
    )


class GrantForm(PageForm):
    """A role and where it holds; offers only the meetings that ``giver`` administers."""

    role = SelectField(
        _("Role"), choices=[(role.value, words) for role, words in ROLES.items()], default=Role.READER.value
    )
    meeting_id = SelectField(_("In"), coerce=int)

    def __init__(self, *args: Any, giver: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # the newest meeting comes first, and all of them last: the least that may be meant
        self.meeting_id.choices = [
            (meeting.id, meeting.title)
            for meeting in meetings.every_meeting()
            if queries.administers(giver, meeting.id)
        ]
        if queries.administers(giver, None):
            self.meeting_id.choices.append((ALL_MEETINGS, _("all meetings")))


class NewUserForm(GrantForm, UserForm):
    """Who it is, and the first role."""


class TokenForm(PageForm):
    name = StringField(
        _("What it is for"), [DataRequired(), Length(max=80)], description=_("For example: report on the wall screen.")
    )
    days = IntegerField(_("Works for how many days"), [DataRequired(), NumberRange(1, 366)], default=90)
