"""Partnerships through their services: made once, changed by turns, unknown kept apart from nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from eventhub import audit, files
from eventhub.audit import SYSTEM
from eventhub.db import db, writing
from eventhub.directory.models import Organisation, Precision
from eventhub.errors import IllegalMoveError, InvalidError, NotFoundError, StaleError
from eventhub.networking.models import Introduction
from eventhub.partnerships import checks, facts, parts, purposes, queries, service
from eventhub.partnerships.models import Partnership, Theme
from eventhub.partnerships.states import (
    ActivityKind,
    FormalityKind,
    LevelKind,
    PartnershipState,
    PartyRole,
    ResourceKind,
    Sensitivity,
    ThemeScheme,
    Visibility,
)
from eventhub.security import Role
from eventhub.themes.codes import codes, find_code, list_codes
from eventhub.themes.finding import find_by_code, find_theme, offered
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import a_partnership, a_past_meeting, an_introduction, two_people


def add(partnership, part, **values):
    row = parts.add(partnership, part, by=SYSTEM, **values)
    db.session.commit()
    return row


def visit(partnership, **values):
    return add(partnership, "activity", **{"kind": ActivityKind.LEARNING_VISIT, "title": "A visit", **values})


def test_an_introduction_leads_to_one_partnership_however_often_it_is_pressed(app):
    introduction = an_introduction(met_on=date(2018, 1, 1), precision=Precision.YEAR)
    ident = introduction.id
    db.session.rollback()

    def press(_n):
        with app.app_context():
            held = writing.set(True)
            made = service.create_from_introduction(db.session.get(Introduction, ident), by=SYSTEM).id
            db.session.commit()
            writing.reset(held)
            return made

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(press, range(8)))) == 1
    made = queries.find_from_introduction(ident)
    introduction = db.session.get(Introduction, ident)
    assert [p.organisation_id for p in made.parties] == [
        introduction.a.affiliations[0].organisation_id,
        introduction.b.affiliations[0].organisation_id,
    ]
    assert [p.focal_person_id for p in made.parties] == [introduction.a_id, introduction.b_id]
    assert (made.origin.first_contact, made.origin.first_contact_precision) == (date(2018, 1, 1), Precision.YEAR)
    assert made.ref == f"P-{introduction.meeting.year}-001"


def test_two_people_of_one_organisation_or_of_none_found_no_partnership(app):
    together = an_organisation()
    one = an_introduction(people=(a_person(together), a_person(together)))
    with pytest.raises(InvalidError, match="one organisation"):
        service.create_from_introduction(one, by=SYSTEM)
    nowhere = an_introduction(people=(a_person(), a_person(together)))
    with pytest.raises(InvalidError, match="not known which organisation"):
        service.create_from_introduction(nowhere, by=SYSTEM)


def test_references_count_up_within_a_year_also_at_once(app):
    meeting = a_past_meeting(year=2018)
    ids = [meeting.id, *(an_organisation().id for _ in range(2))]
    db.session.rollback()

    def make(_n):
        with app.app_context():
            held = writing.set(True)
            parties = [db.session.get(Organisation, ident) for ident in ids[1:]]
            made = service.create(parties=parties, meeting=db.session.get(type(meeting), ids[0]), by=SYSTEM)
            ref = made.ref
            db.session.commit()
            writing.reset(held)
            return ref

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(make, range(6))) == [f"P-2018-{n:03}" for n in range(1, 7)]


def test_a_partnership_has_two_different_organisations(app):
    one = an_organisation()
    with pytest.raises(InvalidError, match="two parties at least"):
        service.create(parties=[one, one], by=SYSTEM)
    partnership = a_partnership()
    with pytest.raises(InvalidError, match="a party already"):
        parts.add(partnership, "party", organisation=partnership.parties[0].organisation, by=SYSTEM)
    with pytest.raises(InvalidError, match="two parties at least"):
        parts.remove(partnership, "party", partnership.parties[0].id, by=SYSTEM)
    with pytest.raises(InvalidError, match="adults"):
        parts.add(partnership, "party", organisation=one, focal_person=a_person(is_child=True), by=SYSTEM)
    third = add(partnership, "party", organisation=one, role=PartyRole.FUNDER)
    parts.remove(partnership, "party", third.id, by=SYSTEM)
    db.session.commit()
    assert len(partnership.parties) == 2


def test_people_at_risk_hide_their_partnership(app):
    at_risk, other = two_people()
    at_risk.at_risk = True
    made = service.create_from_introduction(an_introduction(people=(at_risk, other)), by=SYSTEM)
    db.session.commit()
    meeting_id = made.origin.meeting_id
    assert made.visibility is Visibility.HIDDEN
    assert queries.list_partnerships([meeting_id]) == []
    assert queries.list_partnerships([meeting_id], hidden=True) == [made]


def test_whoever_is_at_risk_hides_it_also_later(app):
    partnership = a_partnership()
    parts.change(partnership, "party", partnership.parties[0].id, focal_person=a_person(at_risk=True), by=SYSTEM)
    db.session.commit()
    assert (partnership.visibility, partnership.sensitivity) == (Visibility.HIDDEN, Sensitivity.PEOPLE_AT_RISK)
    other = a_partnership()
    other.parties[0].focal_person.at_risk = True  # noted on the person's own page, long after
    db.session.commit()
    assert queries.is_hidden(other) and queries.list_partnerships(None) == []
    said = a_partnership()
    service.change(said, sensitivity=Sensitivity.PEOPLE_AT_RISK, visibility=Visibility.PUBLIC, by=SYSTEM)
    db.session.commit()
    assert said.visibility is Visibility.HIDDEN


def test_what_is_sensitive_stays_with_the_secretariat_and_is_counted(app):
    partnership = a_partnership()
    with pytest.raises(InvalidError, match="sensitive"):
        service.change(partnership, sensitivity=Sensitivity.SENSITIVE, visibility=Visibility.PUBLIC, by=SYSTEM)
    db.session.rollback()
    service.change(partnership, sensitivity=Sensitivity.SENSITIVE, by=SYSTEM)
    db.session.commit()
    assert queries.list_partnerships(None) == [partnership]


def test_an_amount_that_nobody_knows_is_not_zero(app):
    partnership = a_partnership()
    giver = partnership.parties[0].organisation_id
    known = add(
        partnership, "resource", kind=ResourceKind.MONEY, what="Travel", amount=Decimal("99.50"), currency="usd",
        organisation_id=giver,
    )  # fmt: skip
    unknown = add(partnership, "resource", kind=ResourceKind.MONEY, what="Rent")
    nothing = add(partnership, "resource", kind=ResourceKind.MONEY, what="Fees", amount=Decimal(0), currency="USD")
    db.session.expire_all()
    assert [(row.amount, row.currency) for row in (known, unknown, nothing)] == [
        (Decimal("99.50"), "USD"),
        (None, ""),
        (0, "USD"),
    ]
    shown = facts.facts(partnership)["resources"]
    assert [row[3] for row in sorted(shown, key=lambda row: row[1])] == ["0.00 USD", "", "99.50 USD"]


def test_what_is_in_writing_stands_in_the_order_of_its_dates(app):
    partnership = a_partnership()
    for kind, year in ((FormalityKind.MOU, 2021), (FormalityKind.EMAIL, 2019)):
        add(partnership, "formality", kind=kind, since=date(year, 1, 1), since_precision=Precision.YEAR)
    db.session.expire_all()
    assert [row.kind for row in partnership.formalities] == [FormalityKind.EMAIL, FormalityKind.MOU]


def test_the_form_of_a_theme_offers_a_crc_cluster_first_and_reads_what_is_offered(sign_in):
    partnership = a_partnership()
    client = sign_in(Role.ADMINISTRATOR)
    address = f"/staff/partnerships/{partnership.id}/theme/new"
    page = client.get(address).text
    assert '<option selected value="crc_cluster">' in page and "General comment 12 · The right of the child" in page
    chosen = {
        "scheme": "own",
        "code": "General comment 12 · The right of the child to be heard",
        "version": partnership.version,
    }
    assert client.post(address, data=chosen).status_code == 302
    db.session.expire_all()
    (theme,) = partnership.themes
    assert (theme.scheme.value, theme.code, theme.label) == (
        "general_comment",
        "12",
        "The right of the child to be heard",
    )
    again = client.get(f"/staff/partnerships/{partnership.id}/theme/{theme.id}").text
    assert "general comments Nos. 1 to 26" in again  # whose words they are


def test_the_main_theme_is_a_crc_cluster_and_the_donors_code_follows(app):
    partnership = a_partnership()
    add(partnership, "theme", scheme=ThemeScheme.SDG, code="16.2 End abuse, exploitation")
    cluster = add(partnership, "theme", scheme=ThemeScheme.CRC_CLUSTER, code="5")
    add(partnership, "theme", scheme=ThemeScheme.CRC_CLUSTER, code="8")
    assert [(t.code, t.label[:12], t.primary) for t in partnership.themes] == [
        ("16.2", "End abuse, e", False),
        ("5", "Violence aga", True),
        ("8", "Education, l", False),
    ]
    assert [row.code for row in purposes.dac_purposes(partnership)] == ["15160"]
    parts.remove(partnership, "theme", cluster.id, by=SYSTEM)
    assert purposes.dac_purposes(partnership) == []
    add(partnership, "theme", scheme=ThemeScheme.DAC, code="16070")
    assert [row.label for row in purposes.dac_purposes(partnership)] == ["Labour rights"]


def test_what_iati_asks_for_follows_from_state_and_levels(app):
    partnership = a_partnership()
    assert purposes.iati_status(partnership) == ("1", "Pipeline/identification")
    assert purposes.iati_scope(partnership) is None
    assert set(purposes.STATUS) == set(PartnershipState) and {level for level, _ in purposes.SCOPES} == set(LevelKind)
    for levels, code in (([LevelKind.COMMUNE], "8"), ([LevelKind.COMMUNE, LevelKind.PROVINCE], "6")):
        service.change(partnership, levels=levels, by=SYSTEM)
        assert purposes.iati_scope(partnership)[0] == code
    for province in ("Svay Rieng", "Kampot"):
        add(partnership, "place", names=[province], path=f"Cambodia / {province} / Somewhere")
    assert purposes.iati_scope(partnership)[0] == "5"
    service.change(partnership, levels=[LevelKind.NATIONAL], by=SYSTEM)
    service.move(partnership, PartnershipState.ACTIVE, by=SYSTEM)
    service.move(partnership, PartnershipState.DORMANT, by=SYSTEM)
    assert (purposes.iati_status(partnership)[0], purposes.iati_scope(partnership)[0]) == ("6", "4")


@pytest.mark.once
def test_every_code_of_every_list_is_taken(app):
    partnership = a_partnership()
    for code in codes().values():
        made = checks.check(partnership, "theme", Theme(), {"scheme": code.scheme, "code": code.code})
        assert made["label"] == code.title and code.label and code.source
        assert find_by_code(offered(code)) is code  # as it is offered, so it is read
        assert not code.dac or find_code(ThemeScheme.DAC, code.dac)
    assert {code.scheme for code in codes().values()} == set(ThemeScheme) - {ThemeScheme.OWN}


@pytest.mark.once
def test_the_words_of_the_lists_are_the_official_ones():
    """As published: CRC/C/58/Rev.3, the general comments, A/RES/71/313 and the purpose codes of the OECD-DAC."""
    said = {(str(scheme), code): row.label for (scheme, code), row in codes().items()}
    assert said["crc_cluster", "7"] == "Disability, basic health and welfare"
    assert said["general_comment", "14"].endswith("best interests taken as a primary consideration")
    assert said["sdg", "16.2"] == (
        "End abuse, exploitation, trafficking and all forms of violence against and torture of children"
    )
    assert said["sdg", "17.17"].startswith("Encourage and promote effective public, public-private and civil society")
    assert len(list_codes(ThemeScheme.SDG)) == 17 + 169
    assert said["dac", "15190"] == "Facilitation of orderly, safe, regular and responsible migration and mobility"
    assert {"15160", "15150", "15130", "15180", "15190", "15261", "16015", "16070", "41081"} <= {
        row.code for row in list_codes(ThemeScheme.DAC)
    }
    for text, code in (
        ("sdg 8.7", ("sdg", "8.7")),
        ("13.3", ("sdg", "13.3")),
        ("General comment No. 12", ("general_comment", "12")),
        ("Art. 19", ("crc_article", "19")),
        ("15160", ("dac", "15160")),
        ("Child labour", ("crc_article", "32")),
        ("legal identity", ("sdg", "16.9")),
        ("12", None),
        ("children", None),
        ("១២ !!", None),
    ):
        found = find_theme(text)
        assert (found and (found.scheme.value, found.code)) == code, text


def test_every_change_counts_and_the_second_of_two_is_told(app):
    partnership = a_partnership()
    seen = partnership.version
    visit(partnership, version=seen)
    assert partnership.version == seen + 1
    for change in (
        lambda: parts.add(partnership, "theme", label="Networks", version=seen, by=SYSTEM),
        lambda: service.change(partnership, title="Another", version=seen, by=SYSTEM),
        lambda: service.set_origin(partnership, stated_by="Me", version=seen, by=SYSTEM),
        lambda: parts.remove(partnership, "activity", partnership.activities[0].id, version=seen, by=SYSTEM),
    ):
        with pytest.raises(StaleError):
            change()
    db.session.rollback()


def test_what_stood_before_is_kept(app):
    partnership = a_partnership()
    row = visit(partnership, start=date(2020, 1, 1), start_precision=Precision.YEAR)
    parts.change(partnership, "activity", row.id, start=date(2020, 2, 18), start_precision=Precision.DAY, by=SYSTEM)
    parts.remove(partnership, "activity", row.id, by=SYSTEM)
    db.session.commit()
    removed, changed = audit.history(partnership)[:2]
    assert changed.detail["before"] == {"start": "2020-01-01", "start_precision": "year"}
    assert (removed.detail["before"]["title"], removed.detail["before"]["start"]) == ("A visit", "2020-02-18")


def test_unknown_is_not_zero(app):
    partnership = a_partnership()
    row = visit(partnership, counts={"adult": {"f": 2, "m": None, "other": 0}, "child": {"f": None}})
    db.session.expire_all()
    assert row.counts == {"adult": {"f": 2, "other": 0}}
    with pytest.raises(InvalidError, match="0 or more"):
        parts.add(partnership, "activity", title="x", counts={"adult": {"f": -1}}, by=SYSTEM)


@pytest.mark.parametrize(
    ("part", "values", "sentence"),
    [
        ("activity", {"start": date(2020, 3, 1), "start_precision": Precision.DAY, "end": date(2020, 2, 1),
                      "end_precision": Precision.MONTH}, "before the beginning"),
        ("activity", {"start": date(2190, 1, 1), "start_precision": Precision.YEAR}, "three years ahead"),
        ("activity", {"organisation_ids": [999]}, "among the parties"),
        ("theme", {"scheme": ThemeScheme.SDG, "code": "18.2"}, "SDG"),
        ("theme", {"scheme": ThemeScheme.DAC, "code": "1516"}, "five digits"),
        ("theme", {"scheme": ThemeScheme.CRC_ARTICLE, "code": "55"}, "article"),
        ("theme", {"label": ""}, "few words"),
        ("evidence", {"kind": "url", "url": "javascript:alert(1)"}, "https://"),
        ("evidence", {"kind": "url", "url": "http://[x"}, "https://"),
        ("evidence", {"kind": "url", "url": ""}, "missing"),
        ("evidence", {"kind": "published_source"}, "where it was published"),
        ("evidence", {"kind": "quote", "quote": "x", "activity_id": 999}, "not one of this partnership"),
        ("context", {"text": "Earlier work", "organisation": None}, "one of the parties"),
        ("stage", {"stated_on": date(2190, 1, 1)}, "in the future"),
        ("theme", {"scheme": ThemeScheme.DAC, "code": "99999"}, "not in the list"),
        ("theme", {"scheme": ThemeScheme.GENERAL_COMMENT, "code": "77"}, "not in the list"),
        ("theme", {"scheme": ThemeScheme.OWN, "code": "x" * 41, "label": "x"}, "too long"),
        ("evidence", {"kind": "quote", "quote": "x", "outcome_id": 999}, "not one of this partnership"),
        ("formality", {"since": date(2020, 1, 1), "since_precision": Precision.YEAR, "until": date(2019, 1, 1),
                       "until_precision": Precision.YEAR}, "before it begins"),
        ("resource", {"what": "x", "amount": Decimal(5)}, "needs its currency"),
        ("resource", {"what": "x", "amount": Decimal(5), "currency": "XYZ"}, "three letters"),
        ("resource", {"what": "x", "amount": Decimal(-1), "currency": "USD"}, "0 or more"),
        ("resource", {"what": "x", "organisation_id": 999}, "among the parties"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_sentence(app, part, values, sentence):
    partnership = a_partnership()
    with pytest.raises(InvalidError, match=sentence):
        parts.add(partnership, part, by=SYSTEM, **values)


@pytest.mark.parametrize("code", ["16.2", "8.7", "5", "17.17", "4.a"])
def test_known_sdg_targets_pass(app, code):
    assert add(a_partnership(), "theme", scheme=ThemeScheme.SDG, code=code).code == code


def test_one_theme_is_the_main_one(app):
    partnership = a_partnership()
    add(partnership, "theme", label="Networks", primary=True)
    add(partnership, "theme", label="Reports", primary=True)
    assert [(t.label, t.primary) for t in partnership.themes] == [("Networks", False), ("Reports", True)]


def test_levels_are_a_set(app):
    partnership = a_partnership()
    for wanted in ([LevelKind.NATIONAL, LevelKind.COMMUNE], [LevelKind.NATIONAL], [LevelKind.NATIONAL] * 2):
        service.change(partnership, levels=wanted, by=SYSTEM)
        db.session.commit()
        assert {level.level for level in partnership.levels} == set(wanted)


def test_the_origin_belongs_to_one_meeting(app):
    partnership, elsewhere = a_partnership(), an_introduction()
    with pytest.raises(InvalidError, match="another meeting"):
        service.set_origin(partnership, introduction=elsewhere, by=SYSTEM)
    service.set_origin(partnership, meeting=elsewhere.meeting, introduction=elsewhere, by=SYSTEM)
    db.session.commit()
    assert facts.facts(partnership)["origin"]["introduction"] == elsewhere.id


def test_states_move_only_as_the_table_says(app):
    partnership = a_partnership()
    with pytest.raises(IllegalMoveError):
        service.move(partnership, PartnershipState.DORMANT, by=SYSTEM)
    for state in (PartnershipState.ACTIVE, PartnershipState.DORMANT, PartnershipState.ACTIVE, PartnershipState.ENDED):
        service.move(partnership, state, by=SYSTEM)
    with pytest.raises(IllegalMoveError):
        service.move(partnership, PartnershipState.ACTIVE, by=SYSTEM)
    db.session.commit()


def test_a_part_is_reached_only_through_its_own_partnership(app):
    one, other = a_partnership(), a_partnership()
    row = visit(one)
    with pytest.raises(NotFoundError):
        parts.change(other, "activity", row.id, title="Not mine", by=SYSTEM)


def test_the_same_parties_are_pointed_out(app):
    partnership = a_partnership()
    organisations = [party.organisation for party in partnership.parties]
    again = service.create(parties=organisations, by=SYSTEM)
    service.create(parties=[*organisations, an_organisation()], by=SYSTEM)
    db.session.commit()
    assert queries.list_same_parties(partnership) == [again]


def test_a_file_is_what_it_says_and_goes_with_its_evidence(app):
    partnership = a_partnership()
    with pytest.raises(InvalidError, match="PDF"):
        parts.attach("virus.pdf", b"MZ\x90")
    with pytest.raises(InvalidError, match="10 MB"):
        parts.attach("large.pdf", b"%PDF-" + b"x" * 11_000_000)
    file_id = parts.attach("visit.pdf", b"%PDF-1.7 ...")
    row = add(partnership, "evidence", kind="file", file_id=file_id, shows_children=True)
    assert row.consent_ok is False
    parts.remove(partnership, "evidence", row.id, by=SYSTEM)
    db.session.commit()
    assert db.session.scalar(sa.select(sa.func.count(files.StoredFile.id))) == 0


def test_removing_an_activity_keeps_its_evidence(app):
    partnership = a_partnership()
    row = visit(partnership)
    add(partnership, "evidence", kind="quote", quote="They came.", activity_id=row.id)
    parts.remove(partnership, "activity", row.id, by=SYSTEM)
    db.session.commit()
    assert [e.activity_id for e in db.session.get(Partnership, partnership.id).evidence] == [None]
