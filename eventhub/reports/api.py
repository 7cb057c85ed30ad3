"""The tidy tables for programs: GET /api/v1/reports and /api/v1/reports/<table>, read only, with a person's API token.

A token sees what its owner may see: the meetings where they may read reports.
"""

from datetime import date
from typing import Any

import marshmallow as ma
from flask_security import current_user

from eventhub.accounts import queries as accounts
from eventhub.errors import NotFoundError
from eventhub.meetings import queries as meetings
from eventhub.problems import ApiBlueprint
from eventhub.reports.facts import Facts
from eventhub.reports.scope import Scope
from eventhub.reports.tidy import DATASETS, Source
from eventhub.security import permission

bp = ApiBlueprint(
    "reports_api", __name__, url_prefix="/api/v1/reports", description="What came of the meetings, as tables."
)

MOST = 1000  # rows of a page


class ColumnSchema(ma.Schema):
    name = ma.fields.String(required=True)
    type = ma.fields.String(required=True, validate=ma.validate.OneOf(["string", "integer", "boolean", "date"]))
    description = ma.fields.String(required=True)


class TableSchema(ma.Schema):
    name = ma.fields.String(required=True)
    description = ma.fields.String(required=True, metadata={"description": "What one row is."})
    columns = ma.fields.List(ma.fields.Nested(ColumnSchema), required=True)


class TablesSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(TableSchema), required=True)


class PageSchema(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE

    page = ma.fields.Integer(load_default=1, validate=ma.validate.Range(1, 1_000_000))
    per_page = ma.fields.Integer(load_default=200, validate=ma.validate.Range(1, MOST))
    series = ma.fields.String(
        load_default="",
        validate=ma.validate.Length(max=80),
        metadata={"description": "A series' address name; else all."},
    )


class RowsSchema(ma.Schema):
    as_of = ma.fields.Date(required=True)
    page = ma.fields.Integer(required=True)
    pages = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True, metadata={"description": "Rows on all pages."})
    items = ma.fields.List(ma.fields.Dict(), required=True, metadata={"description": "A row each; null: not known."})


@bp.get("")
@bp.response(200, TablesSchema)
@bp.alt_response(401, success=False)
@bp.alt_response(403, success=False)
@permission("reports.read")
def tables() -> dict[str, Any]:
    """The tables with their columns: the data dictionary."""
    return {
        "items": [
            {
                "name": one.name,
                "description": one.means,
                "columns": [{"name": c.name, "type": c.kind, "description": c.means} for c in one.columns],
            }
            for one in DATASETS.values()
        ]
    }


@bp.get("/<string:table>")
@bp.arguments(PageSchema, location="query")
@bp.response(200, RowsSchema)
@bp.alt_response(401, success=False)
@bp.alt_response(403, success=False)
@bp.alt_response(404, success=False)
@permission("reports.read")
def rows(query: dict[str, Any], table: str) -> dict[str, Any]:
    """A page of one table's rows, the same as in the exported files."""
    series = next((one for one in meetings.list_series() if one.slug == query["series"]), None)
    if table not in DATASETS or (query["series"] and series is None):
        raise NotFoundError
    facts = Facts(Scope(meetings.list_meetings(), accounts.meetings_where(current_user, "reports.read"), series))
    every = list(DATASETS[table].records(Source(facts)))
    start = (query["page"] - 1) * query["per_page"]
    return {
        "as_of": facts.as_of,
        "page": query["page"],
        "pages": -(-len(every) // query["per_page"]),
        "total": len(every),
        "items": [
            {name: value.isoformat() if isinstance(value, date) else value for name, value in record.items()}
            for record in every[start : start + query["per_page"]]
        ],
    }
