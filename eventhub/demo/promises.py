"""What the delegations of the latest past edition promised on its last day, and its statement. Invented."""

from datetime import date, timedelta

from eventhub import clock
from eventhub.demo.editions import SECRETARIAT, Edition, on
from eventhub.directory.models import Precision
from eventhub.partnerships import commitments, meeting_statements, queries_commit
from eventhub.partnerships.states import CommitmentState, Stance

S = CommitmentState
# what, months until it is due, how exactly; how it stood when it was told last, in which words
PROMISED = (
    ("We publish our guide on safe interviews in two languages.", 6, Precision.MONTH, S.KEPT, "It is out in both."),
    ("We bring four youth leaders to the next meeting.", 12, Precision.YEAR, S.OPEN, "Two have said yes."),
    (
        "We share our data on heat in schools with everybody here.",
        5,
        Precision.QUARTER,
        S.PARTLY,
        "Seven of nine schools.",
    ),
    ("We hold a training for our commune councils.", 4, Precision.MONTH, S.NOT_KEPT, "The funding did not come."),
    ("We translate the children's report.", 9, Precision.QUARTER, None, ""),
    ("We keep the mailing list of this meeting alive.", 0, Precision.UNKNOWN, S.KEPT, ""),
    ("We write to our ministry about children on fishing boats.", 3, Precision.DAY, None, ""),
)
TITLE = "Children are heard where decisions are made"
TEXT = """We, the delegations at this meeting, met to learn from each other how children's own groups are supported, from the commune to the region.

We agree that children who organise themselves need three things from adults: time, a safe place, and an honest answer to what they ask.

We will report at our next meeting what each of us did, also where nothing came of it."""
VOICES = (
    (Stance.ENDORSES, ""),
    (Stance.ENDORSES, ""),
    (Stance.RESERVES, "We endorse the whole, but cannot promise to report: our board decides on that in March."),
    (Stance.ENDORSES, ""),
    (None, ""),
    (Stance.ENDORSES, ""),
    (Stance.DISSENTS, "The children in our own group were not asked about this text. We cannot speak in their name."),
)


def fill(edition: Edition) -> None:
    """Note the promises, ask about the statement, publish it a month later."""
    meeting = edition.meeting
    delegations = queries_commit.list_delegations(meeting)
    with on(meeting.ends, meeting.tz, 15):
        for organisation, (text, months, precision, _state, _words) in zip(delegations, PROMISED, strict=False):
            commitments.promise(
                meeting=meeting,
                organisation=organisation,
                text=text,
                due=_first(meeting.ends + timedelta(days=30 * months), precision) if months else None,
                due_precision=precision,
                by=SECRETARIAT,
            )
        statement = meeting_statements.draft(meeting=meeting, title=TITLE, text=TEXT, by=SECRETARIAT)
        meeting_statements.ask(statement, by=SECRETARIAT)
    for at, voice in enumerate(statement.voices):
        stance, words = VOICES[at % len(VOICES)]
        if stance is not None and at < 3 * len(VOICES):
            with on(meeting.ends + timedelta(days=2 + at), meeting.tz):
                meeting_statements.speak(voice, stance=stance, words=words, by_name="Head of delegation")
    with on(meeting.ends + timedelta(days=30), meeting.tz):
        meeting_statements.publish(statement, by=SECRETARIAT)
    told = {text: (state, words) for text, _months, _precision, state, words in PROMISED}
    for row in queries_commit.list_commitments(meeting):
        state, words = told[row.text]
        if state is not None:
            with on(min(meeting.ends + timedelta(days=200), clock.today()), meeting.tz):
                commitments.tell(row, state=state, words=words, by=SECRETARIAT)


def _first(day: date, precision: Precision) -> date:
    """The first day of what is known."""
    if precision is Precision.YEAR:
        return day.replace(month=1, day=1)
    if precision is Precision.QUARTER:
        return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
    return day.replace(day=1) if precision is Precision.MONTH else day
