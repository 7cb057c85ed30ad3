"""Staff pages: reports that were issued, each with its files; asking for a new one."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from eventhub import files
from eventhub.accounts import guard
from eventhub.accounts import queries as accounts
from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.errors import NotFoundError
from eventhub.jobs import service as jobs
from eventhub.meetings import queries as meetings
from eventhub.reports import forms, issuing, ledger
from eventhub.reports.facts import organisations
from eventhub.reports.scope import Scope
from eventhub.reports.tidy import DATASETS
from eventhub.reports.views import bp
from eventhub.reports.views_figures import choices, choices_of
from eventhub.security import permission


def _allowed() -> set[int] | None:
    return accounts.meetings_where(current_user, "reports.read")


@bp.get("/reports/issued")
@permission("reports.read")
def issued() -> ResponseReturnValue:
    return render_template(
        "reports/issued.html",
        reports=issuing.list_issued(_allowed()),
        files_of=issuing.files_of,
        may_issue=guard.may("partnerships.edit"),
    )


@bp.route("/reports/issued/new", methods=["GET", "POST"])
@permission("partnerships.edit")
def issue() -> ResponseReturnValue:
    """Count once, freeze, make the files: as a job."""
    form = forms.IssueForm()
    allowed = accounts.meetings_where(current_user, "partnerships.edit")
    asked = Scope(meetings.every_meeting(), allowed)
    homes = organisations()
    form.offer(
        choices_of(asked, homes.values(), asked.chosen(ledger.read(), homes)),
        {
            "series": _("all series"), "edition": _("all editions"), "first": _("the first"), "last": _("the last"),
            "sector": _("all sectors"), "country": _("all countries and territories"), "theme": _("all themes"),
        },
    )  # fmt: skip
    if form.validate_on_submit():
        args = {
            "scope": form.scope(),
            "allowed": None if allowed is None else sorted(allowed),
            "title": form.title.data,
            "funder": form.funder.data or "",
            "name_all": bool(form.name_all.data),
            "organisation_ref": form.organisation_ref.data or "",
        }
        job = jobs.start("reports.donor", _("Report: %(title)s", title=form.title.data), args=args, by=staff())
        db.session.commit()
        return redirect(url_for("jobs.show", job_id=job.id))
    return render_template("reports/issue.html", form=form), 422 if request.method == "POST" else 200


@bp.route("/reports/export", methods=["GET", "POST"])
@permission("reports.read")
def export() -> ResponseReturnValue:
    """Own questions: the tables as one archive, as a job; what each column means."""
    allowed = _allowed()
    offered = choices(Scope(meetings.every_meeting(), allowed))["series"]
    if request.method == "POST":
        wanted = request.form.get("series", "")
        scope = {"series": wanted} if wanted in dict(offered) and wanted != "all" else {}
        args = {"scope": scope, "allowed": None if allowed is None else sorted(allowed)}
        job = jobs.start("reports.export", _("Tables for own questions"), args=args, by=staff())
        db.session.commit()
        return redirect(url_for("jobs.show", job_id=job.id))
    return render_template("reports/export.html", datasets=DATASETS.values(), series=offered)


@bp.get("/reports/issued/<int:report_id>")
@permission("reports.read")
def issued_report(report_id: int) -> ResponseReturnValue:
    """The report as it was frozen, without what somebody took back since."""
    report = issuing.get_issued(report_id, _allowed())
    content, waiting = issuing.as_it_may_be_told(report)
    return render_template(
        "reports/issued_report.html", report=report, content=content, waiting=waiting, files=issuing.files_of(report)
    )


@bp.get("/reports/issued/of/<int:job_id>")
@permission("reports.read")
def issued_by_job(job_id: int) -> ResponseReturnValue:
    """Where a job's page leads when it is done."""
    report = issuing.find_by_job(job_id)
    if report is None:
        raise NotFoundError(_("This report is not ready yet. Look again in a moment."))
    return redirect(url_for("reports.issued_report", report_id=report.id))


@bp.get("/reports/issued/<int:report_id>/<any(pdf, html, xlsx, iati, graphml):kind>")
@permission("reports.read")
def issued_file(report_id: int, kind: str) -> ResponseReturnValue:
    return files.sent(issuing.get_file(issuing.get_issued(report_id, _allowed()), kind))
