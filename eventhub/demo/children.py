"""The demo's second series: a small children's meeting that takes place today, so that the door can be tried.

Every child here is invented; each has a guardian, both sides' consents and a named adult, as the rules ask.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from eventhub.demo.editions import CONDUCT, SECRETARIAT, Edition, confirmed, on
from eventhub.demo.network import Network
from eventhub.directory.models import Person
from eventhub.directory.queries import email_key
from eventhub.meetings import service as meetings
from eventhub.meetings.models import Meeting, Series
from eventhub.meetings.states import MeetingState
from eventhub.programme import service as programme
from eventhub.registration import children, service_deciding
from eventhub.registration import queries as registrations
from eventhub.registration import service as registration
from eventhub.registration.states import RegistrationRole
from eventhub.safeguarding import service as safeguarding
from eventhub.safeguarding.models import REQUIRED_OF_CHILDREN, AgeBand, ChaperoneRole, ConsentBy, Purpose

SLUG = "riverside-children"
TZ = "Asia/Bangkok"
# chosen name, age band, country, whether the guardian has answered
CHILDREN = (
    ("Mali", AgeBand.FROM_13_TO_15, "TH", True),
    ("Dara", AgeBand.FROM_16_TO_17, "KH", True),
    ("Noy", AgeBand.FROM_13_TO_15, "LA", True),
    ("Linh", AgeBand.FROM_16_TO_17, "VN", False),
)


def fill(network: Network, today: date) -> Edition:
    """Make the series and the meeting of today, with adults, children and a short programme."""
    series = meetings.create_series(
        name="Riverside Children's Meeting",
        short_name="Children's Meeting",
        slug="riverside-children-series",
        secretariat="Riverside secretariat (invented)",
        accent="#7a3b69",
        by=SECRETARIAT,
    )
    meeting = _announced(series, today)
    adults = _adults(network, meeting, today)
    _children(meeting, adults, today)
    zone = ZoneInfo(TZ)
    hall = programme.add_room(meeting, name="Garden Hall", capacity=60, by=SECRETARIAT)
    sessions = [
        programme.create_session(
            meeting,
            title=title,
            starts=datetime.combine(today, time(hour), zone),
            ends=datetime.combine(today, time(hour + 1, 30), zone),
            room_id=hall.id,
            languages=["en", "th"],
            by=SECRETARIAT,
        )
        for hour, title in ((9, "Who we are"), (13, "What we want to say"))
    ]
    meetings.move(meeting, MeetingState.RUNNING, by=SECRETARIAT)
    return Edition(meeting, confirmed(meeting), sessions)


def _announced(series: Series, today: date) -> Meeting:
    """The meeting as it was announced, two months before."""
    with on(today - timedelta(days=60), TZ):
        meeting = meetings.create(
            series=series,
            title=f"Riverside Children's Meeting {today.year}",
            slug=SLUG,
            starts=today,
            ends=today + timedelta(days=1),
            edition_no=2,
            tz=TZ,
            place="Chiang Mai",
            country="TH",
            venue="Garden School",
            theme="Our rivers, our words",
            capacity=40,
            admits_children=True,
            open_registration=True,
            programme_public=True,
            code_of_conduct=CONDUCT,
            contact_email="children@riverside-forum.example",
            focal_point_name="Amara Devi",
            focal_point_phone="+66 2 555 0142",
            by=SECRETARIAT,
        )
        meetings.move(meeting, MeetingState.OPEN, by=SECRETARIAT)
        return meeting


def _adults(network: Network, meeting: Meeting, today: date) -> list[str]:
    """Two adults of each of eight organisations; returns their addresses."""
    addresses = []
    for n, organisation in enumerate(network.organisations[0:32:4]):
        for person in network.people[organisation.id][:2]:
            with on(today - timedelta(days=40 - n), TZ):
                registration.register(
                    meeting=meeting,
                    by=registration.participant(),
                    person=person,
                    full_name=person.full_name,
                    latin_name=person.latin_name,
                    called=person.called,
                    email=person.email,
                    country=person.country,
                    organisation=organisation,
                    sector=organisation.sector,
                    role=RegistrationRole.CHAPERONE,
                    language=person.language,
                    consents={Purpose.PHOTO_INTERNAL: True, Purpose.PHOTO_PUBLIC: n % 3 != 0},
                    accepts_code=True,
                )
            addresses.append(person.email)
    return addresses


def _deputy(meeting: Meeting, child: Person, address: str) -> None:
    """The second of the two adults of the organisation, should the first fall ill."""
    (second,) = registrations.list_by_address(meeting.id, email_key(address))
    safeguarding.name_adult(
        child=child, adult=second.person, meeting=meeting, role=ChaperoneRole.DEPUTY, by=SECRETARIAT
    )


def _children(meeting: Meeting, adults: list[str], today: date) -> None:
    for n, (called, band, country, answered) in enumerate(CHILDREN):
        with on(today - timedelta(days=25 - n), TZ):
            guardian = f"guardian.of.{called.lower()}@families.example"
            row = children.register_child(
                meeting=meeting,
                entry=children.ChildEntry(
                    called=called,
                    age_band=band,
                    country=country,
                    guardian_name=f"Guardian of {called}",
                    guardian_email=guardian,
                    guardian_phone="+66 2 555 0100",
                    guardian_relation="parent",
                    adult_email=adults[n * 2],
                    needs={"diet": "No peanuts (invented)"} if n == 0 else {},
                    accepts_code=True,
                ),
                by=registration.participant(),
            )
            if not answered:
                continue
            if n == 0:  # the others still need a deputy
                _deputy(meeting, row.person, adults[n * 2 + 1])
            for side in (ConsentBy.CHILD, ConsentBy.GUARDIAN):
                for purpose in (*REQUIRED_OF_CHILDREN, Purpose.PHOTO_INTERNAL):
                    safeguarding.record_consent(
                        person=row.person,
                        meeting=meeting,
                        purpose=purpose,
                        side=side,
                        answer=purpose in REQUIRED_OF_CHILDREN or n != 1,
                        language="en",
                        by=registration.participant(row),
                    )
            service_deciding.confirm_if_complete(row, by=registration.participant(row))
