"""What a phone's browser remembers for self check-in: whose page it opened, and which room's code it has just scanned.

Both are signed cookies. The first opens nobody's page: it only lets the same browser say "I am here" without its link.
"""

from typing import Any

import sqlalchemy as sa
from flask import Response, current_app, make_response, request
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import joinedload

from eventhub import clock
from eventhub.checkin.self_check_in import RoomCodeOldError
from eventhub.db import db
from eventhub.registration.models import Registration

MINE, ROOM = "mine", "room"  # the cookies' names
MOST = 6  # a guardian's phone may open several pages
MINE_LASTS = 60 * 24 * 3600  # seconds
ROOM_LASTS = 300  # to find one's own link after scanning


def _signer(salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["EVENTHUB"].secret_key, salt=f"self-check-in:{salt}")


def _read(salt: str, text: str) -> Any:
    try:
        return _signer(salt).loads(text)
    except BadData:
        return None


def remember(page: str, registration: Registration) -> Response:
    """The page, and its browser knows from now on whose page it opened."""
    answer = make_response(page)
    own = [registration.id, registration.link_version]
    others = [pair for pair in _pairs() if pair[0] != registration.id]
    value = _signer(MINE).dumps([own, *others][:MOST])
    if request.cookies.get(MINE) != value:
        _set(answer, MINE, value, MINE_LASTS)
    return answer


def _pairs() -> list[list[int]]:
    return _read(MINE, request.cookies.get(MINE, "")) or []


def people(meeting_id: int) -> list[Registration]:
    """The registrations of this meeting whose pages this browser opened, by links that still work."""
    versions = {ident: version for ident, version in _pairs()}
    found = db.session.scalars(
        sa.select(Registration)
        .where(Registration.id.in_(versions), Registration.meeting_id == meeting_id)
        .options(joinedload(Registration.person))
        .order_by(Registration.id)
    )
    return [registration for registration in found if registration.link_version == versions[registration.id]]


def seal(session_id: int, step: int) -> str:
    """That a code was scanned while it worked: for the form that follows, for five minutes."""
    return str(_signer(ROOM).dumps([session_id, step, int(clock.now().timestamp())]))


def unseal(text: str) -> tuple[int, int]:
    """(session's id, half minute) of a sealed scan. Raises RoomCodeOldError, also for one that is none."""
    read = _read(ROOM, text)
    if read is None or not 0 <= clock.now().timestamp() - read[2] <= ROOM_LASTS:
        raise RoomCodeOldError
    return read[0], read[1]


def keep_room(answer: Response, sealed: str) -> Response:
    """The browser remembers the room while its owner looks for their own link."""
    _set(answer, ROOM, sealed, ROOM_LASTS)
    return answer


def room() -> str:
    """The sealed scan that this browser made a moment ago, or ""."""
    sealed = request.cookies.get(ROOM, "")
    try:
        unseal(sealed)
    except RoomCodeOldError:
        return ""
    return sealed


def _set(answer: Response, name: str, value: str, seconds: int) -> None:
    secure = current_app.config["EVENTHUB"].secure
    answer.set_cookie(name, value, max_age=seconds, secure=secure, httponly=True, samesite="Lax")
