"""The form that asks for a report."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from eventhub.pages import PageForm


class IssueForm(PageForm):
    title = StringField(_("Title"), [DataRequired(), Length(max=160)])
    funder = StringField(_("For whom"), [Optional(), Length(max=160)], description=_("The funder's or board's name."))
    series = SelectField(_("Series"))
    edition = SelectField(_("Edition"), default="")
    first = SelectField(_("From the year"), default="")
    last = SelectField(_("To the year"), default="")
    sector = SelectField(
        _("Sector"),
        default="",
        description=_("People and organisations of this sector, and partnerships with a party of it."),
    )
    country = SelectField(
        _("Country or territory"),
        default="",
        description=_("People from there, and partnerships with a party from there."),
    )
    theme = SelectField(
        _("Theme"),
        default="",
        description=_("Partnerships on this theme. People are counted whatever their theme."),
    )
    name_all = BooleanField(
        _("Name partnerships that are not public too"),
        description=_("Without it they are counted and not named. Hidden ones are never in a report."),
    )
    organisation_ref = StringField(
        _("Your IATI organisation identifier"),
        [
            Optional(),
            Length(max=60),
            Regexp(r"^[^/&|?\s]+$", message=_("An identifier has no spaces and none of / & | ?")),
        ],
        description=_(
            "Such as KH-MOI-1234. Without it the IATI file is complete but cannot be published as it stands."
        ),
    )

    def scope(self) -> dict[str, Any]:
        """The choice as a job keeps it (``Scope.args``)."""
        return {
            "series": self.series.data if self.series.data != "all" else "",
            "edition": self.edition.data,
            "from": int(self.first.data) if self.first.data else None,
            "to": int(self.last.data) if self.last.data else None,
            "sector": self.sector.data,
            "country": self.country.data,
            "theme": self.theme.data,
        }

    def offer(self, choices: dict[str, list[tuple[str, str]]], words: dict[str, Any]) -> None:
        """Fill the choices: the same that the figures' filters offer."""
        same = [(name, name) for name in ("series", "edition", "sector", "country", "theme")]
        for name, key in (*same, ("first", "year"), ("last", "year")):
            options = [(value, label or words[name]) for value, label in choices[key]]
            self._fields[name].choices = options
