"""Issuing a report: count once, freeze what was counted, make every file from it, say what changed since the last.

The same job done twice issues one report. An issued report is never counted again. What somebody no longer agrees to
(``withheld``) is taken out of it: its files are gone at once, and are made again from the same figures and pictures. What
a party disputes is left out until that is settled; then they are made again with it, as they were.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload, selectinload

from eventhub import audit, clock, files
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.errors import NotFoundError, RuleError
from eventhub.files import StoredFile
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job
from eventhub.meetings import queries as meetings
from eventhub.partnerships.models import Partnership
from eventhub.reports import changes, donor, donor_files, iati, ledger, map, told, withheld
from eventhub.reports.facts import Facts
from eventhub.reports.figures import Figure
from eventhub.reports.models import IssuedFile, IssuedReport
from eventhub.reports.network import Network
from eventhub.reports.picture import Picture
from eventhub.reports.scope import Scope
from eventhub.ui import day_text

Progress = Callable[[int, int | None], None]
TOLD = ("pdf", "html", "xlsx")  # what holds words and pictures; the others hold figures and codes
KINDS = (*TOLD, "iati", "graphml")
STEPS = len(KINDS) + 1
MEDIA = {
    "pdf": ("pdf", "application/pdf"),
    "html": ("html", "text/html"),
    "xlsx": ("xlsx", donor_files.XLSX),
    "iati": ("iati.xml", "application/xml"),
    "graphml": ("graphml", "application/xml"),
}
AGAIN = "reports.again"  # the kind of job that makes files anew
A_DAY = timedelta(days=1)  # files that could not be made again are tried once a day
FEW = 8  # organisations whose map is half as wide as a sheet
UNREGISTERED = "XX-UNREGISTERED"


class NothingToReportError(RuleError):
    sentence = _l("No meeting fits this choice, so there is nothing to report. Take a filter away.")


class MadeAgainError(RuleError):
    sentence = _l(
        "Something in this file may no longer be shown, because somebody took a consent back. The file is being made "
        "again without it; its figures stay as they are. Look again in a few minutes."
    )


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
        since = f"{previous.number}, {day_text(previous.as_of)}"
        content["changes"] = {**changes.since(previous.content, content, _merged()), "since": since}
    progress(1, STEPS)
    now = clock.now()
    report = IssuedReport(
        number=_number(now.year),
        title=title,
        funder=funder,
        scope=scope.args(),
        meeting_ids=[meeting.id for meeting in facts.meetings],
        as_of=facts.as_of,
        disputed=[],
        content=content,
        previous=previous,
        job_id=job_id,
        by_name=by.name,
    )
    series = scope.series or (scope.edition.series if scope.edition else None)
    head = _head(report, (series.secretariat if series else "") or "EventHub", organisation_ref or UNREGISTERED, now)
    look = {"slug": series.slug, "accent": series.accent} if series else {}
    report.drawn = {"head": head, "look": look, "pictures": _drawn(figures, network), "name_all": name_all}
    db.session.add(report)
    made = {
        **_told(report),
        "iati": iati.iati(head, content, facts.meetings, iati.about(facts), now.isoformat(timespec="seconds")),
        "graphml": donor_files.graphml(network, facts.sectors),
    }
    for kind in KINDS:
        _keep(report, kind, made[kind])
    db.session.flush()
    audit.record(by, "issued", report, number=report.number)
    return report


def _drawn(figures: Sequence[Figure], network: Network) -> dict[str, Any]:
    """The pictures of figures and maps as they are now, so that files can be made again from them."""
    pictures = {figure.key: figure.picture for figure in figures if figure.picture is not None}
    pictures |= _maps(network)
    return {key: picture.as_json() for key, picture in pictures.items()}


def _head(report: IssuedReport, secretariat: str, organisation_ref: str, at: datetime) -> dict[str, str]:
    return {
        "title": report.title,
        "funder": report.funder,
        "number": report.number,
        "issued": day_text(at.date()),
        "secretariat": secretariat,
        "organisation_ref": organisation_ref,
    }


def _told(report: IssuedReport) -> dict[str, bytes]:
    """The files with words and pictures, made from what the report keeps and nothing else. Reports that were issued before
    pictures were kept have only the tables behind them."""
    drawn, content = report.drawn, withheld.left_out(report.content, report.disputed)
    head = drawn.get("head") or _head(report, "EventHub", UNREGISTERED, report.issued_at)
    look = donor_files.Look(**drawn.get("look", {}))
    left_out = ("network", "network_without") if content.get("left_out") else ()
    pictures = {key: Picture.of_json(kept) for key, kept in drawn.get("pictures", {}).items() if key not in left_out}
    photographs = told.photographs(content)
    return {
        "pdf": donor_files.pdf(head, content, pictures, photographs, look),
        "html": donor_files.html(head, content, pictures, photographs, look),
        "xlsx": donor_files.xlsx(head, content),
    }


def _keep(report: IssuedReport, kind: str, content: bytes) -> None:
    ending, media_type = MEDIA[kind]
    stored = files.store(f"{report.number}.{ending}", media_type, content)
    report.files.append(IssuedFile(kind=kind, file=stored))


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


# what somebody no longer agrees to


def withhold(report_id: int, *, by: Actor) -> bool:
    """Take out of a report what may no longer be told, and put back what nobody disputes any more. The files that are
    not as they should be are gone with this transaction; a job makes them again. Returns whether there was anything to
    do; twice is once."""
    report = lock(IssuedReport, report_id)
    if report is None:
        return False
    found = _found(report)
    disputed, goes = _disputed(report, found), _goes(report, found)
    back = [one for one in report.disputed if one not in disputed]
    if goes or back:
        lasting = [one for one in goes if not one.may_come_back]
        if lasting:
            report.content = withheld.without(report.content, lasting, day_text(clock.today()))
        report.disputed = disputed
        gone = (*TOLD, "graphml") if report.content.get("left_out") else TOLD
        _drop(report, gone)
        for action, what in (("took out of", {one.what for one in goes}), ("put back into", {o["what"] for o in back})):
            if what:
                audit.record(by, action, report, number=report.number, what=sorted(what))
    elif not missing(report) or _tried_lately(report):  # a job that failed is tried again a day later
        return False
    jobs.start(AGAIN, _("Report %(number)s, made again", number=report.number), args={"report": report.id}, by=by)
    return True


def _found(report: IssuedReport) -> list[withheld.Taken]:
    return withheld.find(report.content, name_all=report.drawn.get("name_all", True))


def _disputed(report: IssuedReport, found: Sequence[withheld.Taken]) -> list[dict[str, Any]]:
    """What is in dispute now, each since the day on which that was noticed."""
    since = {(one["what"], one["of"]): one["day"] for one in report.disputed}
    today = day_text(clock.today())
    return [
        {"what": what, "of": of, "day": since.get((what, of), today)}
        for what, of in sorted((one.what, str(one.of)) for one in found if one.may_come_back)
    ]


def _goes(report: IssuedReport, found: Sequence[withheld.Taken]) -> list[withheld.Taken]:
    """Of what may not be told, what the files still tell."""
    left_out = {(one["what"], one["of"]) for one in report.disputed}
    return [one for one in found if not one.may_come_back or (one.what, one.of) not in left_out]


def _drop(report: IssuedReport, kinds: Sequence[str]) -> None:
    old = [one for one in report.files if one.kind in kinds]
    for one in old:
        report.files.remove(one)
    db.session.flush()
    db.session.execute(sa.delete(StoredFile).where(StoredFile.id.in_([one.file_id for one in old])))


def missing(report: IssuedReport) -> list[str]:
    """The files that wait to be made again."""
    there = {one.kind for one in report.files}
    return [kind for kind in TOLD if kind not in there]


def _tried_lately(report: IssuedReport) -> bool:
    lately = sa.select(Job.args).where(Job.kind == AGAIN, Job.created_at > clock.now() - A_DAY)
    return any(args.get("report") == report.id for args in db.session.scalars(lately))


def make_again(report_id: int, progress: Progress) -> IssuedReport:
    """Make the files that were dropped, from the figures and pictures as they were frozen. Done twice it is done once."""
    progress(0, None)
    report = lock(IssuedReport, report_id)
    if report is None:
        raise NotFoundError
    wanted = missing(report)
    if wanted:
        made = _told(report)
        for kind in wanted:
            _keep(report, kind, made[kind])
        db.session.flush()
    return report


def list_ids() -> list[int]:
    return list(db.session.scalars(sa.select(IssuedReport.id).order_by(IssuedReport.id)))


def as_it_may_be_told(report: IssuedReport) -> tuple[dict[str, Any], set[str]]:
    """The report's content as anybody may read it now, also before the files were made again; and the kinds of files that
    wait for that."""
    found = _found(report)
    goes = _goes(report, found)
    lasting = [one for one in goes if not one.may_come_back]
    content = withheld.without(report.content, lasting, day_text(clock.today())) if lasting else report.content
    waiting = {*TOLD, *_of_map(goes)} if goes else set(missing(report))
    return withheld.left_out(content, _disputed(report, found)), waiting


def _of_map(found: Sequence[withheld.Taken]) -> list[str]:
    return ["graphml"] if any(one.what == withheld.MAP for one in found) else []


def files_of(report: IssuedReport) -> list[IssuedFile]:
    """Its files in their order, whichever were made again."""
    return sorted(report.files, key=lambda one: KINDS.index(one.kind))


def get_file(report: IssuedReport, kind: str) -> StoredFile:
    """One file of it. Raises NotFoundError, and MadeAgainError where it holds what may no longer be shown."""
    goes = _goes(report, _found(report))
    one = next((one for one in report.files if one.kind == kind), None)
    if (goes and kind in (*TOLD, *_of_map(goes))) or (one is None and kind in TOLD):
        raise MadeAgainError
    if one is None:
        raise NotFoundError(_("This file showed what is not public any more, so it is not kept. The others are here."))
    return files.get(one.file_id)


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
        options=[
            sa.orm.undefer(IssuedReport.content),
            sa.orm.undefer(IssuedReport.drawn),
            joinedload(IssuedReport.files).joinedload(IssuedFile.file),
        ],
    )
    if row is None or (allowed is not None and not set(row.meeting_ids) <= allowed):
        raise NotFoundError(_("There is no such report, or it tells of meetings that are not yours to see."))
    return row


def find_by_job(job_id: int) -> IssuedReport | None:
    """The report that a job issued; None while it has not."""
    return db.session.scalar(sa.select(IssuedReport).where(IssuedReport.job_id == job_id))
