"""Asking somebody independent whether one item is so, and their answer by their own link.

Independent is who belongs to none of the parties: neither by address nor by organisation, when asked and when
answering. What they say holds for the item as they saw it; a later change is not theirs.
"""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory import queries as directory
from eventhub.errors import InvalidError, LinkExpiredError, LinkWithdrawnError
from eventhub.mail import addresses
from eventhub.partnerships import facts, letters, queries, sight
from eventhub.partnerships.models import Partnership, Substantiation
from eventhub.partnerships.service import ChangedError, hold
from eventhub.partnerships.states import PartnershipState, Sensitivity, SubstantiationState
from eventhub.security import read_token

LINK_WORKS = timedelta(days=180)
# providers whose domain says nothing about where somebody belongs
ANYBODYS = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "ymail.com",
        "hotmail.com",
        "outlook.com",
        "live.com",
        "msn.com",
        "icloud.com",
        "me.com",
        "aol.com",
        "protonmail.com",
        "proton.me",
        "gmx.com",
        "gmx.net",
        "mail.com",
        "zoho.com",
        "yandex.com",
        "qq.com",
        "163.com",
        "126.com",
        "naver.com",
        "daum.net",
        "hanmail.net",
        "yahoo.co.jp",
        "rediffmail.com",
    ]
)
_NOT_APART = _("This is one of the parties. Ask somebody who belongs to none of them.")


class NotIndependentError(InvalidError):
    sentence = _NOT_APART


def ask(
    partnership: Partnership,
    *,
    name: str,
    email: str,
    by: Actor,
    language: str = "en",
    item: str = facts.CORE,
    at: datetime | None = None,
) -> Substantiation:
    """Ask somebody from outside about one item; a letter with a link goes out after the commit.

    The same person about the same item twice is one question. Raises NotIndependentError, InvalidError.
    """
    hold(partnership, None)
    address = addresses.read(email)
    if address is None:
        raise InvalidError(_("Write the whole e-mail address, such as name@example.org."), field="email")
    if item not in choices(partnership):
        raise InvalidError(_("Choose what to ask about."), field="item")
    if sight.is_hidden(partnership):
        raise InvalidError(_("This partnership is hidden because people are at risk. Nobody outside is told of it."))
    if partnership.sensitivity is Sensitivity.SENSITIVE:
        raise InvalidError(_("This partnership is marked as sensitive. Nobody outside the secretariat is told of it."))
    if partnership.state is PartnershipState.CANCELLED:
        raise InvalidError(_("This partnership was cancelled. There is nothing to confirm."))
    email = str(address)
    if _belongs(partnership, email=email):
        raise NotIndependentError(field="email")
    for row in partnership.substantiations:
        if (row.item, addresses.key(row.email), row.state) == (item, addresses.key(email), SubstantiationState.ASKED):
            return row
    row = Substantiation(item=item, asked_name=name, email=email, language=language, asked_at=at or clock.now())
    partnership.substantiations.append(row)
    db.session.flush()
    _record(by, "asked somebody independent about", row)
    letters.substantiation(row)
    return row


def choices(partnership: Partnership) -> list[str]:
    """The items that somebody from outside may be asked about."""
    activities = [facts.activity_key(row) for row in partnership.activities]
    return [facts.CORE, *activities, *(facts.outcome_key(row) for row in partnership.outcomes)]


def withdraw(row: Substantiation, *, by: Actor) -> None:
    """Take the question back, or set a statement aside: the link stops working, and nothing is counted by it."""
    lock(Partnership, row.partnership_id)
    if row.state is not SubstantiationState.WITHDRAWN:
        row.link_version += 1
        row.state = SubstantiationState.WITHDRAWN
        db.session.flush()
        _record(by, "set an independent statement aside on", row)


def set_aside_of_parties(partnership: Partnership, *, by: Actor) -> None:
    """A new party's own word is no independent one any more."""
    for row in partnership.substantiations:
        if row.state is SubstantiationState.GIVEN and _belongs(partnership, row.email, row.organisation):
            withdraw(row, by=by)


def _belongs(partnership: Partnership, email: str = "", organisation: str = "") -> bool:
    """Whether an address or an organisation's name is one of the parties', under any alias."""
    parties = {directory.canonical(party.organisation).id for party in partnership.parties}
    if organisation and any(found.id in parties for found in directory.match_organisations(organisation)):
        return True
    if not email:
        return False
    known = [party.organisation.email for party in partnership.parties]
    known += [party.focal_person.email for party in partnership.parties if party.focal_person is not None]
    theirs = {addresses.key(text) for text in known if text}
    key = addresses.key(email)
    domains = {text.rpartition("@")[2] for text in theirs} - ANYBODYS
    person = directory.find_person_by_email(email)
    homes = directory.list_affiliations(person) if person is not None else []
    return (
        key in theirs
        or key.rpartition("@")[2] in domains
        or any(directory.is_current(home) and directory.canonical(home.organisation).id in parties for home in homes)
    )


# the outsider's side


def open_link(token: str, *, at: datetime | None = None) -> Substantiation:
    """The question that a link opens, changing nothing. Raises LinkError or one of its kinds."""
    ident, version = read_token("substantiation", token)
    row = db.session.get(Substantiation, ident)
    if row is None or row.link_version != version:
        raise LinkWithdrawnError(meeting_id=queries.meeting_of(row.partnership) if row is not None else None)
    partnership = row.partnership
    over = (at or clock.now()) > row.asked_at + LINK_WORKS or partnership.state is PartnershipState.CANCELLED
    closed = sight.is_hidden(partnership) or partnership.sensitivity is Sensitivity.SENSITIVE
    if over or closed or row.item not in choices(partnership):
        raise LinkExpiredError(meeting_id=queries.meeting_of(row.partnership))
    if partnership.merged_into_id is not None:
        raise LinkExpiredError(queries.JOINED, meeting_id=queries.meeting_of(row.partnership))
    return row


def digest(row: Substantiation) -> str:
    """A mark of the facts as they are, which travels with the form: one answers only about what one saw."""
    text = json.dumps(facts.about(row.partnership, row.item), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def answer(
    row: Substantiation,
    *,
    yes: bool,
    seen: str,
    name: str,
    organisation: str,
    relation: str,
    statement: str,
    apart: bool,
    may_be_named: bool = False,
    contradicts: bool = False,
    at: datetime | None = None,
) -> Substantiation:
    """Somebody from outside confirms an item in their own words, says that it was not so (``contradicts``), or that
    they cannot tell.

    The same answer twice is one; a later one stands before the earlier, which is kept. Raises NotIndependentError,
    ChangedError, InvalidError for what is missing.
    """
    if not name:
        raise InvalidError(_("Write your name, so that it is clear who says so."), field="name")
    contradicts = contradicts and not yes
    if yes or contradicts:
        _complete(organisation=organisation, relation=relation, statement=statement, apart=apart)
    _hold_for_answer(row, organisation if yes or contradicts else "", seen)
    state = SubstantiationState.GIVEN if yes else SubstantiationState.DECLINED
    said: dict[str, Any] = {
        "name": name, "organisation": organisation, "relation": relation, "statement": statement,
        "may_be_named": may_be_named, "contradicts": contradicts,
    }  # fmt: skip
    shown = facts.about(row.partnership, row.item)
    if (row.state, row.shown) == (state, shown) and all(getattr(row, field) == value for field, value in said.items()):
        return row
    _keep_before(row, said)
    for field, value in said.items():
        setattr(row, field, value)
    row.state, row.shown, row.answered_at = state, shown, at or clock.now()
    db.session.flush()
    verb = "confirmed from outside" if yes else "contradicted from outside" if contradicts else "could not confirm"
    _record(Actor("outsider", str(row.id), name), verb, row)
    return row


def _hold_for_answer(row: Substantiation, organisation: str, seen: str) -> None:
    """Hold the row, and see that it still waits for who says so, about the facts that they saw; ``organisation`` is
    theirs where they say yes or no."""
    lock(Partnership, row.partnership_id)
    lock(Substantiation, row.id)
    if row.state is SubstantiationState.WITHDRAWN:
        raise LinkWithdrawnError
    if organisation and _belongs(row.partnership, row.email, organisation):
        raise NotIndependentError(
            _("This organisation is one of the parties. Somebody who belongs to none of them has to say it."),
            field="organisation",
        )
    if seen != digest(row):
        raise ChangedError


def _keep_before(row: Substantiation, fields: Collection[str]) -> None:
    """What was answered until now stays with the row, newest first."""
    if row.answered_at is not None:
        earlier = {field: getattr(row, field) for field in fields}
        row.before = [{**earlier, "state": row.state.value, "at": row.answered_at.isoformat()}, *row.before]


def _complete(*, organisation: str, relation: str, statement: str, apart: bool) -> None:
    if not organisation:
        raise InvalidError(_("Write your organisation, or what you do."), field="organisation")
    if not relation:
        raise InvalidError(_("Write how you know the parties."), field="relation")
    if not statement:
        raise InvalidError(_("Write what you know of it, in a sentence or two."), field="statement")
    if not apart:
        raise InvalidError(_("Only somebody who belongs to none of the parties can confirm this."), field="apart")


def _record(by: Actor, verb: str, row: Substantiation) -> None:
    origin = row.partnership.origin
    meeting_id = origin.meeting_id if origin is not None else None
    audit.record(by, verb, row.partnership, meeting_id=meeting_id, item=row.item, substantiation=row.id)
