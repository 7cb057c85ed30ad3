"""A party's correction is a proposal: what stands and what it says are kept side by side until staff or another party
decide. Taken over, the record says it with the party's name as the reason; the parties are then asked anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from eventhub import clock
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.directory import imprecise
from eventhub.errors import InvalidError, NotAllowedError, StaleError
from eventhub.partnerships import facts, parts, service, statements
from eventhub.partnerships.models import Activity, Origin, Partnership, Proposal, StageStatement, Verification
from eventhub.partnerships.states import FieldGroup, Influence, KnewBefore, OriginKind, ProposalState

LONGEST_TYPED = 5000
LONGEST = {"title": 200, "summary": 4000, "place": 300}
STAGE = "stage"
ANSWERS = ("exchanges_information", "alters_activities", "shares_resources", "enhances_capacity")
_YES_NO = {"yes": True, "no": False}
_VOCABULARIES: dict[str, type[StrEnum]] = {"kind": OriginKind, "knew_before": KnewBefore, "influence": Influence}
_DATES = frozenset({"first_contact", "start", "end"})


@dataclass(frozen=True)
class Correctable:
    """One field that a party may correct, with what stands there, as it would be typed."""

    item: str
    field: str
    stands: str
    about: str = ""  # the activity's title
    choices: list[str] = field(default_factory=list)  # of its vocabulary; none: free text

    @property
    def name(self) -> str:
        return f"{self.item}/{self.field}"


def correctable(partnership: Partnership, group: FieldGroup) -> list[Correctable]:
    """What a party that is asked about this group may correct field by field; all else it says in words."""
    origin = partnership.origin
    begun = [
        Correctable(facts.ORIGIN, name, _typed(origin, name), choices=[m.value for m in _VOCABULARIES.get(name, ())])
        for name in ("first_contact", "kind", "knew_before", "influence")
        if origin is not None
    ]
    if group is FieldGroup.ORIGIN:
        return begun
    if group is FieldGroup.STAGE:
        newest = partnership.stages[-1] if partnership.stages else None
        return [Correctable(STAGE, name, _typed(newest, name), choices=list(_YES_NO)) for name in ANSWERS]
    if group is FieldGroup.PUBLIC_TEXT:
        return [Correctable(facts.CORE, name, getattr(partnership, name)) for name in ("title", "summary")]
    found = [Correctable(facts.CORE, "title", partnership.title), *begun[:1]]
    for row in partnership.activities:
        for name in ("title", "start", "end", "place"):
            found.append(Correctable(facts.activity_key(row), name, _typed(row, name), about=row.title))
    return found


def _typed(row: Origin | Activity | StageStatement | None, name: str) -> str:
    """A field as it would be typed: "2019-Q3", "yes", "unknown"."""
    if row is None:
        return ""
    value = getattr(row, name)
    if name in _DATES:
        return imprecise.written(value, getattr(row, f"{name}_precision"))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.value if isinstance(value, StrEnum) else value or "")


def read(partnership: Partnership, group: FieldGroup, typed: Mapping[str, str]) -> list[tuple[Correctable, str]]:
    """Which of the typed values differ from what stands. Raises InvalidError for one that makes no sense."""
    found = []
    for one in correctable(partnership, group):
        said = typed.get(one.name, "").strip()
        if not said or said == one.stands:
            continue
        if one.choices and said not in one.choices:
            raise InvalidError(_("Choose one of the answers."))
        if len(said) > LONGEST.get(one.field, 300):
            raise InvalidError(_("One of the corrections is too long. Write it in a few words, and the rest below."))
        if one.field in _DATES:
            said = imprecise.written(*imprecise.parse(said))
            if not said or said == one.stands:
                continue
        found.append((one, said))
    return found


def propose(answer: Verification, fixes: list[tuple[Correctable, str]]) -> None:
    """Keep a party's corrections beside what stands; what it proposed earlier for the same field is replaced."""
    for one, said in fixes:
        for row in answer.partnership.proposals:
            same = (row.party_id, row.item, row.field) == (answer.party_id, one.item, one.field)
            if same and row.state is ProposalState.OPEN:
                row.state = ProposalState.REPLACED
        answer.partnership.proposals.append(
            Proposal(
                party_id=answer.party_id, verification_id=answer.id, item=one.item, field=one.field,
                stood=one.stands, proposed=said, created_at=answer.answered_at or clock.now(),
            )
        )  # fmt: skip
    db.session.flush()


def unsaid(answer: Verification, fixes: list[tuple[Correctable, str]]) -> list[tuple[Correctable, str]]:
    """Those of the corrections that this very answer has not made yet: sent twice is once."""
    known = {
        (row.item, row.field, row.proposed) for row in answer.partnership.proposals if row.verification_id == answer.id
    }
    return [(one, said) for one, said in fixes if (one.item, one.field, said) not in known]


def open_proposals(partnership: Partnership, *, not_of: int | None = None) -> list[Proposal]:
    """What waits for a decision, oldest first; ``not_of`` leaves out one party's own."""
    return [row for row in partnership.proposals if row.state is ProposalState.OPEN and row.party_id != not_of]


def accept(proposal: Proposal, *, by: Actor, version: int | None = None) -> None:
    """The record says from now on what the party says. By staff, or by another party; twice is once."""
    partnership = proposal.partnership
    service.hold(partnership, version)
    db.session.refresh(proposal)
    if by.kind == "party" and by.ident == str(proposal.party_id):
        raise NotAllowedError(_("This is your own correction. Another party, or the secretariat, decides about it."))
    if proposal.state is not ProposalState.OPEN:
        return
    party = proposal.party.organisation.name
    _apply(partnership, proposal, by=by, why=f"As {party} corrected it")
    _decide(proposal, ProposalState.ACCEPTED, by)


def decline(proposal: Proposal, *, by: Actor, version: int | None = None) -> None:
    """The record stays as it stands; what the party said is kept."""
    service.hold(proposal.partnership, version)
    db.session.refresh(proposal)
    if proposal.state is ProposalState.OPEN:
        _decide(proposal, ProposalState.DECLINED, by)


def _decide(proposal: Proposal, state: ProposalState, by: Actor) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, by.name, clock.now()
    db.session.flush()


def _apply(partnership: Partnership, proposal: Proposal, *, by: Actor, why: str) -> None:
    said: dict[str, Any] = {"by": by, "why": why}
    values = _values(proposal)
    if proposal.item == STAGE:
        _add_statement(partnership, proposal, values, said)
        return
    row = statements.find_row(partnership, proposal.item)
    if row is None:
        raise StaleError(_("What this corrects was removed meanwhile. Look at the record again."))
    if proposal.item == facts.CORE:
        service.change(partnership, **said, **values)
    elif proposal.item == facts.ORIGIN:
        service.set_origin(partnership, **said, **values)
    else:
        parts.change(partnership, "activity", row.id, **said, **values)


def _add_statement(partnership: Partnership, proposal: Proposal, values: dict[str, Any], said: dict[str, Any]) -> None:
    """How close the work is has a history: what a party says is a new statement, with what it left as it was."""
    newest = partnership.stages[-1] if partnership.stages else None
    day = proposal.created_at.date()
    answers = {name: getattr(newest, name) if newest is not None else None for name in ANSWERS} | values
    mine = next(
        (s for s in partnership.stages if s.stated_on == day and s.stated_by == proposal.party.organisation.name), None
    )
    if mine is not None:
        parts.change(partnership, STAGE, mine.id, **said, **values)
    else:
        name = proposal.party.organisation.name
        parts.add(partnership, STAGE, **said, stated_on=day, stated_by=name, **answers)


def _values(proposal: Proposal) -> dict[str, Any]:
    """What is set, as the services take it."""
    name, text = proposal.field, proposal.proposed
    if name in _DATES:
        value, precision = imprecise.parse(text)
        return {name: value, f"{name}_precision": precision}
    if proposal.item == STAGE:
        return {name: _YES_NO[text]}
    return {name: _VOCABULARIES[name](text) if proposal.item == facts.ORIGIN else text}
