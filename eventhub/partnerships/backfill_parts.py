"""What the rows of a list of past editions say of partnerships and their parts, before anything is written.

Every field of the record can be told; what a row leaves out stays unknown. ``decide`` is where a row's meaning begins.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import list_currencies
from flask_babel import lazy_gettext as _

from eventhub.directory.checks import is_web_address
from eventhub.directory.rows import Row
from eventhub.errors import InvalidError
from eventhub.partnerships.backfill_columns import CHANGES, DIRECTIONS, EVIDENCE, EXACTNESS, MODES, RowKind
from eventhub.partnerships.backfill_rows import ORGANISATIONS, PastRows, Told
from eventhub.partnerships.backfill_values import counts_of, exact_day, one_of, remembered, several, yes_no
from eventhub.partnerships.states import (
    ActivityKind,
    FormalityKind,
    Influence,
    KnewBefore,
    OriginKind,
    PartnershipState,
    PartyRole,
    ResourceKind,
    Sensitivity,
)
from eventhub.partnerships.words import QUESTIONS
from eventhub.themes.finding import find_theme
from eventhub.themes.states import LevelKind, ThemeScheme

LONG, SHORT = 4000, 300  # characters of a text, of a line
MOST_THEMES = 20


def decide(rows: PastRows, row: Row) -> Told:
    """What the row means; raises InvalidError with the sentence for whoever made the list."""
    told = rows.begin(row)
    _DECIDE[told.kind](rows, row, told)
    told.name = (told.name or told.facts.get("title", ""))[:200]
    return told


def _a_partnership(rows: PastRows, row: Row, told: Told) -> None:
    said = row.values
    names = [key for key in ORGANISATIONS if said.get(key)]
    parties = list(dict.fromkeys(rows.organisation_of(row, key) for key in names))
    if len(parties) < 2:
        raise InvalidError(_("Organisation 2: a partnership has two parties at least."))
    when, precision = remembered(said.get("from", ""), "From")
    told.facts.update(
        parties=parties,
        focal=[rows.person_of(row, int(key[-1])) if said.get(f"person_{key[-1]}") else None for key in names],
        roles=[
            one_of(PartyRole, said.get(f"role_{key[-1]}", ""), f"Role {key[-1]}", PartyRole.PARTNER) for key in names
        ],
        meeting=rows.meeting_of(row),
        title=said.get("title", "")[:200],
        summary=said.get("words", "")[:LONG],
        state=one_of(PartnershipState, said.get("state", ""), "State", PartnershipState.PROPOSED),
        sensitivity=one_of(Sensitivity, said.get("sensitivity", ""), "Sensitivity", Sensitivity.ORDINARY),
        levels=[one_of(LevelKind, text, "Levels", None) for text in several(said.get("levels", ""))],
        themes=[_theme(text) for text in several(said.get("themes", ""))[:MOST_THEMES]],
        place=_place(row),
        origin={
            "kind": one_of(OriginKind, said.get("kind", ""), "Kind", OriginKind.UNKNOWN),
            "first_contact": when,
            "first_contact_precision": precision,
            "knew_before": one_of(KnewBefore, said.get("knew_before", ""), "Knew before", KnewBefore.UNKNOWN),
            "influence": one_of(Influence, said.get("influence", ""), "Influence", Influence.UNKNOWN),
            "stated_by": said.get("said_by", "")[:200],
            "stated_on": exact_day(said.get("said_on", ""), "Said on"),
        },
        session=rows.session_of(row, told),
        introduction=rows.named(RowKind.INTRODUCTION, said["introduction"]) if said.get("introduction") else None,
    )
    if len(set(names)) != len(parties):
        raise InvalidError(_("Two of the names mean the same organisation. A partnership is between different ones."))
    told.name = told.facts["title"] or " – ".join(said[key] for key in names)
    if (frozenset(parties), told.facts["meeting"] or 0) in rows.pairs and told.key not in rows.imported:
        told.notes.append(
            "These organisations have a partnership of this meeting already. Look whether it is the same."
        )


def _theme(text: str) -> dict[str, Any]:
    """A theme of a list by its code or words, else in the list's own words."""
    known = find_theme(text)
    if known is not None:
        return {"scheme": known.scheme, "code": known.code}
    return {"scheme": ThemeScheme.OWN, "label": text[:200]}


def _place(row: Row) -> dict[str, Any] | None:
    names, path = several(row.values.get("place", "")), row.values.get("lies_in", "")[:SHORT]
    if not names and not path:
        return None
    exactness = one_of(EXACTNESS, row.values.get("exactness", ""), "How exactly", "unknown")
    return {"names": names or [path.rsplit("/", 1)[-1].strip()], "path": path, "precision": exactness}


# its parts; each names its partnership


def _part(rows: PastRows, row: Row, told: Told, name: str, **values: Any) -> None:
    told.facts = {"partnership": rows.partnership_of(row), "values": values}
    told.name = name


def _a_party(rows: PastRows, row: Row, told: Told) -> None:
    """A party more than the three of the partnership's own row, or since when and until when one was a party."""
    if not row.values.get("partnership"):
        raise InvalidError(_("Partnership: give its reference."))
    role = row.values.get("role_1", "")
    values: dict[str, Any] = {"organisation": rows.organisation_of(row, "organisation_1")}
    if role:
        values["role"] = one_of(PartyRole, role, "Role 1", PartyRole.PARTNER)
    if row.values.get("person_1"):
        values["focal_person"] = rows.person_of(row, 1)
    _part(rows, row, told, row.values["organisation_1"], **values, **_dates(row, "joined", "left"))


def _a_place(rows: PastRows, row: Row, told: Told) -> None:
    place = _place(row)
    if place is None:
        raise InvalidError(_("Place: its name is missing."))
    _part(rows, row, told, place["names"][0], **place)


def _a_stage(rows: PastRows, row: Row, told: Told) -> None:
    day = exact_day(row.values.get("from", "") or row.values.get("said_on", ""), "From")
    answers = {name: yes_no(row.values.get(name, ""), name.replace("_", " ").capitalize()) for name in QUESTIONS}
    if day is None:
        raise InvalidError(_("From: the day as of which it was said is missing."))
    if not row.values.get("said_by"):
        raise InvalidError(_("Said by: say who said so."))
    if all(answer is None for answer in answers.values()):
        raise InvalidError(_("None of the four questions has an answer."))
    _part(rows, row, told, row.values["said_by"], stated_on=day, stated_by=row.values["said_by"][:200], **answers)


def _a_formality(rows: PastRows, row: Row, told: Told) -> None:
    kind = one_of(FormalityKind, row.values.get("kind", ""), "Kind", None)
    if kind is None:
        raise InvalidError(_("Kind: say what was put in writing."))
    _part(
        rows, row, told, kind.value, kind=kind, note=row.values.get("words", "")[:500], **_dates(row, "since", "until")
    )


def _a_resource(rows: PastRows, row: Row, told: Told) -> None:
    kind = one_of(ResourceKind, row.values.get("kind", ""), "Kind", ResourceKind.OTHER)
    what = (row.values.get("title") or row.values.get("words", ""))[:SHORT]
    if not what:
        raise InvalidError(_("Title: say what was shared."))
    giver = rows.party_of(row, "organisation_1") if row.values.get("organisation_1") else None
    amount = _amount(row.values.get("amount", ""))
    currency = row.values.get("currency", "").upper()
    if amount is not None and not currency:
        raise InvalidError(_("Currency: an amount needs its currency, such as USD or PHP."))
    if currency and currency not in list_currencies():
        raise InvalidError(
            _("Currency: “%(text)s” is none. Write its three letters, such as USD or PHP.", text=currency[:10])
        )
    _part(
        rows, row, told, what, kind=kind, what=what, organisation_id=giver, amount=amount, currency=currency[:3],
        **_dates(row, "given"),
    )  # fmt: skip


def _amount(text: str) -> Decimal | None:
    plain = text.replace(",", "").replace(" ", "")
    if plain.casefold() in ("", "unknown", "?", "-"):
        return None
    try:
        amount = Decimal(plain)
    except InvalidOperation as error:
        raise InvalidError(
            _("Amount: “%(text)s” is no amount. Write it in figures, such as 1200.50.", text=text[:40])
        ) from error
    if not amount.is_finite():
        raise InvalidError(_("Amount: “%(text)s” is no amount. Write it in figures, such as 1200.50.", text=text[:40]))
    return amount


def _dates(row: Row, first: str, last: str = "") -> dict[str, Any]:
    """The row's remembered dates under the record's own names."""
    found: dict[str, Any] = {}
    for name, column in ((first, "from"), (last, "to")):
        if name:
            found[name], found[f"{name}_precision"] = remembered(row.values.get(column, ""), column.capitalize())
    return found


def _an_activity(rows: PastRows, row: Row, told: Told) -> None:
    kind = one_of(ActivityKind, row.values.get("kind", ""), "Kind", None)
    if kind is None:
        raise InvalidError(_("Kind: say what kind of activity it was."))
    title = row.values.get("title", "")[:SHORT] or kind.value.replace("_", " ").capitalize()
    took_part = [rows.party_of(row, key) for key in ORGANISATIONS if row.values.get(key)]
    _part(
        rows, row, told, title, kind=kind, title=title, description=row.values.get("words", "")[:LONG],
        place=row.values.get("place", "")[:SHORT], mode=one_of(MODES, row.values.get("mode", ""), "Mode", "unknown"),
        counts=counts_of(row.values), outputs=several(row.values.get("outputs", "")), organisation_ids=took_part,
        **_dates(row, "start", "end"),
    )  # fmt: skip


def _an_outcome(rows: PastRows, row: Row, told: Told) -> None:
    statement = row.values.get("words", "")[:LONG]
    if not statement:
        raise InvalidError(_("Description: say who does what differently."))
    _part(
        rows, row, told, statement, statement=statement, actor=row.values.get("title", "")[:200],
        change=one_of(CHANGES, row.values.get("kind", ""), "Kind", "relationship"),
        significance=row.values.get("significance", "")[:LONG], contribution=row.values.get("contribution", "")[:LONG],
        intended=yes_no(row.values.get("intended", ""), "Intended"),
        direction=one_of(DIRECTIONS, row.values.get("direction", ""), "Direction", "positive"),
    )  # fmt: skip


def _a_context(rows: PastRows, row: Row, told: Told) -> None:
    """Earlier work of one party; it is counted nowhere."""
    text = row.values.get("words", "")[:LONG] or row.values.get("title", "")
    if not text:
        raise InvalidError(_("Description: say what the earlier work was."))
    if not row.values.get("partnership"):
        raise InvalidError(_("Partnership: give its reference."))
    whose = rows.party_of(row, "organisation_1")
    _part(
        rows,
        row,
        told,
        text,
        organisation=whose,
        text=text,
        source=row.values.get("source", "")[:500],
        **_dates(row, "since"),
    )


def _an_evidence(rows: PastRows, row: Row, told: Told) -> None:
    said = row.values
    address, quote, title = said.get("address", "")[:1000], said.get("words", "")[:LONG], said.get("title", "")[:SHORT]
    kind = one_of(
        EVIDENCE, said.get("kind", ""), "Kind", "url" if address else "quote" if quote else "published_source"
    )
    if not (address or quote or title):
        raise InvalidError(_("Title: say what the evidence is, or give its address."))
    if address and not is_web_address(address):
        raise InvalidError(_("Address: write the whole address, beginning with https://"))
    shows = rows.named(RowKind.ACTIVITY, said["activity"]) if said.get("activity") else None
    _part(
        rows, row, told, title or address or quote, kind=kind, title=title, url=address, quote=quote,
        given_by=said.get("said_by", "")[:200], independent=yes_no(said.get("independent", ""), "Independent") is True,
        activity_id=shows, **_dates(row, "dated"),
    )  # fmt: skip


_DECIDE: dict[RowKind, Callable[[PastRows, Row, Told], None]] = {
    RowKind.MEETING: PastRows.a_meeting,
    RowKind.REGISTRATION: PastRows.a_registration,
    RowKind.ATTENDANCE: PastRows.an_attendance,
    RowKind.INTRODUCTION: PastRows.an_introduction,
    RowKind.PARTNERSHIP: _a_partnership,
    RowKind.PARTY: _a_party,
    RowKind.PLACE: _a_place,
    RowKind.STAGE: _a_stage,
    RowKind.FORMALITY: _a_formality,
    RowKind.RESOURCE: _a_resource,
    RowKind.ACTIVITY: _an_activity,
    RowKind.OUTCOME: _an_outcome,
    RowKind.CONTEXT: _a_context,
    RowKind.EVIDENCE: _an_evidence,
}
