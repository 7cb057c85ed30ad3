"""``eventhub user``: make staff accounts and give roles, from the command line of the server."""

import sys

import click

from eventhub import signin
from eventhub.accounts import queries, service
from eventhub.accounts.models import User
from eventhub.audit import SYSTEM
from eventhub.db import db, writing
from eventhub.errors import RuleError
from eventhub.meetings import queries as meetings
from eventhub.pages import clean_line
from eventhub.security import Role

ROLE = click.Choice([role.value for role in Role])


@click.group("user")
def commands() -> None:
    """Staff accounts and their roles."""
    writing.set(True)


@commands.command("create")
@click.option("--email", required=True, help="The person signs in with it.")
@click.option("--name", default="", help="How the person is called.")
@click.option("--role", type=ROLE, required=True)
@click.option("--meeting", metavar="SLUG", help="Where the role holds; without it: in all meetings.")
@click.option("--password-stdin", is_flag=True, help="Read a password from standard input; else a letter is sent.")
def create(email: str, name: str, role: str, meeting: str | None, password_stdin: bool) -> None:
    """Make an account with a role."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    if "@" not in email:
        raise click.BadParameter("this is not a whole e-mail address", param_hint="--email")
    try:
        user = service.create(email=clean_line(email), name=clean_line(name), password=password, by=SYSTEM)
        service.grant(user, Role(role), _meeting_id(meeting), by=SYSTEM)
        if password is None:
            signin.send_invitation(user, by="EventHub")
    except RuleError as error:
        db.session.rollback()
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"{user.email} is now {_where(role, meeting)}.")
    if password is None:
        click.echo("A letter with a link for the password is on its way.")


@commands.command("grant")
@click.argument("email")
@click.argument("role", type=ROLE)
@click.option("--meeting", metavar="SLUG", help="Where the role holds; without it: in all meetings.")
def grant(email: str, role: str, meeting: str | None) -> None:
    """Give EMAIL one more ROLE."""
    try:
        service.grant(_user(email), Role(role), _meeting_id(meeting), by=SYSTEM)
    except RuleError as error:
        db.session.rollback()
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"{email} is now {_where(role, meeting)}.")


@commands.command("list")
def show() -> None:
    """List accounts with their roles."""
    slugs = {m.id: m.slug for m in meetings.list_meetings()}
    for user in queries.list_users():
        roles = ", ".join(_where(g.role.value, slugs[g.meeting_id] if g.meeting_id else None) for g in user.grants)
        closed = "" if user.active else " (closed)"
        click.echo(f"{user.email}{closed}\t{user.name}\t{roles or 'no role'}")


def _user(email: str) -> User:
    user = queries.find_user(email)
    if user is None:
        raise click.ClickException(f"There is no account {email}. Make one: eventhub user create --email {email} …")
    return user


def _meeting_id(slug: str | None) -> int | None:
    return meetings.get_meeting(slug).id if slug else None


def _where(role: str, slug: str | None) -> str:
    return f"{role} of {slug or 'all meetings'}"
