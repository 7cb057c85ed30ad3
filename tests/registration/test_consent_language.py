"""A consent keeps the language in which its text was shown on the page, whatever language somebody reads best."""

import pytest

from eventhub.directory.models import Person
from eventhub.registration.models import Registration
from eventhub.safeguarding import queries as safeguarding
from eventhub.safeguarding import texts
from eventhub.safeguarding.models import Consent
from eventhub.security import Role, token
from tests.factories.basics import a_meeting
from tests.factories.registration import a_child, a_registration
from tests.factories.translations import a_catalogue
from tests.registration.test_form import ADULT, rows

YES = {"participation": "yes", "travel": "yes", "medical": "yes"}
FOR_SELF = {str(words.english): f"«{n}»" for n, words in enumerate(texts.FOR_SELF.values())}
FOR_GUARDIAN = {str(words.english): f"«{n}»" for n, words in enumerate(texts.FOR_GUARDIAN.values())}


def hidden(page: str) -> list[str]:
    """What the page says of the language of its consents."""
    return [part.split('value="', 1)[1].split('"', 1)[0] for part in page.split('name="shown_in"')[1:]]


def in_english(page: str) -> int:
    """How many texts of the page itself are marked as English."""
    return page.split("</main>")[0].count('<span lang="en" dir="ltr">')


def languages() -> set[str]:
    return {consent.language for consent in rows(Consent)}


@pytest.fixture
def urdu(app, tmp_path):
    with a_catalogue(app, tmp_path, "ur", {**FOR_SELF, **FOR_GUARDIAN}):
        yield


def test_who_reads_urdu_best_and_saw_the_question_in_english_said_yes_in_english(client):
    meeting = a_meeting()
    page = client.get(f"/m/{meeting.slug}/register?lang=ur").text
    assert hidden(page) == ["en"] and in_english(page) == 3  # two about photos, one about the code of conduct
    data = {**ADULT, "language": "ur", "photo_public": "yes", "photo_internal": "no", "shown_in": "en"}
    assert client.post(f"/m/{meeting.slug}/register", data=data).status_code == 303
    assert [person.language for person in rows(Person)] == ["ur"] and languages() == {"en"}


def test_a_page_that_says_nothing_of_it_is_of_now(client):
    meeting = a_meeting()
    data = {**ADULT, "language": "ur", "photo_public": "yes"}
    assert client.post(f"/m/{meeting.slug}/register?lang=ur", data=data).status_code == 303
    assert languages() == {"en"}


def test_where_the_text_is_translated_it_is_shown_and_kept_in_that_language(client, urdu):
    meeting = a_meeting()
    page = client.get(f"/m/{meeting.slug}/register?lang=ur").text
    assert hidden(page) == ["ur"] and "«0»" in page and in_english(page) == 1
    data = {**ADULT, "photo_public": "yes", "shown_in": "ur"}
    # meanwhile another page of ours was turned to English, in another window
    assert client.post(f"/m/{meeting.slug}/register?lang=en", data=data).status_code == 303
    assert languages() == {"ur"}


def test_the_same_form_sent_again_in_another_language_is_the_same_form(client, urdu):
    meeting = a_meeting()
    for language in ("en", "ur"):
        data = {**ADULT, "photo_public": "yes", "shown_in": language}
        assert client.post(f"/m/{meeting.slug}/register?lang={language}", data=data).status_code == 303
    assert len(rows(Registration)) == 1 and languages() == {"en"}


def test_a_later_answer_about_photos_keeps_the_language_of_its_own_page(client, urdu):
    registration = a_registration(a_meeting(), language="km")
    address = f"/me/{token('me', registration.id, registration.link_version)}"
    assert hidden(client.get(f"{address}?lang=ur").text) == ["ur"]
    client.post(f"{address}/photos", data={"photo_public": "yes", "photo_internal": "yes", "shown_in": "ur"})
    assert languages() == {"ur"}


def test_each_side_of_a_child_keeps_the_language_of_its_own_text(client, urdu):
    child = a_child(a_meeting(admits_children=True))
    guardian = safeguarding.find_guardian(child.person_id, child.meeting_id)
    address = f"/consent/{token('consent', guardian.id, 1)}?lang=ur"
    for side, shown in (("guardian", "ur"), ("child", "en")):
        page = client.get(f"{address}&side={side}").text
        assert hidden(page) == [shown] and in_english(page) == (9 if shown == "en" else 0)
        assert client.post(address, data={"side": side, "shown_in": shown, **YES}).status_code == 303
    assert {(c.by.value, c.language) for c in rows(Consent)} == {("guardian", "ur"), ("child", "en")}


def test_a_form_that_comes_back_with_a_fault_says_anew_in_which_language_it_is_shown(client, urdu):
    child = a_child(a_meeting(admits_children=True))
    guardian = safeguarding.find_guardian(child.person_id, child.meeting_id)
    answer = client.post(
        f"/consent/{token('consent', guardian.id, 1)}?lang=ur", data={"side": "guardian", "shown_in": "en"}
    )
    assert answer.status_code == 422 and hidden(answer.text) == ["ur"]


def test_what_was_written_down_from_paper_keeps_what_the_officer_says(sign_in, urdu):
    meeting = a_meeting(admits_children=True)
    child = a_child(meeting)
    address = f"/staff/m/{meeting.slug}/children/{child.id}/paper/guardian"
    data = {"side": "guardian", "language": "my", "seen": "y", "shown_in": "ur", **YES}
    assert sign_in(Role.SAFEGUARDING, meeting).post(address, data=data).status_code == 302
    assert languages() == {"my"}
