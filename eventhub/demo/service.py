"""Fills the believable network of ``eventhub up --demo``, once, through the services; says how to sign in."""

import secrets
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from eventhub import clock
from eventhub.accounts import service as accounts
from eventhub.audit import SYSTEM
from eventhub.badges import service as badges
from eventhub.db import db
from eventhub.demo import (
    arrivals,
    children,
    editions,
    follow_ups,
    lists,
    network,
    one_to_ones,
    outcomes,
    papers,
    promises,
    real_case,
    reporting,
    seating,
    stories,
    wishes,
)
from eventhub.demo.editions import Edition
from eventhub.mail.models import Message
from eventhub.mail.states import MessageState
from eventhub.meetings import queries as meetings
from eventhub.security import Role

# who can sign in, for which meeting (None: all)
STAFF = (
    ("administrator@riverside-forum.example", "Amara Devi", Role.ADMINISTRATOR, None),
    ("organiser@riverside-forum.example", "Chan Organiser", Role.ORGANISER, editions.COMING),
    ("door@riverside-forum.example", "Noy at the door", Role.DOOR, children.SLUG),
    ("safeguarding@riverside-forum.example", "Focal point", Role.SAFEGUARDING, children.SLUG),
    ("reader@riverside-forum.example", "A board member", Role.READER, None),
)


def fill_once(password: str = "") -> bool:
    """Fill an empty database; returns False, and changes nothing, when there is a series already."""
    if meetings.list_series():
        return False
    # a meeting's day begins at 04:00, so whoever tries the door at night is still in yesterday's meeting day
    today = (clock.now().astimezone(ZoneInfo("Asia/Bangkok")) - timedelta(hours=4)).date()
    made = network.fill()
    told = [*editions.fill(made, today), children.fill(made, today)]
    for edition in told:
        _tickets(edition)
    arrivals.fill(told[:-2], told[-1])
    papers.fill(told[-3])
    ahead = [row for row in told if row.meeting.ends >= today]
    wishes.fill(ahead)
    one_to_ones.fill(ahead)
    lists.fill(told[0])
    seating.fill(next(edition for edition in ahead if edition.meeting.slug == editions.COMING))
    outcomes.fill(told[:-1])
    promises.fill(told[len(editions.EDITIONS) - 1])
    follow_ups.fill(told[len(editions.EDITIONS) - 1])
    follow_ups.of_the_parties(today)
    real_case.fill()
    stories.fill("riverside-forum")
    _letters_of_the_past()
    reporting.fill()
    for email, name, role, slug in STAFF:
        user = accounts.create(email=email, name=name, password=password or None, by=SYSTEM)
        meeting = meetings.get_meeting(slug) if slug else None
        accounts.grant(user, role, meeting.id if meeting else None, by=SYSTEM)
    db.session.flush()
    return True


def _tickets(edition: Edition) -> None:
    """What the worker does after a confirmation: the badge and the ticket's letter, at the time of the confirmation."""
    for registration in edition.confirmed:
        with clock.frozen(registration.confirmed_at or clock.now()):
            badges.react_to_confirmed(registration.id)


def _letters_of_the_past() -> None:
    """Letters of past years went out then. Nobody gets them now."""
    before = clock.now().replace(hour=0, minute=0)
    db.session.flush()
    db.session.execute(
        sa.update(Message)
        .where(Message.created_at < before, Message.state == MessageState.QUEUED)
        .values(state=MessageState.SENT, sent_at=Message.created_at)
    )


def password_of(data: Path) -> str:
    """The demo accounts' password: made once per data folder, kept there for whoever may read the folder."""
    path = data / "demo-password"
    if not path.is_file():
        path.write_text(secrets.token_urlsafe(12))
        path.chmod(0o600)
    return path.read_text().strip()


def how_to_sign_in(base_url: str, password: str) -> str:
    """What ``eventhub up --demo`` prints."""
    people = "\n".join(f"    {email:<42} {role.value}" for email, _, role, _ in STAFF)
    return (
        f"\nThe demo's network is invented, but for one published story (APPM, Manila 2018).\n\n"
        f"  Public page     {base_url}/m/{editions.COMING}\n"
        f"  Staff           {base_url}/staff/\n"
        f"{people}\n"
        f"    password        {password}\n"
        f"  Letters         {base_url}/demo/letters/   (every letter ends here; open one to act as its reader)\n"
        f"  A meeting today {base_url}/m/{children.SLUG}   (try its door)\n"
    )
