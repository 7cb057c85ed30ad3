"""Rules for the parts of a partnership: parties, places, themes, activities, outcomes, evidence, context, stages.

What is not known stays unknown: a head-count is a number or None, a date as exact as it was said. Context is earlier
work of one party, kept apart and counted nowhere.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from eventhub import audit, clock, files
from eventhub.audit import Actor
from eventhub.db import Base, db
from eventhub.directory import imprecise
from eventhub.directory import queries as directory
from eventhub.errors import InvalidError
from eventhub.partnerships import follow_ups, queries
from eventhub.partnerships.models import (
    Activity,
    Context,
    Evidence,
    FollowUp,
    Outcome,
    Partnership,
    Party,
    Place,
    StageStatement,
    Theme,
    Verification,
)
from eventhub.partnerships.service import adult, differences, hold, plain, touch
from eventhub.partnerships.states import ThemeScheme

AGES, SEXES = ("adult", "young", "child"), ("f", "m", "other", "unknown")
LARGEST_COUNT = 1_000_000
LARGEST_FILE = 10 * 1024 * 1024  # bytes
FILE_TYPES = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n",
    "image/jpeg": b"\xff\xd8\xff",
}

PARTS: dict[str, type[Any]] = {
    "party": Party,
    "place": Place,
    "theme": Theme,
    "activity": Activity,
    "outcome": Outcome,
    "context": Context,
    "evidence": Evidence,
    "stage": StageStatement,
}
# for the audit, whose lines read "added an activity to a partnership"
_A = {
    "party": "a party",
    "place": "a place",
    "theme": "a theme",
    "activity": "an activity",
    "outcome": "a change",
    "context": "earlier work of one party",
    "evidence": "evidence",
    "stage": "a statement of the stage",
}
_LISTS = {
    "party": "parties",
    "place": "places",
    "theme": "themes",
    "activity": "activities",
    "outcome": "outcomes",
    "context": "contexts",
    "evidence": "evidence",
    "stage": "stages",
}


def add(partnership: Partnership, part: str, *, by: Actor, version: int | None = None, **values: Any) -> Any:
    """Add one part ("activity", "party" …) with its fields; returns the row. Raises InvalidError, StaleError."""
    hold(partnership, version)
    row = PARTS[part]()
    checked = _check(partnership, part, row, values)
    for name, value in checked.items():
        setattr(row, name, value)
    getattr(partnership, _LISTS[part]).append(row)
    touch(partnership)
    audit.record(by, f"added {_A[part]} to", partnership, meeting_id=_meeting_id(partnership), part=row.id)
    if part == "party":
        follow_ups.schedule(partnership)
    return row


def change(
    partnership: Partnership, part: str, ident: int, *, by: Actor, version: int | None = None, **values: Any
) -> Any:
    """Change one part; what stood before is kept in the audit."""
    hold(partnership, version)
    row = queries.get_part(PARTS[part], partnership, ident)
    checked = _check(partnership, part, row, values)
    before = differences(row, {name: value for name, value in checked.items() if not _is_row(value)})
    for name, value in checked.items():
        setattr(row, name, value)
    if db.session.is_modified(row):
        touch(partnership)
        audit.record(
            by, f"changed {_A[part]} of", partnership, meeting_id=_meeting_id(partnership), part=ident, before=before
        )
    return row


def remove(partnership: Partnership, part: str, ident: int, *, by: Actor, version: int | None = None) -> None:
    """Remove one part that was recorded by mistake; what it said is kept in the audit."""
    hold(partnership, version)
    row = queries.get_part(PARTS[part], partnership, ident)
    if part == "party":
        _may_remove_party(partnership, row)
    if part == "activity":
        _detach_evidence(row)
    said = {column.key: plain(getattr(row, column.key)) for column in sa.inspect(PARTS[part]).mapper.column_attrs}
    said = {name: value for name, value in said.items() if not name.endswith("_at")}
    file_id = getattr(row, "file_id", None)
    getattr(partnership, _LISTS[part]).remove(row)
    touch(partnership)
    if file_id is not None:
        db.session.delete(files.get(file_id))
        db.session.flush()
    audit.record(
        by, f"removed {_A[part]} from", partnership, meeting_id=_meeting_id(partnership), part=ident, before=said
    )


def attach(name: str, content: bytes) -> int:
    """Keep an evidence's file; returns its id. A PDF, PNG or JPEG of at most 10 MB; else InvalidError."""
    if len(content) > LARGEST_FILE:
        raise InvalidError("The file is larger than 10 MB. Send a smaller one, or give its address.", field="file")
    kind = next((kind for kind, first in FILE_TYPES.items() if content.startswith(first)), None)
    if kind is None:
        raise InvalidError("Send a PDF, a PNG or a JPEG file.", field="file")
    return files.store(name[-150:] or "evidence", kind, content).id


def _meeting_id(partnership: Partnership) -> int | None:
    return partnership.origin.meeting_id if partnership.origin else None


def _is_row(value: Any) -> bool:
    return isinstance(value, Base)


def _may_remove_party(partnership: Partnership, party: Party) -> None:
    if len(partnership.parties) <= 2:
        raise InvalidError("A partnership has two parties at least. Add the other one first.")
    asked = db.session.scalar(
        sa.select(Verification.id).where(Verification.party_id == party.id).limit(1)
    ) or db.session.scalar(sa.select(FollowUp.id).where(FollowUp.party_id == party.id, FollowUp.sent_at.is_not(None)))
    if asked:
        raise InvalidError("This party was asked already, so it stays. Write the day on which it left instead.")
    db.session.execute(sa.delete(FollowUp).where(FollowUp.party_id == party.id))


def _detach_evidence(activity: Activity) -> None:
    db.session.execute(sa.update(Evidence).where(Evidence.activity_id == activity.id).values(activity_id=None))


# what each part must satisfy


def _check(partnership: Partnership, part: str, row: Any, values: dict[str, Any]) -> dict[str, Any]:
    check = _CHECKS.get(part)
    return check(partnership, row, dict(values)) if check else values


def _check_party(partnership: Partnership, row: Party, values: dict[str, Any]) -> dict[str, Any]:
    if "organisation" in values:
        values["organisation"] = directory.canonical(values["organisation"])
        if any(p.organisation_id == values["organisation"].id for p in partnership.parties if p is not row):
            raise InvalidError("This organisation is a party already.", field="organisation")
    if "focal_person" in values:
        values["focal_person"] = adult(values["focal_person"])
    return values


def _check_theme(partnership: Partnership, row: Theme, values: dict[str, Any]) -> dict[str, Any]:
    scheme, code = values.get("scheme", row.scheme) or ThemeScheme.OWN, values.get("code", row.code) or ""
    form = _CODES.get(scheme)
    if form and not re.fullmatch(form[0], code):
        raise InvalidError(form[1], field="code")
    if not code and not (values.get("label", row.label) or ""):
        raise InvalidError("Write the theme in a few words.", field="label")
    if values.get("primary"):
        for other in partnership.themes:
            other.primary = False
    return values


_CODES = {
    ThemeScheme.SDG: (r"(1[0-7]|[1-9])(\.(\d{1,2}|[a-d]))?", "Write the SDG or its target, such as 16.2."),
    ThemeScheme.DAC: (r"\d{5}", "Write the five digits of the purpose code, such as 15160."),
    ThemeScheme.CRC_ARTICLE: (r"(5[0-4]|[1-4]?\d)", "Write the number of the article, from 1 to 54."),
    ThemeScheme.CRC_CLUSTER: (r"[1-9]|10", "Write the number of the reporting cluster, from 1 to 10."),
    ThemeScheme.GENERAL_COMMENT: (r"\d{1,2}", "Write the number of the general comment, such as 12."),
}


def _check_activity(partnership: Partnership, row: Activity, values: dict[str, Any]) -> dict[str, Any]:
    start = imprecise.bounds(values.get("start", row.start), values.get("start_precision", row.start_precision))
    end = imprecise.bounds(values.get("end", row.end), values.get("end_precision", row.end_precision))
    if start and end and end.last < start.first:
        raise InvalidError("The end lies before the beginning. Look at both dates.", field="end")
    if start and start.first > clock.today() + timedelta(days=366 * 3):
        raise InvalidError("This lies more than three years ahead. Look at the year.", field="start")
    if "counts" in values:
        values["counts"] = _counts(values["counts"])
    if "organisation_ids" in values:
        parties = {party.organisation_id for party in partnership.parties}
        if not set(values["organisation_ids"]) <= parties:
            raise InvalidError("Choose among the parties of this partnership.", field="organisation_ids")
        values["organisation_ids"] = sorted(set(values["organisation_ids"]))
    return values


def _counts(counts: Mapping[str, Mapping[str, int | None]]) -> dict[str, dict[str, int]]:
    """Head-counts by age and sex; what is not known is left out, so that it can never be read as 0."""
    kept: dict[str, dict[str, int]] = {}
    for age, row in counts.items():
        for sex, n in row.items():
            if age not in AGES or sex not in SEXES:
                raise InvalidError("This group of people is not known.", field="counts")
            if n is not None:
                if not 0 <= n <= LARGEST_COUNT:
                    raise InvalidError("A number of people is 0 or more. Leave it empty when it is not known.")
                kept.setdefault(age, {})[sex] = n
    return kept


def _check_context(partnership: Partnership, row: Context, values: dict[str, Any]) -> dict[str, Any]:
    organisation = values.get("organisation", row.organisation)
    if organisation is None or organisation.id not in {party.organisation_id for party in partnership.parties}:
        raise InvalidError("Context is earlier work of one of the parties. Choose which.", field="organisation_id")
    return values


def _check_evidence(partnership: Partnership, row: Evidence, values: dict[str, Any]) -> dict[str, Any]:
    kind = values.get("kind", row.kind)
    url = values.get("url", row.url) or ""
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc):
        raise InvalidError("Write the whole address, beginning with https://", field="url")
    needed = {"url": "url", "quote": "quote", "file": "file_id"}.get(kind)
    if needed and not values.get(needed, getattr(row, needed)):
        raise InvalidError("What the evidence is made of is missing.", field="file" if needed == "file_id" else needed)
    if kind == "published_source" and not (url or values.get("title", row.title)):
        raise InvalidError("Say where it was published: a title or an address.", field="title")
    activity_id = values.get("activity_id")
    if activity_id is not None and activity_id not in {activity.id for activity in partnership.activities}:
        raise InvalidError("This activity is not one of this partnership's.", field="activity_id")
    if values.get("shows_children") and values.get("consent_ok") is None:
        values["consent_ok"] = False  # nobody said yes
    return values


def _check_stage(partnership: Partnership, row: StageStatement, values: dict[str, Any]) -> dict[str, Any]:
    if values.get("stated_on") is not None and values["stated_on"] > clock.today() + timedelta(days=1):
        raise InvalidError("A statement cannot be made in the future.", field="stated_on")
    return values


_CHECKS: dict[str, Callable[[Partnership, Any, dict[str, Any]], dict[str, Any]]] = {
    "party": _check_party,
    "theme": _check_theme,
    "activity": _check_activity,
    "context": _check_context,
    "evidence": _check_evidence,
    "stage": _check_stage,
}
