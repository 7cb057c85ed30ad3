"""The states of a registration and the moves between them; "attended" is computed from scans."""

from enum import StrEnum


class RegistrationState(StrEnum):
    STARTED = "started"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    WAITING = "waiting"
    DECLINED = "declined"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


_S = RegistrationState
MOVES: dict[RegistrationState, frozenset[RegistrationState]] = {
    _S.STARTED: frozenset({_S.SUBMITTED, _S.CANCELLED}),
    _S.SUBMITTED: frozenset({_S.APPROVED, _S.WAITING, _S.DECLINED, _S.CANCELLED}),
    _S.WAITING: frozenset({_S.APPROVED, _S.DECLINED, _S.CANCELLED}),
    _S.APPROVED: frozenset({_S.CONFIRMED, _S.CANCELLED}),
    _S.CONFIRMED: frozenset({_S.CANCELLED, _S.APPROVED}),  # back to approved when a needed consent is withdrawn
    _S.DECLINED: frozenset({_S.SUBMITTED}),
    _S.CANCELLED: frozenset({_S.SUBMITTED}),
}
HOLDS_SEAT = frozenset({_S.APPROVED, _S.CONFIRMED})
IN_FORCE = frozenset({_S.STARTED, _S.SUBMITTED, _S.APPROVED, _S.WAITING, _S.CONFIRMED})


class RegistrationRole(StrEnum):
    DELEGATE = "delegate"
    ALTERNATE = "alternate"
    OBSERVER = "observer"
    SPEAKER = "speaker"
    INTERPRETER = "interpreter"
    CHAPERONE = "chaperone"
    CHILD_DELEGATE = "child_delegate"
    STAFF = "staff"

    @property
    def shown(self) -> str:
        """What badge and door print: a child's role looks like any other's."""
        return "delegate" if self is RegistrationRole.CHILD_DELEGATE else self.value
