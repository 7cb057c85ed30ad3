"""The rules of inviting and answering, called as the pages call them."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from eventhub import audit, clock, security
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.errors import (
    IllegalMoveError,
    InvalidError,
    LinkError,
    LinkExpiredError,
    LinkWithdrawnError,
    RuleError,
)
from eventhub.invitations import queries, service, service_naming, service_sending
from eventhub.invitations.models import Invitation, Nomination
from eventhub.invitations.service import AnswerClosedError, MeetingNotComingError
from eventhub.invitations.service_naming import NoMinorsError, SeatsFullError
from eventhub.invitations.states import INVITATION_MOVES, InvitationState, NominationState, NomineeRole
from eventhub.mail.models import Message
from eventhub.meetings.states import MeetingState
from eventhub.waits import numbers
from tests.factories.basics import a_meeting, a_sector
from tests.factories.directory import an_organisation
from tests.factories.invitations import a_nomination, a_nominee, an_invitation, an_invited_organisation

S, N = InvitationState, NominationState


def letters(*names):
    rows = db.session.scalars(sa.select(Message).where(Message.letter.in_(names)).order_by(Message.id))
    return [(m.letter, m.to_email) for m in rows]


def name(invitation, **facts):
    return service_naming.nominate(invitation, a_nominee(**facts), by=service.actor(invitation))


# --- inviting ----------------------------------------------------------------------------------------------------


def test_an_organisation_is_invited_once_per_meeting_however_often_it_is_chosen(app):
    meeting, lotus = a_meeting(), an_invited_organisation()
    offer = {"seats": 2, "deadline": clock.today(meeting.tz) + timedelta(days=5), "by": SYSTEM}
    first = service_sending.prepare(meeting=meeting, organisations=[lotus], **offer)
    again = service_sending.prepare(meeting=meeting, organisations=[lotus], **{**offer, "seats": 9})
    assert first == again and first[0].seats == 2
    assert first[0].sector_id == lotus.sector_id and first[0].email == lotus.email
    assert db.session.scalar(sa.select(sa.func.count(Invitation.id))) == 1


def test_sending_twice_sends_one_letter(app):
    invitation = an_invitation(S.DRAFT)
    meeting = invitation.meeting
    first = service_sending.send([invitation], meeting=meeting, by=SYSTEM)
    second = service_sending.send([invitation], meeting=meeting, by=SYSTEM)
    assert (len(first.sent), len(second.sent), len(second.already)) == (1, 0, 1)
    assert letters("invitation") == [("invitation", invitation.email)]


def test_who_has_no_address_or_a_past_deadline_is_not_sent_and_named(app):
    meeting = a_meeting()
    nowhere = an_invitation(S.DRAFT, meeting=meeting, organisation=an_invited_organisation(email=""))
    late = an_invitation(S.DRAFT, meeting=meeting)
    late.deadline = clock.today(meeting.tz) - timedelta(days=1)
    done = service_sending.send([nowhere, late], meeting=meeting, by=SYSTEM)
    assert (done.sent, done.no_address, done.late) == ([], [nowhere], [late])
    assert letters("invitation") == []


def test_the_letter_holds_a_placeholder_and_never_the_link(app):
    invitation = an_invitation()
    message = db.session.scalars(sa.select(Message)).one()
    link = security.link("invitation", invitation.id)
    assert link not in message.text + message.html
    assert link in security.fill_links(message.text) and link in security.fill_links(message.html)


def test_no_invitation_goes_out_for_a_meeting_that_will_not_be(app):
    invitation = an_invitation(S.DRAFT)
    invitation.meeting.state = MeetingState.CANCELLED
    with pytest.raises(RuleError, match="cancelled"):
        service_sending.send([invitation], meeting=invitation.meeting, by=SYSTEM)


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"seats": 0}, "seats"), ({"seats": 501}, "seats"), ({"days": -1}, "deadline"), ({"days": 60}, "deadline")],
)
def test_what_is_offered_makes_sense(app, facts, field):
    meeting = a_meeting()
    deadline = clock.today(meeting.tz) + timedelta(days=facts.get("days", 5))
    with pytest.raises(InvalidError) as refused:
        service_sending.prepare(
            meeting=meeting,
            organisations=[an_invited_organisation()],
            seats=facts.get("seats", 2),
            deadline=deadline,
            by=SYSTEM,
        )
    assert refused.value.field == field


def test_every_move_is_in_the_table_and_in_the_audit(app):
    invitation = an_invitation(S.ACCEPTED)
    assert [e.action for e in reversed(audit.history(invitation))] == ["drafted", "sent", "accepted"]
    for state in set(S) - INVITATION_MOVES[S.ACCEPTED]:
        with pytest.raises(IllegalMoveError):
            service.move(invitation, state, by=SYSTEM)


def test_expired_and_declined_and_withdrawn_are_sent_again(app):
    meeting = a_meeting()
    for state in (S.EXPIRED, S.DECLINED, S.WITHDRAWN):
        invitation = an_invitation(state, meeting=meeting)
        old = security.token("invitation", invitation.id, 1)
        assert service_sending.send([invitation], meeting=meeting, by=SYSTEM).sent == [invitation]
        assert invitation.state is S.SENT and invitation.answered_at is None
        if state is S.WITHDRAWN:
            with pytest.raises(LinkWithdrawnError):
                service.find_by_token(old)
        else:
            assert service.find_by_token(old) is invitation
    assert len(letters("invitation")) == 6


def test_withdrawing_ends_the_links_and_tells_who_had_a_letter(app):
    invitation = an_invitation(S.ACCEPTED, seats=3)
    invited, registered = a_nomination(invitation), a_nomination(invitation)
    service.mark_registered(registered, by=SYSTEM)
    link = security.token("nomination", invited.id, invited.link_version)
    service_sending.withdraw(invitation, by=SYSTEM)
    service_sending.withdraw(invitation, by=SYSTEM)
    assert (invited.state, registered.state) == (N.WITHDRAWN, N.REGISTERED)
    assert letters("invitation_withdrawn", "nomination_withdrawn") == [
        ("nomination_withdrawn", invited.person.email),
        ("invitation_withdrawn", invitation.email),
    ]
    with pytest.raises(LinkWithdrawnError):
        service.find_nomination_by_token(link)


def test_a_draft_is_discarded_and_nothing_else_is(app):
    draft, sent = an_invitation(S.DRAFT), an_invitation()
    service_sending.discard(draft, by=SYSTEM)
    with pytest.raises(IllegalMoveError):
        service_sending.discard(sent, by=SYSTEM)
    assert list(db.session.scalars(sa.select(Invitation))) == [sent]


def test_seats_cannot_fall_below_the_people_named(app):
    invitation = an_invitation(S.ACCEPTED)
    a_nomination(invitation), a_nomination(invitation)
    with pytest.raises(InvalidError) as refused:
        service_sending.change(invitation, seats=1, by=SYSTEM)
    assert refused.value.field == "seats"
    assert service_sending.change(invitation, seats=3, by=SYSTEM).seats == 3


# --- answering ---------------------------------------------------------------------------------------------------


def test_an_organisation_may_change_its_mind_until_the_deadline(app):
    invitation = an_invitation()
    organisation = service.actor(invitation)
    service.accept(invitation, by=organisation)
    nomination = a_nomination(invitation)
    service.decline(invitation, reason="No budget", by=organisation)
    assert (invitation.state, invitation.decline_reason, nomination.state) == (S.DECLINED, "No budget", N.WITHDRAWN)
    service.accept(invitation, by=organisation)
    assert (invitation.state, invitation.decline_reason) == (S.ACCEPTED, "")
    with clock.frozen(queries.closes_at(invitation)), pytest.raises(AnswerClosedError):
        service.decline(invitation, by=organisation)


def test_nobody_declines_over_the_head_of_a_registered_person(app):
    nomination = a_nomination()
    service.mark_registered(nomination, by=SYSTEM)
    with pytest.raises(RuleError, match="already registered"):
        service.decline(nomination.invitation, by=service.actor(nomination.invitation))


def test_the_deadline_ends_with_its_day_where_the_meeting_takes_place(app):
    meeting = a_meeting(tz="Asia/Manila")
    invitation = an_invitation(meeting=meeting)
    token = security.token("invitation", invitation.id)
    end = datetime.combine(invitation.deadline, datetime.min.time(), UTC) + timedelta(hours=16)  # midnight in Manila
    with clock.frozen(end - timedelta(seconds=1)):
        assert service.find_by_token(token) is invitation
    with clock.frozen(end), pytest.raises(LinkExpiredError):
        service.find_by_token(token)


def test_an_answer_stays_readable_after_the_deadline(app):
    invitation = an_invitation(S.ACCEPTED)
    with clock.frozen(queries.closes_at(invitation) + timedelta(days=3)):
        assert service.find_by_token(security.token("invitation", invitation.id)) is invitation
        assert not service.may_change(invitation)


@pytest.mark.parametrize("state", [MeetingState.POSTPONED, MeetingState.CANCELLED, MeetingState.OVER])
def test_nothing_is_answered_for_a_meeting_that_does_not_come(app, state):
    invitation = an_invitation()
    invitation.meeting.state = state
    with pytest.raises(MeetingNotComingError):
        service.accept(invitation, by=service.actor(invitation))


def test_links_are_refused_by_name(app):
    draft, withdrawn, expired = an_invitation(S.DRAFT), an_invitation(S.WITHDRAWN), an_invitation(S.EXPIRED)
    sent = an_invitation()
    for ident, version, error in [
        (draft.id, 1, LinkError),
        (999_999, 1, LinkError),
        (withdrawn.id, 1, LinkWithdrawnError),
        (withdrawn.id, 2, LinkWithdrawnError),
        (sent.id, 7, LinkWithdrawnError),
        (expired.id, 1, AnswerClosedError),
    ]:
        with pytest.raises(LinkError) as refused:
            service.find_by_token(security.token("invitation", ident, version))
        assert type(refused.value) is error
    with pytest.raises(LinkError):
        service.find_by_token(security.token("nomination", sent.id))  # made for another purpose


# --- naming people -----------------------------------------------------------------------------------------------


def test_seats_are_seats_and_as_many_alternates(app):
    invitation = an_invitation(S.ACCEPTED, seats=2)
    first = name(invitation)
    name(invitation, role=NomineeRole.OBSERVER)
    with pytest.raises(SeatsFullError):
        name(invitation)
    stand_in = name(invitation, role=NomineeRole.ALTERNATE)
    name(invitation, role=NomineeRole.ALTERNATE)
    with pytest.raises(InvalidError, match="as many alternates"):
        name(invitation, role=NomineeRole.ALTERNATE)
    assert (stand_in.state, len(letters("nomination"))) == (N.NAMED, 2)
    with pytest.raises(SeatsFullError):
        service_naming.move_up(stand_in, by=SYSTEM)
    service.decline_nomination(first, by=service.nominee_actor(first))
    service_naming.move_up(stand_in, by=SYSTEM)
    service_naming.move_up(stand_in, by=SYSTEM)
    assert (stand_in.state, stand_in.role, len(letters("nomination"))) == (N.INVITED, NomineeRole.DELEGATE, 3)
    assert letters("nomination_declined") == [("nomination_declined", invitation.email)]
    with pytest.raises(RuleError, match="given to somebody else"):
        service.return_nomination(first, by=service.nominee_actor(first))


def test_nobody_is_named_before_the_invitation_is_accepted(app):
    with pytest.raises(RuleError, match="Accept the invitation first"):
        name(an_invitation())


def test_the_same_person_named_twice_is_named_once_and_has_one_letter(app):
    invitation = an_invitation(S.ACCEPTED, seats=5)
    nominee = a_nominee(full_name="ចាន់ ដារ៉ា", email="Dara@Lotus.example")
    first = service_naming.nominate(invitation, nominee, by=SYSTEM)
    again = service_naming.nominate(invitation, a_nominee(full_name="ចាន់ ដារ៉ា", email="dara@lotus.example"), by=SYSTEM)
    assert first is again and len(letters("nomination")) == 1


def test_an_office_s_address_is_shared_by_two_people_and_tells_nobody_s_name(app):
    invitation = an_invitation(S.ACCEPTED)
    one = name(invitation, full_name="Chan Dara", email="office@lotus.example")
    other = name(invitation, full_name="Sok Maly", email="office@lotus.example")
    assert one.person is not other.person and other.person.full_name == "Sok Maly"
    known = name(an_invitation(S.ACCEPTED), full_name="chan dara", email="OFFICE@lotus.example")
    assert known.person.full_name == "Chan Dara"  # the same name and address: the same person at another organisation
    assert db.session.scalar(sa.select(sa.func.count(Person.id))) == 2


def test_replacing_ends_the_old_link_and_keeps_the_seat(app):
    invitation = an_invitation(S.ACCEPTED, seats=1)
    old = name(invitation)
    link = security.token("nomination", old.id, old.link_version)
    new = service_naming.nominate(invitation, a_nominee(), replaces=old, by=SYSTEM)
    assert (old.state, new.state) == (N.REPLACED, N.INVITED)
    assert letters("nomination_withdrawn") == [("nomination_withdrawn", old.person.email)]
    with pytest.raises(LinkWithdrawnError):
        service.find_nomination_by_token(link)


def test_a_refused_replacement_changes_nothing(app):
    invitation = an_invitation(S.ACCEPTED, seats=1)
    old = name(invitation)
    db.session.commit()
    with pytest.raises(InvalidError):
        service_naming.nominate(invitation, a_nominee(role=NomineeRole.ALTERNATE), replaces=old, by=SYSTEM)
    db.session.rollback()
    assert old.state is N.INVITED and letters("nomination_withdrawn") == []


def test_the_nominated_person_belongs_to_the_organisation(app):
    nomination = a_nomination()
    assert [a.organisation_id for a in nomination.person.affiliations] == [nomination.invitation.organisation_id]


def test_marking_registered_twice_is_once_and_a_withdrawn_one_is_refused(app):
    nomination = a_nomination()
    service.mark_registered(nomination, by=SYSTEM)
    service.mark_registered(nomination, by=SYSTEM)
    assert [e.action for e in audit.history(nomination)] == ["registered", "invited", "named"]
    service_naming.withdraw(nomination, by=SYSTEM)
    with pytest.raises(IllegalMoveError):
        service.mark_registered(nomination, by=SYSTEM)


def test_a_nominee_s_link_ends_with_the_registration(app):
    nomination = a_nomination()
    token = security.token("nomination", nomination.id)
    meeting = nomination.invitation.meeting
    meeting.registration_closes = clock.now() + timedelta(hours=1)
    assert service.find_nomination_by_token(token) is nomination
    with clock.frozen(clock.now() + timedelta(hours=2)), pytest.raises(LinkExpiredError):
        service.find_nomination_by_token(token)


# --- children ----------------------------------------------------------------------------------------------------

CHILD = {
    "full_name": "Dara",
    "email": "",
    "is_child": True,
    "contact_name": "Sok Maly",
    "contact_email": "maly@x.example",
}


def test_a_meeting_without_children_refuses_them_kindly(app):
    with pytest.raises(NoMinorsError) as refused:
        name(an_invitation(S.ACCEPTED), **CHILD)
    assert refused.value.field == "adult" and "thank you" in str(refused.value)
    assert db.session.scalar(sa.select(sa.func.count(Nomination.id))) == 0


def test_a_child_s_letter_goes_to_the_adult_and_nothing_of_the_child_to_the_audit(app):
    invitation = an_invitation(S.ACCEPTED, meeting=a_meeting(admits_children=True))
    nomination = name(invitation, **CHILD)
    person = nomination.person
    assert (nomination.role, person.is_child, person.email, person.affiliations) == (
        NomineeRole.CHILD_DELEGATE,
        True,
        "",
        [],
    )
    message = db.session.scalars(sa.select(Message).where(Message.letter == "nomination_guardian")).one()
    assert (message.to_email, message.to_name, message.about_child) == ("maly@x.example", "Sok Maly", True)
    service.decline_nomination(nomination, by=service.nominee_actor(nomination))
    words = "".join(f"{e.actor_name}{e.detail}" for e in db.session.scalars(sa.select(audit.AuditEntry)))
    assert "Dara" not in words and "Maly" not in words
    assert db.session.scalars(sa.select(Message).where(Message.letter == "nomination_declined")).one().about_child


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"contact_name": ""}, "contact_name"),
        ({"contact_email": ""}, "contact_email"),
        ({"role": NomineeRole.CHAPERONE}, "role"),
    ],
)
def test_a_child_is_named_with_an_adult_and_is_no_chaperone(app, change, field):
    invitation = an_invitation(S.ACCEPTED, meeting=a_meeting(admits_children=True))
    with pytest.raises(InvalidError) as refused:
        name(invitation, **{**CHILD, **change})
    assert refused.value.field == field


def test_the_guardian_is_forgotten_after_the_meeting(app):
    invitation = an_invitation(S.ACCEPTED, meeting=a_meeting(admits_children=True))
    nomination = name(invitation, **CHILD)
    end = datetime.combine(invitation.meeting.ends, datetime.min.time(), UTC)
    assert service.purge(end) == 0
    assert service.purge(end + timedelta(days=1)) == 1
    assert (nomination.contact_name, nomination.contact_email) == ("", "")


# --- counts ------------------------------------------------------------------------------------------------------


def test_the_funnel_counts_organisations_and_people(app):
    meeting = a_meeting()
    for state in (S.DRAFT, S.SENT, S.DECLINED, S.EXPIRED, S.WITHDRAWN):
        an_invitation(state, meeting=meeting)
    invitation = an_invitation(S.ACCEPTED, meeting=meeting, seats=3)
    service.mark_registered(name(invitation), by=SYSTEM)
    name(invitation)
    service_naming.withdraw(name(invitation), by=SYSTEM)
    an_invitation(S.ACCEPTED)  # of another meeting
    assert queries.funnel(meeting.id) == {
        "invited": 4,
        "opened": 2,
        "accepted": 1,
        "declined": 1,
        "expired": 1,
        "seats": 9,
        "nominated_organisations": 1,
        "nominated": 2,
        "registered": 1,
    }


def test_what_waits_is_named_with_its_page(app):
    meeting = a_meeting()
    an_invitation(S.DRAFT, meeting=meeting), an_invitation(S.EXPIRED, meeting=meeting)
    a_nomination(an_invitation(S.ACCEPTED, meeting=meeting)), an_invitation(S.ACCEPTED, meeting=meeting)
    with app.test_request_context():
        waiting = queries.waiting(meeting)
    assert numbers([wait.count for wait in waiting]) == [1, 1, 1]
    assert waiting[0].url == f"/staff/m/{meeting.slug}/invitations/review"


def test_who_was_merged_into_an_invited_organisation_is_not_offered_again(app):
    from eventhub.directory import service as directory

    meeting, kept = a_meeting(), an_organisation(sector=a_sector())
    double = an_invited_organisation()
    an_invitation(meeting=meeting, organisation=double)
    directory.merge(kept, double, by=SYSTEM)
    db.session.commit()
    assert list(queries.page_of_organisations(meeting.id).items) == []
