"""Rules for a meeting's statement: drafts, asking each delegation, how it stands, publishing, the next version.

Who endorses, who has a reservation and who dissents stand beside each other with the same room. A text that
delegations were asked about never changes: another wording is another version, and everybody is asked again.
"""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _

from eventhub import audit, clock, security
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.errors import (
    IllegalMoveError,
    InvalidError,
    LinkExpiredError,
    LinkWithdrawnError,
    NotFoundError,
    StaleError,
)
from eventhub.mail import service as mail
from eventhub.meetings.models import Meeting
from eventhub.partnerships import queries_commit as queries
from eventhub.partnerships.models_commit import MeetingStatement, Voice
from eventhub.partnerships.states import STATEMENT_MOVES, Stance, StatementState

LINK_WORKS = timedelta(days=180)
LETTER = "statement_voice"


def draft(*, meeting: Meeting, title: str, text: str, by: Actor) -> MeetingStatement:
    """Begin a version; a draft that is there already is changed instead. Raises InvalidError for no words."""
    if not text:
        raise InvalidError(_("Write the statement."), field="text")
    lock(Meeting, meeting.id)
    newest = next(iter(queries.list_statements(meeting)), None)
    if newest is not None and newest.state is StatementState.DRAFT:
        newest.title, newest.text = title, text
        db.session.flush()
        return newest
    row = MeetingStatement(meeting=meeting, number=newest.number + 1 if newest else 1, title=title, text=text)
    db.session.add(row)
    db.session.flush()
    audit.record(by, "drafted", row)
    return row


def change(row: MeetingStatement, *, title: str, text: str, version: int, by: Actor) -> None:
    """Change a draft. Raises StaleError, IllegalMoveError once delegations were asked about it."""
    row = _held(row)
    if row.version != version:
        raise StaleError
    if row.state is not StatementState.DRAFT:
        raise IllegalMoveError(_("Delegations were asked about this text, so it stays. Begin a new version instead."))
    if not text:
        raise InvalidError(_("Write the statement."), field="text")
    row.title, row.text = title, text
    db.session.flush()
    audit.record(by, "changed", row)


def ask(row: MeetingStatement, *, by: Actor, at: datetime | None = None) -> int:
    """Ask each delegation how it stands to this text; asked again, only those that joined since. Returns how many."""
    at = at or clock.now()
    row = _held(row)
    if row.state is StatementState.DRAFT:
        for older in queries.list_statements(row.meeting):
            if older.state is StatementState.ASKED:
                _move(older, StatementState.REPLACED)
        _move(row, StatementState.ASKED)
        row.asked_at = at
    elif row.state is not StatementState.ASKED:
        raise IllegalMoveError
    known = {voice.organisation_id for voice in row.voices}
    asked = 0
    for organisation in queries.list_delegations(row.meeting):
        if organisation.id in known:
            continue
        head = queries.find_head(row.meeting, organisation)
        voice = Voice(organisation=organisation, asked_of_id=head.id if head is not None else None, before=[])
        row.voices.append(voice)
        db.session.flush()
        asked += _write(voice)
    audit.record(by, "asked about", row, delegations=asked)
    return asked


def ask_again(voice: Voice, *, by: Actor) -> None:
    """Write to one delegation once more. Raises InvalidError where there is nobody to write to."""
    if voice.statement.state is not StatementState.ASKED:
        raise IllegalMoveError
    if not _write(voice):
        raise InvalidError(
            _("There is no e-mail address for %(name)s. Add one in the directory.", name=voice.organisation.name)
        )
    audit.record(by, "asked again about", voice.statement, organisation=voice.organisation_id)


def _write(voice: Voice) -> bool:
    """Queue the letter to the head of a delegation, else to the organisation's address."""
    meeting = voice.statement.meeting
    head = queries.find_head(meeting, voice.organisation)
    email = head.email if head is not None else voice.organisation.email
    if not email:
        return False
    voice.letters += 1
    voice.asked_of_id = head.id if head is not None else None
    db.session.flush()
    mail.queue(
        letter=LETTER,
        key=f"{LETTER}:{voice.id}:{voice.letters}",
        to_email=email,
        to_name=head.full_name if head is not None else voice.organisation.name,
        language=head.language if head is not None else "en",
        context={
            "name": (head.called or head.full_name) if head is not None else voice.organisation.name,
            "organisation": voice.organisation.name,
            "meeting_title": meeting.title,
            "title": voice.statement.title,
            "link": security.placeholder(LETTER, voice.id, voice.link_version),
        },
        meeting=meeting,
        person_id=head.id if head is not None else None,
    )
    return True


def sample() -> dict[str, str]:
    return {
        "name": "Sopheap",
        "organisation": "Lotus Child Rights Network (Cambodia)",
        "meeting_title": "APPM, Manila",
        "title": "Children are heard where decisions are made",
        "link": "https://hub.example/statement/1-1-abc",
    }


def open_link(token: str, *, at: datetime | None = None) -> Voice:
    """The voice that a link speaks for, changing nothing. Raises LinkError or one of its kinds."""
    ident, version = security.read_token(LETTER, token)
    voice = db.session.get(Voice, ident)
    if voice is None or voice.link_version != version:
        raise LinkWithdrawnError(meeting_id=voice.statement.meeting_id if voice is not None else None)
    asked_at = voice.statement.asked_at
    if asked_at is None or (at or clock.now()) > asked_at + LINK_WORKS:
        raise LinkExpiredError(meeting_id=voice.statement.meeting_id)
    return voice


def speak(voice: Voice, *, stance: Stance, words: str, by_name: str, at: datetime | None = None) -> Voice:
    """A delegation says how it stands; the same twice is once, an earlier answer is kept.

    Raises InvalidError for a reservation or dissent without words, IllegalMoveError when this version was replaced.
    """
    if not by_name:
        raise InvalidError(_("Write your name, so that it is clear who speaks for your delegation."), field="by_name")
    if stance is not Stance.ENDORSES and not words:
        raise InvalidError(
            _("Write in a few sentences what you see otherwise. It stands beside the statement."), field="words"
        )
    statement = _held(voice.statement)
    held = lock(Voice, voice.id)
    if held is None:
        raise NotFoundError
    if statement.state is StatementState.REPLACED:
        raise IllegalMoveError(_("There is a newer version of the statement. You get a letter about that one."))
    if (held.stance, held.words, held.by_name) == (stance, words, by_name):
        return held
    if held.stance is not None:
        old = {"stance": held.stance.value, "words": held.words, "by_name": held.by_name}
        held.before = [old, *held.before]
    held.stance, held.words, held.by_name = stance, words, by_name
    held.answered_at = at or clock.now()
    db.session.flush()
    audit.record(
        Actor("organisation", str(held.organisation_id), by_name),
        stance.value,
        statement,
        organisation=held.organisation_id,
    )
    return held


def publish(row: MeetingStatement, *, by: Actor, at: datetime | None = None) -> None:
    """Show it to the public, with every voice; an older published version is replaced, and stays readable."""
    row = _held(row)
    if row.state is StatementState.PUBLISHED:
        return
    for older in queries.list_statements(row.meeting):
        if older.state is StatementState.PUBLISHED and older.id != row.id:
            _move(older, StatementState.REPLACED)
    _move(row, StatementState.PUBLISHED)
    row.published_at = at or clock.now()
    db.session.flush()
    audit.record(by, "published", row)


def _held(row: MeetingStatement) -> MeetingStatement:
    held = lock(MeetingStatement, row.id)
    if held is None:
        raise NotFoundError
    return held


def _move(row: MeetingStatement, state: StatementState) -> None:
    if state not in STATEMENT_MOVES[row.state]:
        raise IllegalMoveError
    row.state = state
    db.session.flush()
