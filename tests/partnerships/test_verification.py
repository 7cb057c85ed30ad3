"""A party answers by its own link: confirm, correct, dispute; twice, late, and after the facts changed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db, writing
from eventhub.errors import InvalidError, LinkError, LinkExpiredError, LinkWithdrawnError
from eventhub.mail.models import Message
from eventhub.partnerships import ladder, parts, queries, service, verification
from eventhub.partnerships.models import Verification
from eventhub.partnerships.states import (
    ActivityKind,
    FieldGroup,
    PartnershipState,
    Rung,
    VerificationState,
    Visibility,
)
from eventhub.safeguarding import service as safeguarding
from eventhub.safeguarding.models import ConsentBy, Purpose
from eventhub.security import token
from tests.factories.directory import an_organisation
from tests.factories.partnerships import a_partnership, confirm, says

V = VerificationState


def rounds(party):
    rows = db.session.scalars(sa.select(Verification).where(Verification.party_id == party.id).order_by("round"))
    return [(row.round, row.state, row.words) for row in rows]


def rung(partnership):
    db.session.expire_all()
    return queries.standing(partnership).rung


def link_of(row):
    return token("verification", row.id, row.link_version)


def test_both_must_confirm_what_stands(app):
    partnership = a_partnership()
    says(partnership.parties[0])
    assert rung(partnership) is Rung.REPORTED
    says(partnership.parties[1])
    assert rung(partnership) is Rung.CONFIRMED


def test_a_letter_goes_to_the_focal_person_with_a_dead_placeholder(app):
    partnership = a_partnership()
    row = verification.ask(partnership.parties[0], by=SYSTEM)
    again = verification.ask(partnership.parties[0], by=SYSTEM)
    db.session.commit()
    letter = db.session.scalars(sa.select(Message)).one()
    assert again.id == row.id  # asked twice at once is one question and one letter
    assert letter.to_email == partnership.parties[0].focal_person.email
    assert f"eventhub-link:verification/{row.id}/1" in letter.text and link_of(row) not in letter.text
    assert partnership.parties[1].organisation.name in letter.text


def test_a_party_without_any_address_is_not_asked(app):
    partnership = a_partnership(parties=[an_organisation(email=""), an_organisation()], focal=())
    with pytest.raises(InvalidError, match="no e-mail address"):
        verification.ask(partnership.parties[0], by=SYSTEM)
    assert len(verification.ask_all(partnership, by=SYSTEM)) == 1
    db.session.commit()


def test_a_correction_keeps_what_stood_and_reopens(app):
    partnership = confirm(a_partnership())
    party = partnership.parties[0]
    says(party, V.CORRECTED, "It was 2019, not 2018.")
    assert rung(partnership) is Rung.REPORTED
    assert rounds(party)[0][1:] == (V.CONFIRMED, "")  # the old answer stands beside the new one
    corrected = queries.newest_round(party.id, FieldGroup.FACTS)
    assert (corrected.words, corrected.old_value["core"]["title"]) == ("It was 2019, not 2018.", partnership.title)
    says(party)
    assert rung(partnership) is Rung.CONFIRMED


def test_a_dispute_holds_back_and_hides_the_public_text(app):
    partnership = a_partnership(summary="They work together.", visibility=Visibility.PUBLIC)
    confirm(partnership)
    assert queries.public_text(partnership) is None  # nobody agreed to the text itself yet
    for party in partnership.parties:
        row = verification.ask(party, group=FieldGroup.PUBLIC_TEXT, by=SYSTEM)
        seen = verification.digest(partnership, FieldGroup.PUBLIC_TEXT)
        verification.answer(row, state=V.CONFIRMED, by_name="Somebody", seen=seen)
    db.session.commit()
    db.session.expire_all()
    assert queries.public_text(partnership) == "They work together."
    says(partnership.parties[1], V.DISPUTED, "This never took place.")
    db.session.expire_all()
    assert (rung(partnership), queries.public_text(partnership)) == (Rung.REPORTED, None)


def test_independent_evidence_stands_on_top_only(app):
    partnership = a_partnership()
    parts.add(partnership, "evidence", kind="quote", quote="I saw it.", independent=True, by=SYSTEM)
    db.session.commit()
    assert rung(partnership) is Rung.REPORTED
    confirm(partnership)
    assert rung(partnership) is Rung.SUBSTANTIATED


def test_what_is_added_later_is_confirmed_by_nobody_and_takes_nothing_away(app):
    partnership = confirm(a_partnership())
    row = parts.add(partnership, "activity", kind=ActivityKind.TRAINING, title="A training", by=SYSTEM)
    db.session.commit()
    standing = queries.standing(partnership)
    assert (standing.rung, standing.items[f"activity:{row.id}"]) == (Rung.CONFIRMED, Rung.REPORTED)
    service.change(partnership, title="Something else altogether", by=SYSTEM)
    db.session.commit()
    assert rung(partnership) is Rung.REPORTED
    assert set(queries.standing(partnership).words.values()) == {ladder.Word.CHANGED}


def test_the_same_answer_twice_is_one_and_another_is_a_new_round(app):
    partnership = a_partnership()
    party = partnership.parties[0]
    row = verification.ask(party, by=SYSTEM)
    seen = verification.digest(partnership, FieldGroup.FACTS)
    for _ in range(3):
        verification.answer(row, state=V.CONFIRMED, by_name="Sopheap", seen=seen)
    assert len(rounds(party)) == 1
    verification.answer(row, state=V.DISPUTED, by_name="Sopheap", words="I was wrong.", seen=seen)
    db.session.commit()
    assert rounds(party) == [(1, V.CONFIRMED, ""), (2, V.DISPUTED, "I was wrong.")]
    assert verification.open_link(link_of(row)) == row  # the same link still opens the page


def test_one_confirms_only_what_one_saw(app):
    partnership = a_partnership()
    row = verification.ask(partnership.parties[0], by=SYSTEM)
    seen = verification.digest(partnership, FieldGroup.FACTS)
    service.change(partnership, title="Changed meanwhile", by=SYSTEM)
    db.session.commit()
    with pytest.raises(verification.ChangedError, match="while you were reading"):
        verification.answer(row, state=V.CONFIRMED, by_name="Sopheap", seen=seen)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"state": V.ASKED}, "state"),
        ({"state": V.CONFIRMED, "by_name": ""}, "by_name"),
        ({"state": V.CORRECTED}, "words"),
        ({"state": V.DISPUTED}, "words"),
    ],
)
def test_an_answer_needs_a_name_and_a_no_needs_words(app, said, field):
    partnership = a_partnership()
    row = verification.ask(partnership.parties[0], by=SYSTEM)
    with pytest.raises(InvalidError) as refused:
        verification.answer(row, **{"by_name": "Sopheap", "seen": "", **said})
    assert refused.value.field == field
    db.session.commit()


def test_links_that_do_not_work(app):
    partnership = a_partnership()
    party = partnership.parties[0]
    row = verification.ask(party, by=SYSTEM)
    good = link_of(row)
    assert verification.open_link(good) == row
    for guessed in ("", "1-1-" + "a" * 26, good + "x", token("follow_up", row.id)):
        with pytest.raises(LinkError):
            verification.open_link(guessed)
    with pytest.raises(LinkExpiredError):
        verification.open_link(good, at=clock.now() + timedelta(days=366))
    newer = verification.ask(party, by=SYSTEM, at=clock.now() + timedelta(days=2))
    db.session.commit()
    db.session.expire_all()
    with pytest.raises(LinkWithdrawnError):  # a newer question replaced it
        verification.open_link(good)
    newest_link = link_of(newer)
    assert (rounds(party)[0][1], verification.open_link(newest_link)) == (V.NO_REPLY, newer)
    verification.withdraw(party, by=SYSTEM)
    db.session.commit()
    db.session.expire_all()
    with pytest.raises(LinkWithdrawnError):
        verification.open_link(newest_link)
    service.move(partnership, PartnershipState.CANCELLED, by=SYSTEM)
    db.session.commit()
    with pytest.raises(InvalidError, match="cancelled"):
        verification.ask(party, by=SYSTEM)


def test_silence_is_noted_and_a_late_answer_still_counts(app):
    partnership = a_partnership()
    party = partnership.parties[0]
    row = verification.ask(party, by=SYSTEM)
    later = clock.now() + timedelta(days=61)
    assert verification.close_unanswered(later) == 1
    db.session.commit()
    assert queries.standing(partnership).words[party.id] is ladder.Word.NO_REPLY
    seen = verification.digest(partnership, FieldGroup.FACTS)
    verification.answer(row, state=V.CONFIRMED, by_name="Late", seen=seen, at=later)
    db.session.commit()
    assert [state for _n, state, _w in rounds(party)] == [V.NO_REPLY, V.CONFIRMED]


def test_the_response_rate_counts_parties_that_answered_of_those_asked(app):
    one, other = a_partnership(), a_partnership()
    says(one.parties[0])
    verification.ask(one.parties[1], by=SYSTEM)
    says(other.parties[0], V.DISPUTED)
    db.session.commit()
    db.session.expire_all()
    assert queries.verification_response([one, other]) == queries.Response(answered=2, asked=3)


def test_two_answers_at_once_are_both_kept(app):
    partnership = a_partnership()
    party = partnership.parties[0]
    row = verification.ask(party, by=SYSTEM)
    seen, ident = verification.digest(partnership, FieldGroup.FACTS), row.id
    db.session.commit()
    ready = Barrier(2)

    def say(state):
        with app.app_context():
            question = db.session.get(Verification, ident)  # both have read "asked" before either answers
            assert question.state is V.ASKED
            db.session.rollback() if db.engine.dialect.name == "sqlite" else None
            ready.wait(60)
            held = writing.set(True)
            question = db.session.get(Verification, ident)
            verification.answer(question, state=state, by_name="Somebody", words="Words.", seen=seen)
            db.session.commit()
            writing.reset(held)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(say, (V.CORRECTED, V.DISPUTED)))
    db.session.expire_all()
    assert {(n, state) for n, state, _words in rounds(party)} in (
        {(1, V.CORRECTED), (2, V.DISPUTED)},
        {(1, V.DISPUTED), (2, V.CORRECTED)},
    )


def test_who_said_at_the_meeting_that_nobody_should_write_later_is_not_written_to(app):
    partnership = a_partnership()
    party = partnership.parties[0]
    consent = {"purpose": Purpose.LATER_CONTACT, "side": ConsentBy.SELF, "language": "en", "by": SYSTEM}
    safeguarding.record_consent(person=party.focal_person, meeting=partnership.origin.meeting, answer=False, **consent)
    verification.ask(party, by=SYSTEM)
    db.session.commit()
    letter = db.session.scalars(sa.select(Message)).one()
    assert (letter.to_email, letter.person_id) == (party.organisation.email, None)
