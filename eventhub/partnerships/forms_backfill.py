"""The form that takes a list of past editions."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import SelectField

from eventhub.directory.forms import ListForm
from eventhub.meetings.models import Series


class PastForm(ListForm):
    series_id = SelectField(
        _("Series"), default="", description=_("The meetings of the list belong to it. Only needed when it has some.")
    )

    def __init__(self, series: list[Series], **options: Any) -> None:
        super().__init__(**options)
        self._series = {str(row.id): row for row in series}
        self.series_id.choices = [("", _("none")), *((ident, row.name) for ident, row in self._series.items())]

    def series(self) -> Series | None:
        return self._series.get(self.series_id.data)
