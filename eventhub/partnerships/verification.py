"""Asking a party whether the facts are true, and its answer by its own link.

An answer is added, never changed back: a change of mind is a new round. It keeps the facts as they were shown. Staff
ask; only the party's link answers.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.errors import IllegalMoveError, InvalidError, LinkExpiredError, LinkWithdrawnError
from eventhub.partnerships import corrections, ladder, letters, queries
from eventhub.partnerships.facts import facts
from eventhub.partnerships.models import Partnership, Party, Verification
from eventhub.partnerships.service import ChangedError as ChangedError
from eventhub.partnerships.states import VERIFICATION_MOVES, FieldGroup, PartnershipState, VerificationState
from eventhub.security import read_token

LINK_WORKS = timedelta(days=365)
SAME_QUESTION = timedelta(days=1)  # asked again sooner, it is the same question
NO_REPLY_AFTER = timedelta(days=60)


def ask(party: Party, *, by: Actor, group: FieldGroup = FieldGroup.FACTS, at: datetime | None = None) -> Verification:
    """Ask a party to confirm one group of facts; a letter with its link goes out after the commit.

    Asked twice within a day, it is the same question. A newer question withdraws the older one's link.
    """
    at = at or clock.now()
    partnership = party.partnership
    lock(Partnership, partnership.id)
    to = letters.addressee(party)
    if partnership.state is PartnershipState.CANCELLED:
        raise InvalidError(_("This partnership was cancelled. There is nothing to confirm."))
    if len(partnership.parties) < ladder.FEWEST_PARTIES:
        raise InvalidError(_("A partnership has two parties at least. Add the other one before you ask."))
    if to is None:
        raise InvalidError(
            _(
                "There is no e-mail address for %(name)s. Name a focal person with one, "
                "or give the organisation an address.",
                name=party.organisation.name,
            )
        )
    newest = queries.newest_round(party.id, group)
    asked_of_id = to.person.id if to.person is not None else None
    if newest is not None and newest.state is VerificationState.ASKED:
        if at - newest.asked_at < SAME_QUESTION and newest.asked_of_id == asked_of_id:
            return newest
        _move(newest, VerificationState.NO_REPLY)
    _withdraw_links(party, group)
    row = Verification(
        partnership=partnership,
        party=party,
        field_group=group,
        round=newest.round + 1 if newest is not None else 1,
        asked_of_id=asked_of_id,
        asked_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(by, "asked a party of", partnership, meeting_id=_meeting_id(partnership), party=party.id)
    letters.verification(row, to)
    return row


def ask_all(partnership: Partnership, *, by: Actor, group: FieldGroup = FieldGroup.FACTS) -> list[Verification]:
    """Ask each party that has not confirmed the facts as they stand."""
    words = queries.standing(partnership, group).words
    return [
        ask(party, by=by, group=group)
        for party in partnership.parties
        if words[party.id] is not ladder.Word.CONFIRMED and letters.addressee(party) is not None
    ]


def withdraw(party: Party, *, by: Actor, group: FieldGroup = FieldGroup.FACTS) -> None:
    """Make the links of a party's questions stop working; what it answered stays."""
    lock(Partnership, party.partnership_id)
    newest = queries.newest_round(party.id, group)
    if newest is not None and newest.state is VerificationState.ASKED:
        _move(newest, VerificationState.NO_REPLY)
    _withdraw_links(party, group)
    audit.record(by, "withdrew the link to", party.partnership, party=party.id)


def _withdraw_links(party: Party, group: FieldGroup) -> None:
    db.session.flush()
    db.session.execute(
        sa.update(Verification)
        .where(Verification.party_id == party.id, Verification.field_group == group)
        .values(link_version=Verification.link_version + 1)
    )


def _move(row: Verification, state: VerificationState) -> None:
    if state not in VERIFICATION_MOVES[row.state]:
        raise IllegalMoveError
    row.state = state
    db.session.flush()


def _meeting_id(partnership: Partnership) -> int | None:
    return partnership.origin.meeting_id if partnership.origin else None


# the party's side


def open_link(token: str, *, at: datetime | None = None) -> Verification:
    """The question that a personal link opens, changing nothing. Raises LinkError or one of its kinds."""
    ident, version = read_token("verification", token)
    row = db.session.get(Verification, ident)
    if row is None or row.link_version != version:
        raise LinkWithdrawnError(meeting_id=queries.meeting_of(row.partnership) if row is not None else None)
    if (at or clock.now()) > row.asked_at + LINK_WORKS or row.partnership.state is PartnershipState.CANCELLED:
        raise LinkExpiredError(meeting_id=queries.meeting_of(row.partnership))
    if row.partnership.merged_into_id is not None:
        raise LinkExpiredError(queries.JOINED, meeting_id=queries.meeting_of(row.partnership))
    return row


def digest(partnership: Partnership, group: FieldGroup) -> str:
    """A short mark of the facts as they are, which travels with the form: one confirms only what one saw."""
    text = json.dumps(facts(partnership, group), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def answer(
    row: Verification,
    *,
    state: VerificationState,
    by_name: str,
    seen: str,
    words: str = "",
    typed: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Verification:
    """A party confirms, corrects or disputes what its link showed; ``seen`` is the mark of the facts it saw.
    ``typed`` are its corrections of single fields ("activity:12/start"), which become proposals.

    The same answer twice is one; another answer later is a new round beside the old. Raises ChangedError when the
    facts changed meanwhile, InvalidError when words or a name are missing.
    """
    if state not in queries.STANDS:
        raise InvalidError(_("Choose one of the three answers."), field="state")
    if not by_name:
        raise InvalidError(
            _("Write your name, so that it is clear who answers for your organisation."), field="by_name"
        )
    fixes = corrections.read(row.partnership, row.field_group, typed or {})
    if fixes and state is VerificationState.CONFIRMED:
        raise InvalidError(_("You wrote corrections. Press “Correct it” to send them, or empty those fields."))
    if state is not VerificationState.CONFIRMED and not words and not fixes:
        raise InvalidError(_("Write what is not right, and how it was."), field="words")
    partnership = row.partnership
    lock(Partnership, partnership.id)
    if seen != digest(partnership, row.field_group):
        raise ChangedError
    newest = queries.newest_round(row.party_id, row.field_group)
    shown = facts(partnership, row.field_group)
    if newest is None:
        raise LinkWithdrawnError
    if newest.state is state and (newest.words, newest.by_name, newest.old_value) == (words, by_name, shown):
        corrections.propose(newest, corrections.unsaid(newest, fixes))
        return newest
    if newest.state is not VerificationState.ASKED:
        newest = _next_round(newest, of=row)
    newest.words, newest.by_name, newest.old_value = words, by_name, shown
    newest.answered_at = at or clock.now()
    _move(newest, state)
    corrections.propose(newest, fixes)
    actor = Actor("party", str(row.party_id), by_name)
    audit.record(actor, state.value, partnership, meeting_id=_meeting_id(partnership), party=row.party_id)
    return newest


def _next_round(newest: Verification, *, of: Verification) -> Verification:
    """A row for another answer to the question ``of``, beside the one that was given before."""
    row = Verification(
        partnership=of.partnership,
        party_id=of.party_id,
        field_group=of.field_group,
        round=newest.round + 1,
        asked_of_id=of.asked_of_id,
        asked_at=of.asked_at,
        state=VerificationState.ASKED,
    )
    db.session.add(row)
    return row


def agree(row: Verification, proposal_id: int, *, by_name: str, seen: str) -> None:
    """A party agrees to what another one corrected: the record says so from now on. Raises ChangedError."""
    if not by_name:
        raise InvalidError(
            _("Write your name, so that it is clear who answers for your organisation."), field="by_name"
        )
    lock(Partnership, row.partnership_id)
    if seen != digest(row.partnership, row.field_group):
        raise ChangedError
    offered = {found.id: found for found in corrections.open_proposals(row.partnership, not_of=row.party_id)}
    if proposal_id in offered:
        party = row.party.organisation.name
        corrections.accept(offered[proposal_id], by=Actor("party", str(row.party_id), f"{by_name}, {party}"))


def close_unanswered(at: datetime) -> int:
    """Note "no reply" for questions that waited too long; a late answer still counts. Returns how many."""
    rows = db.session.scalars(
        sa.select(Verification).where(
            Verification.state == VerificationState.ASKED, Verification.asked_at < at - NO_REPLY_AFTER
        )
    ).all()
    for row in rows:
        _move(row, VerificationState.NO_REPLY)
    return len(rows)
