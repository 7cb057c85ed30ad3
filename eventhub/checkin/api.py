"""The door's API, version 1 of its protocol: enrol, key, ask, scans, presence. A device's key opens it, no session."""

import json
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from eventhub import clock, problems
from eventhub.checkin import api_door, devices, facts, kiosks, limits, queries, schemas, wire
from eventhub.checkin.devices import DeviceFacts, DeviceRefusedError, NewKeyError
from eventhub.checkin.express import Express
from eventhub.checkin.known import Known
from eventhub.checkin.rules import Verdict
from eventhub.db import db, writing
from eventhub.errors import InvalidError
from eventhub.meetings.models import Meeting
from eventhub.pages import clean_line
from eventhub.problems import ApiBlueprint
from eventhub.security import limiter, machine, public

bp = ApiBlueprint("door_api", __name__, url_prefix="/api/v1/door", description="Check-in at the door, for devices.")

_KEY = {"security": [{"deviceKey": []}]}
_UNKNOWN = Verdict.UNKNOWN.partition("/")[2]


def _body(schema: type) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


@bp.record_once
def _describe_keys(state: Any) -> None:
    spec = state.app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec
    spec.components.security_scheme("deviceKey", {"type": "http", "scheme": "bearer"})


@bp.record_once
def _open_the_express_lane(state: Any) -> None:
    state.app.wsgi_app = Express(state.app)


@bp.errorhandler(limits.TooManyError)
def too_many(error: limits.TooManyError) -> Response:
    answer = problems.answer(error.status, str(error))
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer


@bp.errorhandler(DeviceRefusedError)
def refused(error: DeviceRefusedError) -> Response:
    db.session.rollback()
    answer = problems.answer(error.status, str(error))
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@bp.post("/ask")
@bp.doc(**_KEY, requestBody=_body(schemas.AskSchema))
@bp.response(200, schemas.AnswerSchema)
@bp.alt_response(401, success=False)
@bp.alt_response(422, success=False)
@bp.alt_response(429, success=False)
@machine
def ask() -> ResponseReturnValue:
    """Ask about one scan: the server judges, stores both, and answers the same when it is asked again."""
    device, now = _device(), clock.now()
    if device.refused(facts.milliseconds(now)):
        raise DeviceRefusedError
    address = request.remote_addr or ""
    limits.check(device.id, address)
    body = _object("device_time", "scan")
    try:
        scan = wire.check_scan(body["scan"])
    except wire.MalformedError as error:
        raise InvalidError(str(error)) from error
    if "told" in scan:
        raise InvalidError(_("Who asks has told nothing yet: leave told out."))
    result = api_door.answer(device, scan, _device_time(body))
    if result.get("reason") == _UNKNOWN:
        limits.note_wrong(device.id, address)
    return _json({"server_time": _now(), "result": result})


@bp.post("/scans")
@bp.doc(**_KEY, requestBody=_body(schemas.ScansSchema))
@bp.response(200, schemas.AnswersSchema)
@bp.alt_response(401, success=False)
@bp.alt_response(413, success=False)
@bp.alt_response(422, success=False)
@bp.alt_response(429, success=False)
@machine
def scans() -> ResponseReturnValue:
    """Store scans that the device made by itself, each with what it told. Repeating it changes nothing.

    Also a revoked or expired device may deliver what it still holds: it is put aside for a person.
    """
    device = _device(fresh=True)
    body = _object("device_time", "scans")
    if not isinstance(body["scans"], list) or not body["scans"]:
        raise InvalidError(_("scans is a list of 1 to 1,000 scans."))
    if len(body["scans"]) > wire.MOST_SCANS:
        return problems.answer(413, "At most 1,000 scans at once. Send them in parts.")
    limits.check_sent(device.id)
    results = api_door.take(device, body["scans"], _device_time(body))
    limits.note_sent(device.id, sum(1 for result in results if result.get("reason") == _UNKNOWN))
    return _json({"server_time": _now(), "results": results})


@bp.post("/enrol")
@bp.arguments(schemas.EnrolSchema)
@bp.response(200, schemas.EnrolledSchema)
@bp.alt_response(401, success=False)
@bp.alt_response(429, success=False)
@public
@limiter.limit("20/minute")
def enrol(sent: dict[str, str]) -> dict[str, Any]:
    """Make a device with a token from the organiser's page."""
    name = clean_line(sent["name"])
    if not name:
        raise InvalidError(_("Give the device a name."))
    device, key = devices.enrol(token=clean_line(sent["token"]), name=name)
    meeting = db.session.get_one(Meeting, device.meeting_id)
    known = queries.about(device.meeting_id)
    pin = kiosks.pin_check(device.id)
    db.session.commit()
    return {
        "device": str(device.id),
        "key": key,
        "checkpoint": str(device.checkpoint_id),
        "meeting": {"id": str(meeting.id), "slug": meeting.slug, "title": meeting.title, "tz": meeting.tz},
        "checkpoints": checkpoints_json(known),
        "days": known.days,
        "scope": device.scope,
        "expires_at": device.expires_at.isoformat(),
        "server_time": _now(),
        **({"pin": pin} if pin else {}),
    }


@bp.post("/key")
@bp.doc(**_KEY)
@bp.response(200, schemas.KeySchema)
@bp.alt_response(401, success=False)
@bp.alt_response(403, success=False)
@bp.alt_response(429, success=False)
@machine
def key() -> ResponseReturnValue:
    """A new key for this device. The old one works until the new one was used once, and never again after that, so that
    an answer which got lost locks nobody out: ask again with the old key."""
    device = device_of_request()
    limits.spend("key", device.id, limits.KEYS)
    row, new = devices.new_key_for(device)
    answer = {"key": new, "expires_at": row.expires_at.isoformat()}
    db.session.commit()
    return _json(answer)


@bp.get("/presence")
@bp.doc(**_KEY)
@bp.response(200, schemas.PresenceSchema)
@bp.alt_response(401, success=False)
@machine
def presence() -> ResponseReturnValue:
    """Who is where now. Names need the scope `evacuation`, children's also `children`; counts hold everybody."""
    device = device_of_request()
    known = queries.about(device.meeting_id)
    day = known.day(facts.milliseconds(clock.now()))
    return _json(
        {
            "day": day.isoformat() if day else None,
            "checkpoints": _places(device, known, day),
            "conflicts": [
                {"device": str(row.device_id), "id": row.scan_id, "verdict": row.verdict}
                for row in queries.list_conflicts(device.meeting_id)
            ],
            "as_of": _now(),
        }
    )


def checkpoints_json(known: Known) -> list[dict[str, Any]]:
    """The meeting's checkpoints with their rules from instant to instant, for a device."""
    return [
        {
            **checkpoint,
            "name": known.names[checkpoint["id"]],
            "rules": [
                {"from": fact["from"], "rules": fact["rules"]}
                for fact in known.rules
                if fact["checkpoint"] == checkpoint["id"]
            ],
        }
        for checkpoint in known.checkpoints
    ]


def _places(device: DeviceFacts, known: Known, day: Any) -> list[dict[str, Any]]:
    counts = queries.count_present(device.meeting_id, day) if day else {}
    present, firsts, named = [], [], "evacuation" in device.scope
    if day and named:
        present = [
            p for p in queries.list_present(device.meeting_id, day) if not p.is_child or "children" in device.scope
        ]
        firsts = queries.list_first_entries(device.meeting_id, day)
    hidden = set() if "children" in device.scope or not firsts else queries.child_keys(device.meeting_id)
    return [
        {
            "id": checkpoint,
            "present": [_present(p) for p in present if str(p.checkpoint_id) == checkpoint],
            "count": counts.get(int(checkpoint), 0),
            "first_entries": [
                {"person": f.person_key, "device": str(f.device_id), "id": f.scan_id, "at": facts.written(f.instant)}
                for f in firsts
                if str(f.checkpoint_id) == checkpoint and f.person_key not in hidden
            ],
        }
        for checkpoint in known.names
    ]


def _present(present: queries.Present) -> dict[str, Any]:
    name, latin, organisation = present.shown
    shown = {"key": present.key, "organisation": organisation, "since": facts.written(present.since)}
    return {**shown, "name": name, "latin_name": latin}


# --- reading and writing -----------------------------------------------------------------------------------------


def _device(*, fresh: bool = False) -> DeviceFacts:
    """The device whose key the request carries. Raises DeviceRefusedError."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key:
        raise DeviceRefusedError
    try:
        return devices.authenticate(key.strip(), fresh=fresh)
    except NewKeyError:
        db.session.rollback()
        before = writing.get()
        writing.set(True)  # also a question that only reads may be a new key's first use
        devices.take_up(key.strip())
        db.session.commit()
        writing.set(before)
        return devices.authenticate(key.strip(), fresh=True)


def device_of_request() -> DeviceFacts:
    """The device whose key the request carries, as it is now. Raises DeviceRefusedError, also when it was revoked or
    has expired."""
    device = _device(fresh=True)
    if device.refused(facts.milliseconds(clock.now())):
        raise DeviceRefusedError
    return device


def _object(*names: str) -> dict[str, Any]:
    """The body, an object with exactly these members."""
    body = problems.body()
    if not isinstance(body, dict) or set(body) != set(names):
        raise InvalidError(_("The body is an object with %(names)s.", names=" and ".join(names)))
    return body


def _device_time(body: dict[str, Any]) -> str:
    text = body["device_time"]
    try:
        facts.instant(text if isinstance(text, str) else "")
    except (ValueError, OverflowError) as error:
        raise InvalidError(_("device_time is a time as RFC 3339 with its offset.")) from error
    return str(text)


def _now() -> str:
    return facts.written(facts.milliseconds(clock.now()))


def _json(value: dict[str, Any]) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), mimetype="application/json")
