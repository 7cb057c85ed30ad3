"""What documents add to long work: all certificates of a meeting, and long sheets to sign."""

from collections.abc import Callable

from eventhub.audit import Actor
from eventhub.documents import printing, queries_sheets, service, sheets
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job


@jobs.kind("documents.certificates")
def certificates(job: Job, progress: Callable[[int, int | None], None]) -> jobs.Result:
    """Issue what is missing, then one PDF with everybody's. Done twice it is the same numbers."""
    if job.meeting is None:
        raise ValueError("certificates are of one meeting")
    meeting = job.meeting
    by = Actor("staff", str(job.by_id), job.by_name) if job.by_id is not None else Actor("system", "", job.by_name)
    new = service.issue_missing(meeting, by=by)
    progress(0, None)  # frees the database for the others
    pdf, number = printing.all_pdf(meeting, with_children=bool(job.args.get("with_children")))
    return jobs.Result(
        file=(f"certificates-{meeting.slug}.pdf", "application/pdf", pdf),
        data={"summary": [["Certificates", number], ["Of them new", new]]},
    )


@jobs.kind(sheets.JOB, permission="documents.edit")
def sheet(job: Job, progress: Callable[[int, int | None], None]) -> jobs.Result:
    """The signature list or the blank list of a day or session; neither names a child."""
    if job.meeting is None:
        raise ValueError("a sheet is of one meeting")
    found = queries_sheets.get_sheet(job.meeting, str(job.args["sheet"]))
    form = str(job.args["form"])
    pdf, number = sheets.MAKERS[form](found, progress)
    name = f"sheet-{form}-{job.meeting.slug}-{found.name}.pdf"
    return jobs.Result(file=(name, "application/pdf", pdf), data={"summary": [["People named", number]]})
