"""What happens by the clock: reminders once, in the morning, to who has not answered; expiry after the deadline."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from eventhub import audit, clock
from eventhub.db import db
from eventhub.invitations.states import InvitationState
from eventhub.mail.models import Message
from eventhub.meetings.states import MeetingState
from tests.factories.basics import a_meeting
from tests.factories.invitations import an_invitation
from worker import invitations

S = InvitationState


@pytest.fixture
def meeting(app):
    return a_meeting(starts=clock.today() + timedelta(days=60), tz="Asia/Manila")


def there(meeting, day, hour):
    return clock.frozen(datetime.combine(day, time(hour), ZoneInfo(meeting.tz)))


def sweep():
    """As the worker runs it: in a session of its own, on what is committed."""
    db.session.commit()
    invitations.sweep()
    db.session.expire_all()


def reminded():
    return list(db.session.scalars(sa.select(Message.to_email).where(Message.letter == "invitation_reminder")))


def test_who_has_not_answered_is_reminded_once_a_week_before_the_deadline(meeting):
    deadline = clock.today(meeting.tz) + timedelta(days=30)
    quiet = an_invitation(meeting=meeting, deadline=deadline)
    for state in (S.DRAFT, S.ACCEPTED, S.DECLINED, S.WITHDRAWN, S.EXPIRED):
        an_invitation(state, meeting=meeting, deadline=deadline)
    seen = []
    for day in range(24, 0, -1):
        with there(meeting, deadline - timedelta(days=day), 9):
            sweep()
            sweep()
            seen.append((day, len(reminded())))
    assert [pair for pair in seen if pair[0] in (24, 8, 7, 6, 1)] == [(24, 0), (8, 0), (7, 1), (6, 1), (1, 1)]
    assert reminded() == [quiet.email]
    assert audit.history(quiet)[0].action == "reminded"


def test_nobody_is_reminded_at_night_or_right_after_the_first_letter(meeting):
    deadline = clock.today(meeting.tz) + timedelta(days=6)
    an_invitation(meeting=meeting, deadline=deadline)
    sent_on = clock.today(meeting.tz)
    for day, hour, letters in [(1, 9, 0), (2, 9, 0), (4, 7, 0), (4, 8, 1), (5, 9, 1)]:
        with there(meeting, sent_on + timedelta(days=day), hour):
            sweep()
            assert len(reminded()) == letters


def test_an_unanswered_invitation_expires_when_its_day_is_over_there(meeting):
    deadline = clock.today(meeting.tz) + timedelta(days=6)
    unanswered = an_invitation(meeting=meeting, deadline=deadline)
    accepted = an_invitation(S.ACCEPTED, meeting=meeting, deadline=deadline)
    with there(meeting, deadline, 23):
        sweep()
        assert unanswered.state is S.SENT
    with there(meeting, deadline + timedelta(days=1), 0):
        sweep()
        sweep()
    assert (unanswered.state, accepted.state) == (S.EXPIRED, S.ACCEPTED)
    assert [e.action for e in audit.history(unanswered)].count("expired") == 1


def test_nobody_is_reminded_of_a_meeting_that_will_not_be(meeting):
    deadline = clock.today(meeting.tz) + timedelta(days=6)
    an_invitation(meeting=meeting, deadline=deadline)
    meeting.state = MeetingState.CANCELLED
    db.session.commit()
    with there(meeting, deadline - timedelta(days=1), 12):
        sweep()
    assert reminded() == []
