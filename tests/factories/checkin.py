"""A meeting that is on today, people with badges, checkpoints and devices."""

import itertools
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.badges.models import Badge
from eventhub.checkin import service
from eventhub.checkin.devices import new_key
from eventhub.checkin.models import Checkpoint, CheckpointRules, Device
from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.directory.queries import fold
from eventhub.meetings.models import Meeting
from eventhub.meetings.states import MeetingState
from eventhub.registration.models import Registration, RegistrationFact
from eventhub.registration.states import RegistrationState
from eventhub.safeguarding.models import Chaperoning
from eventhub.security import hashed, new_code
from tests.factories.basics import a_meeting

_numbers = itertools.count(1)


def a_zone_where_it_is_noon() -> str:
    """A time zone in whose day we stand well inside: a day of the door begins at 04:00 there."""
    hours = 12 - clock.now().hour
    return "UTC" if hours == 0 else f"Etc/GMT{-hours:+d}"  # POSIX writes the sign the other way round


def a_running_meeting(**facts: Any) -> Meeting:
    """Three days, of which today is the second."""
    tz = a_zone_where_it_is_noon()
    today = clock.today(tz)
    return a_meeting(
        MeetingState.RUNNING, starts=today - timedelta(days=1), ends=today + timedelta(days=1), tz=tz, **facts
    )


def a_person(name: str = "", *, is_child: bool = False, **facts: Any) -> Person:
    full_name = name or f"Person {next(_numbers)}"
    person = Person(
        full_name=full_name,
        sort_key=full_name.lower(),
        search_text=fold(f"{full_name} {facts.get('latin_name', '')}"),
        is_child=is_child,
        **facts,
    )
    db.session.add(person)
    db.session.flush()
    return person


def a_participant(
    meeting: Meeting, name: str = "", *, is_child: bool = False, at: datetime | None = None, **facts: Any
) -> Badge:
    """A confirmed person with a valid badge, both since a day ago (or ``at``)."""
    since = at or clock.now() - timedelta(days=1)
    person = facts.pop("person", None) or a_person(
        name, is_child=is_child, **{k: facts.pop(k) for k in ("latin_name", "called", "at_risk") if k in facts}
    )
    registration = Registration(
        meeting_id=meeting.id,
        person_id=person.id,
        is_child=is_child,
        state=RegistrationState.CONFIRMED,
        confirmed_at=since,
        organisation_text=facts.pop("organisation", ""),
        **facts,
    )
    db.session.add(registration)
    db.session.flush()
    db.session.add(RegistrationFact(registration_id=registration.id, fact="confirmed", at=since))
    return a_badge(registration, at=since)


def a_badge(registration: Registration, *, at: datetime | None = None, code: str = "") -> Badge:
    code = code or new_code()
    badge = Badge(registration_id=registration.id, code=code, code_hash=hashed(code), issued_at=at or clock.now())
    db.session.add(badge)
    db.session.flush()
    return badge


def name_adult(meeting: Meeting, child: Badge, adult: Badge, *, start: datetime | None = None) -> Chaperoning:
    row = Chaperoning(
        meeting_id=meeting.id,
        child_id=child.registration.person_id,
        adult_id=adult.registration.person_id,
        start=start or clock.now() - timedelta(days=1),
    )
    db.session.add(row)
    db.session.flush()
    return row


def a_checkpoint(meeting: Meeting, name: str = "", *, since: datetime | None = None, **facts: Any) -> Checkpoint:
    """An entrance, open since a day ago."""
    made = service.create_checkpoint(meeting, name=name or f"Door {next(_numbers)}", by=SYSTEM, **facts)
    rules = db.session.query(CheckpointRules).filter_by(checkpoint_id=made.id).one()
    rules.at_ms = int((since or clock.now() - timedelta(days=1)).timestamp() * 1000)
    service.changed(meeting.id)
    return made


def a_device(checkpoint: Checkpoint, *, scope: Iterable[str] = ("children", "evacuation", "desk"), **facts: Any):
    """A device and its key."""
    key = new_key()
    device = Device(
        **{
            "meeting_id": checkpoint.meeting_id,
            "checkpoint_id": checkpoint.id,
            "name": f"Phone {next(_numbers)}",
            "key_hash": hashed(key),
            "scope": list(scope),
            "expires_at": clock.now() + timedelta(days=3),
            **facts,
        }
    )
    db.session.add(device)
    db.session.flush()
    return device, key


def text(at: datetime | None = None) -> str:
    return (at or clock.now()).astimezone(UTC).isoformat(timespec="milliseconds")


def a_scan(checkpoint: Checkpoint, kind: str = "entry", *, at: datetime | None = None, **about: Any) -> dict[str, Any]:
    """A scan as a device sends it."""
    return {
        "id": str(uuid.uuid4()),
        "checkpoint": str(checkpoint.id),
        "kind": kind,
        "scanned_at": text(at),
        "offset_ms": 0,
        **about,
    }


class Door:
    """A device at a checkpoint, as a program that speaks the API."""

    def __init__(self, client: FlaskClient, checkpoint: Checkpoint, **device: Any) -> None:
        self.client, self.checkpoint = client, checkpoint
        self.device, self.key = a_device(checkpoint, **device)
        db.session.commit()

    def post(self, what: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        return self.client.post(f"/api/v1/door/{what}", json=body, headers=headers)

    def get(self, what: str, headers: dict[str, str] | None = None) -> Any:
        return self.client.get(
            f"/api/v1/door/{what}", headers={"Authorization": f"Bearer {self.key}", **(headers or {})}
        )

    def ask(self, scan: dict[str, Any]) -> dict[str, Any]:
        """The result of asking about a scan."""
        answer = self.post("ask", {"device_time": text(), "scan": scan})
        assert answer.status_code == 200, answer.text
        return answer.json["result"]

    def enter(self, badge: Badge | str, **more: Any) -> str:
        """The verdict on an entry by code, as the rules write it."""
        code = badge if isinstance(badge, str) else badge.code
        return verdict(self.ask(a_scan(self.checkpoint, code=code, **more)))

    def leave(self, badge: Badge, **more: Any) -> str:
        return verdict(self.ask(a_scan(self.checkpoint, "exit", code=badge.code, **more)))

    def send(self, *scans: dict[str, Any]) -> list[dict[str, Any]]:
        """The results of a batch."""
        answer = self.post("scans", {"device_time": text(), "scans": list(scans)})
        assert answer.status_code == 200, answer.text
        return answer.json["results"]

    def presence(self) -> dict[str, Any]:
        answer = self.get("presence")
        assert answer.status_code == 200, answer.text
        return answer.json


def verdict(result: dict[str, Any]) -> str:
    """ "refused/full" from a result's two halves."""
    return "/".join(filter(None, (result["verdict"], result.get("reason"))))
