"""The form that starts a print run."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField, SelectField

from eventhub.badges.printing import Choice
from eventhub.meetings import queries as meetings
from eventhub.pages import PageForm
from eventhub.registration.states import RegistrationRole

LAYOUTS = [("a4", _("Four on an A4 sheet, with marks where to cut")), ("single", _("One a page, for a badge printer"))]
# a child's role is printed like any other, so it is no choice of its own
ROLES = [role for role in RegistrationRole if role is not RegistrationRole.CHILD_DELEGATE]


class PrintForm(PageForm):
    layout = RadioField(_("Paper"), choices=LAYOUTS, default="a4")
    backs = BooleanField(_("With backs: the focal point's number"), default=True)
    unprinted = BooleanField(_("Only badges that were never printed"))
    sector_id = SelectField(_("Sector"), coerce=lambda value: int(value) if value else None)
    role = SelectField(_("Role"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sector_id.choices = [("", _("all sectors")), *((s.id, s.name) for s in meetings.list_sectors())]
        self.role.choices = [("", _("all roles")), *((role.value, role.shown.capitalize()) for role in ROLES)]

    def choice(self, *, with_children: bool) -> Choice:
        """What to print; children only for who may see them."""
        return Choice(
            layout=self.layout.data,
            backs=bool(self.backs.data),
            unprinted=bool(self.unprinted.data),
            sector_id=self.sector_id.data,
            role=self.role.data or "",
            with_children=with_children,
        )
