"""The report as IATI activity and results, version 2.03 of the standard (iatistandard.org): one activity for what the
report is about, its counts as indicators. Only what the records hold is said; budgets and transactions are not ours.

The file fits the schema. Whether the reporting organisation's identifier is registered, nobody here can know.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from eventhub.badges.sheet import plain
from eventhub.meetings.models import Meeting
from eventhub.partnerships.purposes import dac_purposes
from eventhub.reports.donor import Content
from eventhub.reports.facts import Facts

IMPLEMENTATION, CLOSED = "2", "4"  # activity status
ACTUAL_START, PLANNED_END, ACTUAL_END = "2", "3", "4"  # activity date types
FUNDING, IMPLEMENTING = "1", "4"  # organisation roles
OUTPUT, OUTCOME = "1", "2"  # result types
REGIONAL = "2"  # activity scope
REGIONAL_NGO = "23"  # organisation type
DAC, HUMAN_RIGHTS = "1", "15160"  # vocabulary and purpose code
SDG_GOAL, SDG_TARGET, PARTNERSHIPS = "2", "3", "17.17"  # tag vocabularies and a target
LATER = timedelta(days=730)  # follow-ups end two years after a meeting


@dataclass(frozen=True)
class About:
    """What the confirmed partnerships are about, by their codes, with how many of them are."""

    lands: Mapping[str, int]  # ISO 3166-1
    purposes: Mapping[str, int]  # OECD-DAC
    goals: Collection[str]  # Sustainable Development Goals and their targets


def about(facts: Facts) -> About:
    """The codes of the confirmed partnerships: a purpose follows from the main theme, where none was given."""
    counted = facts.counted
    return About(
        Counter(land for row in counted for land in facts.countries(row)),
        Counter(code.code for row in counted for code in dac_purposes(row)),
        {theme.code for row in counted for theme in row.themes if theme.scheme.value == "sdg" and theme.code},
    )


def iati(head: Mapping[str, str], content: Content, meetings: list[Meeting], about: About, made: str) -> bytes:
    """The XML; ``made`` is an instant with its offset."""
    root = ET.Element("iati-activities", {"version": "2.03", "generated-datetime": made})
    activity = ET.SubElement(root, "iati-activity", {"default-currency": "USD", "last-updated-datetime": made})
    activity.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    ref = head["organisation_ref"]
    ET.SubElement(activity, "iati-identifier").text = plain(f"{ref}-{head['number']}")
    _told(ET.SubElement(activity, "reporting-org", {"ref": ref, "type": REGIONAL_NGO}), head["secretariat"])
    _told(ET.SubElement(activity, "title"), head["title"])
    _told(ET.SubElement(activity, "description", {"type": "1"}), *content["narrative"])
    if head["funder"]:
        _told(ET.SubElement(activity, "participating-org", {"role": FUNDING}), head["funder"])
    _told(ET.SubElement(activity, "participating-org", {"role": IMPLEMENTING, "ref": ref}), head["secretariat"])
    first, last = min(m.starts for m in meetings), max(m.ends for m in meetings) + LATER
    as_of = date.fromisoformat(content["as_of"])
    over = last < as_of
    ET.SubElement(activity, "activity-status", {"code": CLOSED if over else IMPLEMENTATION})
    ET.SubElement(activity, "activity-date", {"type": ACTUAL_START, "iso-date": first.isoformat()})
    ET.SubElement(
        activity, "activity-date", {"type": ACTUAL_END if over else PLANNED_END, "iso-date": last.isoformat()}
    )
    ET.SubElement(activity, "activity-scope", {"code": REGIONAL})
    for land, share in _shares(about.lands).items():
        ET.SubElement(activity, "recipient-country", {"code": land, "percentage": share})
    for purpose, share in _shares(about.purposes or {HUMAN_RIGHTS: 1}).items():
        ET.SubElement(activity, "sector", {"vocabulary": DAC, "code": purpose, "percentage": share})
    for goal in sorted({PARTNERSHIPS, *about.goals}):
        ET.SubElement(activity, "tag", {"vocabulary": SDG_TARGET if "." in goal else SDG_GOAL, "code": goal})
    funnel = next((figure for figure in content["figures"] if figure["key"] == "funnel"), None)
    period = (first, as_of)
    if funnel is not None:
        people = [row for row in funnel["table"]["rows"] if row[0] and isinstance(row[1], int)][:-4]
        _result(activity, OUTPUT, "Who was invited, and who came", [(row[0], row[5], row[1]) for row in people], period)
    indicators = [(row["label"], row["of"], row["n"]) for row in content["headline"]]
    _result(activity, OUTCOME, "What came of it", indicators, period)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _told(parent: ET.Element, *words: str) -> None:
    for text in words:
        ET.SubElement(parent, "narrative").text = plain(text) or "unknown"


def _shares(lands: Mapping[str, int]) -> dict[str, str]:
    """Per cent of each country with two decimals, 100 in all: the last takes what rounding left."""
    order, total = sorted(land for land in lands if land), sum(n for land, n in lands.items() if land)
    shares = [round(10_000 * lands[land] / total) for land in order]
    if shares:
        shares[-1] += 10_000 - sum(shares)
    return {land: f"{share / 100:.2f}" for land, share in zip(order, shares, strict=True) if share > 0}


def _result(
    activity: ET.Element, kind: str, title: str, indicators: list[tuple[str, str, Any]], period: tuple[date, date]
) -> None:
    if not indicators:
        return
    result = ET.SubElement(activity, "result", {"type": kind, "aggregation-status": "false"})
    _told(ET.SubElement(result, "title"), title)
    for label, words, n in indicators:
        indicator = ET.SubElement(result, "indicator", {"measure": "1", "ascending": "true"})
        _told(ET.SubElement(indicator, "title"), label)
        _told(ET.SubElement(indicator, "description"), words)
        time = ET.SubElement(indicator, "period")
        ET.SubElement(time, "period-start", {"iso-date": period[0].isoformat()})
        ET.SubElement(time, "period-end", {"iso-date": max(period).isoformat()})
        ET.SubElement(time, "actual", {"value": str(n)})
