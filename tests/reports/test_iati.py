"""Every code in our IATI file stands in IATI's own code lists, under the name that we mean by it.

The lists are copied from IATI's published ones, whole: the embedded ones of version 2.03 of the standard (repository
IATI/IATI-Codelists, branch version-2.03, as of 11 March 2024), the others as of 22 June 2026 (repository
IATI/IATI-Codelists-NonEmbedded, which has no versions of its own).
"""

from collections import defaultdict
from datetime import date, timedelta

import pycountry
import pytest
from lxml import etree

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.partnerships import parts
from eventhub.partnerships.states import ActivityKind, ThemeScheme
from eventhub.reports import iati
from eventhub.themes import codes
from tests.factories.basics import a_meeting
from tests.factories.partnerships import a_partnership, confirm
from tests.factories.reports import register
from tests.reports.test_issued import content_of, issue

EMBEDDED = {  # of 2.03
    "ActivityStatus": {"1": "Pipeline/identification", "2": "Implementation", "3": "Finalisation", "4": "Closed", "5": "Cancelled", "6": "Suspended"},
    "ActivityDateType": {"1": "Planned start", "2": "Actual start", "3": "Planned End", "4": "Actual end"},
    "OrganisationRole": {"1": "Funding", "2": "Accountable", "3": "Extending", "4": "Implementing"},
}  # fmt: skip
OTHERS = {
    "ResultType": {"1": "Output", "2": "Outcome", "3": "Impact", "9": "Other"},
    "IndicatorMeasure": {"1": "Unit", "2": "Percentage", "3": "Nominal", "4": "Ordinal", "5": "Qualitative"},
    "DescriptionType": {"1": "General", "2": "Objectives", "3": "Target Groups", "4": "Other"},
    "ActivityScope": {
        "1": "Global", "2": "Regional", "3": "Multi-national", "4": "National",
        "5": "Sub-national: Multi-first-level administrative areas", "6": "Sub-national: Single first-level administrative area",
        "7": "Sub-national: Single second-level administrative area", "8": "Single location",
    },
    "OrganisationType": {
        "10": "Government", "11": "Local Government", "15": "Other Public Sector", "21": "International NGO", "22": "National NGO",
        "23": "Regional NGO", "24": "Partner Country based NGO", "30": "Public Private Partnership", "40": "Multilateral",
        "60": "Foundation", "70": "Private Sector", "71": "Private Sector in Provider Country",
        "72": "Private Sector in Aid Recipient Country", "73": "Private Sector in Third Country",
        "80": "Academic, Training and Research", "90": "Other",
    },
    "SectorVocabulary": {
        "1": "OECD DAC CRS Purpose Codes (5 digit)", "2": "OECD DAC CRS Purpose Codes (3 digit)",
        "3": "Classification of the Functions of Government (UN)",
        "4": "Statistical classification of economic activities in the European Community",
        "5": "National Taxonomy for Exempt Entities (USA)", "6": "AidData", "7": "SDG Goal", "8": "SDG Target", "9": "SDG Indicator",
        "10": "Humanitarian Global Clusters (Inter-Agency Standing Committee)",
        "11": "North American Industry Classification System (NAICS)", "12": "UN System Function", "99": "Reporting Organisation",
        "98": "Reporting Organisation 2",
    },
    "TagVocabulary": {
        "1": "Agrovoc", "2": "UN Sustainable Development Goals (SDG)", "3": "UN Sustainable Development Goals (SDG) Targets",
        "4": "Team Europe Initiatives", "5": "Global Food and Nutrition Security (GFNS) Preparedness Plan (PP)",
        "99": "Reporting Organisation",
    },
}  # fmt: skip
LISTS = EMBEDDED | OTHERS
# where a code of a list stands in the file (the standard's own mapping of code lists to places)
PLACES = {
    "ActivityStatus": ("activity-status", "code"),
    "ActivityDateType": ("activity-date", "type"),
    "OrganisationRole": ("participating-org", "role"),
    "ResultType": ("result", "type"),
    "IndicatorMeasure": ("indicator", "measure"),
    "DescriptionType": ("description", "type"),
    "ActivityScope": ("activity-scope", "code"),
    "OrganisationType": ("reporting-org", "type"),
    "SectorVocabulary": ("sector", "vocabulary"),
    "TagVocabulary": ("tag", "vocabulary"),
}
# codes that belong to no list above: held against these, or free
ELSEWHERE = {
    ("sector", "code"): {row.code for row in codes.list_codes(ThemeScheme.DAC)},  # from IATI's list Sector
    ("tag", "code"): {row.code for row in codes.list_codes(ThemeScheme.SDG)},  # UNSDG-Goals, UNSDG-Targets
    ("recipient-country", "code"): {land.alpha_2 for land in pycountry.countries},  # all of ISO 3166-1 is in Country
    ("iati-activity", "default-currency"): {"USD"},
    ("iati-activities", "version"): {"2.03"},
    ("result", "aggregation-status"): {"0", "1", "true", "false"},
    ("indicator", "ascending"): {"0", "1", "true", "false"},
}
FREE = {"percentage", "iso-date", "value", "ref", "generated-datetime", "last-updated-datetime"}


def used(tree):
    """Every attribute that a file writes, by element and attribute: its values."""
    found = defaultdict(set)
    for node in tree.iter():
        for name, value in node.attrib.items():
            found[node.tag, etree.QName(name).localname].add(value)
    return found


def a_report(starts: date):
    meeting = a_meeting(starts=starts, ends=starts + timedelta(days=2))
    one = a_partnership(meeting)
    parts.add(one, "activity", kind=ActivityKind.LEARNING_VISIT, title="A visit", by=SYSTEM)
    parts.add(one, "theme", scheme=ThemeScheme.DAC, code="16070", by=SYSTEM)
    parts.add(one, "theme", scheme=ThemeScheme.SDG, code="16", by=SYSTEM)
    db.session.commit()
    confirm(one)
    register(meeting)
    return etree.fromstring(content_of(issue(meeting.series), "iati"))


@pytest.mark.once
def test_every_code_of_a_report_stands_in_iatis_lists(app):
    going_on, over = (a_report(clock.today() - timedelta(days=days)) for days in (12, 900))
    by_place = {place: set(LISTS[name]) for name, place in PLACES.items()} | ELSEWHERE
    for tree in (going_on, over):
        found = used(tree)
        coded = {place for place in found if place[1] not in (*FREE, "lang")}
        assert coded <= by_place.keys(), coded - by_place.keys()
        for place in coded:
            assert found[place] <= by_place[place], (place, found[place] - by_place[place])
    # that each list is in use here: a list nobody writes tests nothing
    both = defaultdict(set)
    for tree in (going_on, over):
        for place, values in used(tree).items():
            both[place] |= values
    assert all(both[place] for place in PLACES.values())
    names = {name: {LISTS[name][code] for code in both[place]} for name, place in PLACES.items()}
    assert names == {
        "ActivityStatus": {"Implementation", "Closed"},
        "ActivityDateType": {"Actual start", "Planned End", "Actual end"},
        "OrganisationRole": {"Funding", "Implementing"},
        "ResultType": {"Output", "Outcome"},
        "IndicatorMeasure": {"Unit"},
        "DescriptionType": {"General"},
        "ActivityScope": {"Regional"},
        "OrganisationType": {"Regional NGO"},
        "SectorVocabulary": {"OECD DAC CRS Purpose Codes (5 digit)"},
        "TagVocabulary": {"UN Sustainable Development Goals (SDG)", "UN Sustainable Development Goals (SDG) Targets"},
    }


@pytest.mark.once
def test_our_words_for_codes_are_iatis():
    assert LISTS["ActivityStatus"][iati.IMPLEMENTATION] == "Implementation"
    assert LISTS["ActivityStatus"][iati.CLOSED] == "Closed"
    assert LISTS["OrganisationType"][iati.REGIONAL_NGO] == "Regional NGO"
    assert LISTS["ActivityScope"][iati.REGIONAL] == "Regional"
    assert (LISTS["ResultType"][iati.OUTPUT], LISTS["ResultType"][iati.OUTCOME]) == ("Output", "Outcome")
    assert (LISTS["OrganisationRole"][iati.FUNDING], LISTS["OrganisationRole"][iati.IMPLEMENTING]) == ("Funding", "Implementing")  # fmt: skip
    assert iati.HUMAN_RIGHTS in ELSEWHERE["sector", "code"] and iati.PARTNERSHIPS in ELSEWHERE["tag", "code"]
