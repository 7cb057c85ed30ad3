"""The directory through its pages: what is typed is kept, a second editor is told, children are not there."""

import pytest

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import queries, service
from eventhub.security import Role
from tests.factories.basics import a_meeting, a_sector
from tests.factories.directory import a_person, an_organisation
from tests.factories.registration import a_child

ORGANISATION = {"name": "C-Rights", "country": "JP", "sector_id": "0", "email": "", "website": "c-rights.example"}
PERSON = {"full_name": "石田 花子", "latin_name": "Ishida Hanako", "country": "JP", "language": "ja"}


def reader(sign_in, meeting=None):
    """Reads the directory, may not see children."""
    return sign_in(Role.PROGRAMME, meeting, email="programme@staff.example")


def test_an_organisation_is_added_with_all_its_names_and_found_by_each(sign_in):
    sector = a_sector()
    browser = sign_in()
    names = {
        "names-0-text": "シーライツ",
        "names-0-lang": "ja",
        "names-0-kind": "short",
        "names-1-text": "",
        "names-1-kind": "alias",
    }
    page = browser.post(
        "/staff/organisations/new", data={**ORGANISATION, **names, "sector_id": sector.id}, follow_redirects=True
    )
    assert page.status_code == 200 and "シーライツ" in page.text and "Short name" in page.text and "Japan" in page.text
    assert "C-Rights" in browser.get("/staff/organisations?q=ｼｰﾗｲﾂ").text
    assert "No organisation goes by this name" in browser.get("/staff/organisations?q=c-rights&country=KH").text
    assert queries.find_organisation("c rights").website == "https://c-rights.example"


def test_a_name_that_is_close_to_one_in_the_directory_asks_first(sign_in):
    an_organisation(name="Lotus Child Rights Network")
    browser, data = sign_in(), {**ORGANISATION, "name": "Lotus Childs Rights Network"}
    page = browser.post("/staff/organisations/new", data=data)
    assert page.status_code == 422 and "Is it one of these?" in page.text
    assert browser.post("/staff/organisations/new", data={**data, "is_another": "y"}).status_code == 302


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "\u200b"}, "at least one letter"),
        ({"name": "x" * 5_000_000}, "300"),
        ({"country": "ZZ"}, "Not a valid choice"),
        ({"email": "nobody"}, "not an e-mail address"),
        ({"website": "javascript://alert"}, "https://"),
        ({"names-0-text": "!!!", "names-0-kind": "alias"}, "at least one letter"),
        ({"names-0-text": "Ok", "names-0-kind": "nickname"}, "Not a valid choice"),
        ({"sector_id": "x"}, "Invalid Choice"),
    ],
)
def test_wrong_facts_of_an_organisation_come_back_with_a_sentence(sign_in, change, sentence):
    page = sign_in().post(
        "/staff/organisations/new", data={**ORGANISATION, "names-1-text": "kept@c-rights.example", **change}
    )
    assert page.status_code == 422 and sentence in page.text and "kept@c-rights.example" in page.text
    assert queries.search_organisations().total == 0


def test_odd_field_numbers_are_left_out(sign_in):
    odd = {"names-²-text": "a", "names-99999999999999999999-text": "b", "names--text": "c", "names": "d"}
    assert sign_in().post("/staff/organisations/new", data={**ORGANISATION, **odd}).status_code == 302
    assert len(queries.find_organisation("C-Rights").names) == 1


@pytest.mark.parametrize("kind", ["organisations", "people"])
def test_the_second_of_two_editors_is_told_keeps_what_was_typed_and_may_then_save(sign_in, kind):
    row = an_organisation(name="First name") if kind == "organisations" else a_person(full_name="First name")
    facts, name = (ORGANISATION, "name") if kind == "organisations" else (PERSON, "full_name")
    browser, address = sign_in(), f"/staff/{kind}/{row.id}/edit"
    version = row.version
    assert browser.post(address, data={**facts, name: "From one", "version": version}).status_code == 302
    page = browser.post(address, data={**facts, name: "From two", "version": version})
    assert page.status_code == 422
    assert "Somebody changed this" in page.text and "From two" in page.text and "From one" in page.text
    db.session.expire_all()
    assert getattr(row, name) == "From one"
    assert browser.post(address, data={**facts, name: "From two", "version": row.version}).status_code == 302
    db.session.expire_all()
    assert getattr(row, name) == "From two"


def test_a_person_is_added_and_put_where_they_belong_then_leaves(sign_in):
    made = an_organisation(name="C-Rights", names=[("シーライツ", "ja", "short")])
    browser = sign_in()
    page = browser.post("/staff/people/new", data=PERSON, follow_redirects=True)
    assert "Where they belong" in page.text
    person = queries.search_people("Ishida Hanako").items[0]
    address = f"/staff/people/{person.id}/organisations"
    page = browser.post(address, data={"organisation": "Unheard of", "post": "Chair"})
    assert page.status_code == 422 and "No organisation goes by this name" in page.text and "Chair" in page.text
    assert browser.post(address, data={"organisation": "シーライツ", "start": "2019-13"}).status_code == 422
    page = browser.post(
        address, data={"organisation": "シーライツ", "post": "Chair", "start": "2019-05"}, follow_redirects=True
    )
    assert "C-Rights" in page.text and "May 2019" in page.text
    held = queries.list_affiliations(person)[0]
    assert browser.post(f"{address}/{held.id}/end", data={"end": "unknown"}).status_code == 422
    page = browser.post(f"{address}/{held.id}/end", data={"end": "2024"}, follow_redirects=True)
    assert "2024" in page.text
    page = browser.get(f"/staff/organisations/{made.id}")
    assert "Before" in page.text and "石田 花子" in page.text
    assert browser.get(f"{address}/999999/end").status_code == 404


def test_an_address_that_is_in_the_directory_is_not_added_twice(sign_in):
    a_person(email="hanako@people.example")
    page = sign_in().post("/staff/people/new", data={**PERSON, "email": "HANAKO@people.example"})
    assert page.status_code == 422 and "in the directory already" in page.text and "石田 花子" in page.text


def test_networks_are_noted(sign_in):
    member, network = an_organisation(), an_organisation(name="Child Rights Coalition Asia")
    address = f"/staff/organisations/{member.id}/networks"
    browser = sign_in()
    assert browser.post(address, data={"network": "Nobody"}).status_code == 422
    page = browser.post(
        address, data={"network": "child rights coalition asia", "start": "2012"}, follow_redirects=True
    )
    assert network.name in page.text and "2012" in page.text


def test_two_records_are_compared_merged_and_taken_apart(sign_in):
    kept, gone = an_organisation(name="Lotus Child Rights Network"), an_organisation(name="Lotus Childs Rights Network")
    browser = sign_in()
    address = f"/staff/organisations/{gone.id}/merge"
    assert "May be the same" in browser.get(f"/staff/organisations/{gone.id}").text
    assert kept.name in browser.get(address).text
    assert "Keep this one" in browser.get(f"{address}?other={kept.id}").text
    assert browser.get(f"{address}?q=zzz").status_code == 200
    assert browser.get(f"{address}?other=999999").status_code == 404
    assert browser.post(address, data={"kept": kept.id, "gone": "x"}).status_code == 422
    assert browser.post(address, data={"kept": kept.id, "gone": gone.id}).status_code == 302
    assert "Undo the merge" in browser.get(f"/staff/organisations/{gone.id}").text
    assert gone.name in browser.get(f"/staff/organisations/{kept.id}").text
    assert browser.post(f"/staff/organisations/{gone.id}/unmerge").status_code == 302
    assert "Undo the merge" not in browser.get(f"/staff/organisations/{gone.id}").text


def test_people_are_merged_too(sign_in):
    kept, gone = a_person(full_name="Sok Dara"), a_person(full_name="Dara Sok")
    browser = sign_in()
    address = f"/staff/people/{kept.id}/merge"
    assert "Dara Sok" in browser.get(address).text
    assert browser.post(address, data={"kept": kept.id, "gone": gone.id}).status_code == 302
    assert browser.post(f"/staff/people/{gone.id}/unmerge").status_code == 302


def test_children_and_people_at_risk_do_not_exist_for_who_may_not_see_them(sign_in):
    organisation = an_organisation()
    child = a_person(organisation, full_name="Dara Surname", called="Chosen", is_child=True, email="kid@people.example")
    hidden = a_person(organisation, full_name="Hidden Person", at_risk=True)
    browser = reader(sign_in)
    pages = [
        "/staff/people",
        "/staff/people?q=chosen",
        "/staff/people?q=hidden",
        f"/staff/organisations/{organisation.id}",
    ]
    for address in pages:
        text = browser.get(address).text
        assert not any(word in text for word in ("Surname", "Chosen<", "Hidden Person", "kid@", "dara"))
    for person in (child, hidden):
        for path in ("", "/edit", "/organisations", "/merge"):
            assert browser.get(f"/staff/people/{person.id}{path}").status_code in (403, 404)


def test_an_organiser_sees_a_childs_chosen_name_alone_and_does_not_change_the_record(sign_in):
    organisation = an_organisation()
    child = a_person(organisation, full_name="Dara Surname", called="Chosen", is_child=True, email="kid@people.example")
    organiser = sign_in(Role.ORGANISER, email="o@staff.example")
    pages = [
        "/staff/people",
        f"/staff/people/{child.id}",
        f"/staff/organisations/{organisation.id}",
        "/staff/people?q=chosen",
    ]
    for address in pages:
        text = organiser.get(address).text
        assert "Chosen" in text
        assert "Surname" not in text and "kid@" not in text
    assert organiser.get(f"/staff/people/{child.id}/edit").status_code == 403
    assert organiser.get(f"/staff/people/{child.id}/merge").status_code == 404
    assert "Surname" in sign_in().get(f"/staff/people/{child.id}/edit").text


def test_a_child_of_another_meeting_does_not_exist_for_an_organiser(sign_in):
    mine, other = a_meeting(admits_children=True), a_meeting(admits_children=True)
    seen, unseen = a_child(mine, called="Minechild").person, a_child(other, called="Otherchild").person
    browser = sign_in(Role.ORGANISER, mine)
    for prefix in ("/staff", f"/staff/m/{mine.slug}"):
        text = browser.get(f"{prefix}/people").text
        assert "Minechild" in text and "Otherchild" not in text
        assert browser.get(f"{prefix}/people/{seen.id}").status_code == 200
        assert browser.get(f"{prefix}/people/{unseen.id}").status_code == 404
    assert "Otherchild" in sign_in().get("/staff/people").text


def test_the_pages_also_stand_inside_a_meeting_and_its_roles_count_there(sign_in):
    meeting, other = a_meeting(), a_meeting()
    made = an_organisation()
    browser = reader(sign_in, meeting)
    text = browser.get(f"/staff/m/{meeting.slug}/organisations").text
    assert f"/staff/m/{meeting.slug}/organisations/{made.id}" in text
    assert browser.get("/staff/organisations").status_code == 200
    assert browser.get(f"/staff/m/{other.slug}/organisations").status_code == 403
    assert browser.get("/staff/organisations/new").status_code == 403
    assert sign_in(Role.DOOR, meeting).get("/staff/people").status_code == 403


@pytest.mark.parametrize("q", ["%", "_", "\\", "'", "\x00", "x" * 5000, "ស្ត្រី", "☃", "a b c d e f g", "%00"])
def test_any_search_is_answered(sign_in, q):
    a_person()
    browser = sign_in()
    for address in ("/staff/people", "/staff/organisations"):
        assert browser.get(address, query_string={"q": q, "page": q, "country": q, "sector": q}).status_code == 200


def test_what_people_write_is_never_markup(sign_in):
    organisation = an_organisation(name="<script>alert(1)</script>", names=[("<b>x</b>", "", "alias")])
    person = a_person(organisation, post="<i>Chair</i>", full_name="<script>alert(2)</script>")
    service.add_membership(organisation, an_organisation(name="<u>Net</u>"), by=SYSTEM)
    browser = sign_in()
    for address in (
        "/staff/people",
        "/staff/organisations",
        f"/staff/people/{person.id}",
        f"/staff/organisations/{organisation.id}",
    ):
        text = browser.get(address).text
        assert not any(tag in text for tag in ("<script>alert", "<b>x", "<i>Chair", "<u>Net"))
