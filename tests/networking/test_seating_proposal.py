"""From everybody's wishes to a proposal, what an organiser changes in it, and what becomes of it when it is published."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job
from eventhub.mail.models import Message
from eventhub.networking import (
    queries_one_to_one,
    queries_seating,
    seating_model,
    service_one_to_one,
    service_windows,
    wishes,
)
from eventhub.networking import service_seating as service
from eventhub.networking.models_one_to_one import OneToOne, OneToOneStep
from eventhub.networking.models_seating import ProposedSeat, SeatingProposal
from eventhub.networking.slots import overlaps
from eventhub.networking.states import OneToOneSource, OneToOneState
from eventhub.networking.states_seating import ProposalState, SeatState
from eventhub.programme import service as programme
from eventhub.registration import service_deciding
from eventhub.registration.service import participant
from eventhub.registration.states import RegistrationState
from eventhub.security import Role
from tests.factories.basics import a_meeting
from tests.factories.networking import a_profile, suggestions_of
from tests.factories.one_to_one import a_table, a_window, who_may_be_asked, who_wants_to_be_seated, wishes_for
from tests.factories.programme import a_session, at
from tests.factories.registration import a_child


@pytest.fixture
def meeting(app):
    """Three slots from noon, two tables."""
    meeting = a_meeting(admits_children=True)
    a_window(meeting)
    for name in ("Table 1", "Table 2"):
        a_table(meeting, name)
    return meeting


def seat_all(meeting, **more):
    """A proposal, solved here and now."""
    asked = service.gather(meeting.id, **more)
    proposal = service.propose(meeting, asked, seating_model.solve(asked.problem), by=SYSTEM)
    db.session.commit()
    return proposal


def publish(proposal):
    job = service.publish(proposal, by=SYSTEM)
    db.session.commit()
    if job is not None:
        jobs.run_now(job.id)
    db.session.commit()
    return job


def pairs(proposal, *states):
    return {(seat.a_id, seat.b_id) for seat in queries_seating.list_seats(proposal.id, *states)}


def pair(one, other):
    return (min(one.id, other.id), max(one.id, other.id))


def fell_out(proposal):
    return {seat.why for seat in queries_seating.list_seats(proposal.id, SeatState.FELL_OUT)}


def letters():
    return sorted((row.to_name, row.letter) for row in db.session.query(Message).filter_by(letter="one_to_one"))


def test_from_the_page_to_the_letters_each_once(meeting, sign_in):
    dara, rina = (who_may_be_asked(meeting, name) for name in ("សុខ ដារ៉ា", "Rina"))
    malee = who_wants_to_be_seated(meeting, "Malee", dara, rina)
    wishes_for(dara, malee)
    wishes_for(rina)
    omar = who_wants_to_be_seated(meeting, "Omar")
    browser, page = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/seating"
    for _ in range(2):
        assert browser.post(f"{page}/start").status_code == 303
    (job,) = db.session.query(Job)
    assert jobs.run_now(job.id).state == "done"
    proposal = queries_seating.find_proposal(meeting.id)
    assert pairs(proposal) == {pair(malee, dara), pair(malee, rina)} and letters() == []
    assert proposal.figures["met"] == proposal.figures["wishes"] == 3
    text = browser.get(page).text
    for words in (
        "Publish 2 1:1 meetings",
        "Both wish it",
        "Nobody on their list",
        "Omar",
        "No seating could be better",
    ):
        assert words in text
    assert proposal.figures["none"] == [[omar.id, "no_wish"]]
    for _ in range(2):
        assert browser.post(f"{page}/{proposal.id}/publish").status_code == 303
    work = db.session.query(Job).filter_by(kind=service.PUBLISH).one()
    for _ in range(2):
        jobs.run_now(work.id)
    rows = db.session.query(OneToOne).all()
    assert {(row.a_id, row.b_id) for row in rows} == {pair(malee, dara), pair(malee, rina)}
    assert all(row.state is OneToOneState.ACCEPTED and row.source is OneToOneSource.SEATED for row in rows)
    assert [name for name, _letter in letters()] == ["Malee", "Malee", "Rina", "សុខ ដារ៉ា"]
    assert "What was published" in browser.get(page).text


def test_never_against_ones_own_nor_who_did_not_agree_nor_a_child_nor_at_risk(meeting):
    """Malee speaks in the first slot and has a 1:1 meeting in the second; what is agreed stays."""
    malee, dara, rina, secret = (who_may_be_asked(meeting, name) for name in ("Malee", "Dara", "Rina", "Secret"))
    a_session(meeting, starts="12:00", ends="12:20", speakers=[(malee.person, "speaker")])
    fixed = service_one_to_one.ask(rina, malee.id, starts=at(meeting, "12:20"))
    service_one_to_one.accept(fixed, malee)
    wishes_for(malee, dara, rina, secret)
    for person in (dara, rina, secret):
        wishes_for(person, malee)
    not_agreed, gone = who_may_be_asked(meeting, "Not agreed"), who_wants_to_be_seated(meeting, "Gone")
    wishes_for(malee, not_agreed, gone)
    service_deciding.cancel(gone, by=SYSTEM)
    secret.person.at_risk = True
    a_child(meeting)
    db.session.commit()
    proposal = seat_all(meeting)
    (seat,) = queries_seating.list_seats(proposal.id)
    assert (seat.a_id, seat.b_id) == pair(malee, dara) and seat.starts == at(meeting, "12:40")
    assert fixed.state is OneToOneState.ACCEPTED and not overlaps(seat, fixed)
    assert proposal.figures["none"] == [[rina.id, "have_all"]]


def test_suggestions_fill_only_when_asked_to_and_only_among_who_agreed(meeting):
    everybody = [who_wants_to_be_seated(meeting, name) for name in ("Malee", "Dara")]
    a_profile(meeting, everybody[0], seeks=["5"], may_be_asked=True)
    a_profile(meeting, everybody[1], offers=["5"], may_be_asked=True)
    a_profile(meeting, offers=["5"], may_be_asked=True)
    suggestions_of(meeting)
    assert pairs(seat_all(meeting, fill=False)) == set()
    assert pairs(seat_all(meeting)) == {pair(*everybody)}


def test_a_newer_proposal_takes_the_place_of_the_older_and_what_is_left_out_is_not_published(meeting):
    dara, rina = (who_wants_to_be_seated(meeting, name) for name in ("Dara", "Rina"))
    malee = who_wants_to_be_seated(meeting, "Malee", dara, rina)
    first, second = seat_all(meeting), seat_all(meeting)
    assert first.state is ProposalState.WITHDRAWN and pairs(first) == pairs(second)
    seats = {
        seat.b_id if seat.a_id == malee.id else seat.a_id: seat.id for seat in queries_seating.list_seats(second.id)
    }
    out = {seats[dara.id]}
    assert [service.choose(second, out, keep=keep, by=SYSTEM) for keep in (False, False, True, False)] == [1, 0, 1, 1]
    publish(second)
    assert pairs(second, SeatState.PUBLISHED) == {pair(malee, rina)} and db.session.query(OneToOne).count() == 1
    assert publish(second) is None
    third = seat_all(meeting)
    assert pairs(third) == {pair(malee, dara)}  # who was seated is not seated again


def _cancels(meeting, malee, dara):
    service_deciding.cancel(dara, by=SYSTEM)


def _is_at_risk(meeting, malee, dara):
    dara.person.at_risk = True


def _takes_back(meeting, malee, dara):
    wishes.agree(dara, agreed=False, most=4, by=participant(dara))


def _signs_up(meeting, malee, dara):
    session = a_session(meeting, starts="12:00", ends="13:00", needs_sign_up=True)
    programme.sign_up(session, dara, by=SYSTEM)


def _agrees_otherwise(meeting, malee, dara):
    for time in ("12:00", "12:20", "12:40"):
        row = service_one_to_one.ask(who_may_be_asked(meeting, f"At {time}"), dara.id, starts=at(meeting, time))
        service_one_to_one.accept(row, dara)


def _has_enough(meeting, malee, dara):
    wishes.agree(dara, agreed=True, most=1, by=participant(dara))
    proposal = queries_seating.find_proposal(meeting.id)
    (seat,) = queries_seating.list_seats(proposal.id)
    free = next(time for time in ("12:00", "12:20") if at(meeting, time) != seat.starts)
    row = service_one_to_one.ask(who_may_be_asked(meeting, "Other"), dara.id, starts=at(meeting, free))
    service_one_to_one.accept(row, dara)


def _asks_and_is_declined(meeting, malee, dara):
    service_one_to_one.decline(service_one_to_one.ask(malee, dara.id, starts=at(meeting, "12:00")), dara)


def _asks(meeting, malee, dara):
    service_one_to_one.ask(malee, dara.id, starts=at(meeting, "12:00"))


def _no_window(meeting, malee, dara):
    for window in queries_one_to_one.list_windows(meeting.id):
        service_windows.remove_window(window, by=SYSTEM)


def _no_table(meeting, malee, dara):
    for row in queries_one_to_one.list_tables(meeting.id):
        service_windows.change_table(row, name=row.name, room=None, place="", active=False, by=SYSTEM)


BETWEEN = [
    (_cancels, "gone"),
    (_is_at_risk, "gone"),
    (_takes_back, "not_agreed"),
    (_signs_up, "busy"),
    (_agrees_otherwise, "busy"),
    (_has_enough, "enough"),
    (_asks_and_is_declined, "said_no"),
    (_asks, "have_one"),
    (_no_window, "no_slot"),
    (_no_table, "no_table"),
]


@pytest.mark.parametrize(("happens", "why"), BETWEEN, ids=[happens.__name__[1:] for happens, _why in BETWEEN])
def test_what_came_between_falls_out_and_says_why(meeting, happens, why, sign_in):
    dara = who_wants_to_be_seated(meeting, "Dara")
    malee = who_wants_to_be_seated(meeting, "Malee", dara)
    proposal = seat_all(meeting)
    assert pairs(proposal) == {pair(malee, dara)}
    happens(meeting, malee, dara)
    db.session.commit()
    assert set(
        service.bars(meeting.id, queries_seating.list_seats(proposal.id), service.ground(meeting.id)).values()
    ) == {why}
    if why == "gone":
        page = sign_in(Role.ORGANISER, meeting).get(f"/staff/m/{meeting.slug}/seating").text
        assert "Would fall out" in page and "Dara" not in page.split("Who sits with whom")[1]
    publish(proposal)
    assert fell_out(proposal) == {why} and pairs(proposal, SeatState.PUBLISHED) == set()
    assert db.session.query(OneToOne).filter_by(source=OneToOneSource.SEATED).count() == 0


def test_a_table_taken_meanwhile_is_another_table_not_the_end(meeting):
    dara = who_wants_to_be_seated(meeting, "Dara")
    who_wants_to_be_seated(meeting, "Malee", dara)
    proposal = seat_all(meeting)
    (seat,) = queries_seating.list_seats(proposal.id)
    row = service_one_to_one.ask(
        who_may_be_asked(meeting, "One"), who_may_be_asked(meeting, "Two").id, starts=seat.starts
    )
    service_one_to_one.accept(row, row.b)
    assert row.table_id == seat.table_id
    publish(proposal)
    made = db.session.get(OneToOne, seat.one_to_one_id)
    assert made.table_id != row.table_id and made.starts == seat.starts and seat.state is SeatState.PUBLISHED


def test_an_open_proposal_is_thrown_away_and_pages_of_others_are_not_there(meeting, sign_in):
    dara = who_wants_to_be_seated(meeting, "Dara")
    who_wants_to_be_seated(meeting, "Malee", dara)
    proposal = seat_all(meeting)
    elsewhere = a_meeting()
    browser = sign_in(Role.ADMINISTRATOR)
    assert browser.post(f"/staff/m/{elsewhere.slug}/seating/{proposal.id}/publish").status_code == 404
    page = f"/staff/m/{meeting.slug}/seating/{proposal.id}"
    assert browser.post(f"{page}/choose", data={"ids": ["x", "9" * 30], "action": "leave"}).status_code == 303
    for _ in range(2):
        assert browser.post(f"{page}/withdraw").status_code == 303
    assert browser.post(f"{page}/publish").status_code in (303, 409)
    assert db.session.query(OneToOne).count() == 0
    assert "no times or no tables" in browser.get(f"/staff/m/{elsewhere.slug}/seating").text
    assert [row.state for row in db.session.query(SeatingProposal)] == [ProposalState.WITHDRAWN]
    assert db.session.query(ProposedSeat).count() == 1


@given(st.lists(st.tuples(*[st.booleans()] * 4), min_size=3, max_size=5))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_is_seated_who_did_not_agree_or_may_not_be_named_whatever_they_become(meeting, people):
    """Flags: agreed, at risk, child, cancelled; first as they are when it is solved, then as they are when published."""
    who = [who_may_be_asked(meeting, f"Person {n}") for n in range(len(people))]
    for me in who:
        wishes_for(me, *(other for other in who if other is not me))

    def become(flags):
        for registration, (agreed, at_risk, child, cancelled) in zip(who, flags, strict=True):
            queries_seating.find_consent(registration.id).agreed = agreed
            registration.person.at_risk, registration.person.is_child = at_risk, child
            registration.state = RegistrationState.CANCELLED if cancelled else RegistrationState.CONFIRMED
        db.session.commit()

    def allowed(flags):
        return {row.id for row, flag in zip(who, flags, strict=True) if flag == (True, False, False, False)}

    become(people)
    proposal = seat_all(meeting)
    seated = {ident for couple in pairs(proposal) for ident in couple}
    assert seated <= allowed(people) and bool(seated) is (len(allowed(people)) > 1)
    later = people[::-1]
    become(later)
    if seated:
        publish(proposal)
    made = db.session.query(OneToOne).filter(OneToOne.a_id.in_([row.id for row in who])).all()
    assert {ident for row in made for ident in (row.a_id, row.b_id)} <= allowed(people) & allowed(later)
    assert len(made) == sum({a, b} <= allowed(later) for a, b in pairs(proposal))
    for row in made:  # the next example has the tables for itself
        db.session.query(OneToOneStep).filter_by(one_to_one_id=row.id).delete()
        db.session.query(ProposedSeat).filter_by(one_to_one_id=row.id).delete()
        db.session.delete(row)
    become([(False, False, False, True)] * len(people))
