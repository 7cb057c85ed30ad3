"""What happens when many people do it at once: exactly as many seats as there are, and one registration per form."""

from collections import Counter
from functools import partial

import pytest
import sqlalchemy as sa

from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.mail.models import Message
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from tests.factories.basics import a_meeting
from tests.factories.registration import letters_follow
from tests.registration.server import Browser, all_at_once, serving
from tests.registration.test_form import ADULT

THANKS = "/register/done"


@pytest.fixture(scope="module")
def port(session_app):
    """One web server for all; it keeps no state."""
    with serving(session_app) as number:
        yield number


def somebody(n):
    return {**ADULT, "full_name": f"Person {n}", "email": f"person{n}@hub.example"}


def test_sixty_at_once_for_ten_seats(app, port):
    address = f"/m/{a_meeting(capacity=10).slug}/register"
    db.session.commit()  # on SQLite, whoever has begun to write keeps all others waiting
    browsers = [Browser(port, address) for _ in range(60)]
    answers = all_at_once([partial(b.send, somebody(n)) for n, b in enumerate(browsers)])
    assert Counter(status for status, _ in answers) == {303: 60}
    assert all(place.endswith(THANKS) for _, place in answers)
    db.session.rollback()
    rows = list(db.session.scalars(sa.select(Registration).order_by(Registration.id)))
    assert Counter(r.state for r in rows) == {RegistrationState.CONFIRMED: 10, RegistrationState.WAITING: 50}
    # who came first has a seat, and the others wait in the order in which they came
    assert [r.state for r in rows[:10]] == [RegistrationState.CONFIRMED] * 10
    assert [r.queue_no for r in rows] == [None] * 10 + list(range(1, 51))
    letters_follow()
    letters = Counter(db.session.scalars(sa.select(Message.letter)))
    assert letters == {"ticket": 10, "registration_waiting": 50}


def test_one_form_sent_twenty_times_at_once(app, port):
    address = f"/m/{a_meeting().slug}/register"
    db.session.commit()  # on SQLite, whoever has begun to write keeps all others waiting
    browser = Browser(port, address)
    answers = all_at_once([partial(browser.send, ADULT)] * 20)
    assert Counter(status for status, _ in answers) == {303: 20}
    db.session.rollback()
    letters_follow()
    assert count(Registration) == count(Person) == count(Message) == 1


def test_one_address_in_twenty_different_forms_at_once(app, port):
    address = f"/m/{a_meeting().slug}/register"
    db.session.commit()  # on SQLite, whoever has begun to write keeps all others waiting
    browsers = [Browser(port, address) for _ in range(20)]
    answers = all_at_once([partial(b.send, ADULT) for b in browsers])
    assert Counter(status for status, _ in answers) == {303: 20}  # the answer tells nobody who was the first
    db.session.rollback()
    assert count(Registration) == count(Person) == 1
    letters_follow()
    assert Counter(db.session.scalars(sa.select(Message.letter))) == {"ticket": 1, "registration_link": 1}


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))
