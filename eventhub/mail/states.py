"""The states of a message and the moves between them."""

from enum import StrEnum


class MessageState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    UNKNOWN = "unknown"  # may have gone; a person decides


_S = MessageState
MOVES: dict[MessageState, frozenset[MessageState]] = {
    _S.QUEUED: frozenset({_S.SENDING, _S.SUPPRESSED, _S.FAILED}),
    _S.SENDING: frozenset({_S.SENT, _S.RETRY, _S.FAILED, _S.UNKNOWN, _S.QUEUED}),
    _S.RETRY: frozenset({_S.SENDING, _S.SUPPRESSED, _S.FAILED}),
    _S.FAILED: frozenset({_S.QUEUED}),
    _S.UNKNOWN: frozenset({_S.QUEUED, _S.SENT}),
    _S.SUPPRESSED: frozenset({_S.QUEUED}),
    _S.SENT: frozenset(),
}
