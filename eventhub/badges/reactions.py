"""What badges add to letters and to long work: the ticket as an attachment, two letters, print runs, reminders."""

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l

from eventhub.audit import Actor
from eventhub.badges import letters, printing
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job
from eventhub.mail import service as mail
from eventhub.meetings.models import Meeting
from eventhub.registration import queries as registrations
from eventhub.security import placeholder

Progress = Callable[[int, int | None], None]
PDF = "application/pdf"


def _sample() -> dict[str, Any]:
    return letters.context(name="Sok Dara", child="", role="delegate", link=placeholder("me", 1))


mail.letter("ticket", sample=_sample)
mail.letter("reminder", sample=_sample)


@mail.attachment("ticket")
def ticket_file(registration_id: int) -> tuple[str, str, bytes]:
    """The ticket of a registration, as it is when the letter leaves: a replaced badge is never mailed."""
    registration = registrations.get_registration(registration_id)
    return f"ticket-{registration.meeting.slug}.pdf", PDF, printing.ticket(registration)


@jobs.kind("badges.sheet", after=((_l("Back to the badges"), "badges.index"),))
def sheet(job: Job, progress: Progress) -> jobs.Result:
    """The badges of a meeting as one PDF; ``job.args`` is a printing.Choice."""
    meeting = _meeting(job)
    pdf, number = printing.print_run(meeting, printing.Choice(**job.args), by=_by(job), progress=progress)
    return jobs.Result(
        file=(f"badges-{meeting.slug}.pdf", PDF, pdf),
        data={"summary": [["Badges", number]], "file_label": "Download the PDF"},
    )


@jobs.kind("mail.reminder")
def remind(job: Job, progress: Progress) -> jobs.Result:
    """A reminder with the ticket to everybody who is confirmed; one a day at most, so that twice is once."""
    meeting = _meeting(job)
    coming = [row.id for row in registrations.list_confirmed(meeting.id, with_children=True)]
    for done, registration_id in enumerate(coming):
        if done % 20 == 0:
            progress(done, len(coming))
        letters.reminder(registrations.get_registration(registration_id))
    return jobs.Result(data={"summary": [["Letters in the outbox", len(coming)]]})


def _meeting(job: Job) -> Meeting:
    if job.meeting is None:
        raise ValueError("a print run is of one meeting")
    return job.meeting


def _by(job: Job) -> Actor:
    """Who started the job, as the audit names them."""
    return Actor("staff", str(job.by_id), job.by_name) if job.by_id is not None else Actor("system", "", job.by_name)
