"""Accounts and roles through the staff pages: who decides about whom, and what nobody can do."""

import pytest

from eventhub.accounts import queries, service
from eventhub.accounts.service import LastAdministratorError
from eventhub.audit import SYSTEM, history
from eventhub.db import db
from eventhub.errors import NotAllowedError, RuleError
from eventhub.mail.models import Message
from eventhub.security import Role
from tests.accounts.staff import PASSWORD, a_colleague, fresh, link_in_letter, sign_in_as, signed_in
from tests.factories.basics import a_meeting

ALL = "0"


def roles(user):
    return {(g.role, g.meeting_id) for g in fresh(user).grants}


def test_an_administrator_adds_somebody_who_chooses_a_password_by_the_letter(app, sign_in):
    meeting = a_meeting()
    form = {"name": "សុខ ដារ៉ា", "email": "Dara@staff.example", "role": "reader", "meeting_id": meeting.id}
    page = sign_in().post("/staff/accounts/new", data=form, follow_redirects=True)
    assert page.status_code == 200 and "dara@staff.example" in page.text and meeting.title in page.text
    user = queries.find_user("dara@staff.example")
    assert roles(user) == {(Role.READER, meeting.id)}
    assert user.name in db.session.query(Message).one().text
    browser = app.test_client()
    chosen = {"password": PASSWORD, "password_confirm": PASSWORD}
    browser.post(browser.get(link_in_letter(user)).headers["Location"], data=chosen)
    sign_in_as(browser, user)
    assert signed_in(browser)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"email": "administrator@staff.example"}, "There is already an account"),
        ({"email": "not an address"}, "Invalid email address."),
        ({"name": "  "}, "This field is required."),
        ({"role": "king"}, "Not a valid choice"),
        ({"meeting_id": "99"}, "Not a valid choice"),
    ],
)
def test_a_new_account_is_refused_with_a_sentence_and_what_was_typed(sign_in, wrong, sentence):
    form = {"name": "Typed Name", "email": "new@staff.example", "role": "reader", "meeting_id": ALL, **wrong}
    answer = sign_in().post("/staff/accounts/new", data=form)
    assert answer.status_code == 422 and sentence in answer.text and f'value="{form["email"]}"' in answer.text
    assert len(queries.list_users()) == 1 and not db.session.query(Message).count()


def test_roles_are_given_and_taken_back_with_a_history(sign_in):
    meeting, user, browser = a_meeting(), a_colleague(None), sign_in()
    for _ in range(2):  # twice is once
        browser.post(f"/staff/accounts/{user.id}/roles", data={"role": "door", "meeting_id": meeting.id})
    browser.post(f"/staff/accounts/{user.id}/roles", data={"role": "programme", "meeting_id": ALL})
    assert roles(user) == {(Role.DOOR, meeting.id), (Role.PROGRAMME, None)}
    grant = next(g for g in user.grants if g.role is Role.DOOR)
    take_back = f"/staff/accounts/{user.id}/roles/{grant.id}/take-back"
    browser.post(take_back)
    assert roles(user) == {(Role.PROGRAMME, None)}
    assert browser.post(take_back).status_code == 404
    page = browser.get(f"/staff/accounts/{user.id}").text
    assert "Gave the role door" in page and "Took back the role door" in page
    assert [e.action for e in history(user)] == ["revoked", "granted", "granted", "created"]


def test_a_closed_account_is_out_at_once_and_may_come_back(app, client, sign_in):
    user = a_colleague(password=PASSWORD)
    sign_in_as(client, user)
    browser = sign_in()
    browser.post(f"/staff/accounts/{user.id}/close")
    assert not signed_in(client) and not fresh(user).active
    again = app.test_client()
    sign_in_as(again, user)
    assert not signed_in(again)
    assert browser.post(f"/staff/accounts/{user.id}/letter").status_code == 409
    browser.post(f"/staff/accounts/{user.id}/open")
    sign_in_as(again, fresh(user))
    assert signed_in(again)


def test_a_lost_second_factor_is_reset_and_its_owner_is_told(sign_in):
    user = a_colleague(Role.ORGANISER, password=PASSWORD)
    user.tf_primary_method, user.tf_totp_secret, user.mf_recovery_codes = "authenticator", "secret", ["a"]
    before = user.fs_uniquifier
    sign_in().post(f"/staff/accounts/{user.id}/second-factor/reset")
    user = fresh(user)
    assert (user.tf_primary_method, user.tf_totp_secret, user.mf_recovery_codes) == (None, None, None)
    assert user.fs_uniquifier != before and history(user)[0].action == "reset_second_factor"
    assert "second factor" in db.session.query(Message).filter_by(to_email=user.email).one().subject


def test_a_changed_address_withdraws_the_link_in_the_old_mailbox(client, sign_in):
    user, browser = a_colleague(), sign_in()
    browser.post(f"/staff/accounts/{user.id}/letter")
    link = link_in_letter(user)
    assert client.get(link).status_code == 302
    browser.post(f"/staff/accounts/{user.id}/edit", data={"name": user.name, "email": "right@staff.example"})
    assert fresh(user).email == "right@staff.example" and client.get(link).status_code == 410
    taken = browser.post(f"/staff/accounts/{user.id}/edit", data={"name": "A", "email": "administrator@staff.example"})
    assert taken.status_code == 422 and "already an account" in taken.text


def test_the_last_administrator_stays(sign_in):
    browser = sign_in()
    me = queries.find_user("administrator@staff.example")
    grant = me.grants[0]
    answer = browser.post(
        f"/staff/accounts/{me.id}/roles/{grant.id}/take-back", headers={"Referer": "/staff/"}, follow_redirects=True
    )
    assert "last administrator" in answer.text and roles(me) == {(Role.ADMINISTRATOR, None)}
    with pytest.raises(LastAdministratorError):
        service.deactivate(fresh(me), by=SYSTEM)
    closed = a_colleague(Role.ADMINISTRATOR)
    service.deactivate(closed, by=SYSTEM)
    limited = a_colleague(Role.ADMINISTRATOR, a_meeting())
    with pytest.raises(LastAdministratorError):  # neither a closed account nor one meeting's counts
        service.revoke(fresh(me).grants[0], by=service.actor(me))
    other = a_colleague(Role.ADMINISTRATOR)
    service.revoke(fresh(me).grants[0], by=service.actor(other))
    assert not roles(me) and limited.active


def test_nobody_closes_the_own_account(app):
    me, _other = a_colleague(Role.ADMINISTRATOR), a_colleague(Role.ADMINISTRATOR)
    with pytest.raises(RuleError, match="your own account"):
        service.deactivate(me, by=service.actor(me))


class TestAdministratorOfOneMeeting:
    """Decides about roles in that meeting, and about people who work nowhere else."""

    @pytest.fixture
    def mine(self, app):
        return a_meeting()

    @pytest.fixture
    def browser(self, sign_in, mine):
        return sign_in(Role.ADMINISTRATOR, mine)

    def test_gives_roles_in_the_own_meeting_only(self, browser, mine):
        other, user = a_meeting(), a_colleague(None)
        page = browser.get("/staff/accounts/new").text
        assert mine.title in page and other.title not in page and "all meetings" not in page
        for meeting_id, status in ((mine.id, 302), (other.id, 422), (ALL, 422)):
            form = {"role": "administrator", "meeting_id": meeting_id}
            assert browser.post(f"/staff/accounts/{user.id}/roles", data=form).status_code == status
        assert roles(user) == {(Role.ADMINISTRATOR, mine.id)}

    def test_the_rule_is_in_the_service_too(self, browser, mine):
        me = service.actor(queries.find_user("administrator@staff.example"))
        above, beside = a_colleague(Role.READER), a_colleague(Role.DOOR, a_meeting())
        for act in (
            lambda: service.grant(beside, Role.DOOR, None, by=me),
            lambda: service.revoke(beside.grants[0], by=me),
            lambda: service.deactivate(above, by=me),
            lambda: service.activate(above, by=me),
            lambda: service.reset_second_factor(beside, by=me),
            lambda: service.change(above, email="mine@evil.example", name="", by=me),
            lambda: service.check_reachable(above, by=me),
        ):
            with pytest.raises(NotAllowedError):
                act()

    def test_sees_others_without_buttons(self, browser, mine):
        above, under = a_colleague(Role.READER), a_colleague(Role.READER, mine)
        assert f"/staff/accounts/{above.id}/close" not in browser.get(f"/staff/accounts/{above.id}").text
        assert browser.post(f"/staff/accounts/{above.id}/close").status_code == 403 and fresh(above).active
        assert f"/staff/accounts/{under.id}/close" in browser.get(f"/staff/accounts/{under.id}").text
        browser.post(f"/staff/accounts/{under.id}/close")
        assert not fresh(under).active


@pytest.mark.parametrize(("text", "found"), [("ana", 1), ("STAFF.EXAMPLE", 3), ("100%", 0), ("_", 0), ("\\", 0)])
def test_staff_are_found_by_name_or_address(sign_in, text, found):
    a_colleague(name="Ana Reyes", email="areyes@staff.example")
    a_colleague(email="two@staff.example")
    page = sign_in().get("/staff/accounts", query_string={"q": text}).text
    assert page.count('<th scope="row">') == found
    assert found or "Nobody found" in page


def test_two_administrators_cannot_remove_each_other_at_once(app):
    """Whichever comes second counts again, after the first has committed."""
    import threading

    from eventhub.db import writing

    first, second = a_colleague(Role.ADMINISTRATOR), a_colleague(Role.ADMINISTRATOR)
    ids, start, answers = [first.id, second.id], threading.Barrier(2), []
    db.session.rollback()

    def remove(ident):
        with app.app_context():
            writing.set(True)
            start.wait(60)
            try:
                service.deactivate(queries.get_user(ident), by=SYSTEM)
                db.session.commit()
                answers.append("done")
            except LastAdministratorError:
                db.session.rollback()
                answers.append("refused")

    threads = [threading.Thread(target=remove, args=(ident,)) for ident in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == ["done", "refused"]
