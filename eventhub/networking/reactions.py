"""What networking adds to the house below it: its letters, the calendar entries that go with them, the work of
seating everybody."""

from eventhub.audit import Actor
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job
from eventhub.mail import service as mail
from eventhub.networking import calendars, evening, letters, letters_one_to_one, seating_model, service_seating
from eventhub.networking import queries_one_to_one as queries

mail.letter("introduction", sample=letters.sample)
mail.letter("one_to_one", sample=letters_one_to_one.sample)
mail.letter("one_to_one_day", sample=evening.sample)


@mail.attachment("one_to_one_a")
def entry_of_a(one_to_one_id: int) -> tuple[str, str, bytes]:
    """The calendar entry of a 1:1 meeting for the first of the two, as it is when the letter leaves."""
    row = queries.get_one_to_one(one_to_one_id)
    return calendars.of_one(row, row.a)


@mail.attachment("one_to_one_b")
def entry_of_b(one_to_one_id: int) -> tuple[str, str, bytes]:
    row = queries.get_one_to_one(one_to_one_id)
    return calendars.of_one(row, row.b)


@jobs.kind(service_seating.SOLVE, permission="networking.edit")
def solve(job: Job, progress: jobs.Progress) -> jobs.Result:
    """A new proposal of who sits with whom. Done twice, the second takes the place of the first."""
    if job.meeting is None:
        raise ValueError("a seating is of one meeting")
    asked = service_seating.gather(job.meeting.id, fill=bool(job.args.get("fill")))
    progress(0, None)
    seating = seating_model.solve_apart(asked.problem, lambda: progress(0, None))
    proposal = service_seating.propose(job.meeting, asked, seating, by=_by(job))
    figures = proposal.figures
    return jobs.Result(
        data={
            "summary": [["1:1 meetings", len(seating.seats)], ["Wishes met", figures["met"]], ["of", figures["wishes"]]]
        }
    )


@jobs.kind(service_seating.PUBLISH, permission="networking.edit")
def publish(job: Job, progress: jobs.Progress) -> jobs.Result:
    """The 1:1 meetings of a published proposal, some at a time. What was done before a crash is not done again."""
    at_once, left, total = 10, 1, 0
    while left:
        left = service_seating.publish_some(int(job.args["proposal"]), at_once, by=_by(job))
        total = total or left + at_once
        progress(total - left, total)
    return jobs.Result()


def _by(job: Job) -> Actor:
    """Who started the work, as the audit names them."""
    return Actor("staff", str(job.by_id), job.by_name) if job.by_id is not None else Actor("system", "", job.by_name)
