"""Organisations and people: names, search, who belongs where, merges."""

from datetime import date

import pytest

from eventhub import audit, clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import queries, service
from eventhub.directory.models import NameKind, Precision
from eventhub.errors import InvalidError, NotFoundError, StaleError
from tests.factories.basics import a_sector
from tests.factories.directory import a_person, an_organisation


def c_rights():
    return an_organisation(
        name="C-Rights",
        country="JP",
        names=[
            ("Japan International Center for the Rights of the Child", "en", NameKind.OFFICIAL),
            ("シーライツ", "ja", "short"),
            ("C-Rights", "", "alias"),
        ],
    )


def ids(page):
    return [row.id for row in page.items]


def test_an_organisation_is_found_by_any_of_its_names_in_any_script(app):
    made, other = c_rights(), an_organisation(name="CRC-Cambodia")
    for text in ("c rights", "C–RIGHTS", "シーライツ", "japan international center for the rights of the child"):
        assert queries.find_organisation(text) == made
    for q in ("rights", "ｼｰﾗｲﾂ", "center japan", "シーラ"):
        assert ids(queries.search_organisations(q)) == [made.id]
    assert ids(queries.search_organisations("%")) == []
    assert ids(queries.search_organisations("cambodia")) == [other.id]
    assert ids(queries.search_organisations("", country="JP")) == [made.id]
    assert [(n.text, n.script, n.kind.value) for n in made.names] == [
        ("C-Rights", "Latn", "official"),
        ("Japan International Center for the Rights of the Child", "Latn", "official"),
        ("シーライツ", "Jpan", "short"),
    ]
    assert queries.find_organisation("!!!") is None


def test_names_are_changed_as_a_whole_and_search_follows(app):
    made = c_rights()
    service.change_organisation(made, version=made.version, names=[("Child Rights Japan", "en", "former")], by=SYSTEM)
    db.session.commit()
    assert [n.text for n in made.names] == ["C-Rights", "Child Rights Japan"]
    assert queries.find_organisation("シーライツ") is None
    both = [("Child Rights Japan", "en", "former"), ("シーライツ", "ja", "alias")]
    service.change_organisation(made, version=made.version, names=both, by=SYSTEM)
    db.session.commit()
    assert len(made.names) == 3 and queries.find_organisation("シーライツ") == made
    with pytest.raises(StaleError):
        service.change_organisation(made, version=made.version - 1, name="Other", by=SYSTEM)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " \u200b "}, "name"),
        ({"name": "x" * 301}, "name"),
        ({"country": "ZZ"}, "country"),
        ({"email": "not an address"}, "email"),
        ({"email": "a@b\r\nBcc: c@d.example"}, "email"),
        ({"website": "javascript://x"}, "website"),
        ({"names": [("!!!", "", "alias")]}, "names"),
        ({"names": [(f"Name {n}", "", "alias") for n in range(60)]}, "names"),
    ],
)
def test_what_is_no_organisation_is_refused_beside_its_field(app, facts, field):
    with pytest.raises(InvalidError) as refused:
        an_organisation(**facts)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "name",
    ["𠮷田 花子", "محمد علی", "Sok", "x" * 300, "ស្ត្រី ស្រី", "<b>Bobby</b>", "=cmd|' /C calc'!A0", "Nguyễn Thị Đào"],
)
def test_names_are_kept_as_people_write_them(app, name):
    person = a_person(full_name=f" {name}\x00\r\n ")
    db.session.expire_all()
    assert person.full_name == name
    assert ids(queries.search_people(name)) == [person.id]


def test_a_latin_name_is_in_latin_letters(app):
    with pytest.raises(InvalidError) as refused:
        a_person(latin_name="សុខ")
    assert refused.value.field == "latin_name"


def test_people_are_listed_by_latin_name_then_by_script_and_found_by_either(app):
    khmer = a_person(full_name="សុខ ដារ៉ា", latin_name="Sok Dara")
    japanese = a_person(full_name="石田 花子", latin_name="Ishida Hanako")
    mongol = a_person(full_name="Бат")
    assert ids(queries.search_people()) == [japanese.id, khmer.id, mongol.id]
    for q in ("ដារ៉ា", "dara sok", khmer.email):
        assert ids(queries.search_people(q)) == [khmer.id]


def test_children_and_people_at_risk_are_in_no_list_and_no_search(app):
    adult = a_person(full_name="Dara Adult")
    child = a_person(full_name="Dara Surname", called="Dara", is_child=True, email="child@people.example")
    hidden = a_person(full_name="Dara Hidden", at_risk=True)
    organisation = an_organisation()
    for person in (adult, child, hidden):
        service.affiliate(person, organisation, by=SYSTEM)
    db.session.commit()
    assert ids(queries.search_people("dara")) == [adult.id]
    assert [a.person_id for a in queries.list_members(organisation)] == [adult.id]
    assert queries.find_person_by_email("child@people.example") is None
    assert queries.similar_people(child) == []
    # who may see children: by the chosen name alone
    assert sorted(ids(queries.list_people("dara", sight=queries.Sight(hidden=True)))) == sorted(
        [adult.id, child.id, hidden.id]
    )
    assert ids(queries.list_people("surname", sight=queries.Sight(hidden=True))) == []
    # nothing of a child but ids in the trail
    service.change_person(child, version=child.version, called="Daro", by=SYSTEM)
    db.session.commit()
    assert "Dara" not in str([entry.detail for entry in audit.history(child)])


def test_a_person_is_found_by_address_however_it_is_written(app):
    person = a_person(email="Sok.Dara@Bücher.Example")
    assert queries.find_person_by_email("sok.dara@xn--bcher-kva.example") == person
    assert queries.find_person_by_email("") is None


def test_affiliations_are_facts_from_to_and_saying_them_twice_adds_nothing(app):
    old, new = an_organisation(), an_organisation()
    person = a_person()
    before = service.affiliate(
        person, old, post="Intern", start=date(2015, 1, 1), start_precision=Precision.YEAR, by=SYSTEM
    )
    service.end_affiliation(before, end=date(2018, 1, 1), end_precision=Precision.YEAR, by=SYSTEM)
    service.affiliate(person, new, by=SYSTEM)
    service.affiliate(person, new, post="Director", by=SYSTEM)
    service.affiliate(person, new, post="director", by=SYSTEM)
    db.session.commit()
    assert [(a.organisation_id, a.post) for a in queries.list_affiliations(person)] == [
        (new.id, "Director"),
        (old.id, "Intern"),
    ]
    assert queries.current_organisation(person) == new
    service.affiliate(person, new, post="Chair", by=SYSTEM)
    assert len(person.affiliations) == 3
    with pytest.raises(InvalidError, match="before the beginning"):
        service.end_affiliation(before, end=date(2014, 1, 1), by=SYSTEM)
    assert queries.current_organisation(a_person()) is None


def test_an_end_in_the_future_is_not_over_yet(app):
    person, organisation = a_person(), an_organisation()
    held = service.affiliate(person, organisation, end=clock.today(), by=SYSTEM)
    assert queries.is_current(held)


def test_memberships_of_networks_from_to(app):
    member, network = an_organisation(), an_organisation(name="Network")
    first = service.add_membership(member, network, start=date(2010, 1, 1), start_precision=Precision.YEAR, by=SYSTEM)
    assert service.add_membership(member, network, start=date(2010, 1, 1), by=SYSTEM) == first
    assert [(m.role, n.name) for m, n in queries.list_memberships(member)] == [("member", "Network")]
    with pytest.raises(InvalidError):
        service.add_membership(member, member, by=SYSTEM)


def test_a_merge_points_to_the_other_record_and_can_be_undone(app):
    kept, gone, third = an_organisation(name="Kept"), an_organisation(name="Gone"), an_organisation(name="Third")
    person = a_person(gone)
    assert service.merge(kept, gone, by=SYSTEM) == kept
    assert service.merge(kept, gone, by=SYSTEM) == kept
    service.merge(third, kept, by=SYSTEM)
    assert service.merge(gone, third, by=SYSTEM) == third  # no circle: they are one already
    db.session.commit()
    assert queries.canonical(gone) == third
    assert queries.find_organisation("gone") == third
    assert queries.family_ids(third) == {kept.id, gone.id, third.id}
    assert [a.person_id for a in queries.list_members(third)] == [person.id]
    assert queries.current_organisation(person) == third
    assert ids(queries.search_organisations()) == [third.id]
    service.undo_merge(kept, by=SYSTEM)
    service.undo_merge(kept, by=SYSTEM)
    db.session.commit()
    assert queries.canonical(gone) == kept
    assert ids(queries.search_organisations()) == [kept.id, third.id]


def test_people_merge_but_never_a_child_with_an_adult(app):
    kept, gone, child = a_person(), a_person(email="second@people.example"), a_person(is_child=True)
    service.merge(kept, gone, by=SYSTEM)
    assert queries.find_person_by_email("second@people.example") == kept
    with pytest.raises(InvalidError, match="is a child"):
        service.merge(kept, child, by=SYSTEM)


def test_somebody_at_risk_is_so_under_every_name(app):
    """Two records are one person: neither joining them nor marking one of them leaves another name listed."""
    listed, hidden, earlier = a_person(), a_person(at_risk=True), a_person()
    service.merge(listed, hidden, by=SYSTEM)
    assert listed.at_risk and queries.search_people(listed.full_name).total == 0
    later = a_person()
    service.merge(later, earlier, by=SYSTEM)
    service.change_person(later, version=later.version, at_risk=True, by=SYSTEM)
    assert earlier.at_risk and listed.at_risk
    service.undo_merge(earlier, by=SYSTEM)
    assert queries.search_people(earlier.full_name).total == 0


def test_records_that_may_be_the_same_are_suggested_and_nothing_is_done(app):
    first = an_organisation(name="Lotus Child Rights Network")
    second = an_organisation(name="Lotus Childs Rights Network")
    an_organisation(name="Research Institute of the Sea")
    assert queries.similar_organisations(["Network Lotus Child Rights"], besides=first.id) == [second]
    dara = a_person(full_name="Sok Dara", email="dara@people.example")
    by_name, by_email = a_person(full_name="Dara Sok"), a_person(full_name="S. D.", email="DARA@people.example")
    a_person(full_name="Dara Sok", at_risk=True)
    assert queries.similar_people(dara) == [by_email, by_name]


def test_a_record_that_is_not_there(app):
    for get in (queries.get_organisation, queries.get_person):
        with pytest.raises(NotFoundError):
            get(999_999)


def test_sectors_and_changes_are_in_the_trail(app):
    made = an_organisation(sector=a_sector("coalition"))
    service.change_organisation(made, version=made.version, sector=a_sector("research"), country="vn", by=SYSTEM)
    db.session.commit()
    assert (made.country, made.sector.code) == ("VN", "research")
    assert audit.history(made)[0].detail == {"before": {"sector": "Coalition", "country": "KH"}}
