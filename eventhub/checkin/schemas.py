"""The door's wire for the API's documentation. What counts is checked by hand in ``wire``; a test holds the two together."""

import marshmallow as ma
from marshmallow import validate

from eventhub.checkin.devices import SCOPES
from eventhub.checkin.wire import KEY, KINDS, LARGEST_OFFSET, LONGEST_CODE, LONGEST_NAME, MOST_SCANS, UUID, VERDICTS

_uuid = validate.Regexp(f"^{UUID.pattern}$")
_key = validate.Regexp(f"^{KEY.pattern}$")
_time = {"format": "date-time", "description": "RFC 3339 with its offset."}


def _line(longest: int, **more: object) -> ma.fields.String:
    return ma.fields.String(validate=validate.Length(1, longest), **more)


class WalkInSchema(ma.Schema):
    name = _line(LONGEST_NAME, required=True)
    latin_name = ma.fields.String(validate=validate.Length(0, LONGEST_NAME))
    organisation = ma.fields.String(validate=validate.Length(0, LONGEST_NAME))
    adult = ma.fields.Boolean(required=True, validate=validate.Equal(True))


class ScanSchema(ma.Schema):
    """An entry or exit names exactly one of code, person, walk_in (entry only); a handover person and with; a void voids."""

    id = ma.fields.String(required=True, validate=_uuid)
    checkpoint = _line(40, required=True)
    kind = ma.fields.String(required=True, validate=validate.OneOf(KINDS))
    scanned_at = ma.fields.String(required=True, metadata=_time)
    offset_ms = ma.fields.Integer(
        allow_none=True,
        validate=validate.Range(-LARGEST_OFFSET, LARGEST_OFFSET),
        metadata={"description": "Server clock minus device clock, as last measured."},
    )
    code = _line(LONGEST_CODE)
    person = ma.fields.String(validate=_key)
    walk_in = ma.fields.Nested(WalkInSchema)
    with_ = ma.fields.String(data_key="with", validate=_key)
    voids = ma.fields.String(validate=_uuid)
    by = _line(LONGEST_NAME)


class ToldScanSchema(ScanSchema):
    told = ma.fields.String(
        validate=validate.OneOf(sorted(VERDICTS)), metadata={"description": "What the device told the person."}
    )


class AskSchema(ma.Schema):
    device_time = ma.fields.String(required=True, metadata=_time)
    scan = ma.fields.Nested(ScanSchema, required=True)


class ScansSchema(ma.Schema):
    device_time = ma.fields.String(required=True, metadata=_time)
    scans = ma.fields.List(ma.fields.Nested(ToldScanSchema), required=True, validate=validate.Length(1, MOST_SCANS))


class FirstSchema(ma.Schema):
    at = ma.fields.String(required=True, metadata=_time)
    checkpoint = ma.fields.String(required=True)
    device = ma.fields.String(required=True)
    checkpoint_name = ma.fields.String(required=True)
    device_name = ma.fields.String(required=True)


class PersonSchema(ma.Schema):
    """A child has its chosen name and the role "delegate"; without the scope `children` no name and no key."""

    key = ma.fields.String()
    name = ma.fields.String(required=True)
    latin_name = ma.fields.String(required=True)
    called = ma.fields.String(required=True)
    organisation = ma.fields.String(required=True)
    role = ma.fields.String(required=True)
    mark = ma.fields.String(required=True, validate=validate.OneOf(["photo_ok", "no_photo"]))
    see_focal_point = ma.fields.Boolean(required=True)


class NextSchema(ma.Schema):
    """For a kiosk: the session that the person goes to next today, their own sign-ups before what is open to all."""

    title = ma.fields.String(required=True)
    starts = ma.fields.String(required=True, metadata=_time)
    room = ma.fields.String(required=True)


class ErrorSchema(ma.Schema):
    code = ma.fields.String(required=True)
    detail = ma.fields.String(required=True)


class ResultSchema(ma.Schema):
    """Either a verdict or, for this scan alone, an error."""

    id = ma.fields.String(required=True, allow_none=True)
    verdict = ma.fields.String(
        metadata={"description": "admitted, already_in, refused, left, not_in, handed_over, voided or put_aside."}
    )
    reason = ma.fields.String(metadata={"description": "Of a refusal, or why the scan was put aside."})
    first = ma.fields.Nested(FirstSchema)
    person = ma.fields.Nested(PersonSchema)
    next = ma.fields.Nested(NextSchema)
    error = ma.fields.Nested(ErrorSchema)


class AnswerSchema(ma.Schema):
    server_time = ma.fields.String(required=True, metadata=_time)
    result = ma.fields.Nested(ResultSchema, required=True)


class AnswersSchema(ma.Schema):
    server_time = ma.fields.String(required=True, metadata=_time)
    results = ma.fields.List(ma.fields.Nested(ResultSchema), required=True)


class EnrolSchema(ma.Schema):
    class Meta:
        unknown = ma.RAISE

    token = _line(64, required=True, metadata={"description": "From the organiser's page; works once, for 15 minutes."})
    name = _line(100, required=True, metadata={"description": "What to call the device."})


class RulesSchema(ma.Schema):
    reentry = ma.fields.String(required=True, validate=validate.OneOf(["yes", "once"]))
    needs_sign_up = ma.fields.Boolean(required=True)
    capacity = ma.fields.Integer(required=True, allow_none=True)
    day = ma.fields.String(required=True, allow_none=True)
    open_from = ma.fields.String(required=True, allow_none=True, metadata=_time)
    open_to = ma.fields.String(required=True, allow_none=True, metadata=_time)


class RuleChangeSchema(ma.Schema):
    from_ = ma.fields.String(data_key="from", attribute="from", required=True, metadata=_time)
    rules = ma.fields.Nested(RulesSchema, required=True)


class CheckpointSchema(ma.Schema):
    id = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    group = ma.fields.String(required=True, allow_none=True)
    rules = ma.fields.List(ma.fields.Nested(RuleChangeSchema), required=True)


class DaySchema(ma.Schema):
    day = ma.fields.String(required=True)
    from_ = ma.fields.String(data_key="from", attribute="from", required=True, metadata=_time)
    to = ma.fields.String(required=True, metadata=_time)


class DoorMeetingSchema(ma.Schema):
    id = ma.fields.String(required=True)
    slug = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    tz = ma.fields.String(required=True)


class PinCheckSchema(ma.Schema):
    """PBKDF2 (RFC 8018) with SHA-256; salt and hash of 32 bytes in hexadecimal digits."""

    salt = ma.fields.String(required=True)
    iterations = ma.fields.Integer(required=True)
    hash = ma.fields.String(required=True)


class EnrolledSchema(ma.Schema):
    device = ma.fields.String(required=True)
    key = ma.fields.String(required=True, metadata={"description": "Shown once: keep it."})
    checkpoint = ma.fields.String(required=True)
    meeting = ma.fields.Nested(DoorMeetingSchema, required=True)
    checkpoints = ma.fields.List(ma.fields.Nested(CheckpointSchema), required=True)
    days = ma.fields.List(ma.fields.Nested(DaySchema), required=True)
    scope = ma.fields.List(ma.fields.String(validate=validate.OneOf(SCOPES)), required=True)
    expires_at = ma.fields.String(required=True, metadata=_time)
    server_time = ma.fields.String(required=True, metadata=_time)
    pin = ma.fields.Nested(
        PinCheckSchema, metadata={"description": "Kiosks only: what leaves them while there is no network."}
    )


class KeySchema(ma.Schema):
    key = ma.fields.String(required=True, metadata={"description": "Shown once: keep it, then use it."})
    expires_at = ma.fields.String(required=True, metadata=_time)


class FirstEntrySchema(ma.Schema):
    person = ma.fields.String(required=True)
    device = ma.fields.String(required=True)
    id = ma.fields.String(required=True)
    at = ma.fields.String(required=True, metadata=_time)


class PresentSchema(ma.Schema):
    key = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    latin_name = ma.fields.String(required=True)
    organisation = ma.fields.String(required=True)
    since = ma.fields.String(required=True, metadata=_time)


class PlaceSchema(ma.Schema):
    id = ma.fields.String(required=True)
    present = ma.fields.List(
        ma.fields.Nested(PresentSchema),
        required=True,
        metadata={"description": "Needs the scope `evacuation`; children also the scope `children`."},
    )
    count = ma.fields.Integer(required=True, metadata={"description": "Everybody who is there, named or not."})
    first_entries = ma.fields.List(ma.fields.Nested(FirstEntrySchema), required=True)


class ConflictSchema(ma.Schema):
    device = ma.fields.String(required=True)
    id = ma.fields.String(required=True)
    verdict = ma.fields.String(required=True)


class PresenceSchema(ma.Schema):
    day = ma.fields.String(required=True, allow_none=True)
    checkpoints = ma.fields.List(ma.fields.Nested(PlaceSchema), required=True)
    conflicts = ma.fields.List(ma.fields.Nested(ConflictSchema), required=True)
    as_of = ma.fields.String(required=True, metadata=_time)


class CursorSchema(ma.Schema):
    class Meta:
        unknown = ma.RAISE

    cursor = ma.fields.String(
        load_default="", validate=validate.Length(0, 200), metadata={"description": "Of the last answer."}
    )


class FactSchema(ma.Schema):
    """A dated fact of the protocol, with the code's hash in place of the code."""

    fact = ma.fields.String(required=True)
    from_ = ma.fields.String(data_key="from", attribute="from", metadata=_time)
    code = ma.fields.String()
    person = ma.fields.String()
    meeting = ma.fields.String()
    checkpoint = ma.fields.String()
    child = ma.fields.String()
    adult = ma.fields.String()
    persons = ma.fields.List(ma.fields.String())


class RosterEntrySchema(ma.Schema):
    """A person. A child has `carers`, the chosen name and the role "delegate"; a walk-in the role "walk_in"."""

    h = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "SHA-256 of the code that is valid now, base64url without padding; null without one."},
    )
    person = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    latin_name = ma.fields.String(required=True)
    called = ma.fields.String(required=True)
    sort_key = ma.fields.String(required=True)
    organisation = ma.fields.String(required=True)
    role = ma.fields.String(required=True)
    mark = ma.fields.String(required=True, validate=validate.OneOf(["photo_ok", "no_photo"]))
    see_focal_point = ma.fields.Boolean(required=True)
    carers = ma.fields.List(ma.fields.String())
    sign_ups = ma.fields.List(ma.fields.String(), required=True)
    unlisted = ma.fields.Boolean(metadata={"description": "Goes by this name; found by the whole of it only."})
    facts = ma.fields.List(ma.fields.Nested(FactSchema), required=True)


class InsideSchema(ma.Schema):
    person = ma.fields.String(required=True)
    checkpoint = ma.fields.String(required=True)
    since = ma.fields.String(required=True, metadata=_time)


class OutsideSchema(ma.Schema):
    person = ma.fields.String(required=True)
    at = ma.fields.String(required=True, metadata=_time)


class CountSchema(ma.Schema):
    checkpoint = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)


class RosterSchema(ma.Schema):
    cursor = ma.fields.String(required=True)
    full = ma.fields.Boolean(required=True)
    entries = ma.fields.List(ma.fields.Nested(RosterEntrySchema), required=True)
    removed = ma.fields.List(ma.fields.String(), required=True)
    checkpoints = ma.fields.List(ma.fields.Nested(CheckpointSchema), required=True)
    days = ma.fields.List(ma.fields.Nested(DaySchema), required=True)
    present = ma.fields.List(
        ma.fields.Nested(InsideSchema), required=True, metadata={"description": "Today, of those on the roster."}
    )
    first_entries = ma.fields.List(
        ma.fields.Nested(FirstEntrySchema),
        required=True,
        metadata={"description": "Today, at the device's own checkpoint, of those on the roster."},
    )
    counts = ma.fields.List(
        ma.fields.Nested(CountSchema), required=True, metadata={"description": "Everybody who is there, named or not."}
    )
    outside = ma.fields.List(
        ma.fields.Nested(OutsideSchema),
        required=True,
        metadata={"description": "Who left by an entrance while another place still has them."},
    )
    unnamed = ma.fields.Integer(
        required=True, metadata={"description": "How many are in the building who are not on this device's roster."}
    )
    server_time = ma.fields.String(required=True, metadata=_time)


class PinSchema(ma.Schema):
    pin = ma.fields.String(
        required=True, validate=validate.Regexp("^[0-9]{4,8}$"), metadata={"description": "4 to 8 digits."}
    )


class PinAnswerSchema(ma.Schema):
    server_time = ma.fields.String(required=True, metadata=_time)
