"""Naming people: seats and alternates, children only where the meeting admits them, replacing, moving up."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.directory import service as directory_service
from eventhub.directory.models import Person
from eventhub.errors import IllegalMoveError, InvalidError, RuleError
from eventhub.invitations import letters, queries, service
from eventhub.invitations.models import Invitation, Nomination
from eventhub.invitations.states import SEATED, STANDING, InvitationState, NominationState, NomineeRole
from eventhub.meetings.models import Meeting


class NoMinorsError(InvalidError):
    sentence = _(
        "This meeting is for people of 18 and over, so a younger person cannot be named. "
        "Please name somebody who is 18 or over; thank you for thinking of young people."
    )


class SeatsFullError(InvalidError):
    sentence = _(
        "All your seats have a name. Take somebody back or replace them first, or name this person as an alternate."
    )


@dataclass(frozen=True)
class Nominee:
    """A person as the organisation names them. For a child: the name the child wants, and the adult who answers."""

    full_name: str
    email: str = ""
    latin_name: str = ""
    role: NomineeRole = NomineeRole.DELEGATE
    is_child: bool = False
    contact_name: str = ""
    contact_email: str = ""


def nominate(invitation: Invitation, nominee: Nominee, *, by: Actor, replaces: Nomination | None = None) -> Nomination:
    """Name a person; seated people get their letter at once, alternates when they move up.

    The same person named again is the same nomination. With ``replaces`` the new person takes that one's place.
    Raises NoMinorsError, SeatsFullError, InvalidError (with the field), AnswerClosedError.
    """
    invitation = service.hold(invitation, by=by)
    if invitation.person_id is not None:
        raise RuleError(_("This invitation is for one person, who cannot name somebody else. Write to the organisers."))
    if invitation.state is not InvitationState.ACCEPTED:
        raise RuleError(_("Accept the invitation first. Then name the people who will come."))
    role = _check(invitation.meeting, nominee)
    same = _find_same(invitation, nominee)
    if same is not None and same is not replaces:
        return same
    if replaces is not None:
        replaces = queries.get_nomination(replaces.id, invitation_id=invitation.id)
        if replaces.role in SEATED and role is NomineeRole.ALTERNATE:
            raise InvalidError(_("Choose the role of the person who comes instead."), field="role")
        service.take_back(replaces, NominationState.REPLACED, by=by)
    _check_room(invitation, role)
    nomination = Nomination(
        invitation=invitation,
        person=_person(invitation, nominee, by=by),
        role=role,
        rank=1 + max((n.rank for n in invitation.nominations), default=0),
        contact_name=nominee.contact_name if nominee.is_child else "",
        contact_email=nominee.contact_email if nominee.is_child else "",
    )
    db.session.add(nomination)
    db.session.flush()
    more = {"replaces": replaces.id} if replaces is not None else {}
    audit.record(by, "named", nomination, meeting_id=invitation.meeting_id, role=role.value, **more)
    if role in SEATED:
        _invite(nomination, by=by)
    return nomination


def come(invitation: Invitation, *, by: Actor) -> Nomination:
    """Who is invited alone accepts: that is their own nomination, by which they register. Twice is once.

    No letter follows: the page that they are on leads to the form, and the invitation's link stays theirs.
    """
    person = invitation.person
    if person is None:
        raise IllegalMoveError
    invitation = service.accept(invitation, by=by)
    standing = queries.standing(invitation)
    if standing:
        return standing[0]
    nomination = Nomination(
        invitation=invitation,
        person=directory.canonical(person),
        rank=1 + max((n.rank for n in invitation.nominations), default=0),
        invited_at=clock.now(),
    )
    db.session.add(nomination)
    db.session.flush()
    audit.record(by, "named", nomination, meeting_id=invitation.meeting_id, role=nomination.role.value)
    return service.move_nomination(nomination, NominationState.INVITED, by=by)


def withdraw(nomination: Nomination, *, by: Actor) -> Nomination:
    """Take a nomination back; who had a letter is told. Twice is once."""
    invitation = service.hold(nomination.invitation, by=by)
    nomination = queries.get_nomination(nomination.id, invitation_id=invitation.id)
    if nomination.state not in (NominationState.WITHDRAWN, NominationState.REPLACED, NominationState.DECLINED):
        service.take_back(nomination, NominationState.WITHDRAWN, by=by)
    return nomination


def move_up(nomination: Nomination, *, by: Actor) -> Nomination:
    """Give an alternate a free seat and the letter that goes with it. Twice is once."""
    invitation = service.hold(nomination.invitation, by=by)
    nomination = queries.get_nomination(nomination.id, invitation_id=invitation.id)
    if nomination.role is not NomineeRole.ALTERNATE:
        return nomination
    if nomination.state is not NominationState.NAMED:
        raise IllegalMoveError
    role = NomineeRole.CHILD_DELEGATE if nomination.person.is_child else NomineeRole.DELEGATE
    _check_room(invitation, role)
    nomination.role = role
    audit.record(by, "moved up", nomination, meeting_id=invitation.meeting_id)
    return _invite(nomination, by=by)


def _check(meeting: Meeting, nominee: Nominee) -> NomineeRole:
    """The role that is stored; raises InvalidError with the field that is wrong."""
    if not nominee.full_name:
        raise InvalidError(_("Write the person's name."), field="full_name")
    if not nominee.is_child:
        if not nominee.email:
            raise InvalidError(_("Write this person's e-mail address: the letter goes there."), field="email")
        return NomineeRole.DELEGATE if nominee.role is NomineeRole.CHILD_DELEGATE else nominee.role
    if not meeting.admits_children:
        raise NoMinorsError(field="adult")
    if nominee.role is NomineeRole.CHAPERONE:
        raise InvalidError(_("An adult who accompanies children is 18 or over. Choose another role."), field="role")
    if not nominee.contact_name:
        raise InvalidError(_("Write the name of the child's guardian or accompanying adult."), field="contact_name")
    if not nominee.contact_email:
        raise InvalidError(_("Write that adult's e-mail address: the letter goes there."), field="contact_email")
    return NomineeRole.ALTERNATE if nominee.role is NomineeRole.ALTERNATE else NomineeRole.CHILD_DELEGATE


def _check_room(invitation: Invitation, role: NomineeRole) -> None:
    """Seats, and as many alternates as seats; counted under the invitation's lock."""
    standing = [n for n in invitation.nominations if n.state in STANDING]
    alternates = sum(1 for n in standing if n.role is NomineeRole.ALTERNATE)
    if role is NomineeRole.ALTERNATE:
        if alternates >= invitation.seats:
            raise InvalidError(_("You can name as many alternates as you have seats, not more."), field="role")
    elif len(standing) - alternates >= invitation.seats:
        raise SeatsFullError(field="role")


def _find_same(invitation: Invitation, nominee: Nominee) -> Nomination | None:
    """A standing nomination of this person, by name and address, so that a form sent twice names once."""
    name, address = directory.fold(nominee.full_name), nominee.contact_email if nominee.is_child else nominee.email
    for nomination in invitation.nominations:
        person = nomination.person
        kept = nomination.contact_email if person.is_child else person.email
        if (
            nomination.state in STANDING
            and person.is_child is nominee.is_child
            and directory.fold(person.full_name) == name
            and directory.email_key(kept) == directory.email_key(address)
        ):
            return nomination
    return None


def _person(invitation: Invitation, nominee: Nominee, *, by: Actor) -> Person:
    """The adult whom the directory knows by this address and this name, else a new person.

    An address alone is not enough: offices share them, and a link must not tell whose name belongs to an address.
    """
    if nominee.is_child:
        # only the name it wants: a child's own address, phone and passport name are never asked for here
        return directory_service.create_person(
            full_name=nominee.full_name,
            called=nominee.full_name,
            language=invitation.language,
            is_child=True,
            by=by,
        )
    known = directory.find_person_by_email(nominee.email)
    if known is None or directory.fold(known.full_name) != directory.fold(nominee.full_name):
        known = directory_service.create_person(
            full_name=nominee.full_name,
            latin_name=nominee.latin_name,
            email=nominee.email,
            language=invitation.language,
            by=by,
        )
    if invitation.organisation:
        directory_service.affiliate(known, invitation.organisation, by=by)  # said again, it adds nothing
    return known


def _invite(nomination: Nomination, *, by: Actor) -> Nomination:
    service.move_nomination(nomination, NominationState.INVITED, by=by)
    nomination.invited_at = clock.now()
    letters.send_nomination(nomination)
    db.session.flush()
    return nomination
