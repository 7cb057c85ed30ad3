"""The vocabularies of a partnership in words, for pages and letters."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from babel.numbers import format_decimal
from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _

from eventhub.partnerships import states as s
from eventhub.themes.words import LEVELS, SCHEMES

WORDS: dict[type[StrEnum], dict[Any, LazyString]] = {
    s.OriginKind: {
        s.OriginKind.SESSION: _("In a session"),
        s.OriginKind.MARGIN: _("In the margins"),
        s.OriginKind.INTRODUCED_BY_SECRETARIAT: _("Introduced by the secretariat"),
        s.OriginKind.INTRODUCED_BY_MEMBER: _("Introduced by a member"),
        s.OriginKind.KNOWN_BEFORE: _("They knew each other before"),
        s.OriginKind.OTHER: _("In another way"),
        s.OriginKind.UNKNOWN: _("Not known"),
    },
    s.KnewBefore: {
        s.KnewBefore.NO: _("No"),
        s.KnewBefore.BY_NAME: _("By name"),
        s.KnewBefore.WORKED_TOGETHER: _("They had worked together"),
        s.KnewBefore.UNKNOWN: _("Not known"),
    },
    s.Influence: {
        s.Influence.STARTED: _("The meeting started it"),
        s.Influence.SPEEDED_UP: _("The meeting speeded it up"),
        s.Influence.NONE: _("The meeting had no part in it"),
        s.Influence.UNKNOWN: _("Not known"),
    },
    s.PartyRole: {
        s.PartyRole.LEAD: _("Lead"),
        s.PartyRole.PARTNER: _("Partner"),
        s.PartyRole.FUNDER: _("Funder"),
        s.PartyRole.ADVISER: _("Adviser"),
        s.PartyRole.HOST: _("Host"),
    },
    s.LevelKind: LEVELS,
    s.ThemeScheme: SCHEMES,
    s.ActivityKind: {
        s.ActivityKind.LEARNING_VISIT: _("Learning visit"),
        s.ActivityKind.EXCHANGE_OF_INFORMATION: _("Exchange of information"),
        s.ActivityKind.STAFF_EXCHANGE: _("Staff exchange"),
        s.ActivityKind.TRAINING: _("Training"),
        s.ActivityKind.JOINT_REPORT: _("Joint report"),
        s.ActivityKind.CHILDRENS_REPORT: _("Children's report"),
        s.ActivityKind.JOINT_STATEMENT: _("Joint statement"),
        s.ActivityKind.RESEARCH: _("Research"),
        s.ActivityKind.CAMPAIGN: _("Campaign"),
        s.ActivityKind.PROJECT: _("Project"),
        s.ActivityKind.FUNDING_BID: _("Funding bid"),
        s.ActivityKind.CHILD_LED_EXCHANGE: _("Child-led exchange"),
        s.ActivityKind.REFERRAL: _("Referral"),
        s.ActivityKind.PUBLICATION: _("Publication"),
        s.ActivityKind.EVENT: _("Event"),
    },
    s.FieldGroup: {
        s.FieldGroup.FACTS: _("All facts"),
        s.FieldGroup.ORIGIN: _("How it began"),
        s.FieldGroup.STAGE: _("How close the work is"),
        s.FieldGroup.PUBLIC_TEXT: _("The text for the public"),
    },
    s.Sensitivity: {
        s.Sensitivity.ORDINARY: _("Nothing special"),
        s.Sensitivity.SENSITIVE: _("Sensitive: not for outside the secretariat"),
        s.Sensitivity.PEOPLE_AT_RISK: _("People are at risk: hidden"),
    },
    s.FormalityKind: {
        s.FormalityKind.NONE: _("Nothing in writing"),
        s.FormalityKind.EMAIL: _("E-mails"),
        s.FormalityKind.LETTER: _("Letter"),
        s.FormalityKind.MOU: _("Memorandum of understanding"),
        s.FormalityKind.JOINT_PROJECT: _("Joint project"),
        s.FormalityKind.CONTRACT: _("Contract"),
    },
    s.ResourceKind: {
        s.ResourceKind.MONEY: _("Money"),
        s.ResourceKind.STAFF_TIME: _("Working time"),
        s.ResourceKind.EXPERTISE: _("Knowledge and advice"),
        s.ResourceKind.ROOMS: _("Rooms and equipment"),
        s.ResourceKind.MATERIALS: _("Materials"),
        s.ResourceKind.CONTACTS: _("Contacts"),
        s.ResourceKind.OTHER: _("Something else"),
    },
    s.EvidenceNature: {
        s.EvidenceNature.REPORT: _("Report"),
        s.EvidenceNature.PHOTO: _("Photograph"),
        s.EvidenceNature.LETTER: _("Letter or e-mail"),
        s.EvidenceNature.AGREEMENT: _("Agreement"),
        s.EvidenceNature.MINUTES: _("Minutes"),
        s.EvidenceNature.ATTENDANCE: _("Attendance list"),
        s.EvidenceNature.NEWS: _("News"),
        s.EvidenceNature.PUBLICATION: _("Publication"),
        s.EvidenceNature.TESTIMONY: _("Somebody's own words"),
        s.EvidenceNature.OTHER: _("Something else"),
    },
    s.Visibility: {
        s.Visibility.INTERNAL: _("The secretariat only"),
        s.Visibility.MEMBERS: _("Members of the network"),
        s.Visibility.PUBLIC: _("Everybody"),
        s.Visibility.HIDDEN: _("Hidden: people are at risk"),
    },
}
PLAIN: dict[str, LazyString] = {
    # how an activity was held
    "in_person": _("In person"),
    "online": _("Online"),
    "hybrid": _("Hybrid"),
    "unknown": _("Not known"),
    # what changed (Outcome Harvesting)
    "behaviour": _("Behaviour"),
    "relationship": _("Relationship"),
    "action": _("Action"),
    "activity": _("Activity"),
    "policy": _("Policy"),
    "practice": _("Practice"),
    # its direction
    "positive": _("For the better"),
    "negative": _("For the worse"),
    "mixed": _("Mixed"),
    # kinds of evidence
    "file": _("File"),
    "url": _("Web page"),
    "quote": _("Quote"),
    "published_source": _("Published source"),
    # how exactly a place is known
    "exact": _("Exact place"),
    "commune": _("Commune"),
    "district": _("District"),
    "province": _("Province"),
    "country": _("Country"),
    # the four steps (Himmelman)
    "none": _("No contact"),
    "networking": _("Networking"),
    "coordinating": _("Coordinating"),
    "cooperating": _("Cooperating"),
    "collaborating": _("Collaborating"),
}
# PARTNER's four answers
SCALE: list[tuple[str, LazyString]] = [
    ("", _("I would rather not say")),
    ("1", _("Not at all")),
    ("2", _("A little")),
    ("3", _("A fair amount")),
    ("4", _("A great deal")),
]
QUESTIONS: dict[str, LazyString] = {
    "exchanges_information": _("They exchange information"),
    "alters_activities": _("They change what they do because of each other"),
    "shares_resources": _("They share resources: people, money, rooms"),
    "enhances_capacity": _("They make each other stronger"),
}


def word(value: object) -> str:
    """A vocabulary's member in words."""
    if isinstance(value, StrEnum) and type(value) in WORDS:
        return str(WORDS[type(value)][value])
    return str(PLAIN.get(str(value), str(value).replace("_", " ").capitalize()))


def money(amount: Decimal, currency: str) -> str:
    """ "12,500 PHP": the currency by its code, so that no dollar is taken for another."""
    places = "#,##0.00" if amount % 1 else "#,##0"
    return f"{format_decimal(amount, places, locale=get_locale() or 'en')} {currency}"


def vocabulary_word(field: str, text: str) -> str:
    """A field's value as a party would type it, in words: "no" of "did they know each other" is not any other "no"."""
    kinds = {"kind": s.OriginKind, "knew_before": s.KnewBefore, "influence": s.Influence}
    if field in kinds and text in list(kinds[field]):
        return word(kinds[field](text))
    if field in QUESTIONS:
        return str({"yes": _("yes"), "no": _("no")}.get(text, text))
    return text


def choices(kind: type[StrEnum]) -> list[tuple[str, LazyString]]:
    """A vocabulary for a select field."""
    return [(member.value, text) for member, text in WORDS[kind].items()]


def plain_choices(*names: str) -> list[tuple[str, LazyString]]:
    return [(name, PLAIN[name]) for name in names]
