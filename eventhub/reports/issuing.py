"""Issuing a report: count once, freeze what was counted, make every file from it, say what changed since the last.

The same job done twice issues one report. An issued report is never changed and never computed again.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from eventhub import audit, clock, files
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.errors import NotFoundError, RuleError
from eventhub.meetings import queries as meetings
from eventhub.partnerships.models import Partnership
from eventhub.reports import changes, donor, donor_files, iati, ledger, map, told
from eventhub.reports.facts import Facts
from eventhub.reports.models import IssuedFile, IssuedReport
from eventhub.reports.network import Network
from eventhub.reports.picture import Picture
from eventhub.reports.scope import Scope
from eventhub.ui import day_text

Progress = Callable[[int, int | None], None]
KINDS = ("pdf", "html", "xlsx", "iati", "graphml")
STEPS = len(KINDS) + 1
MEDIA = {
    "pdf": ("pdf", "application/pdf"),
    "html": ("html", "text/html"),
    "xlsx": ("xlsx", donor_files.XLSX),
    "iati": ("iati.xml", "application/xml"),
    "graphml": ("graphml", "application/xml"),
}
FEW = 8  # organisations whose map is half as wide as a sheet
UNREGISTERED = "XX-UNREGISTERED"


class NothingToReportError(RuleError):
    sentence = "No meeting fits this choice, so there is nothing to report. Take a filter away."


def read_scope(args: dict[str, Any], allowed: Sequence[int] | None) -> Scope:
    """The scope that a job kept (``Scope.args``)."""
    held = meetings.list_meetings()
    sectors = {sector.code: sector for sector in meetings.list_sectors()}
    series = {one.slug: one for one in meetings.list_series()}
    return Scope(
        held,
        None if allowed is None else set(allowed),
        series.get(args.get("series", "")),
        next((m for m in held if m.slug == args.get("edition")), None),
        args.get("from"),
        args.get("to"),
        sectors.get(args.get("sector", "")),
        args.get("country", ""),
        theme := args.get("theme", ""),
        ledger.words_of_theme(theme) if theme else "",
    )


def issue(
    scope: Scope,
    *,
    title: str,
    by: Actor,
    progress: Progress,
    funder: str = "",
    organisation_ref: str = "",
    name_all: bool = False,
    job_id: int | None = None,
) -> IssuedReport:
    """Issue the report of a scope. Raises NothingToReportError."""
    known = db.session.scalar(sa.select(IssuedReport).where(IssuedReport.job_id == job_id)) if job_id else None
    if known is not None:
        return known
    facts = Facts(scope, outward=True)
    if not facts.meetings:
        raise NothingToReportError
    figures, network = donor.figures_of(facts), donor.network_of(facts, meetings.list_series())
    content = donor.content(facts, figures, network, name_all=name_all)
    content["as_of_words"] = day_text(facts.as_of)
    previous = _previous(title=title, funder=funder, scope=scope)
    if previous is not None:
        content["changes"] = {
            **changes.since(previous.content, content, _merged()),
            "since": f"{previous.number}, {day_text(previous.as_of)}",
        }
    progress(1, STEPS)
    now = clock.now()
    report = IssuedReport(
        number=_number(now.year),
        title=title,
        funder=funder,
        scope=scope.args(),
        meeting_ids=[meeting.id for meeting in facts.meetings],
        as_of=facts.as_of,
        content=content,
        previous=previous,
        job_id=job_id,
        by_name=by.name,
    )
    pictures = {figure.key: figure.picture for figure in figures if figure.picture is not None}
    pictures |= _maps(network)
    made = _make(report, facts, network, pictures, organisation_ref or UNREGISTERED, now)
    db.session.add(report)
    for kind in KINDS:
        ending, media_type = MEDIA[kind]
        stored = files.store(f"{report.number}.{ending}", media_type, made[kind])
        report.files.append(IssuedFile(kind=kind, file=stored))
    db.session.flush()
    audit.record(by, "issued", report, number=report.number)
    return report


def _make(
    report: IssuedReport, facts: Facts, network: Network, pictures: dict[str, Picture], ref: str, now: datetime
) -> dict[str, bytes]:
    series = facts.scope.series or (facts.scope.edition.series if facts.scope.edition else None)
    head = {
        "title": report.title,
        "funder": report.funder,
        "number": report.number,
        "issued": day_text(now.date()),
        "secretariat": (series.secretariat if series else "") or "EventHub",
        "organisation_ref": ref,
    }
    content = report.content
    photographs = told.photographs(content)
    return {
        "pdf": donor_files.pdf(head, content, pictures, photographs, series),
        "html": donor_files.html(head, content, pictures, photographs, series),
        "xlsx": donor_files.xlsx(head, content),
        "iati": iati.iati(head, content, facts.meetings, iati.about(facts), now.isoformat(timespec="seconds")),
        "graphml": donor_files.graphml(network, facts.sectors),
    }


def _merged() -> dict[str, str]:
    """Of each partnership that was joined to another: to which one, by reference."""
    kept = sa.orm.aliased(Partnership)
    rows = db.session.execute(sa.select(Partnership.ref, kept.ref).join(kept, Partnership.merged_into_id == kept.id))
    return {ref: other for ref, other in rows}


def _maps(network: Network) -> dict[str, Picture]:
    """The map with the secretariat, and without it where it has ties: what is left then stands in the same places."""
    cut, sectors = map.cut(network), meetings.list_sectors()
    ids, names = [sector.id for sector in sectors], {sector.id: sector.name for sector in sectors}
    found = {"network": map.draw(cut, cut, ids, title=_("The network"))}
    without = cut.of(secretariat=False)
    if len(without.nodes) < len(cut.nodes):
        found["network_without"] = map.draw(cut, without, ids, title=_("The network without the secretariat"))
    here = [ident for ident in ids if any(node.sector_id == ident for node in cut.nodes)]
    key = map.key(here, ids, names, unknown=any(node.sector_id not in names for node in cut.nodes))
    if len(cut.nodes) <= FEW:  # they stand in the sheet's corner
        found = {name: replace(picture, width=map.WIDTH / 2) for name, picture in found.items()}
    return {name: map.with_key(picture, key) for name, picture in found.items()}


def _number(year: int) -> str:
    """The next number of a year; the table's constraint keeps two from being the same."""
    stem = f"R-{year}-"
    last = db.session.scalar(sa.select(sa.func.max(IssuedReport.number)).where(IssuedReport.number.startswith(stem)))
    return f"{stem}{int(last.removeprefix(stem)) + 1 if last else 1:03}"


def _previous(*, title: str, funder: str, scope: Scope) -> IssuedReport | None:
    """The last report for the same funder about the same series or edition: what a new one is compared with."""
    rows = db.session.scalars(
        sa.select(IssuedReport).where(IssuedReport.funder == funder).order_by(IssuedReport.id.desc()).limit(50)
    )
    about = {key: scope.args().get(key) for key in ("series", "edition", "sector", "country", "theme")}
    return next((row for row in rows if {key: row.scope.get(key) for key in about} == about), None)


# looking up


def list_issued(allowed: set[int] | None) -> list[IssuedReport]:
    """Issued reports whose meetings the reader may all see (None: all), newest first."""
    rows = db.session.scalars(
        sa.select(IssuedReport).options(selectinload(IssuedReport.files)).order_by(IssuedReport.id.desc()).limit(500)
    )
    return [row for row in rows if allowed is None or set(row.meeting_ids) <= allowed]


def get_issued(report_id: int, allowed: set[int] | None) -> IssuedReport:
    """One of them with its content; raises NotFoundError."""
    row = db.session.get(
        IssuedReport,
        report_id,
        options=[sa.orm.undefer(IssuedReport.content), joinedload(IssuedReport.files).joinedload(IssuedFile.file)],
    )
    if row is None or (allowed is not None and not set(row.meeting_ids) <= allowed):
        raise NotFoundError("There is no such report, or it tells of meetings that are not yours to see.")
    return row


def find_by_job(job_id: int) -> IssuedReport | None:
    return db.session.scalar(sa.select(IssuedReport).where(IssuedReport.job_id == job_id))
