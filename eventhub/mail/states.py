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
    _S.RETRY: frozenset({_S.SENDING, _S.SUPPRESSED, _S.FAILED, _S.QUEUED}),
    _S.FAILED: frozenset({_S.QUEUED}),
    # by a person, or by its own sender that was believed dead and comes back with the server's answer
    _S.UNKNOWN: frozenset({_S.QUEUED, _S.SENT, _S.RETRY, _S.FAILED}),
    _S.SUPPRESSED: frozenset({_S.QUEUED}),
    _S.SENT: frozenset(),
}
# from which a person may send a message once more: never while a sender may be speaking of it
AGAIN = frozenset({_S.FAILED, _S.RETRY, _S.SUPPRESSED, _S.UNKNOWN})

# why a message is not sent; the staff reads these beside the state
NO_ADDRESS = "There is no e-mail address to send this letter to. Write one, and send it again."
WRONG_ADDRESS = "This is not a complete e-mail address. Correct it, and send the letter again."
SUPPRESSED = "We do not write to this address: {reason}"
NO_ANSWER = "The mail server could not be reached. The letter goes out by itself when it is back."
WRONG_LOGIN = "The mail server refused our name or password. Correct SMTP_URL; the letter then goes out by itself."
NO_TLS = "The mail server's certificate is not right for its name. Correct it or SMTP_URL; the letter then goes out."
SERVER_AWAY = (NO_ANSWER, WRONG_LOGIN, NO_TLS)  # about the server, not about the letter
