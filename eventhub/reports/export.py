"""The tidy tables as one archive: a CSV each, their data dictionary, and the same as a Data Package (frictionlessdata.io)."""

import io
import json
import zipfile
from datetime import date
from typing import Any

from eventhub import files
from eventhub.reports.facts import Facts
from eventhub.reports.tidy import DATASETS, Source, Value, dictionary

README = """Tables of what came of the meetings, as of {day}.

{about}

Each CSV is UTF-8 with its mark; what is not known is empty; a text that a spreadsheet would run as a formula has an
apostrophe in front. dictionary.csv says what each column means; datapackage.json says the same for programs.
Headline figures count partnerships whose evidence is confirmed or substantiated. What is only reported stands beside.
No person is in any table. Children and people at risk are in no number.
"""


def archive(facts: Facts) -> bytes:
    """The archive (zip) of every table in the facts' scope."""
    source, made = Source(facts), io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in DATASETS.values():
            names = [column.name for column in one.columns]
            rows = ([_written(value) for value in record.values()] for record in one.records(source))
            packed.writestr(f"{one.name}.csv", files.export_csv([names, *rows]))
        packed.writestr("dictionary.csv", files.export_csv(dictionary()))
        packed.writestr("datapackage.json", json.dumps(package(facts), ensure_ascii=False, indent=1))
        packed.writestr("README.txt", README.format(day=facts.as_of.isoformat(), about=facts.scope.words()))
    return made.getvalue()


def _written(value: Value) -> Any:
    """Dates as ISO 8601; yes and no as true and false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else value


def package(facts: Facts) -> dict[str, Any]:
    """The description of the archive, by the Data Package standard."""
    return {
        "name": "what-came-of-it",
        "title": facts.scope.words(),
        "created": facts.as_of.isoformat(),
        "resources": [
            {
                "name": one.name,
                "path": f"{one.name}.csv",
                "description": one.means,
                "encoding": "utf-8",
                "schema": {
                    "fields": [{"name": c.name, "type": c.kind, "description": c.means} for c in one.columns],
                    "missingValues": [""],
                },
            }
            for one in DATASETS.values()
        ],
    }
