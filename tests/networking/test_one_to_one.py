"""The rules of 1:1 meetings: who may ask whom, how two agree, and that nobody and no table has two at a time."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations

import pytest
import sqlalchemy as sa
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db, writing
from eventhub.errors import IllegalMoveError, InvalidError, NotAllowedError, RuleError
from eventhub.mail.models import Message
from eventhub.networking import evening, queries_own, service_kept, service_windows
from eventhub.networking import queries_one_to_one as queries
from eventhub.networking import service as introductions
from eventhub.networking import service_one_to_one as service
from eventhub.networking.models_one_to_one import KeptTime, OneToOne, OneToOneStep
from eventhub.networking.slots import Slot, overlaps
from eventhub.networking.states import OneToOneState
from eventhub.programme import service as programme
from eventhub.registration import service_deciding
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from tests.factories.basics import a_meeting
from tests.factories.networking import a_profile
from tests.factories.one_to_one import a_table, a_window, who_may_be_asked
from tests.factories.programme import a_session, at
from tests.factories.registration import a_child, a_registration
from worker.registration import sweep

ACCEPTED = OneToOneState.ACCEPTED


@pytest.fixture
def meeting(app):
    """Three slots from noon, one table."""
    meeting = a_meeting(admits_children=True)
    a_window(meeting)
    a_table(meeting)
    return meeting


def people(meeting, *names):
    return [who_may_be_asked(meeting, name) for name in names]


def ask(me, other, time="12:00", **more):
    return service.ask(me, other.id, starts=at(me.meeting, time), **more)


def agree(me, other, time="12:00"):
    return service.accept(ask(me, other, time), other)


def steps(row):
    return [step.step for step in queries.list_steps(row.id)]


def letters():
    return [(m.to_name, m.subject) for m in db.session.scalars(sa.select(Message).order_by(Message.id))]


def only_letters_of_ours():
    return [(name, subject) for name, subject in letters() if "1:1" in subject or "cannot meet" in subject]


def test_one_asks_the_other_accepts_and_both_hear_where(meeting):
    me, other = people(meeting, "Machiko Kaida", "Pehn Son")
    row = ask(me, other, message="About youth councils")
    assert (row.state, row.waits_for_id, row.table_id) == (OneToOneState.REQUESTED, other.id, None)
    service.accept(row, other)
    service.accept(row, other)  # pressed twice
    assert (row.state, row.table.name, row.sequence, row.waits_for_id) == (ACCEPTED, "Table 1", 1, None)
    assert steps(row) == ["requested", "accepted"]
    assert sorted(only_letters_of_ours()) == sorted(
        [
            ("Pehn Son", "\u2068Machiko Kaida\u2069 asks you for a 1:1 meeting"),
            ("Machiko Kaida", "Your 1:1 meeting with \u2068Pehn Son\u2069 is agreed"),
            ("Pehn Son", "Your 1:1 meeting with \u2068Machiko Kaida\u2069 is agreed"),
        ]
    )


def test_the_same_request_twice_is_one_and_another_beside_it_is_none(meeting):
    me, other = people(meeting, "Machiko Kaida", "Pehn Son")
    row = ask(me, other)
    assert ask(me, other) is row
    for again in (lambda: ask(me, other, "12:20"), lambda: ask(other, me)):
        with pytest.raises(service.AskedAlreadyError):
            again()
    assert db.session.query(OneToOne).count() == 1


def test_another_time_is_proposed_until_one_says_yes(meeting):
    me, other = people(meeting, "Machiko Kaida", "Pehn Son")
    row = ask(me, other)
    with pytest.raises(IllegalMoveError):
        service.accept(row, me)  # one's own request
    service.propose(row, other, starts=at(meeting, "12:20"), words="After lunch")
    service.propose(row, other, starts=at(meeting, "12:20"), words="After lunch")
    assert (row.state, row.waits_for_id, row.answer) == (OneToOneState.PROPOSED, me.id, "After lunch")
    service.propose(row, me, starts=at(meeting, "12:40"))
    service.accept(row, other)
    assert (row.state, row.starts) == (ACCEPTED, at(meeting, "12:40"))
    assert steps(row) == ["requested", "proposed", "proposed", "accepted"]


def test_what_is_agreed_holds_until_both_want_the_other_time(meeting):
    me, other = people(meeting, "Machiko Kaida", "Pehn Son")
    row = agree(me, other)
    with pytest.raises(InvalidError, match="the time that you agreed on"):
        service.propose(row, me, starts=at(meeting, "12:00"))
    service.propose(row, me, starts=at(meeting, "12:40"))
    assert (row.state, row.starts, row.new_starts) == (ACCEPTED, at(meeting, "12:00"), at(meeting, "12:40"))
    service.decline(row, other, words="I leave early")
    assert (row.starts, row.new_starts, row.sequence) == (at(meeting, "12:00"), None, 1)
    service.propose(row, me, starts=at(meeting, "12:20"))
    service.accept(row, other)
    assert (row.starts, row.new_starts, row.sequence) == (at(meeting, "12:20"), None, 2)
    service.take_back(row, other, words="Ill")
    service.take_back(row, me)
    assert (row.state, row.sequence) == (OneToOneState.CANCELLED, 3)
    assert steps(row) == ["requested", "accepted", "proposed", "kept", "proposed", "moved", "cancelled"]


def test_who_declined_is_not_asked_again_but_may_ask(meeting):
    me, other = people(meeting, "Machiko Kaida", "Pehn Son")
    service.decline(ask(me, other), other, words="No time")
    with pytest.raises(service.SaidNoError):
        ask(me, other, "12:20")
    assert ask(other, me).waits_for_id == me.id


def test_a_request_taken_back_may_be_made_again(meeting):
    me, other = people(meeting, "Machiko Kaida", "Pehn Son")
    row = ask(me, other)
    with pytest.raises(IllegalMoveError):
        service.take_back(row, other)  # whoever was asked declines
    service.take_back(row, me)
    assert row.state is OneToOneState.WITHDRAWN and ask(me, other).id != row.id


def test_only_so_many_requests_wait_for_an_answer(meeting):
    me, *others = people(meeting, *(f"Person {n}" for n in range(4)))
    service_windows.set_most_open(meeting, 2, by=SYSTEM)
    rows = [ask(me, other) for other in others[:2]]
    with pytest.raises(service.TooManyOpenError):
        ask(me, others[2])
    service.take_back(rows[0], me)
    ask(me, others[2])


def test_never_against_a_session_where_one_speaks_or_has_a_place(meeting):
    me, other, third = people(meeting, "Machiko Kaida", "Pehn Son", "Third Person")
    a_session(meeting, "Mine", "12:10", "12:30", speakers=[(me.person, "speaker")])
    chosen = a_session(meeting, "Theirs", "12:40", "13:30", needs_sign_up=True)
    programme.sign_up(chosen, other, by=SYSTEM)
    for time in ("12:00", "12:20", "12:40", "11:00", "12:10"):
        with pytest.raises(service.NoTimeError) as refused:
            ask(me, other, time)
        assert refused.value.field == "time" and "Theirs" not in str(refused.value)
    assert ask(me, third, "12:40") and queries.common_slots(meeting.id, me.id, other.id) == []


def test_a_session_that_comes_later_is_told_to_each_in_their_own_words(meeting):
    me, other = people(meeting, "Machiko Kaida", "Pehn Son")
    row = agree(me, other)
    a_session(meeting, "Late change", "12:00", "12:30", speakers=[(me.person, "speaker")])
    db.session.flush()
    mine, theirs = queries_own.get_own(me, row.id), queries_own.get_own(other, row.id)
    assert (mine.against, mine.suits_other, mine.clashes) == (("Late change",), True, True)
    assert (theirs.against, theirs.suits_other, theirs.clashes) == ((), False, True)
    service.propose(row, other, starts=at(meeting, "12:40"))
    service.accept(row, me)
    assert not queries_own.get_own(me, row.id).clashes


def test_who_does_not_come_any_more_frees_the_table(meeting):
    me, other, third, fourth = people(meeting, "Machiko Kaida", "Pehn Son", "Third", "Fourth")
    row, asked = agree(me, other), ask(me, third, "12:20")
    service_deciding.cancel(me, by=SYSTEM)
    db.session.flush()
    assert not queries_own.get_own(other, row.id).suits_other
    assert service.release(me) == 2 and service.release(me) == 0
    assert (row.state, asked.state) == (OneToOneState.CANCELLED, OneToOneState.WITHDRAWN)
    assert ("Pehn Son", "Your 1:1 meeting with \u2068Machiko Kaida\u2069 does not take place") in letters()
    assert agree(third, fourth).table_id == row.table_id
    with pytest.raises(service.NotConfirmedError):
        ask(me, fourth, "12:40")


def test_what_the_queue_lost_is_found_and_who_turns_out_to_be_a_child_sits_with_nobody(meeting):
    me, other, third, fourth = people(meeting, "Machiko Kaida", "Pehn Son", "Third", "Young Person")
    rows = [agree(me, other), agree(third, fourth, "12:20")]
    assert queries_own.list_gone() == []
    service_deciding.cancel(me, by=SYSTEM)
    fourth.person.is_child = True
    db.session.commit()
    sweep()
    assert [row.state for row in rows] == [OneToOneState.CANCELLED] * 2 and queries_own.list_gone() == []
    assert not [subject for _name, subject in letters() if "Young Person\u2069 does" in subject]


def test_the_last_table_goes_to_one_pair_and_the_other_keeps_its_words(meeting):
    a, b, c, d = people(meeting, "A", "B", "C", "D")
    first, second = ask(a, b), ask(c, d)
    service.accept(first, b)
    assert [slot.starts for slot in queries.common_slots(meeting.id, c.id, d.id)] == [
        at(meeting, "12:20"),
        at(meeting, "12:40"),
    ]
    with pytest.raises(service.NoTableError) as refused:
        service.accept(second, d)
    assert refused.value.field == "time" and second.state is OneToOneState.REQUESTED
    a_table(meeting, "Table 2")
    assert service.accept(second, d).table.name == "Table 2"


def test_two_pairs_at_once_for_the_last_table(app, meeting):
    ids = []
    for n in range(4):
        one, other = people(meeting, f"One {n}", f"Other {n}")
        ids.append((ask(one, other).id, other.id))
    db.session.commit()

    def say_yes(pair):
        with app.app_context():
            held = writing.set(True)
            try:
                row, other = db.session.get(OneToOne, pair[0]), db.session.get(Registration, pair[1])
                service.accept(row, other)
                db.session.commit()
                return True
            except service.NoTableError:
                db.session.rollback()
                return False
            finally:
                writing.reset(held)

    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(say_yes, ids))
    assert sorted(answers) == [False, False, False, True]
    states = sorted(db.session.scalars(sa.select(OneToOne.state)))
    assert states == [ACCEPTED, *[OneToOneState.REQUESTED] * 3]


def test_who_may_not_be_asked_and_one_sentence_for_all(meeting):
    (me,) = people(meeting, "Machiko Kaida")
    child, elsewhere = a_child(meeting, complete=True), who_may_be_asked(a_meeting(), "Elsewhere")
    silent, gone, hidden = a_registration(meeting), *people(meeting, "Gone", "Hidden Person")
    keeps_to_themselves = a_profile(meeting).registration  # listed, and not to be asked
    service_deciding.cancel(gone, by=SYSTEM)
    hidden.person.at_risk = True
    db.session.flush()
    sentences = set()
    for other in (child, elsewhere, silent, gone, hidden, keeps_to_themselves, me):
        with pytest.raises(service.NotAskableError) as refused:
            ask(me, other)
        sentences.add(str(refused.value))
    assert len(sentences) == 1
    with pytest.raises(service.NotForChildrenError):
        service.ask(child, me.id, starts=at(meeting, "12:00"))


def test_somebody_at_risk_asks_themselves_and_no_letter_names_them(meeting):
    me, hidden = people(meeting, "Machiko Kaida", "Hidden Person")
    hidden.person.at_risk = True
    before = len(letters())
    row = agree(hidden, me)
    assert queries_own.get_own(me, row.id).person is hidden.person
    assert len(letters()) == before


def test_people_who_both_said_that_they_met_may_ask_each_other(meeting):
    me, other = a_registration(meeting), a_registration(meeting)
    with pytest.raises(service.NotAskableError):
        ask(me, other)
    with clock.frozen(at(meeting, "08:00")):
        met = introductions.introduce(meeting=meeting, a=me.person, b=other.person, by=SYSTEM)
        for side in ("a", "b"):
            introductions.answer(met, side, True)
        assert ask(me, other).state is OneToOneState.REQUESTED


def test_only_the_two_act_and_not_when_the_time_has_passed(meeting):
    me, other, third = people(meeting, "Machiko Kaida", "Pehn Son", "Third Person")
    row = ask(me, other)
    for act in (service.accept, service.decline, service.take_back):
        with pytest.raises(NotAllowedError):
            act(row, third)
    with pytest.raises(service.NoTimeError):
        service.accept(row, other, at=row.starts + timedelta(minutes=1))
    with pytest.raises(service.NoTimeError):
        ask(me, third, at=at(meeting, "12:00"))


def test_the_organisers_seat_two(meeting):
    me, other = people(meeting, "Machiko Kaida", "Pehn Son")
    (table,) = queries.list_tables(meeting.id)
    slot = queries.list_slots(meeting.id)[0]
    row = service.seat(meeting, other, me, slot=slot, table=table, by=SYSTEM)
    assert (row.state, row.source, row.asked_by_id, steps(row)) == (ACCEPTED, "seated", None, ["seated"])
    third, fourth = people(meeting, "Third", "Fourth")
    with pytest.raises(service.NoTableError):
        service.seat(meeting, third, fourth, slot=slot, table=table, by=SYSTEM)
    with pytest.raises(service.NoTimeError):
        service.seat(meeting, third, me, slot=slot, table=table, by=SYSTEM)
    service.take_back(row, me)
    service.seat(meeting, third, fourth, slot=slot, table=table, by=SYSTEM, tell=False)
    child = a_child(meeting, complete=True)
    third.person.at_risk = True
    for unfit in (child, third):
        with pytest.raises(InvalidError):
            service.seat(meeting, me, unfit, slot=queries.list_slots(meeting.id)[1], table=table, by=SYSTEM)


def test_the_evening_before_each_hears_once_with_whom_and_where(meeting):
    me, other, hidden, third = people(meeting, "Machiko Kaida", "Pehn Son", "Hidden Person", "Third Person")
    agree(me, other)
    hidden.person.at_risk = True
    agree(hidden, third, "12:20")
    eve = at(meeting, "17:30") - timedelta(days=1)
    assert evening.due(eve - timedelta(hours=1)) == evening.due(eve + timedelta(days=1)) == []
    with clock.frozen(eve):
        for _hour in range(2):
            for registration_id, day in evening.due():
                evening.remind(registration_id, day)
    told = list(db.session.query(Message).filter_by(letter="one_to_one_day").order_by(Message.id))
    assert [row.to_name for row in told] == ["Machiko Kaida", "Pehn Son"]
    assert "Pehn Son · Table 1" in told[0].text and "12:00 (Manila" in told[0].text and "/agenda" in told[0].text


def test_they_are_deleted_a_year_after_the_meeting(meeting):
    me, other = people(meeting, "Machiko Kaida", "Pehn Son")
    agree(me, other)
    service_kept.keep_times(me, {at(meeting, "12:20")})
    assert service.purge(clock.now() + timedelta(days=300)) == 0
    assert service.purge(clock.now() + timedelta(days=500)) == 1
    assert [db.session.query(kind).count() for kind in (OneToOne, OneToOneStep, KeptTime)] == [0, 0, 0]


RARE = ["propose", "decline", "take_back", "session", "leave", "keep"]
MOVES = st.lists(
    st.tuples(
        st.sampled_from([*["ask", "accept"] * 6, *RARE]), st.sampled_from(range(12)), st.sampled_from([0, 0, 0, 1, 2])
    ),
    min_size=8,
    max_size=20,
)


def test_whatever_they_do_nobody_and_no_table_has_two_at_a_time(meeting):
    who = people(meeting, "A", "B", "C", "D")
    slots, spare = queries.list_slots(meeting.id), a_table(meeting, "Table 2")

    # two pairs for one table, then one person at two tables
    @example([("ask", 0, 0), ("ask", 8, 0), ("accept", 0, 0), ("accept", 8, 0)], False)
    @example([("ask", 0, 0), ("ask", 6, 0), ("accept", 0, 0), ("accept", 0, 0)], True)
    @given(MOVES, st.booleans())
    @settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate])
    def play(moves, second):
        spare.active = second
        try:
            for kind, whom, n in moves:
                me, other = list(permutations(who, 2))[whom]
                with contextlib.suppress(RuleError):
                    _do(kind, meeting, me, other, slots[n])
                _check(meeting)
        finally:
            db.session.rollback()

    play()


def _do(kind: str, meeting, me, other, slot: Slot) -> None:
    row = queries.find_between(me.id, other.id, at=clock.now())
    if kind == "ask":
        service.ask(me, other.id, starts=slot.starts)
    elif kind == "session":
        a_session(meeting, "Talk", speakers=[(me.person, "speaker")], starts="12:00", ends="12:10")
    elif kind == "leave" and me.state is RegistrationState.CONFIRMED:
        service_deciding.cancel(me, by=SYSTEM)
        service.release(me)
    elif kind == "accept":  # whoever waits for an answer gets it
        for asked in [one for one in queries_own.list_standing(me.id) if one.waits_for_id is not None][-1:]:
            before = queries.busy(meeting.id, {asked.a_id, asked.b_id}, besides=asked.id)
            service.accept(asked, asked.b if asked.waits_for_id == asked.b_id else asked.a)
            # at the moment when it is agreed, nothing stands in its way
            assert not [span for spans in before.values() for span in spans if overlaps(asked, span)]
    elif kind == "keep":
        service_kept.keep_times(me, {slot.starts})
    elif row is not None and kind == "propose":
        service.propose(row, me, starts=slot.starts)
    elif row is not None and kind in ("decline", "take_back"):
        getattr(service, kind)(row, me)


def _check(meeting) -> None:
    db.session.flush()
    rows = list(db.session.scalars(sa.select(OneToOne).where(OneToOne.meeting_id == meeting.id)))
    agreed = [row for row in rows if row.state is ACCEPTED]
    for n, one in enumerate(agreed):
        assert Slot(one.starts, one.ends) in queries.list_slots(meeting.id)
        for other in agreed[n + 1 :]:
            if overlaps(one, other):
                assert one.table_id != other.table_id and not {one.a_id, one.b_id} & {other.a_id, other.b_id}
    for row in agreed:  # what came in the way later is marked for both, and for nobody else
        sessions = queries.busy(meeting.id, {row.a_id, row.b_id}, besides=row.id)
        hit = any(overlaps(row, span) for spans in sessions.values() for span in spans)
        for me in (row.a, row.b):
            assert queries_own.get_own(me, row.id).clashes is hit
    assert all(
        (row.waits_for_id is None) == (row.state not in ("requested", "proposed") and not row.new_starts)
        for row in rows
    )
