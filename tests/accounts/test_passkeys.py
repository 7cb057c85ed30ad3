"""Passkeys: both factors at once, never the last one lost, and no answer of a browser that breaks anything."""

import json
import re
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from eventhub import security
from eventhub.accounts import service
from eventhub.accounts.models import Passkey
from eventhub.audit import SYSTEM, history
from eventhub.db import db
from eventhub.errors import RuleError
from eventhub.security import Role
from tests.accounts.authenticator import PASSKEYS, PRESENT, SIGN_IN, Device, add, asked, coded, sign_in_with
from tests.accounts.staff import PASSWORD, a_colleague, fresh, set_up, sign_in_as, signed_in
from tests.live import ROOT

REFUSED = "This passkey was not accepted."
REMOVE = f"{PASSKEYS}/remove"


@pytest.fixture(autouse=True)
def no_guesses_yet(app):
    security.limiter.reset()


@pytest.fixture
def reader(app):
    return a_colleague(password=PASSWORD)


@pytest.fixture
def mine(client, reader):
    """The reader's passkey; the browser ``client`` is signed out again."""
    device = Device()
    sign_in_as(client, reader)
    assert add(client, device).headers["Location"] == PASSKEYS
    client.post("/staff/account/sign-out")
    return device


def said(browser, answer) -> str:
    """What the page after an answer says."""
    return browser.get(answer.headers["Location"]).text


def test_a_passkey_is_added_used_and_removed(client, reader):
    sign_in_as(client, reader)
    device = Device()
    assert "The passkey was added" in said(client, add(client, device, "  Sokha’s ទូរស័ព្ទ  "))
    row = db.session.query(Passkey).one()
    assert (row.name, row.user_id, row.sign_count, row.transports) == ("Sokha’s ទូរស័ព្ទ", reader.id, 1, ["internal"])
    assert row.public_key != device.key.private_numbers().private_value.to_bytes(32, "big")
    page = client.get(PASSKEYS).text
    assert "Sokha’s ទូរស័ព្ទ" in page and "never" in page
    client.post("/staff/account/sign-out")
    assert sign_in_with(client, device, next="/staff/account").headers["Location"] == "/staff/account"
    assert signed_in(client) and "never" not in client.get(PASSKEYS).text
    assert "Set-Cookie: remember" not in str(client.get("/staff/").headers)
    assert "was removed here" in said(client, client.post(REMOVE, data={"name": row.name}))
    assert db.session.query(Passkey).count() == 0
    assert "removed already" in said(client, client.post(REMOVE, data={"name": "Sokha’s ទូរស័ព្ទ"}))
    acts = [entry.action for entry in history(fresh(reader))]
    assert acts[:3] == ["removed_passkey", "used_passkey", "added_passkey"]
    client.post("/staff/account/sign-out")
    assert REFUSED in said(client, sign_in_with(client, device)) and not signed_in(client)
    sign_in_as(client, reader)
    assert signed_in(client)


def test_a_passkey_stands_in_for_the_app_and_the_last_factor_stays(app, client):
    """Somebody whose role needs two factors: the app, then a passkey in its place, then a lost passkey."""
    organiser, device = a_colleague(Role.ORGANISER, password=PASSWORD), Device()
    sign_in_as(client, organiser)
    client.post("/staff/account/code", data={"code": set_up(client)[0].now()})
    add(client, device)
    codes = re.findall(r"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}", client.post("/staff/account/recovery-codes").text)
    assert sign_in_as(app.test_client(), organiser).headers["Location"].startswith("/staff/account/code")
    client.post("/staff/account/second-factor", data={"setup": "disable"})
    assert fresh(organiser).tf_primary_method is None and fresh(organiser).has_second_factor

    gone = client.post(REMOVE, data={"name": "my phone"}, headers={"Referer": f"http://localhost{PASSKEYS}"})
    assert "this is the last thing you have for it" in said(client, gone) and db.session.query(Passkey).count() == 1

    thief = app.test_client()  # who knows the password only
    assert sign_in_as(thief, organiser).headers["Location"].startswith(SIGN_IN)
    thief.post("/staff/account/second-factor", data={"setup": "authenticator"})
    thief.post("/staff/account/code", data={"code": "000000"})
    assert not signed_in(thief) and fresh(organiser).tf_totp_secret is None

    owner = app.test_client()
    second_step = sign_in_as(owner, organiser).headers["Location"]
    assert "Use a recovery code" in owner.get(second_step).text
    sign_in_with(owner, device)
    assert signed_in(owner)
    lost = app.test_client()
    sign_in_as(lost, organiser)
    assert "Back to the passkey" in lost.get("/staff/account/code/recovery").text
    lost.post("/staff/account/code/recovery", data={"code": codes[0]})
    assert signed_in(lost)
    service.reset_second_factor(fresh(organiser), by=SYSTEM)
    db.session.commit()
    assert db.session.query(Passkey).count() == 0 and not signed_in(lost)
    assert sign_in_as(lost, organiser).headers["Location"] == "/staff/account/second-factor"


def test_of_two_factors_that_go_at_once_one_stays(app, client, reader, mine):
    store = app.extensions["security"].datastore
    service.grant(reader, Role.ORGANISER, None, by=SYSTEM)
    assert sign_in_with(client, mine).headers["Location"] == "/staff/"  # it counts for the new role
    user = fresh(reader)
    user.tf_primary_method = "authenticator"
    db.session.commit()
    store.tf_reset(user)
    with pytest.raises(service.LastFactorError):
        store.delete_webauthn(user.webauthn[0])
    db.session.rollback()
    store.delete_webauthn(user.webauthn[0])
    with pytest.raises(service.LastFactorError):
        store.tf_reset(user)
    db.session.rollback()


def unverified(device, options):
    device.flags = PRESENT
    return device.sign(options)


def for_another_site(device, options):
    device.host = "evil.example"
    return device.sign(options)


def from_another_site(device, options):
    device.origin = "https://evil.example"
    return device.sign(options)


def counter_back(device, options):
    device.count = 0
    return device.sign(options)


def counter_too_large(device, options):
    device.count = 2**32 - 2
    return device.sign(options)  # fits the column: let in


def of_nobody(device, options):
    device.ident = b"unknown"
    return device.sign(options)


def for_somebody_else(device, options):
    device.owner = coded(b"somebody else")
    return device.sign(options)


def old_challenge(device, options):
    return device.sign({**options, "challenge": coded(b"another.1")})


def changed(**parts):
    """An answer whose response has other parts than the device gave."""
    return lambda device, options: json.dumps(
        {**(answer := json.loads(device.sign(options))), "response": {**answer["response"], **parts}}
    )


NONSENSE = ["", "{", "[]", "null", "1", '"x"', "{}", '{"id": 1}', "\x00", "ស", "9" * 30_000, "[" * 9000, '{"a": NaN}']
WRONG = [
    unverified, for_another_site, from_another_site, counter_back, of_nobody, for_somebody_else, old_challenge,
    changed(signature=coded(b"no")), changed(signature=None), changed(signature=7),
    changed(authenticatorData=coded(b"\xff")), changed(authenticatorData=coded(bytes(37))),
    changed(clientDataJSON=coded(b"{")), changed(clientDataJSON=coded(b"[]")), changed(clientDataJSON=coded(b"\xff\xfe")),
    changed(clientDataJSON=coded(b'{"type":1,"challenge":[],"origin":{},"tokenBinding":3}')),
]  # fmt: skip


def test_answers_that_must_not_open_anything(client, reader, mine):
    address, options = asked(client.post(SIGN_IN))
    assert options["allowCredentials"] == [] and options["userVerification"] == "required"
    kept = dict(vars(mine))
    answers = [wrong(mine, options) for wrong in WRONG if not vars(mine).update(kept)]
    for answer in [*NONSENSE, *answers]:
        refused = client.post(address, data={"credential": answer, "remember": "1"})
        assert refused.status_code == 302 and refused.headers["Location"] == SIGN_IN, answer
        page = client.get(SIGN_IN)
        assert page.status_code == 200 and not signed_in(client), answer
        security.limiter.reset()
    for token in ("x", "", "a.b.c", "\x00"):
        assert client.post(f"{SIGN_IN}/{token}", data={"credential": "{}"}).status_code in (302, 308, 404, 405)
    vars(mine).update(kept)
    service.deactivate(fresh(reader), by=SYSTEM)
    client.post(address, data={"credential": mine.sign(options)})
    service.activate(fresh(reader), by=SYSTEM)
    db.session.commit()
    assert not signed_in(client) and fresh(reader).login_count == 1
    client.post(address, data={"credential": counter_too_large(mine, options)})
    assert signed_in(client) and db.session.query(Passkey).one().sign_count == 2**32 - 1


def test_each_answer_opens_once_also_without_a_counter(app, client, reader, monkeypatch):
    device = Device()
    sign_in_as(client, reader)
    device.count = 0
    add(client, device)
    address, options = asked(app.test_client().post(SIGN_IN))
    device.count = -1
    answer, together = device.sign(options), threading.Barrier(2)
    browsers = [app.test_client() for _ in range(2)]
    db.session.rollback()

    def send(browser):
        together.wait(60)
        browser.post(address, data={"credential": answer})

    threads = [threading.Thread(target=send, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(signed_in(browser) for browser in browsers) == [False, True]
    late = app.test_client()
    assert REFUSED in said(late, late.post(address, data={"credential": answer})) and not signed_in(late)
    monkeypatch.setitem(app.config, "SECURITY_WAN_SIGNIN_WITHIN", timedelta(seconds=-1))
    assert "too long" in said(late, late.post(address, data={"credential": answer}))


def test_a_passkey_is_added_only_by_who_just_signed_in(app, client, reader, mine):
    other = a_colleague(password=PASSWORD)
    sign_in_as(client, other)
    device = Device()
    address, options = asked(client.post(PASSKEYS, data={"name": "tablet"}))
    begun, sign_options = asked(app.test_client().post(SIGN_IN))
    of_signin = begun.replace(SIGN_IN, PASSKEYS).partition("?")[0]
    good = device.make(options)
    for answer in [*NONSENSE, mine.sign(sign_options), json.dumps({**json.loads(good), "response": {}})]:
        refused = client.post(address, data={"credential": answer})
        assert (refused.status_code, refused.headers["Location"]) == (302, PASSKEYS), answer
        client.get(PASSKEYS)
    assert "open for too long" in said(client, client.post(of_signin, data={"credential": good}))
    assert "known here already" in said(client, client.post(address, data={"credential": mine.make(options)}))
    with client.session_transaction() as session:
        session["fs_paa"] -= 3600
        session.pop("fs_gexp", None)
    for page in (address, PASSKEYS, REMOVE):
        asked_again = client.post(page, data={"credential": good, "name": "tablet"})
        assert "/staff/account/confirm?next=" in asked_again.headers["Location"]
    assert db.session.query(Passkey).filter_by(user_id=other.id).count() == 0
    client.post("/staff/account/confirm", data={"password": PASSWORD})
    device.flags = PRESENT
    assert REFUSED in said(client, client.post(address, data={"credential": device.make(options)}))
    client.post(address, data={"credential": good})
    assert db.session.query(Passkey).filter_by(user_id=other.id).one().name == "tablet"


def test_names_that_are_refused_stay_in_the_form(app, client, reader):
    sign_in_as(client, reader)
    add(client, Device(), "one")
    for name, words in [
        ("", "Write a name"),
        ("x" * 65, "too long"),
        ("a" + "\u0301\u0316" * 300_000, "too long"),  # this would take minutes to be put in order
        ("one", "with this name"),
        ("a\x00b", "no keyboard"),
    ]:
        page = client.post(PASSKEYS, data={"name": name})
        assert words in page.text and "data-passkey-options" not in page.text
    assert 'value="one"' in client.post(PASSKEYS, data={"name": "one"}).text
    store, user = app.extensions["security"].datastore, fresh(reader)
    facts = {"public_key": b"x", "sign_count": 0, "device_type": "", "backup_state": False, "transports": []}
    for n in range(19):
        store.create_webauthn(user, name=str(n), credential_id=str(n).encode(), **facts)
    with pytest.raises(RuleError, match="just now"):
        store.create_webauthn(user, name="new", credential_id=b"1", **facts)
    db.session.commit()
    assert "You have 20 passkeys" in client.post(PASSKEYS, data={"name": "one more"}).text


def test_a_passkey_confirms_who_one_is_and_another_s_does_not(client, reader, mine):
    other, strange = a_colleague(password=PASSWORD), Device()
    sign_in_as(client, other)
    add(client, strange)
    client.post("/staff/account/sign-out")
    sign_in_with(client, mine)
    with client.session_transaction() as session:
        session["fs_paa"] -= 3600
        session.pop("fs_gexp", None)
    confirm = client.get(PASSKEYS).headers["Location"]
    assert "Use my passkey" in client.get(confirm).text
    begin = confirm.replace("/confirm?", "/confirm/passkey?")
    assert client.get(begin).status_code == 200
    for device, opened in ((strange, False), (mine, True)):
        address, options = asked(client.post(begin))
        client.post(address, data={"credential": device.sign(options)})
        assert (client.get(PASSKEYS).status_code == 200) is opened


def test_passkeys_belong_to_the_address_that_people_use(app, client, reader, monkeypatch):
    """Whatever a proxy calls us; and where that address is a bare number, to this machine's own name."""

    def living_at(address):
        monkeypatch.setitem(app.config, "EVENTHUB", replace(app.config["EVENTHUB"], base_url=address))

    living_at("https://meet.example.org:8443")
    device = Device("https://meet.example.org:8443")
    sign_in_as(client, reader)
    asked_for = asked(client.post(PASSKEYS, data={"name": "x"}))[1]
    assert (asked_for["rp"]["id"], asked_for["user"]["name"]) == ("meet.example.org", reader.email)
    add(client, device)
    client.post("/staff/account/sign-out")
    page = client.get("/staff/account/sign-in").text
    assert 'data-passkey-origin="https://meet.example.org:8443"' in page
    sign_in_with(client, device)
    assert signed_in(client)
    client.post("/staff/account/sign-out")
    for address in ("http://127.0.0.1:8000", "http://[::1]:8000"):
        living_at(address)
        assert asked(client.post(SIGN_IN))[1]["rpId"] == "localhost"
        assert 'data-passkey-origin="http://localhost:8000"' in client.get(SIGN_IN).text
        assert REFUSED in said(client, sign_in_with(client, device)) and not signed_in(client)


def test_whoever_tries_too_often_waits(client):
    address, _options = asked(client.post(SIGN_IN))
    statuses = [client.post(address, data={"credential": "{}"}).status_code for _ in range(31)]
    assert statuses == [302] * 30 + [429]


@pytest.mark.once
def test_the_library_is_loaded_by_the_first_passkey_only():
    """It takes 7 MB in each process."""
    code = "import sys; import eventhub.app; print({'webauthn', 'OpenSSL', 'pyasn1', 'cbor2'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
