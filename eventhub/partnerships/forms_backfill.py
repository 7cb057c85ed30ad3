"""The form that takes a list of past editions."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from eventhub.directory.forms import ENCODING_LABELS
from eventhub.meetings.models import Series
from eventhub.pages import PageForm


class PastForm(PageForm):
    series_id = SelectField(
        _("Series"), default="", description=_("The meetings of the list belong to it. Only needed when it has some.")
    )
    file = FileField(
        _("The list"),
        [FileRequired(_("Choose a file."))],
        description=_("An Excel workbook (.xlsx) or CSV, at most 10 MB and 20,000 rows."),
    )
    encoding = SelectField(
        _("Letters of a CSV file"),
        choices=[("", _("Find out")), *((name, label) for name, label in ENCODING_LABELS)],
        default="",
        description=_("Only when the names look wrong in the preview."),
    )

    def __init__(self, series: list[Series], **options: Any) -> None:
        super().__init__(**options)
        self._series = {str(row.id): row for row in series}
        self.series_id.choices = [("", _("none")), *((ident, row.name) for ident, row in self._series.items())]

    def series(self) -> Series | None:
        return self._series.get(self.series_id.data)
