"""The meeting's statement: each delegation asked once, every voice with the same room, versions kept."""

import pytest
import sqlalchemy as sa

from eventhub import security
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.errors import IllegalMoveError, InvalidError, LinkError
from eventhub.mail.models import Message
from eventhub.partnerships import meeting_statements, queries_commit
from eventhub.partnerships.models_commit import Voice
from eventhub.partnerships.states import Stance, StatementState
from eventhub.security import Role
from tests.factories.partnerships import a_delegation, a_past_meeting

LETTERS = sa.select(Message).where(Message.letter == "statement_voice").order_by(Message.id)


@pytest.fixture
def asked(app):
    """A statement that three delegations were asked about."""
    meeting = a_past_meeting()
    for _ in range(3):
        a_delegation(meeting)
    row = meeting_statements.draft(meeting=meeting, title="Children are heard", text="We agree.\n\nWe act.", by=SYSTEM)
    assert meeting_statements.ask(row, by=SYSTEM) == 3
    db.session.commit()
    return row


def speak(voice, stance, words=""):
    meeting_statements.speak(voice, stance=stance, words=words, by_name="A Head")
    db.session.commit()


def test_each_delegations_head_is_asked_once_and_who_joins_later_too(asked):
    assert meeting_statements.ask(asked, by=SYSTEM) == 0
    _organisation, head = a_delegation(asked.meeting)
    a_delegation(asked.meeting, organisation=asked.voices[0].organisation)  # a second person of the same delegation
    assert meeting_statements.ask(asked, by=SYSTEM) == 1
    letters = list(db.session.scalars(LETTERS))
    assert len(letters) == 4 and letters[-1].person_id == head.id
    assert "eventhub-link:statement_voice/" in letters[0].text


def test_what_delegations_were_asked_about_does_not_change(asked):
    with pytest.raises(IllegalMoveError, match="stays"):
        meeting_statements.change(asked, title="Other", text="Other", version=asked.version, by=SYSTEM)
    newer = meeting_statements.draft(meeting=asked.meeting, title="Other", text="Other", by=SYSTEM)
    speak(asked.voices[0], Stance.ENDORSES)  # the old one counts until the new one is asked about
    meeting_statements.ask(newer, by=SYSTEM)
    db.session.commit()
    assert (asked.state, newer.number, len(newer.voices)) == (StatementState.REPLACED, 2, 3)
    assert [voice.stance for voice in asked.voices] == [Stance.ENDORSES, None, None]
    with pytest.raises(IllegalMoveError, match="newer version"):
        speak(asked.voices[1], Stance.ENDORSES)


def test_a_reservation_needs_words_and_a_change_of_mind_keeps_the_old_one(asked):
    voice = asked.voices[0]
    with pytest.raises(InvalidError, match="otherwise"):
        speak(voice, Stance.DISSENTS)
    speak(voice, Stance.RESERVES, "Not the second paragraph.")
    speak(voice, Stance.RESERVES, "Not the second paragraph.")  # a double click
    assert voice.before == []
    speak(voice, Stance.ENDORSES)
    assert voice.before == [{"stance": "reserves", "words": "Not the second paragraph.", "by_name": "A Head"}]


def test_the_public_page_shows_all_voices_fairly_and_only_once_published(asked, client):
    address = f"/m/{asked.meeting.slug}/statement"
    assert client.get(address).status_code == 404
    speak(asked.voices[0], Stance.ENDORSES)
    speak(asked.voices[1], Stance.DISSENTS, "We see it otherwise: ស្ត្រី.")
    meeting_statements.publish(asked, by=SYSTEM)
    db.session.commit()
    shown = client.get(address).text
    assert "Children are heard" in shown and "We see it otherwise: ស្ត្រី." in shown
    assert all(voice.organisation.name in shown for voice in asked.voices[:2])
    assert asked.voices[2].organisation.name not in shown and "of 3 delegations that were asked" in shown
    assert "A Head" not in shown
    newer = meeting_statements.draft(meeting=asked.meeting, title="Second", text="More.", by=SYSTEM)
    meeting_statements.ask(newer, by=SYSTEM)
    db.session.commit()
    assert "Children are heard" in client.get(address).text  # until the newer one is published
    meeting_statements.publish(newer, by=SYSTEM)
    db.session.commit()
    assert "Second" in client.get(address).text
    older = client.get(f"{address}?version=1").text
    assert "Children are heard" in older and "This is an older version" in older


def test_the_link_acts_only_by_post_and_guesses_fail(asked, client):
    voice = asked.voices[0]
    page = f"/statement/{security.token('statement_voice', voice.id)}"
    assert "We act." in client.get(page).text
    assert db.session.scalar(sa.select(Voice.stance).where(Voice.id == voice.id)) is None
    assert client.get(page + "x").status_code == 404
    with pytest.raises(LinkError):
        meeting_statements.open_link(security.token("person_follow_up", voice.id))
    missing = client.post(page, data={"words": "Long words"})
    assert missing.status_code == 422 and "Long words" in missing.text and "Choose one of the three" in missing.text
    bare = client.post(page, data={"stance": "dissents", "by_name": "A Head"})
    assert bare.status_code == 422 and "A Head" in bare.text
    assert client.post(page, data={"stance": "endorses", "by_name": "A Head"}).status_code == 302
    db.session.expire_all()
    assert voice.stance is Stance.ENDORSES


def test_the_staff_pages(app, sign_in):
    meeting = a_past_meeting()
    a_delegation(meeting)
    organiser = sign_in(Role.ORGANISER, meeting)
    address = f"/staff/m/{meeting.slug}/statement"
    assert "There is no statement yet" in organiser.get(address).text
    assert organiser.post(f"{address}/edit", data={"title": "T", "text": ""}).status_code == 422
    assert organiser.post(f"{address}/edit", data={"title": "T", "text": "One."}).status_code == 302
    stale = organiser.post(f"{address}/edit", data={"title": "T", "text": "My words", "version": "77"})
    assert stale.status_code == 422 and "My words" in stale.text
    row = queries_commit.list_statements(meeting)[0]
    assert organiser.post(f"{address}/{row.id}/ask").status_code == 302
    assert organiser.post(f"{address}/voices/{row.voices[0].id}/ask").status_code == 302
    assert organiser.post(f"{address}/{row.id}/publish").status_code == 302
    shown = organiser.get(address)
    assert shown.status_code == 200 and "No answer yet" in shown.text
    assert len(list(db.session.scalars(LETTERS))) == 2
