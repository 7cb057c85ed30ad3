"""The roster over the wire: everybody, or what changed since the device's cursor, with who is inside as far as known."""

import gzip
import json
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from eventhub import clock, db
from eventhub.checkin import facts, limits, marks, queries, queries_evacuation, roster, schemas
from eventhub.checkin.api import bp, checkpoints_json, device_of_request
from eventhub.checkin.api_door import again
from eventhub.checkin.devices import DeviceFacts
from eventhub.checkin.known import Known
from eventhub.checkin.marks import Delta
from eventhub.checkin.models import CheckpointKind, Device
from eventhub.errors import NotAllowedError
from eventhub.security import machine

WORTH_PACKING = 1000  # bytes
NOTED_EVERY = timedelta(seconds=30)


@bp.get("/roster")
@bp.doc(security=[{"deviceKey": []}])
@bp.arguments(schemas.CursorSchema, location="query")
@bp.response(200, schemas.RosterSchema)
@bp.alt_response(401, success=False)
@bp.alt_response(403, success=False)
@bp.alt_response(429, success=False)
@machine
def get_roster(asked: dict[str, str]) -> ResponseReturnValue:
    """Names, marks and hashes of codes, so that the device can judge without the server.

    Without a cursor everything; with the cursor of the last answer what changed since. `full` says that the entries
    stand for everything that the device holds; else they replace those of the same person, and `removed` are forgotten.
    `present`, `first_entries` and `counts` are the server's picture at `server_time`: provisional, for scans that other
    devices still hold are not in it. Children need the scope `children`, walk-ins of other devices the scope `desk`;
    a kiosk has no roster. `outside` and `unnamed` are for the evacuation list, and empty without that scope.
    """
    device = device_of_request()
    limits.spend("roster", device.id, limits.ROSTERS)
    about = queries.about(device.meeting_id)
    if device.is_kiosk or about.world.checkpoints[device.checkpoint].kind == CheckpointKind.KIOSK:
        raise NotAllowedError(_("A kiosk works with the server only: it may hold nobody's name."))
    delta, seen, own = _delta(device, about, asked["cursor"])
    now = clock.now()
    rest = {
        "checkpoints": checkpoints_json(about),
        "days": about.days,
        **_picture(about, about.day(facts.milliseconds(now)), device, seen),
        **_building(about, about.day(facts.milliseconds(now)), device, seen, own),
        "server_time": facts.written(facts.milliseconds(now)),
    }
    head = json.dumps({"cursor": delta.cursor, "full": delta.full, "removed": delta.removed})
    # the entries are JSON already: made once, for their digests
    text = f'{head[:-1]}, "entries": [{",".join(delta.entries)}], {json.dumps(rest, ensure_ascii=False)[1:]}'
    _note_contact(device.id, now)
    return _packed(text.encode())


def _note_contact(device_id: int, now: datetime) -> None:
    """That the device was heard of, for the evacuation list; in a transaction of its own, twice a minute at most."""
    known = db.db.session.scalar(sa.select(Device.seen_at).where(Device.id == device_id))
    db.db.session.rollback()
    if known is None or known < now - NOTED_EVERY:
        with db.db.engine.begin() as connection:
            connection.execute(sa.update(Device).where(Device.id == device_id).values(seen_at=now))


def _delta(device: DeviceFacts, about: Known, cursor: str) -> tuple[Delta, set[str], set[str]]:
    """What is new to the device, the keys of everybody on its roster, and those of the walk-ins that it made."""
    entries = marks.write(roster.entries(db.db.session.connection(), about))
    kept = marks.read(db.db.session.connection(), about.meeting_id)
    if marks.differ(kept, entries):

        def renew() -> dict[str, Any]:
            found = marks.renew(db.db.session.connection(), about.meeting_id, entries, clock.now())
            db.db.session.commit()
            return found

        db.db.session.rollback()  # what was read is at hand; from here on a transaction that writes
        db.writing.set(True)
        kept = again(renew)
        db.writing.set(False)
    seen = {person for person, written in entries.items() if marks.sees(device, written.entry)}
    own = {person for person, written in entries.items() if written.entry.device == device.id}
    return marks.since(cursor, device, kept, entries, clock.now()), seen, own


def _picture(about: Known, day: Any, device: DeviceFacts, seen: set[str]) -> dict[str, Any]:
    """Who is inside today, of those on the device's roster; who was let in at its own checkpoint; how many are where."""
    if day is None:
        return {"present": [], "first_entries": [], "counts": []}
    return {
        "present": [
            {"person": row.person_key, "checkpoint": str(row.checkpoint_id), "since": facts.written(row.since_t)}
            for row in queries.list_places(about.meeting_id, day)
            if row.person_key in seen
        ],
        "first_entries": [
            {
                "person": row.person_key,
                "device": str(row.device_id),
                "id": row.scan_id,
                "at": facts.written(row.instant),
            }
            for row in queries.list_first_entries(about.meeting_id, day, int(device.checkpoint))
            if row.person_key in seen
        ],
        "counts": [
            {"checkpoint": str(checkpoint), "count": count}
            for checkpoint, count in sorted(queries.count_present(about.meeting_id, day).items())
        ],
    }


def _building(about: Known, day: Any, device: DeviceFacts, seen: set[str], own: set[str]) -> dict[str, Any]:
    """For the evacuation list: who left by an entrance while another place still has them, and how many are inside whom
    the device does not know, each once however many places they are at."""
    if day is None or "evacuation" not in device.scope:
        return {"outside": [], "unnamed": 0}
    out = queries_evacuation.left_by_entrance(about, day)
    places = queries.list_places(about.meeting_id, day)
    inside = {row.person_key for row in places if row.since_t >= out.get(row.person_key, 0)}
    gone = ({row.person_key for row in places} - inside) & seen
    return {
        "outside": [{"person": key, "at": facts.written(out[key])} for key in sorted(gone)],
        "unnamed": len(inside - seen - own),
    }


def _packed(body: bytes) -> Response:
    response = Response(body, mimetype="application/json")
    response.headers["Vary"] = "Accept-Encoding"
    if len(body) > WORTH_PACKING and request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(body, 5))
        response.headers["Content-Encoding"] = "gzip"
    return response
