"""The pages of badges and tickets: staff's list and buttons, the personal link, the found badge, the command."""

import pytest

from eventhub import security
from eventhub.audit import SYSTEM
from eventhub.badges import queries, service
from eventhub.badges.models import BadgeState
from eventhub.db import db
from eventhub.jobs.models import Job
from eventhub.mail.models import Message
from eventhub.registration.states import RegistrationState
from eventhub.security import Role
from tests.factories.badges import a_confirmed, confirmed_people
from tests.factories.basics import a_meeting
from tests.typeset.pages import codes, pages


def test_an_organiser_issues_prints_replaces_and_revokes(sign_in):
    meeting = a_meeting()
    registration = a_confirmed(meeting, "Sok Chanthy")
    db.session.commit()
    browser, base = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/badges"
    assert "Issue a badge" in browser.get(f"{base}/").text
    assert browser.post(f"{base}/issue/{registration.id}").status_code == 302
    first = queries.valid_badge(registration.id)
    answer = browser.get(f"{base}/{first.id}.pdf")
    assert answer.mimetype == "application/pdf" and codes(pages(answer.data)[0]) == [
        f"HTTPS://LOCALHOST/B/{first.code}"
    ]
    assert browser.post(f"{base}/{first.id}/replace").status_code == 302
    assert browser.get(f"{base}/{first.id}.pdf").status_code == 422
    second = queries.valid_badge(registration.id)
    assert second.id != first.id
    back = browser.post(f"{base}/{second.id}/revoke?q=Sok&page=2&next=//evil")
    assert back.location.endswith("/badges/?q=Sok&page=2")
    assert queries.valid_badge(registration.id) is None
    assert "Revoked" in browser.get(f"{base}/").text
    assert browser.post(f"{base}/{second.id}/replace").status_code == 409


def test_the_ticket_is_sent_again_on_request(sign_in):
    meeting = a_meeting()
    registration = a_confirmed(meeting)
    service.issue(registration, by=SYSTEM)
    db.session.commit()
    browser = sign_in(Role.ORGANISER, meeting)
    for _ in range(2):
        browser.post(f"/staff/m/{meeting.slug}/badges/send/{registration.id}")
    assert db.session.query(Message).filter_by(letter="ticket").count() in (1, 2)  # two when a minute turned


def test_printing_and_reminding_start_jobs(sign_in):
    meeting = a_meeting()
    confirmed_people(meeting, 2)
    db.session.commit()
    browser, base = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/badges"
    answer = browser.post(f"{base}/print", data={"layout": "single", "backs": "y", "sector_id": "", "role": "speaker"})
    assert answer.status_code == 302 and "/staff/jobs/" in answer.location
    assert browser.post(f"{base}/remind").status_code == 302
    kinds = {job.kind: job.args for job in db.session.query(Job)}
    assert kinds["badges.sheet"]["role"] == "speaker" and kinds["badges.sheet"]["with_children"] is True
    assert "mail.reminder" in kinds
    for wrong in ({"layout": "a3"}, {"layout": "a4", "role": "king"}, {"layout": "a4", "sector_id": "x"}):
        assert browser.post(f"{base}/print", data=wrong).status_code == 422


def test_the_list_finds_and_filters_and_shows_a_child_by_its_chosen_name(sign_in):
    meeting = a_meeting(admits_children=True)
    child = a_confirmed(meeting, "Maria Dela Cruz", child=True, called="Klara")
    adult = a_confirmed(meeting, "Sok Chanthy")
    a_confirmed(meeting, "Unsigned Person", code_of_conduct_at=None)
    service.issue(adult, by=SYSTEM)
    db.session.commit()
    browser, base = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/badges/"
    page = browser.get(base).text
    assert "Klara" in page and "Maria" not in page and "Code of conduct not signed" in page
    assert "Sok Chanthy" not in browser.get(f"{base}?show=missing").text
    assert "Klara" not in browser.get(f"{base}?show=unprinted").text
    assert "Sok Chanthy" in browser.get(f"{base}?q=chanthy").text
    assert child.id


def test_a_child_is_hidden_from_who_may_not_see_children(sign_in, monkeypatch):
    meeting = a_meeting(admits_children=True)
    child = a_confirmed(meeting, "Maria Dela Cruz", child=True, called="Klara")
    badge = service.issue(child, by=SYSTEM)
    db.session.commit()
    kept = security.PERMISSIONS[Role.PROGRAMME]
    monkeypatch.setitem(security.PERMISSIONS, Role.PROGRAMME, kept | {"badges.edit"})
    browser, base = sign_in(Role.PROGRAMME, meeting), f"/staff/m/{meeting.slug}/badges"
    assert "Klara" not in browser.get(f"{base}/").text
    assert browser.get(f"{base}/{badge.id}.pdf").status_code == 404
    assert browser.post(f"{base}/{badge.id}/revoke").status_code == 404
    assert browser.post(f"{base}/send/{child.id}").status_code == 404
    browser.post(f"{base}/print", data={"layout": "a4", "sector_id": "", "role": ""})
    assert db.session.query(Job).one().args["with_children"] is False


def test_a_badge_of_another_meeting_is_not_here(sign_in):
    meeting, other = a_meeting(), a_meeting()
    registration = a_confirmed(other)
    badge = service.issue(registration, by=SYSTEM)
    db.session.commit()
    browser, base = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/badges"
    assert browser.post(f"{base}/{badge.id}/revoke").status_code == 404
    assert browser.post(f"{base}/issue/{registration.id}").status_code == 404
    assert browser.get(f"{base}/999999.pdf").status_code == 404
    assert badge.state is BadgeState.VALID


def test_the_personal_link_gives_ticket_and_calendar(client):
    meeting = a_meeting()
    registration = a_confirmed(meeting, "محمد عائشہ")
    link = security.token("me", registration.id, 1)
    assert client.get(f"/me/{link}/ticket.pdf").status_code == 404  # not made yet
    badge = service.issue(registration, by=SYSTEM)
    answer = client.get(f"/me/{link}/ticket.pdf")
    assert codes(pages(answer.data)[0]) == [f"HTTPS://LOCALHOST/B/{badge.code}"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"BEGIN:VEVENT" in client.get(f"/me/{link}/meeting.ics").data
    registration.link_version = 2
    assert client.get(f"/me/{link}/ticket.pdf").status_code == 410
    registration.link_version, registration.state = 1, RegistrationState.CANCELLED
    for name in ("ticket.pdf", "meeting.ics"):
        assert client.get(f"/me/{link}/{name}").status_code == 404
    assert client.get(f"/me/{registration.id}-1-{'a' * 26}/ticket.pdf").status_code == 404


def test_the_ticket_on_ones_own_page(app):
    meeting = a_meeting()
    registration = a_confirmed(meeting)
    template = app.jinja_env.get_template("me/ticket.html")
    with app.test_request_context():
        soon = queries.ticket_view(registration)
        assert soon["state"] == "soon" and "being made" in template.render(ticket=soon)
        badge = service.issue(registration, by=SYSTEM)
        view = queries.ticket_view(registration)
        page = template.render(ticket=view)
        assert view["code"].replace(" ", "") == badge.code
        assert (
            "data:image/svg+xml;base64," in page and f"/me/{security.token('me', registration.id)}/ticket.pdf" in page
        )
        registration.state = RegistrationState.WAITING
        assert queries.ticket_view(registration) is None and template.render(ticket=None).strip() == ""


def test_a_found_badge_says_whose_meeting_and_never_who(client):
    meeting = a_meeting(title="APPM, Manila")
    badge = service.issue(a_confirmed(meeting, "Sok Chanthy", called="Chanthy"), by=SYSTEM)
    for address in (f"/b/{badge.code}", f"/B/{badge.code}", f"/b/{badge.code.lower()}"):
        answer = client.get(address)
        assert answer.status_code == 200 and "APPM, Manila" in answer.text and "Chanthy" not in answer.text
    assert client.get("/b/NOTACODE").status_code == 404
    assert client.get("/b/" + "A" * 3000).status_code == 404


def test_the_command_writes_the_file(app, tmp_path):
    meeting = a_meeting()
    confirmed_people(meeting, 2)
    slug, path = meeting.slug, tmp_path / "badges.pdf"
    db.session.commit()
    done = app.test_cli_runner().invoke(args=["badges", slug, "-o", str(path), "--no-backs"])
    assert done.exit_code == 0 and done.output == f"2 badges are in {path}.\n", done.output
    assert len(pages(path.read_bytes())) == 2
    wrong = app.test_cli_runner().invoke(args=["badges", "nowhere", "-o", str(path)])
    assert wrong.exit_code == 1 and "There is no meeting at this address." in wrong.output


@pytest.mark.parametrize("show", ["missing", "unprinted", "nonsense", "'"])
def test_any_filter_is_a_page(sign_in, show):
    meeting = a_meeting()
    assert (
        sign_in(Role.ORGANISER, meeting).get(f"/staff/m/{meeting.slug}/badges/?show={show}&page=7").status_code == 200
    )
