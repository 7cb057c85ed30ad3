"""What each part of a partnership must satisfy. A check returns the values as they are stored, or says no by name."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from babel.numbers import list_currencies
from flask_babel import lazy_gettext as _

from eventhub import clock
from eventhub.directory import imprecise
from eventhub.directory import queries as directory
from eventhub.directory.checks import is_web_address
from eventhub.errors import InvalidError, Sentence
from eventhub.partnerships.models import (
    Activity,
    Context,
    Evidence,
    Formality,
    Partnership,
    Party,
    Resource,
    StageStatement,
    Theme,
)
from eventhub.partnerships.service import adult
from eventhub.themes import codes
from eventhub.themes.states import ThemeScheme

AGES, SEXES = ("adult", "young", "child"), ("f", "m", "other", "unknown")
LARGEST_COUNT = 1_000_000
LONGEST_CODE = 40  # characters
LARGEST_AMOUNT = 999_999_999_999


def check(partnership: Partnership, part: str, row: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The values of one part as they are stored. Raises InvalidError for the field that makes no sense."""
    rule = _CHECKS.get(part)
    return rule(partnership, row, dict(values)) if rule else values


def _check_party(partnership: Partnership, row: Party, values: dict[str, Any]) -> dict[str, Any]:
    if "organisation" in values:
        values["organisation"] = directory.canonical(values["organisation"])
        if any(p.organisation_id == values["organisation"].id for p in partnership.parties if p is not row):
            raise InvalidError(_("This organisation is a party already."), field="organisation")
    if "focal_person" in values:
        values["focal_person"] = adult(values["focal_person"])
    _in_order(row, values, "joined", "left", _("It cannot have left before it joined. Look at both dates."))
    return values


def _in_order(row: Any, values: dict[str, Any], first: str, last: str, sentence: Sentence) -> None:
    """Whatever the days really were, the second date must not lie before the first."""
    start, end = (
        imprecise.bounds(
            values.get(name, getattr(row, name)), values.get(f"{name}_precision", getattr(row, f"{name}_precision"))
        )
        for name in (first, last)
    )
    if start and end and end.last < start.first:
        raise InvalidError(sentence, field=last)


def _check_theme(partnership: Partnership, row: Theme, values: dict[str, Any]) -> dict[str, Any]:
    scheme, code = values.get("scheme", row.scheme) or ThemeScheme.OWN, values.get("code", row.code) or ""
    form = _CODES.get(scheme)
    if form:
        code = code.split(" ")[0]  # "16.2 End abuse", as the list of suggestions has it
        if not re.fullmatch(form[0], code):
            raise InvalidError(form[1], field="code")
    elif scheme is ThemeScheme.UPR:
        code = code.split(" ")[0].lower()
    if len(code) > LONGEST_CODE:
        raise InvalidError(_("This code is too long. Write it in words below."), field="code")
    values["code"] = code
    known = codes.find_code(scheme, code)
    if known is None and scheme in codes.COMPLETE:
        raise InvalidError(_("This code is not in the list. Choose one that is offered below the field."), field="code")
    if known is not None and not values.get("label", row.label):
        values["label"] = known.title
    if not code and not (values.get("label", row.label) or ""):
        raise InvalidError(_("Write the theme in a few words."), field="label")
    others = [theme for theme in partnership.themes if theme is not row]
    if scheme is ThemeScheme.CRC_CLUSTER and row.id is None and not any(theme.primary for theme in others):
        values["primary"] = True  # what donors ask for follows from it
    if values.get("primary"):
        for other in others:
            other.primary = False
    return values


_CODES = {
    ThemeScheme.SDG: (r"(1[0-7]|[1-9])(\.(\d{1,2}|[a-d]))?", _("Write the SDG or its target, such as 16.2.")),
    ThemeScheme.DAC: (r"\d{5}", _("Write the five digits of the purpose code, such as 15160.")),
    ThemeScheme.CRC_ARTICLE: (r"(5[0-4]|[1-4]?\d)", _("Write the number of the article, from 1 to 54.")),
    ThemeScheme.CRC_CLUSTER: (r"[1-9]|10", _("Write the number of the reporting cluster, from 1 to 10.")),
    ThemeScheme.GENERAL_COMMENT: (r"\d{1,2}", _("Write the number of the general comment, such as 12.")),
}


def _check_activity(partnership: Partnership, row: Activity, values: dict[str, Any]) -> dict[str, Any]:
    _in_order(row, values, "start", "end", _("The end lies before the beginning. Look at both dates."))
    start = imprecise.bounds(values.get("start", row.start), values.get("start_precision", row.start_precision))
    if start and start.first > clock.today() + timedelta(days=366 * 3):
        raise InvalidError(_("This lies more than three years ahead. Look at the year."), field="start")
    if "counts" in values:
        values["counts"] = _counts(values["counts"])
    if "organisation_ids" in values:
        parties = {party.organisation_id for party in partnership.parties}
        if not set(values["organisation_ids"]) <= parties:
            raise InvalidError(_("Choose among the parties of this partnership."), field="organisation_ids")
        values["organisation_ids"] = sorted(set(values["organisation_ids"]))
    return values


def _counts(counts: Mapping[str, Mapping[str, int | None]]) -> dict[str, dict[str, int]]:
    """Head-counts by age and sex; what is not known is left out, so that it can never be read as 0."""
    kept: dict[str, dict[str, int]] = {}
    for age, row in counts.items():
        for sex, n in row.items():
            if age not in AGES or sex not in SEXES:
                raise InvalidError(_("This group of people is not known."), field="counts")
            if n is not None:
                if not 0 <= n <= LARGEST_COUNT:
                    raise InvalidError(_("A number of people is 0 or more. Leave it empty when it is not known."))
                kept.setdefault(age, {})[sex] = n
    return kept


def _check_context(partnership: Partnership, row: Context, values: dict[str, Any]) -> dict[str, Any]:
    organisation = values.get("organisation", row.organisation)
    if organisation is None or organisation.id not in {party.organisation_id for party in partnership.parties}:
        raise InvalidError(_("Context is earlier work of one of the parties. Choose which."), field="organisation_id")
    return values


def _check_evidence(partnership: Partnership, row: Evidence, values: dict[str, Any]) -> dict[str, Any]:
    kind = values.get("kind", row.kind)
    url = values.get("url", row.url) or ""
    if url and not is_web_address(url):
        raise InvalidError(_("Write the whole address, beginning with https://"), field="url")
    needed = {"url": "url", "quote": "quote", "file": "file_id"}.get(kind)
    if needed and not values.get(needed, getattr(row, needed)):
        raise InvalidError(
            _("What the evidence is made of is missing."), field="file" if needed == "file_id" else needed
        )
    if kind == "published_source" and not (url or values.get("title", row.title)):
        raise InvalidError(_("Say where it was published: a title or an address."), field="title")
    activity_id = values.get("activity_id")
    if activity_id is not None and activity_id not in {activity.id for activity in partnership.activities}:
        raise InvalidError(_("This activity is not one of this partnership's."), field="activity_id")
    outcome_id = values.get("outcome_id")
    if outcome_id is not None and outcome_id not in {outcome.id for outcome in partnership.outcomes}:
        raise InvalidError(_("This change is not one of this partnership's."), field="outcome_id")
    if values.get("shows_children") and values.get("consent_ok") is None:
        values["consent_ok"] = False  # nobody said yes
    return values


def _check_stage(partnership: Partnership, row: StageStatement, values: dict[str, Any]) -> dict[str, Any]:
    if values.get("stated_on") is not None and values["stated_on"] > clock.today() + timedelta(days=1):
        raise InvalidError(_("A statement cannot be made in the future."), field="stated_on")
    return values


def _check_formality(partnership: Partnership, row: Formality, values: dict[str, Any]) -> dict[str, Any]:
    _in_order(row, values, "since", "until", _("It cannot end before it begins. Look at both dates."))
    return values


def _check_resource(partnership: Partnership, row: Resource, values: dict[str, Any]) -> dict[str, Any]:
    amount, currency = values.get("amount", row.amount), values.get("currency", row.currency) or ""
    values["currency"] = currency = currency.upper()
    if currency and currency not in list_currencies():
        raise InvalidError(_("Write the currency's three letters, such as USD or PHP."), field="currency")
    if amount is not None and not 0 <= amount <= LARGEST_AMOUNT:
        raise InvalidError(_("An amount is 0 or more. Leave it empty when it is not known."), field="amount")
    if amount is not None and not currency:
        raise InvalidError(_("An amount needs its currency, such as USD or PHP."), field="currency")
    organisation_id = values.get("organisation_id", row.organisation_id)
    if organisation_id is not None and organisation_id not in {p.organisation_id for p in partnership.parties}:
        raise InvalidError(_("Choose among the parties of this partnership."), field="organisation_id")
    return values


_CHECKS: dict[str, Callable[[Partnership, Any, dict[str, Any]], dict[str, Any]]] = {
    "party": _check_party,
    "theme": _check_theme,
    "activity": _check_activity,
    "context": _check_context,
    "evidence": _check_evidence,
    "stage": _check_stage,
    "formality": _check_formality,
    "resource": _check_resource,
}
