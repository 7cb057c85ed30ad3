"""Rules for what a participant records from their own page: I met this person, they may have my address, meet each other.

The pair at a meeting is the key, so the same badge sent twice, by both sides or by both at once is one introduction.
A badge sent again never overturns an answer: what a phone kept while off line may come after the person thought again.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.badges import queries as badges
from eventhub.db import db, lock
from eventhub.directory import queries as directory
from eventhub.directory.models import Person, Precision
from eventhub.errors import InvalidError, NotFoundError, RuleError
from eventhub.networking import letters, queries, queries_met, service
from eventhub.networking.models import Introduction, IntroductionSource
from eventhub.networking.queries import Standing
from eventhub.programme.models import Session
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState

KEPT_FOR = timedelta(days=60)  # how long ago a phone may say that it read a badge


class NotForYouError(RuleError):
    status = 403
    sentence = _(
        "Introductions are kept for adults only. If somebody wants to stay in touch, they can write to the "
        "organisation, and an adult there answers."
    )


class NotTakingPartError(RuleError):
    sentence = _(
        "Your registration is not confirmed, so nothing can be recorded yet. Your own page says what is missing."
    )


class UnknownBadgeError(NotFoundError):
    sentence = _(
        "This is neither the code of a badge nor the name of somebody who takes part here. "
        "Look at the badge again: type the name exactly as it stands there, or the code."
    )


class OtherMeetingsBadgeError(RuleError):
    sentence = _("This badge belongs to another meeting. Open your page of that meeting to record it.")


class OwnBadgeError(RuleError):
    sentence = _("This is your own badge. Scan the badge of the person you met.")


class EndedBadgeError(RuleError):
    sentence = _("This badge does not count any more. Scan the newer one, or type the person's name.")


class PrivateBadgeError(RuleError):
    """One sentence for children and for people at risk, so that it does not tell which."""

    sentence = _(
        "For this badge no introductions are kept. Some people take part without a record of whom they met, "
        "everybody under 18 among them. Nothing was recorded."
    )


class PrivateError(RuleError):
    sentence = _("Of this 1:1 meeting no introduction is kept, for the other person's safety. Nothing was recorded.")


class SeveralNamedError(RuleError):
    sentence = _("More than one person has this name. Scan the badge, or type the code that stands on it.")


class SaidNoError(RuleError):
    sentence = _(
        "You said before that you did not meet this person. If that was a slip, change your answer in the list."
    )


def check_may_meet(registration: Registration) -> Person:
    """The adult who acts. Raises NotForYouError, NotTakingPartError."""
    me = directory.canonical(registration.person)
    if registration.is_child or me.is_child:
        raise NotForYouError
    if registration.state is not RegistrationState.CONFIRMED:
        raise NotTakingPartError
    return me


def meet(
    registration: Registration,
    badge: str,
    *,
    session: Session | None = None,
    topic: str = "",
    shares: bool = False,
    at: datetime | None = None,
) -> Introduction:
    """Record that this participant met the holder of a badge (its code, its address, or the name on it) at ``at``.

    Saying so is this side's yes; the other side is asked. Again, or from the other side, it is the same introduction.
    """
    me = check_may_meet(registration)
    other = _whom(registration, me, badge)
    return _record(registration, me, other, session=session, topic=topic, shares=shares, at=at)


def meet_person(
    registration: Registration, theirs: Registration, *, shares: bool = False, at: datetime | None = None
) -> Introduction:
    """The same without a badge, of two who agreed to meet: the other takes part under ``theirs``."""
    me, other = check_may_meet(registration), directory.canonical(theirs.person)
    if theirs.is_child or other.is_child or (other.at_risk and not _agreed(registration, me, other)):
        raise PrivateError
    return _record(registration, me, other, shares=shares, at=at)


def _record(
    registration: Registration,
    me: Person,
    other: Person,
    *,
    shares: bool,
    at: datetime | None,
    session: Session | None = None,
    topic: str = "",
) -> Introduction:
    by, day = _actor(me), _day(registration, at)
    service.check_begun(registration.meeting, day)  # a phone may have read the badge long before it was on line
    introduction = service.introduce(
        meeting=registration.meeting,
        a=me,
        b=other,
        session=session,
        topic=topic,
        met_on=day,
        precision=Precision.DAY,
        source=IntroductionSource.PERSON,
        by=by,
    )
    lock(Introduction, introduction.id)
    mine, theirs = _sides(introduction, me)
    said = getattr(introduction, f"{mine}_answer")
    if said is False:
        raise SaidNoError
    if said is None:
        service.answer(introduction, mine, True)
    if shares:
        _share(introduction, mine, True, by)
    if getattr(introduction, f"{theirs}_answer") is None:
        _tell(introduction, theirs, other)
    return introduction


def _whom(registration: Registration, me: Person, text: str) -> Person:
    badge = badges.find_badge(text)
    if badge is None:
        named = queries_met.list_named(registration.meeting_id, text)
        others = [row for row in named if row.id != registration.id]
        if len(others) > 1:
            raise SeveralNamedError(field="badge")
        if not others:
            raise OwnBadgeError(field="badge") if named else UnknownBadgeError(field="badge")
        return directory.canonical(others[0].person)
    theirs = badge.registration
    if theirs.meeting_id != registration.meeting_id:
        raise OtherMeetingsBadgeError(field="badge")
    other = directory.canonical(theirs.person)
    if other.id == me.id:
        raise OwnBadgeError(field="badge")
    if theirs.is_child or other.is_child or (other.at_risk and not _agreed(registration, me, other)):
        raise PrivateBadgeError(field="badge")
    if not badges.is_valid(badge):
        raise EndedBadgeError(field="badge")
    return other


def _agreed(registration: Registration, me: Person, other: Person) -> bool:
    """Whether somebody at risk has already said, about this very person, that they met."""
    found = queries.find_introduction(registration.meeting_id, me, other)
    return found is not None and queries.has_said_yes(found, other)


def _day(registration: Registration, at: datetime | None) -> date:
    """The day in the place's zone; a phone whose clock cannot be right is not believed."""
    now = clock.now()
    moment = at if at is not None and now - KEPT_FOR <= at <= now else now
    return moment.astimezone(ZoneInfo(registration.meeting.tz)).date()


def _sides(introduction: Introduction, me: Person) -> tuple[str, str]:
    return ("a", "b") if introduction.a_id == me.id else ("b", "a")


def _actor(me: Person) -> Actor:
    return Actor("participant", str(me.id), me.full_name)


def _tell(introduction: Introduction, side: str, person: Person) -> None:
    """Ask one side by letter, once. About somebody at risk no letter is written: their page asks, and nothing else."""
    if person.email and queries.is_listed(introduction.a) and queries.is_listed(introduction.b):
        letters.ask(introduction, side, person)


def _share(introduction: Introduction, side: str, shares: bool, by: Actor) -> None:
    if getattr(introduction, f"{side}_shares") is shares:
        return
    setattr(introduction, f"{side}_shares", shares)
    db.session.flush()
    audit.record(by, "shares their address" if shares else "keeps their address", introduction)


def answer_own(registration: Registration, introduction_id: int, *, yes: bool, shares: bool) -> None:
    """This participant's answer about one introduction, and whether the other may have their address.

    Raises NotFoundError for an introduction of other people.
    """
    check_may_meet(registration)
    met = queries_met.get_met(registration, introduction_id)
    service.answer(met.introduction, met.side, yes)
    _share(met.introduction, met.side, yes and shares, _actor(directory.canonical(registration.person)))


def introduce_others(registration: Registration, first_id: int, second_id: int, *, topic: str = "") -> Introduction:
    """Bring two people together whom this participant met, each confirmed by both; both get a letter.

    The ids are those of the introductions to them. Raises InvalidError, NotFoundError.
    """
    me = check_may_meet(registration)
    if first_id == second_id:
        raise InvalidError(_("Choose two different people."), field="second")
    pair = [queries_met.get_met(registration, ident) for ident in (first_id, second_id)]
    if any(met.standing is not Standing.CONFIRMED or not queries.is_listed(met.other) for met in pair):
        raise InvalidError(_("You can introduce people who confirmed that they met you."), field="second")
    introduction = service.introduce(
        meeting=registration.meeting,
        a=pair[0].other,
        b=pair[1].other,
        introduced_by=me,
        topic=topic,
        met_on=_day(registration, None),
        source=IntroductionSource.MEMBER,
        by=_actor(me),
    )
    for side, person, said in (
        ("a", introduction.a, introduction.a_answer),
        ("b", introduction.b, introduction.b_answer),
    ):
        if said is None:
            _tell(introduction, side, person)
    return introduction
