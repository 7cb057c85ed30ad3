"""Rules for a partnership as a whole: making it, its facts, its origin, its states.

Everybody who changes something says which version they saw; the second of two is told, and nothing is lost. What they
change, and ``why=``, is kept beside what stood before (``statements``).
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory import queries as directory
from eventhub.directory.models import Organisation, Person, Precision
from eventhub.errors import IllegalMoveError, InvalidError, NotFoundError, StaleError
from eventhub.meetings.models import Meeting
from eventhub.networking import queries as introductions
from eventhub.networking.models import Introduction
from eventhub.partnerships import follow_ups, queries
from eventhub.partnerships.models import Level, Origin, Partnership, Party
from eventhub.partnerships.statements import said
from eventhub.partnerships.states import MOVES, LevelKind, OriginKind, PartnershipState, Sensitivity, Visibility
from eventhub.partnerships.values import plain

TRIES = 20  # for a reference number that nobody else took


class ChangedError(StaleError):
    sentence = _(
        "The facts were changed while you were reading. Please look at them again, then answer: "
        "what you wrote is still there."
    )


class JoinedError(StaleError):
    sentence = _("This record was joined to another one meanwhile. Open that one and make your change there.")


@said
def create(
    *,
    parties: Sequence[Organisation],
    by: Actor,
    title: str = "",
    summary: str = "",
    meeting: Meeting | None = None,
    focal: Sequence[Person | None] = (),
    visibility: Visibility = Visibility.INTERNAL,
    **origin: Any,
) -> Partnership:
    """Log a partnership between two or more organisations, in the order given, with its origin (``Origin``'s fields).

    ``focal`` are the parties' focal people, in the same order. Raises InvalidError for fewer than two organisations.
    """
    parties = list({found.id: found for found in map(directory.canonical, parties)}.values())
    if len(parties) < 2:
        raise InvalidError(_("A partnership has two parties at least. Name another organisation."), field="parties")
    partnership = Partnership(
        title=title or " – ".join(party.name for party in parties),
        summary=summary,
        visibility=visibility,
        state=PartnershipState.PROPOSED,
        origin=Origin(meeting=meeting, **origin),
    )
    for organisation, person in zip(parties, [*focal, *[None] * len(parties)], strict=False):
        partnership.parties.append(Party(organisation=organisation, focal_person=adult(person)))
    guard_people_at_risk(partnership)
    _insert_with_ref(partnership, meeting.year if meeting is not None else clock.today().year)
    audit.record(by, "logged", partnership, meeting_id=meeting.id if meeting is not None else None)
    follow_ups.schedule(partnership)
    return partnership


def _insert_with_ref(partnership: Partnership, year: int) -> None:
    """Give it the year's next reference; two at once take different ones."""
    prefix = f"P-{year}-"
    for _attempt in range(TRIES):
        with db.session.no_autoflush:  # not before it has its reference
            taken = db.session.scalars(sa.select(Partnership.ref).where(Partnership.ref.startswith(prefix))).all()
        partnership.ref = f"{prefix}{max((int(ref.removeprefix(prefix)) for ref in taken), default=0) + 1:03}"
        try:
            with db.session.begin_nested():
                db.session.add(partnership)
                db.session.flush()
        except IntegrityError:
            continue
        return
    raise StaleError


@said
def create_from_introduction(introduction: Introduction, *, by: Actor, title: str = "") -> Partnership:
    """Log what came of an introduction, between the two people's organisations; asked for twice, it is the same one.

    The organisations are those that they came for, else those where they belong now. Hidden where either is at risk.
    """
    lock(Introduction, introduction.id)
    known = queries.find_from_introduction(introduction.id)
    if known is not None:
        return known
    people = [introduction.a, introduction.b]
    organisations = [_organisation_of(person, introduction.meeting) for person in people]
    if organisations[0].id == organisations[1].id:
        raise InvalidError(_("Both people belong to one organisation. A partnership is between two."))
    return create(
        parties=organisations,
        focal=people,
        title=title,
        meeting=introduction.meeting,
        introduction=introduction,
        session=introduction.session,
        kind=OriginKind.SESSION if introduction.session_id else OriginKind.UNKNOWN,
        first_contact=introduction.met_on,
        first_contact_precision=introduction.met_precision,
        by=by,
    )


def _organisation_of(person: Person, meeting: Meeting) -> Organisation:
    organisation = introductions.organisation_at(person, meeting)
    if organisation is None:
        raise InvalidError(
            _(
                "It is not known which organisation %(name)s belongs to. Say so on the person's page first.",
                name=person.full_name,
            )
        )
    return organisation


def adult(person: Person | None, field: str = "focal_person") -> Person | None:
    """The person, canonical; raises InvalidError for a child."""
    person = directory.canonical(person) if person is not None else None
    if person is not None and person.is_child:
        raise InvalidError(_("A partnership's people are adults. Name an adult of the organisation."), field=field)
    return person


def hold(partnership: Partnership, version: int | None) -> None:
    """Take turns on one partnership; raises StaleError when it is no longer the version that the person saw."""
    if lock(Partnership, partnership.id) is None:
        raise NotFoundError
    if partnership.merged_into_id is not None:
        raise JoinedError
    if version is not None and partnership.version != version:
        raise StaleError


def touch(partnership: Partnership) -> None:
    """Count a change of a part as a change of the whole."""
    flag_modified(partnership, "created_at")  # the whole says nothing new: only its version counts up
    db.session.flush()
    db.session.expire(partnership)


def differences(row: Any, values: dict[str, Any]) -> dict[str, Any]:
    """What stood before in the fields that ``values`` changes."""
    return {name: plain(getattr(row, name)) for name, value in values.items() if getattr(row, name) != value}


@said
def change(partnership: Partnership, *, by: Actor, version: int | None = None, **values: Any) -> None:
    """Change title, summary, visibility or sensitivity, and the ``levels`` (LevelKind) it works on."""
    hold(partnership, version)
    levels: Iterable[LevelKind] | None = values.pop("levels", None)
    before = differences(partnership, values)
    for name, value in values.items():
        setattr(partnership, name, value)
    guard_people_at_risk(partnership)
    _fits(partnership)
    if levels is not None:
        before.update(_set_levels(partnership, set(levels)))
    if before:
        touch(partnership)
        audit.record(by, "changed", partnership, meeting_id=_meeting_id(partnership), before=before)


def guard_people_at_risk(partnership: Partnership) -> None:
    """Hide a partnership where it says that people are at risk, or where one of its people is known to be."""
    origin = partnership.origin
    met = [origin.introduction.a, origin.introduction.b] if origin is not None and origin.introduction else []
    people = [*met, *(party.focal_person for party in partnership.parties)]
    if any(person is not None and person.at_risk for person in people):
        partnership.sensitivity = Sensitivity.PEOPLE_AT_RISK
    if partnership.sensitivity is Sensitivity.PEOPLE_AT_RISK:
        partnership.visibility = Visibility.HIDDEN


def _fits(partnership: Partnership) -> None:
    """What is sensitive stays with the secretariat."""
    outside = (Visibility.MEMBERS, Visibility.PUBLIC)
    if partnership.sensitivity is Sensitivity.SENSITIVE and partnership.visibility in outside:
        raise InvalidError(
            _("It is marked as sensitive, so only the secretariat may read it. Change one of the two."),
            field="visibility",
        )


def _set_levels(partnership: Partnership, wanted: set[LevelKind]) -> dict[str, Any]:
    present = {level.level for level in partnership.levels}
    if present == wanted:
        return {}
    for level in list(partnership.levels):
        if level.level not in wanted:
            partnership.levels.remove(level)
    for kind in LevelKind:
        if kind in wanted - present:
            partnership.levels.append(Level(level=kind))
    return {"levels": sorted(level.value for level in present)}


@said
def set_origin(partnership: Partnership, *, by: Actor, version: int | None = None, **values: Any) -> None:
    """Say where it began (``Origin``'s fields). The introduction and the session must be of the same meeting."""
    hold(partnership, version)
    origin = partnership.origin or Origin()
    meeting = values.get("meeting", origin.meeting)
    for name in ("introduction", "session"):
        row = values.get(name, getattr(origin, name))
        if row is not None and (meeting is None or row.meeting_id != meeting.id):
            raise InvalidError(_("This belongs to another meeting than the one you chose."), field=name)
    if values.get("first_contact") is None and "first_contact" in values:
        values["first_contact_precision"] = Precision.UNKNOWN
    linked = ("meeting", "session", "introduction")
    before = differences(origin, {name: value for name, value in values.items() if name not in linked})
    for name in linked:
        if name in values and getattr(origin, name) is not values[name]:
            before[name] = getattr(getattr(origin, name), "id", None)
    for name, value in values.items():
        setattr(origin, name, value)
    partnership.origin = origin
    if before:
        guard_people_at_risk(partnership)
        touch(partnership)
        audit.record(by, "changed the origin of", partnership, meeting_id=_meeting_id(partnership), before=before)
    follow_ups.schedule(partnership)


def _meeting_id(partnership: Partnership) -> int | None:
    return partnership.origin.meeting_id if partnership.origin else None


@said
def move(partnership: Partnership, state: PartnershipState, *, by: Actor, version: int | None = None) -> None:
    """Take a partnership to another state; the only place that does. What ends is asked about no more."""
    hold(partnership, version)
    if state not in MOVES[partnership.state]:
        raise IllegalMoveError
    audit.record(
        by, f"set to {state.value}", partnership, meeting_id=_meeting_id(partnership), before=partnership.state.value
    )
    partnership.state = state
    db.session.flush()
    if not MOVES[state]:
        follow_ups.close(partnership)
