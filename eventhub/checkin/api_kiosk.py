"""A kiosk's own question: may it be left? Everything else it asks like any door."""

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from eventhub import problems
from eventhub.checkin import kiosks, schemas
from eventhub.checkin.api import _body, _json, _now, _object, bp, device_of_request
from eventhub.db import db
from eventhub.errors import InvalidError, NotAllowedError
from eventhub.security import machine


@bp.post("/pin")
@bp.doc(security=[{"deviceKey": []}], requestBody=_body(schemas.PinSchema))
@bp.response(200, schemas.PinAnswerSchema)
@bp.alt_response(401, success=False)
@bp.alt_response(403, success=False)
@bp.alt_response(422, success=False)
@bp.alt_response(429, success=False)
@machine
def pin() -> ResponseReturnValue:
    """Check the PIN that leaves a kiosk: 200 when it is right. After five wrong ones it rests for ten minutes."""
    device = device_of_request()
    given = _object("pin")["pin"]
    if not isinstance(given, str) or not kiosks.PIN.fullmatch(given):
        raise InvalidError(_("pin is a text of 4 to 8 digits."))
    if not device.is_kiosk:
        raise NotAllowedError(_("This device is no kiosk: it has no PIN."))
    tried = kiosks.try_pin(device.id, given)
    db.session.commit()
    if tried.wait:
        answer = problems.answer(429, "Too many wrong PINs. Wait ten minutes, or revoke the kiosk.")
        answer.headers["Retry-After"] = str(tried.wait)
        return answer
    if not tried.right:
        return problems.answer(403, f"This is not the PIN. Tries left: {tried.left}.")
    return _json({"server_time": _now()})
