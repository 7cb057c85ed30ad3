"""What reports add to long work: the donor's report with all its files."""

from collections.abc import Callable

from eventhub.audit import Actor
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job
from eventhub.reports import export, issuing
from eventhub.reports.facts import Facts


@jobs.kind("reports.donor", permission="reports.read", page="reports.issued_by_job")
def donor(job: Job, progress: Callable[[int, int | None], None]) -> jobs.Result:
    """Issue the report that ``job.args`` asks for. Done twice it is the same report."""
    by = Actor("staff", str(job.by_id), job.by_name) if job.by_id is not None else Actor("system", "", job.by_name)
    args = dict(job.args)
    report = issuing.issue(
        issuing.read_scope(args["scope"], args["allowed"]),
        title=args["title"],
        funder=args["funder"],
        organisation_ref=args["organisation_ref"],
        name_all=args["name_all"],
        by=by,
        job_id=job.id,
        progress=progress,
    )
    return jobs.Result(data={"summary": [["Report", report.number], ["Files", len(report.files)]], "report": report.id})


@jobs.kind(issuing.AGAIN, permission="reports.read")
def again(job: Job, progress: Callable[[int, int | None], None]) -> jobs.Result:
    """Make the files of an issued report again, without what may no longer be shown."""
    report = issuing.make_again(job.args["report"], progress)
    return jobs.Result(data={"summary": [["Report", report.number]], "report": report.id})


@jobs.kind("reports.export", permission="accounts.edit")
def tables(job: Job, progress: Callable[[int, int | None], None]) -> jobs.Result:
    """Every table of a scope as one archive: for who asked, who may see what its scope says."""
    facts = Facts(issuing.read_scope(job.args["scope"], job.args["allowed"]))
    progress(0, None)
    name = f"what-came-of-it-{facts.as_of.isoformat()}.zip"
    return jobs.Result(file=(name, "application/zip", export.archive(facts)))
