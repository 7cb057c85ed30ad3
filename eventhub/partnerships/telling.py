"""What was said of an item, in words: for the record as it stood on a day, and for what a change changed.

Labels are the forms' own, so that what was typed and what is told go by the same name. Nobody at risk and no child is
named, and nothing is told of what shows children who were not asked.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from eventhub.db import db
from eventhub.directory.models import Organisation, Person, Precision
from eventhub.meetings.models import Meeting
from eventhub.networking.models import Introduction
from eventhub.networking.queries import is_listed
from eventhub.partnerships import forms, forms_parts, statements, timeline, words
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.models_record import Statement
from eventhub.partnerships.states import (
    ActivityKind,
    EvidenceNature,
    FormalityKind,
    Influence,
    KnewBefore,
    LevelKind,
    OriginKind,
    PartyRole,
    ResourceKind,
    Sensitivity,
    ThemeScheme,
    Visibility,
)
from eventhub.programme.models import Session
from eventhub.states import label_of
from eventhub.ui import day_text, imprecise_text

_VOCABULARIES: dict[str, type[StrEnum]] = {
    "visibility": Visibility,
    "sensitivity": Sensitivity,
    "influence": Influence,
    "nature": EvidenceNature,
    "knew_before": KnewBefore,
    "role": PartyRole,
    "level": LevelKind,
    "scheme": ThemeScheme,
}
_KINDS: dict[str, type[StrEnum]] = {  # by a field that only such an item has
    "amount": ResourceKind,
    "until": FormalityKind,
    "mode": ActivityKind,
    "knew_before": OriginKind,
}
Pairs = list[tuple[str, str]]
_MAIN = {
    "theme": "label",
    "activity": "title",
    "outcome": "statement",
    "context": "text",
    "evidence": "title",
    "resource": "what",
}
_DATED = frozenset({"first_contact", "joined", "left", "start", "end", "since", "until", "given", "dated"})


def kind_of(item: str) -> str:
    """The kind of an item: "activity" of "activity:12"."""
    return item.partition(":")[0]


def title_of(item: str, value: dict[str, Any] | None) -> str:
    """ "An activity: Learning visit": what a statement is about."""
    kind = kind_of(item)
    name = kinds()[kind]
    main = str((value or {}).get(_MAIN.get(kind, ""), "") or "")
    if kind == "party" and value:
        main = _organisation(value["organisation_id"])
    if kind == "level" and value:
        main = words.word(value["level"])
    if kind == "place" and value:
        main = ", ".join(value["names"])
    return f"{name}: {main[:80]}" if main else name


def title_now(partnership: Partnership, item: str) -> str:
    """The same for an item as it is now."""
    row = statements.find_row(partnership, item)
    return title_of(item, statements.value_of(row) if row is not None else None)


def kinds() -> dict[str, str]:
    """What each kind of item is called."""
    return {
        "core": _("The partnership"),
        "origin": _("How it began"),
        "party": _("A party"),
        "level": _("A level"),
        "place": _("A place"),
        "theme": _("A theme"),
        "activity": _("An activity"),
        "outcome": _("What changed"),
        "context": _("Earlier work of one party"),
        "evidence": _("Evidence"),
        "stage": _("How close the work is"),
        "formality": _("What is in writing"),
        "resource": _("What was shared"),
    }


def may_be_told(item: str, value: dict[str, Any] | None, *, may_edit: bool) -> bool:
    """Whether a reader may read a value: nothing that shows children without their consent, or that is hidden."""
    if kind_of(item) != "evidence" or value is None:
        return True
    shown = not value["shows_children"] or value["consent_ok"] is True
    return shown and (may_edit or value["visibility"] != Visibility.HIDDEN.value)


def lines(item: str, value: dict[str, Any]) -> Pairs:
    """An item's fields with what they say; what is not known is left out."""
    labels = _labels(kind_of(item))
    found = []
    for name, said in value.items():
        if name.endswith("_precision") or said in (None, "", [], {}):
            continue
        text = _text(name, said, value)
        if text:
            found.append((labels.get(name, name.replace("_", " ").capitalize()), text))
    return found


def changes(item: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    """(field, what stood before, what stands after) of one statement; "" where nothing was known."""
    old, new = dict(lines(item, before or {})), dict(lines(item, after or {}))
    labels = list(dict.fromkeys([*new, *old]))
    return [(label, old.get(label, ""), new.get(label, "")) for label in labels if old.get(label) != new.get(label)]


def field_label(item: str, name: str) -> str:
    """What a field is called."""
    if name in words.QUESTIONS:
        return str(words.QUESTIONS[name])
    return _labels(kind_of(item)).get(name, name.replace("_", " ").capitalize())


def field_change(item: str, field: str, before: Any, after: Any) -> tuple[str, str, str]:
    """One field's change in words: (label, before, after)."""
    label = _labels(kind_of(item)).get(field, field)
    return label, _text(field, before, {}) if before else "", _text(field, after, {}) if after else ""


def stored(row: Any) -> Pairs:
    """What a row says now: shown to the second of two editors beside what they typed."""
    pairs = lines(statements.item_of(row), statements.value_of(row))
    if isinstance(row, Partnership) and row.levels:
        pairs.append((str(_("Levels it works on")), ", ".join(words.word(level.level) for level in row.levels)))
    return pairs


def story(rows: Iterable[Statement], *, may_edit: bool) -> list[dict[str, Any]]:
    """Every statement in words, newest first: when, who, why, about what, and what it changed."""
    last: dict[str, dict[str, Any] | None] = {}
    told = []
    for row in rows:
        before, last[row.item] = last.get(row.item), row.value
        title = title_of(row.item, row.value or before)
        shown = all(may_be_told(row.item, value, may_edit=may_edit) for value in (before, row.value))
        told.append(
            {
                "at": row.at,
                "who": row.said_by,
                "why": row.why,
                "title": title if shown else kinds()[kind_of(row.item)],
                "taken_back": row.value is None,
                "first": before is None,
                "changes": changes(row.item, before, row.value) if shown and row.value is not None else [],
            }
        )
    return told[::-1]


# a field in words


def _labels(kind: str) -> dict[str, str]:
    form = {"core": forms.PartnershipForm, "origin": forms.OriginForm, **forms_parts.FORMS}.get(kind)
    found = {"organisation_id": _("Organisation"), "focal_person_id": _("Focal person"), "state": _("State")}
    found |= {
        "counts": _("How many people"),
        "ref": _("Reference"),
        "level": _("Level"),
        "merged_into_id": _("Joined to"),
    }
    for name in dir(form) if form else ():
        field = getattr(form, name)
        if hasattr(field, "field_class") and field.args:
            found[name] = str(field.args[0])
    return found


def _text(name: str, said: Any, value: dict[str, Any]) -> str:
    if name in _DATED:
        return imprecise_text(date.fromisoformat(said), Precision(value.get(f"{name}_precision", "day")))
    if name == "stated_on":
        return day_text(date.fromisoformat(said))
    if name == "counts":
        return timeline.people(said)
    if name == "organisation_ids":
        return ", ".join(_organisation(ident) for ident in said)
    if name.endswith("_id"):
        return _named(name, said)
    if isinstance(said, bool):
        return _("yes") if said else _("no")
    if isinstance(said, list):
        return "; ".join(map(str, said))
    if name in ("state", "kind") or name in _VOCABULARIES:
        return _member(name, str(said), value)
    return words.word(said) if name in ("mode", "change", "direction", "precision") else str(said)


def _member(name: str, said: str, value: dict[str, Any]) -> str:
    """A word of a vocabulary. What "kind" means follows from the other fields of the item."""
    if name == "state":
        return label_of(said)
    kind = _VOCABULARIES.get(name) or next((kind for field, kind in _KINDS.items() if field in value), None)
    return words.word(kind(said)) if kind is not None and said in list(kind) else words.word(said)


def _organisation(ident: int) -> str:
    row = db.session.get(Organisation, ident)
    return row.name if row is not None else _("unknown")


_MODELS: dict[str, type[Any]] = {
    "meeting_id": Meeting,
    "session_id": Session,
    "organisation_id": Organisation,
    "merged_into_id": Partnership,
}


def _named(name: str, ident: int) -> str:
    if name == "focal_person_id":
        person = db.session.get(Person, ident)
        return person.full_name if person is not None and is_listed(person) else _("a person who is not listed")
    if name == "introduction_id":
        row = db.session.get(Introduction, ident)
        if row is None or not (is_listed(row.a) and is_listed(row.b)):
            return _("an introduction")
        return f"{row.a.full_name} · {row.b.full_name}"
    if name in _MODELS:
        row = db.session.get(_MODELS[name], ident)
        return str(getattr(row, "title", "") or getattr(row, "name", "")) if row is not None else ""
    return ""  # which activity, outcome or file: the item's own page leads there
