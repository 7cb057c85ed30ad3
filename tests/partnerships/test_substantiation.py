"""Somebody who belongs to none of the parties confirms one thing, by a link of their own."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.errors import InvalidError, LinkError, LinkExpiredError, LinkWithdrawnError
from eventhub.mail.models import Message
from eventhub.partnerships import parts, queries, service, stories, substantiation, verification
from eventhub.partnerships.states import ActivityKind, Rung, Sensitivity, SubstantiationState, Visibility
from eventhub.reports import ledger
from eventhub.security import token
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import a_partnership, confirm

SAID = {
    "name": "Srey",
    "organisation": "Commune council",
    "relation": "They met in our hall",
    "statement": "I was there.",
}


def asks(partnership, **more):
    row = substantiation.ask(partnership, **{"name": "Srey", "email": "srey@council.example", "by": SYSTEM, **more})
    db.session.commit()
    return row


def answers(row, yes=True, **more):
    said = {**SAID, "apart": True, "seen": substantiation.digest(row), **more}
    substantiation.answer(row, yes=yes, **said)
    db.session.commit()
    return row


def rung(partnership):
    db.session.expire_all()
    standing = queries.standing(partnership)
    assert standing.rung is queries.standing(partnership, listed=True).rung
    assert [kept.standing.rung for kept in ledger.read()] == [standing.rung]
    return standing.rung


def test_it_stands_on_top_of_what_the_parties_confirmed_and_never_instead(app):
    partnership = a_partnership()
    answers(asks(partnership))
    assert rung(partnership) is Rung.REPORTED
    confirm(partnership)
    assert rung(partnership) is Rung.SUBSTANTIATED


def test_it_holds_for_what_was_seen(app):
    partnership = a_partnership()
    activity = parts.add(partnership, "activity", kind=ActivityKind.EVENT, title="A visit", by=SYSTEM)
    outcome = parts.add(partnership, "outcome", statement="They listen.", change="practice", by=SYSTEM)
    answers(asks(partnership, item=f"activity:{activity.id}"))
    answers(asks(partnership, item=f"outcome:{outcome.id}"))
    confirm(partnership)
    assert rung(partnership) is Rung.SUBSTANTIATED
    items = queries.standing(partnership).items
    assert (items[f"activity:{activity.id}"], items[f"outcome:{outcome.id}"], items["core"]) == (
        Rung.SUBSTANTIATED, Rung.SUBSTANTIATED, Rung.CONFIRMED,
    )  # fmt: skip
    parts.change(partnership, "activity", activity.id, title="A longer visit", by=SYSTEM)
    confirm(partnership)
    assert rung(partnership) is Rung.CONFIRMED  # nobody from outside saw the longer one


def test_a_letter_goes_out_with_a_dead_placeholder_once(app):
    partnership = a_partnership()
    row = asks(partnership)
    assert asks(partnership) is row
    letter = db.session.scalars(sa.select(Message)).one()
    assert letter.to_email == "srey@council.example"
    assert f"eventhub-link:substantiation/{row.id}/1" in letter.text
    assert partnership.parties[0].organisation.name in letter.text


def test_who_belongs_to_a_party_is_refused_by_address_and_by_name(app):
    partnership = a_partnership()
    one = partnership.parties[0]
    directory.change_organisation(
        one.organisation, version=one.organisation.version, names=[("C-Rights", "", "alias")], by=SYSTEM
    )
    colleague = a_person(one.organisation, email="colleague@elsewhere.example")
    company = an_organisation(email="office@party.example")
    parts.add(partnership, "party", organisation=company, by=SYSTEM)
    for email in (one.organisation.email, one.focal_person.email, colleague.email, "X@PARTY.example", "not an address"):
        with pytest.raises(InvalidError):
            substantiation.ask(partnership, name="X", email=email, by=SYSTEM)
    row = asks(partnership)
    with pytest.raises(substantiation.NotIndependentError):
        answers(row, organisation="c rights")
    db.session.rollback()
    assert row.state is SubstantiationState.ASKED


def test_anybodys_domain_says_nothing(app):
    first, second = an_organisation(email="office@gmail.com"), an_organisation(email="")
    partnership = a_partnership(parties=[first, second], focal=())
    assert asks(partnership, email="neighbour@gmail.com").state is SubstantiationState.ASKED


def test_who_becomes_a_party_later_is_independent_no_more(app):
    partnership = a_partnership()
    row = answers(asks(partnership), organisation="Commune council")
    parts.add(partnership, "party", organisation=an_organisation(name="Commune Council"), by=SYSTEM)
    db.session.commit()
    assert (row.state, row.statement) == (SubstantiationState.WITHDRAWN, "I was there.")


def test_a_change_of_mind_is_kept_and_takes_the_word_back(app):
    partnership = confirm(a_partnership())
    row = asks(partnership)
    for _ in range(2):
        answers(row)
    assert (rung(partnership), row.before) == (Rung.SUBSTANTIATED, [])
    answers(row, yes=False, statement="")
    assert rung(partnership) is Rung.CONFIRMED
    assert [(was["state"], was["statement"]) for was in row.before] == [("given", "I was there.")]


def test_who_knows_that_it_was_not_so_can_say_so_and_staff_see_it(app, sign_in, client):
    partnership = confirm(a_partnership())
    row, browser = asks(partnership), sign_in()
    link = f"/substantiation/{token('substantiation', row.id)}"
    seen = re.search(r'name="seen"[^>]*value="([0-9a-f]{32})"', client.get(link).text)[1]
    said = {**SAID, "statement": "Nobody came.", "seen": seen, "answer": "not_so"}
    assert client.post(link, data=said).status_code == 422  # whether they belong to none of the parties
    assert client.post(link, data={**said, "apart": "y"}).status_code == 302
    answered = client.get(link).text
    assert "You said that it was not so" in answered and "<summary>Answer again</summary>" in answered
    page = browser.get(f"/staff/partnerships/{partnership.id}").text
    assert "Somebody independent says that it was not so" in page and "Nobody came." in page
    slug = partnership.origin.meeting.slug
    assert "partnership that somebody independent contradicts" in browser.get(f"/staff/m/{slug}/").text
    listed = f"/staff/m/{slug}/partnerships?show=contradicted"
    assert partnership.ref in browser.get(listed).text and rung(partnership) is Rung.CONFIRMED
    substantiation.withdraw(db.session.merge(row), by=SYSTEM)  # set aside
    db.session.commit()
    assert partnership.ref not in browser.get(listed).text


@pytest.mark.parametrize("missing", ["name", "organisation", "relation", "statement", "apart"])
def test_an_answer_is_whole(app, missing):
    row = asks(a_partnership())
    with pytest.raises(InvalidError) as refused:
        answers(row, **{missing: "" if missing != "apart" else False})
    assert refused.value.field == missing


def test_links_that_do_not_work(app):
    partnership = a_partnership()
    row = asks(partnership)
    good = token("substantiation", row.id)
    assert substantiation.open_link(good) == row
    for guessed in ("", good + "x", token("verification", row.id)):
        with pytest.raises(LinkError):
            substantiation.open_link(guessed)
    with pytest.raises(LinkExpiredError):
        substantiation.open_link(good, at=clock.now() + timedelta(days=181))
    service.change(partnership, visibility=Visibility.HIDDEN, by=SYSTEM)
    with pytest.raises(LinkExpiredError):
        substantiation.open_link(good)
    with pytest.raises(InvalidError, match="at risk"):
        substantiation.ask(partnership, name="X", email="other@council.example", by=SYSTEM)
    service.change(partnership, visibility=Visibility.INTERNAL, by=SYSTEM)
    substantiation.withdraw(row, by=SYSTEM)
    db.session.commit()
    with pytest.raises(LinkWithdrawnError):
        substantiation.open_link(good)


def test_what_is_sensitive_is_told_to_nobody_outside(app):
    partnership = a_partnership()
    service.change(partnership, sensitivity=Sensitivity.SENSITIVE, by=SYSTEM)
    with pytest.raises(InvalidError, match="sensitive"):
        substantiation.ask(partnership, name="X", email="x@council.example", by=SYSTEM)
    assert any("sensitive" in why for why in stories.problems(stories.assemble(partnership, by=SYSTEM)))
    db.session.commit()


def test_one_answers_only_what_one_saw(app):
    partnership = a_partnership()
    row = asks(partnership)
    seen = substantiation.digest(row)
    service.change(partnership, title="Another title", by=SYSTEM)
    with pytest.raises(verification.ChangedError):
        answers(row, seen=seen)


def test_from_the_staff_page_to_the_answer(sign_in, client):
    partnership, browser = confirm(a_partnership()), sign_in()
    path = f"/staff/partnerships/{partnership.id}"
    form = {"item": "core", "name": "Srey", "email": partnership.parties[0].organisation.email, "language": "en"}
    refused = browser.post(f"{path}/outside", data=form)
    assert refused.status_code == 422 and "one of the parties" in refused.text and "Srey" in refused.text
    assert browser.post(f"{path}/outside", data={**form, "email": "srey@council.example"}).status_code == 302
    row = db.session.get(type(partnership), partnership.id).substantiations[0]
    link = f"/substantiation/{token('substantiation', row.id)}"
    assert link.split("/")[-1] not in browser.get(path).text
    shown = client.get(link).text
    seen = re.search(r'name="seen"[^>]*value="([0-9a-f]{32})"', shown)[1]
    assert partnership.parties[1].organisation.name in shown
    data = {**SAID, "apart": "y", "seen": seen, "answer": "yes"}
    wrong = client.post(link, data={**data, "organisation": partnership.parties[0].organisation.name})
    assert wrong.status_code == 422 and "I was there." in wrong.text
    assert client.post(link, data=data).status_code == 302
    assert "You confirmed this" in client.get(link).text
    page = browser.get(path).text
    assert "I was there." in page and "Srey, Commune council" in page
    assert browser.post(f"{path}/outside/{row.id}/withdraw").status_code == 302
    assert client.get(link).status_code == 410
    assert rung(partnership) is Rung.CONFIRMED
