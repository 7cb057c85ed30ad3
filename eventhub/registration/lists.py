"""The list of registrations as a file: one row a person, one column a question. Sealed things never leave by it."""

import io
from collections.abc import Iterator
from typing import Any

from flask import Response
from flask_babel import gettext as _

from eventhub.directory.places import country_name
from eventhub.files import attachment_name, export_csv
from eventhub.meetings.models import Meeting
from eventhub.registration import questions
from eventhub.registration.models import FormField, Registration
from eventhub.states import label_of

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def download(kind: str, meeting: Meeting, rows: list[Registration], asked: list[FormField]) -> Response:
    """The rows as a file of this kind (one of KINDS)."""
    table = list(_table(rows, asked))
    content = export_csv(table) if kind == "csv" else workbook(table)
    response = Response(content, content_type=KINDS[kind])
    response.headers["Content-Disposition"] = attachment_name(f"registrations-{meeting.slug}.{kind}")
    return response


def _table(rows: list[Registration], asked: list[FormField]) -> Iterator[list[Any]]:
    yield [
        _("Name"),
        _("Name in Latin letters"),
        _("Called"),
        _("E-mail"),
        _("Organisation"),
        _("Sector"),
        _("Country or territory"),
        _("Language"),
        _("Role"),
        _("State"),
        _("Place in the queue"),
        _("Registered (UTC)"),
        *(field.label for field in asked),
    ]
    for row in rows:
        person, answers = row.person, {answer.field_id: answer.value for answer in row.answers}
        yield [
            person.called if row.is_child else person.full_name,
            "" if row.is_child else person.latin_name,
            person.called,
            "" if row.is_child else person.email,
            row.organisation.name if row.organisation else row.organisation_text,
            row.sector.name if row.sector else "",
            country_name(row.country) if row.country else "",
            row.language,
            row.role.value.replace("_", " "),
            label_of(row.state),
            row.queue_no if row.state == "waiting" else None,
            row.submitted_at.strftime("%Y-%m-%d %H:%M") if row.submitted_at else "",
            *(questions.shown(field, answers.get(field.id)) for field in asked),
        ]


def workbook(table: list[list[Any]]) -> bytes:
    """An XLSX of text cells: nothing is read as a formula or an address."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    import xlsxwriter  # only who makes a sheet needs it in memory

    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for y, row in enumerate(table):
            for x, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, int | float):
                    sheet.write_number(y, x, value)
                else:
                    sheet.write_string(y, x, str(value)[:32767], bold if y == 0 else None)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 12, 22)
    return content.getvalue()
