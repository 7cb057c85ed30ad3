"""The demo's meetings: four past editions and one coming of an invented series, through the services' own rules.

What happened in the past is told with the clock held at the time when it happened.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from eventhub import clock
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.demo.network import Network
from eventhub.directory.models import Organisation, Person
from eventhub.invitations import service as invitations
from eventhub.invitations import service_naming as naming
from eventhub.invitations import service_quotas as quotas
from eventhub.invitations import service_sending as sending
from eventhub.invitations.models import Invitation
from eventhub.invitations.states import InvitationState, NominationState, NomineeRole
from eventhub.meetings import service as meetings
from eventhub.meetings.models import Meeting, Series
from eventhub.meetings.states import MeetingState
from eventhub.programme import service as programme
from eventhub.programme.models import Session
from eventhub.registration import service as registration
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.safeguarding.models import Purpose

SECRETARIAT = Actor("staff", "", "Riverside secretariat")
SECRETARIAT_NAME = "Riverside secretariat (invented)"
CONDUCT = (
    "Everybody is treated with respect, children first. Never be alone with a child who is not yours. "
    "Take no picture of anybody whose badge says no photo. Tell the focal point at once when something worries you."
)

# edition number, years before the coming one, address, place, country, zone, theme, how many organisations are invited
EDITIONS = (
    (1, 5, "riverside-forum-1", "Siem Reap", "KH", "Asia/Phnom_Penh", "Listening to children", 18),
    (2, 4, "riverside-forum-2", "Kathmandu", "NP", "Asia/Kathmandu", "Children in a changing climate", 26),
    (3, 2, "riverside-forum-3", "Colombo", "LK", "Asia/Colombo", "After the gap: together again", 32),
    (4, 1, "riverside-forum-4", "Cebu", "PH", "Asia/Manila", "Child-led networks, from commune to region", 40),
)
COMING = "riverside-forum-5"
QUOTAS = {"coalition": 40, "child_led": 14, "environment": 14, "research": 10, "human_rights": 4, "private": 4}


@dataclass
class Edition:
    """A meeting of the demo with what belongs to it."""

    meeting: Meeting
    confirmed: list[Registration] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)


@contextmanager
def on(day: date, tz: str, hour: int = 10, minute: int = 0) -> Iterator[datetime]:
    """Hold the clock at an hour of a day where the meeting takes place; never later than now."""
    at = datetime.combine(day, time(hour, minute), ZoneInfo(tz))
    with clock.frozen(min(at, clock.now())) as _:
        yield at


def fill(network: Network, today: date) -> list[Edition]:
    """Make the series and its five editions; the last is the coming one."""
    series = meetings.create_series(
        name="Riverside Partnership Forum",
        short_name="Riverside Forum",
        slug="riverside-forum",
        secretariat=SECRETARIAT_NAME,
        purpose="A yearly meeting of child rights coalitions, environmental groups and researchers. Invented for the demo.",
        accent="#0b6e6e",
        by=SECRETARIAT,
    )
    starts = today + timedelta(days=35)
    editions = []
    for number, years, slug, place, country, tz, theme, invited in EDITIONS:
        first = starts.replace(year=starts.year - years, day=min(starts.day, 28))
        meeting = _held(series, number, first, slug, place, country, tz, theme)
        editions.append(_past(network, meeting, number, invited))
    editions.append(_coming(network, series, starts))
    return editions


def _make(series: Series, number: int, starts: date, *, by: Actor, **facts: object) -> Meeting:
    meeting = meetings.create(
        series=series,
        title=f"Riverside Forum, {facts['place']} {starts.year}",
        starts=starts,
        ends=starts + timedelta(days=2),
        edition_no=number,
        code_of_conduct=CONDUCT,
        code_of_conduct_version=str(starts.year),
        contact_email="secretariat@riverside-forum.example",
        focal_point_name="Amara Devi",
        focal_point_phone="+66 2 555 0142",
        programme_public=True,
        by=by,
        **facts,
    )
    for code, seats in QUOTAS.items():
        sector = meetings.add_sector(code=code, name=code)
        quotas.set_quota(meeting=meeting, sector=sector, seats=seats, by=by)
    meetings.move(meeting, MeetingState.OPEN, by=by)
    return meeting


def _held(
    series: Series, number: int, starts: date, slug: str, place: str, country: str, tz: str, theme: str
) -> Meeting:
    """A past edition as it was announced, half a year before."""
    with on(starts - timedelta(weeks=24), tz):
        return _make(
            series,
            number,
            starts,
            slug=slug,
            place=place,
            country=country,
            tz=tz,
            theme=theme,
            capacity=90,
            venue="Riverside Hall",
            accent=("#0b6e6e", "#7a3b69", "#1f5fa8", "#8a4b08")[number - 1],
            by=SECRETARIAT,
            introduction=f"The forum met in {place}. Everything on this page is invented for the demo.",
        )


def _past(network: Network, meeting: Meeting, number: int, invited: int) -> Edition:
    starts, tz = meeting.starts, meeting.tz
    # another stretch of the list each year, so that some organisations return and some are new
    chosen = [network.organisations[(number * 5 + n) % len(network.organisations)] for n in range(invited)]
    _invite(
        network,
        meeting,
        chosen,
        starts - timedelta(weeks=20),
        answered=lambda n: "declined" if n % 7 == 6 else "accepted",
    )
    edition = Edition(meeting, sessions=_sessions(network, meeting, chosen))
    edition.confirmed = confirmed(meeting)
    with on(starts, tz, 8):
        meetings.move(meeting, MeetingState.RUNNING, by=SECRETARIAT)
    with on(meeting.ends + timedelta(days=1), tz):
        meetings.move(meeting, MeetingState.OVER, by=SECRETARIAT)
    return edition


def _coming(network: Network, series: Series, starts: date) -> Edition:
    meeting = _announced(series, starts)
    answers = (
        "accepted",
        "accepted",
        "accepted",
        "sent",
        "declined",
        "accepted",
        "expired",
        "withdrawn",
        "accepted",
        "sent",
    )
    _invite(
        network, meeting, network.organisations[:50], starts - timedelta(weeks=11), answered=lambda n: answers[n % 10]
    )
    _invite_guests(network, meeting, starts - timedelta(weeks=10))
    sending.prepare(
        meeting=meeting,
        organisations=network.organisations[50:56],
        seats=1,
        deadline=clock.today(meeting.tz) + timedelta(days=14),
        by=SECRETARIAT,
    )
    return Edition(meeting, confirmed(meeting), _sessions(network, meeting, network.organisations[:50]))


def _announced(series: Series, starts: date) -> Meeting:
    """The coming edition as it was announced, half a year before."""
    tz = "Asia/Kuala_Lumpur"
    with on(starts - timedelta(weeks=24), tz):
        return _make(
            series,
            5,
            starts,
            slug=COMING,
            place="Penang",
            country="MY",
            tz=tz,
            theme="What came of it: partnerships that last",
            capacity=80,
            venue="Harbour House, 12 Weld Quay, George Town",
            open_registration=True,
            by=SECRETARIAT,
            introduction=(
                "Three days for coalitions, environmental groups, researchers and child-led networks of the region.\n"
                "Bring one thing that you can offer and one that you look for. The programme leaves time to meet.\n"
                "This meeting is invented: register as anybody you like, and read the letters in the demo's mail catcher."
            ),
        )


def _invite_guests(network: Network, meeting: Meeting, day: date) -> None:
    """Three people of organisations that are not invited are invited themselves: one registers, one says no."""
    guests = [network.people[organisation.id][0] for organisation in network.organisations[57:60]]
    deadline = max(day + timedelta(weeks=4), clock.today(meeting.tz) + timedelta(days=10))
    with on(day, meeting.tz):
        made = sending.prepare(meeting=meeting, people=guests, deadline=deadline, by=SECRETARIAT)
        sending.send(made, meeting=meeting, reason="They speak on the second day.", by=SECRETARIAT)
    with on(day + timedelta(days=2), meeting.tz):
        comes, stays, _silent = made
        nomination = naming.come(comes, by=invitations.actor(comes))
        _register(meeting, nomination.person, network.organisations[57], 57, nomination)
        invitations.decline(stays, reason="I am away in that week.", by=invitations.actor(stays))


def _invite(network: Network, meeting: Meeting, chosen: list[Organisation], day: date, *, answered) -> None:
    """Invite organisations on a day; each answers as ``answered(n)`` says; who accepts names people, who register."""
    deadline = day + timedelta(weeks=4)
    late = clock.today(meeting.tz) + timedelta(days=10)
    with on(day, meeting.tz):
        made = sending.prepare(
            meeting=meeting,
            organisations=chosen,
            seats=2,
            deadline=max(deadline, late) if late < meeting.starts else deadline,
            by=SECRETARIAT,
        )
        sending.send(made, meeting=meeting, reason="Agreed by the board in May.", by=SECRETARIAT)
    for n, invitation in enumerate(made):
        with on(day + timedelta(days=3 + n % 20), meeting.tz, 9, n % 60):
            _answer(network, invitation, answered(n), n)


def _answer(network: Network, invitation: Invitation, answer: str, n: int) -> None:
    by = invitations.actor(invitation)
    if answer != "sent":
        invitations.note_opened(invitation, at=clock.now())
    if answer == "declined":
        invitations.decline(invitation, reason="Our own general assembly is in the same week.", by=by)
    elif answer == "withdrawn":
        sending.withdraw(invitation, by=SECRETARIAT)
    elif answer == "expired":
        invitations.move(invitation, InvitationState.EXPIRED, by=SECRETARIAT)
    elif answer == "accepted":
        invitations.accept(invitation, by=by)
        people = network.people[invitation.organisation_id or 0]
        for place, person in enumerate(people[:3]):
            role = NomineeRole.ALTERNATE if place == 2 else NomineeRole.DELEGATE
            nominee = naming.Nominee(person.full_name, person.email, person.latin_name, role)
            nomination = naming.nominate(invitation, nominee, by=by)
            # in every fifth organisation one person has not registered yet
            if nomination.state is NominationState.INVITED and not (place == 1 and n % 5 == 4):
                _register(invitation.meeting, nomination.person, invitation.organisation, n + place, nomination)


def _register(
    meeting: Meeting, person: Person, organisation: Organisation | None, n: int, nomination=None
) -> Registration:
    return registration.register(
        meeting=meeting,
        by=registration.participant(),
        entry=registration.Entry(
            full_name=person.full_name,
            email=person.email,
            latin_name=person.latin_name,
            called=person.called,
            country=person.country,
            organisation=organisation,
            sector=organisation.sector if organisation else None,
            language=person.language,
            needs={"diet": "Vegetarian"} if n % 6 == 0 else {},
            consents={Purpose.PHOTO_INTERNAL: True, Purpose.PHOTO_PUBLIC: n % 4 != 3},
            accepts_code=True,
        ),
        nomination=nomination,
        person=person,
    )


def confirmed(meeting: Meeting) -> list[Registration]:
    """The meeting's confirmed registrations, in the order of arrival."""
    return list(
        db.session.query(Registration)
        .filter_by(meeting_id=meeting.id, state=RegistrationState.CONFIRMED)
        .order_by(Registration.id)
    )


# hour, minutes, title, kind, room, how many speakers
DAY = (
    (9, 60, "Opening: {theme}", "plenary", 0, 2),
    (10, 30, "Tea", "break", None, 0),
    (11, 90, "Alternative reports to the UN CRC and the UPR", "session", 0, 3),
    (11, 90, "Rivers, heat and childhood", "session", 1, 2),
    (14, 90, "Child-led networks at commune, province and nation", "workshop", 1, 2),
    (14, 90, "Counting what matters: evidence without harm", "workshop", 2, 2),
    (16, 60, "Time to meet", "social", 2, 0),
)


def _sessions(network: Network, meeting: Meeting, chosen: list[Organisation]) -> list[Session]:
    """Three rooms, two tracks, seven sessions a day; speakers are invited people."""
    zone = ZoneInfo(meeting.tz)
    with on(meeting.starts - timedelta(weeks=6), meeting.tz):
        rooms = [
            programme.add_room(meeting, name=name, capacity=seats, by=SECRETARIAT)
            for name, seats in (("River Hall", 120), ("Bamboo Room", 40), ("Garden", 60))
        ]
        tracks = [programme.add_track(meeting, name=name, by=SECRETARIAT) for name in ("Rights and reports", "Climate")]
        sessions: list[Session] = []
        for number, day in enumerate(meeting.days):
            for place, (hour, minutes, title, kind, room, speakers) in enumerate(DAY):
                starts = datetime.combine(day.day, time(hour), zone)
                firsts = [network.people[o.id][0] for o in chosen[(number * 7 + place * 2) % 12 :][:speakers]]
                sessions.append(
                    programme.create_session(
                        meeting,
                        title=title.format(theme=meeting.theme)
                        if number == 0 or kind != "plenary"
                        else f"Day {number + 1}: what we take home",
                        starts=starts,
                        ends=starts + timedelta(minutes=minutes),
                        room_id=rooms[room].id if room is not None else None,
                        track_id=tracks[place % 2].id if kind in ("session", "workshop") else None,
                        kind=kind,
                        languages=["en"],
                        interpretation=["km", "ur"] if kind == "plenary" else [],
                        speakers=[(person, "moderator" if n == 0 else "speaker") for n, person in enumerate(firsts)],
                        keep_clashes=True,
                        by=SECRETARIAT,
                    )
                )
    return sessions
