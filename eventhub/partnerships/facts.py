"""What a partnership claims, as plain facts: what a party is shown, what it confirmed, and what is compared later.

Each item has a key ("core", "origin", "activity:12" …). A confirmation keeps the items as they were shown, so that
a later change is seen for what it is: not yet confirmed. Earlier work of one party (``contexts``) is no item: it is
nobody's claim about the partnership and is never counted.
"""

from collections.abc import Iterable
from typing import Any

from eventhub.directory import imprecise
from eventhub.partnerships.models import Activity, Formality, Origin, Outcome, Partnership, Resource
from eventhub.partnerships.states import FieldGroup

CORE, ORIGIN = "core", "origin"
LADDER_ITEMS = (CORE, ORIGIN)  # the partnership itself stands on these: who, and where it came from

Facts = dict[str, Any]


def facts(partnership: Partnership, group: FieldGroup = FieldGroup.FACTS) -> Facts:
    """The items of one group of facts, as JSON values without names: ids, codes, dates as written, texts."""
    if group is FieldGroup.ORIGIN:
        return {ORIGIN: _origin(partnership.origin)}
    if group is FieldGroup.STAGE:
        newest = partnership.stages[-1] if partnership.stages else None
        return {"stage": [newest.stated_on.isoformat(), *_answers(newest)] if newest else None}
    if group is FieldGroup.PUBLIC_TEXT:
        return {"public_text": [partnership.title, partnership.summary]}
    return {
        **counted(partnership),
        "levels": sorted(level.level.value for level in partnership.levels),
        "places": sorted([place.path, *place.names] for place in partnership.places),
        "themes": sorted([theme.scheme.value, theme.code, theme.label] for theme in partnership.themes),
        "formality": sorted(
            [row.kind.value, imprecise.written(row.since, row.since_precision), _until(row), row.note]
            for row in partnership.formalities
        ),
        "resources": sorted(_resource(row) for row in partnership.resources),
        **{outcome_key(outcome): _outcome(outcome) for outcome in partnership.outcomes},
    }


def _until(row: Formality) -> str:
    return imprecise.written(row.until, row.until_precision)


def _resource(row: Resource) -> list[Any]:
    amount = f"{row.amount:.2f} {row.currency}" if row.amount is not None else ""
    given = imprecise.written(row.given, row.given_precision)
    return [row.kind.value, row.what, row.organisation_id or 0, amount, given]


def counted(partnership: Partnership) -> Facts:
    """The items that figures and lists count by: who, where it came from, and the activities."""
    return {
        CORE: {
            "title": partnership.title,
            "parties": sorted([party.organisation_id, party.role.value] for party in partnership.parties),
        },
        ORIGIN: _origin(partnership.origin),
        **{activity_key(activity): _activity(activity) for activity in partnership.activities},
    }


def about(partnership: Partnership, item: str) -> Facts:
    """What somebody from outside is asked about: who, and the one item."""
    present = facts(partnership)
    return {key: present[key] for key in (CORE, item) if key in present}


def activity_key(activity: Activity) -> str:
    return f"activity:{activity.id}"


def outcome_key(outcome: Outcome) -> str:
    return f"outcome:{outcome.id}"


def _origin(origin: Origin | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    return {
        "meeting": origin.meeting_id,
        "session": origin.session_id,
        "introduction": origin.introduction_id,
        "kind": origin.kind.value,
        "first_contact": imprecise.written(origin.first_contact, origin.first_contact_precision),
        "knew_before": origin.knew_before.value,
        "influence": origin.influence.value,
    }


def _activity(activity: Activity) -> dict[str, Any]:
    return {
        "kind": activity.kind.value,
        "title": activity.title,
        "description": activity.description,
        "start": imprecise.written(activity.start, activity.start_precision),
        "end": imprecise.written(activity.end, activity.end_precision),
        "place": activity.place,
        "mode": activity.mode,
        "organisations": sorted(activity.organisation_ids),
        "counts": activity.counts,
        "outputs": list(activity.outputs),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        name: getattr(outcome, name)
        for name in ("actor", "change", "statement", "significance", "contribution", "intended", "direction")
    }


def _answers(statement: Any) -> Iterable[bool | None]:
    return (
        statement.exchanges_information,
        statement.alters_activities,
        statement.shares_resources,
        statement.enhances_capacity,
    )
