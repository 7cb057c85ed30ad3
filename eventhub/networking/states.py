"""The states of a 1:1 meeting and the moves between them.

A time that somebody proposes for what was agreed already changes no state: the agreed time holds until both want the
other one. That a 1:1 meeting is over, or now against a session, is computed.
"""

from enum import StrEnum


class OneToOneState(StrEnum):
    REQUESTED = "requested"
    PROPOSED = "proposed"  # one of the two answered with another time
    ACCEPTED = "accepted"  # has a table
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # by who asked, before it was agreed
    CANCELLED = "cancelled"  # by either, after it was agreed


_S = OneToOneState
MOVES: dict[OneToOneState, frozenset[OneToOneState]] = {
    _S.REQUESTED: frozenset({_S.PROPOSED, _S.ACCEPTED, _S.DECLINED, _S.WITHDRAWN}),
    _S.PROPOSED: frozenset({_S.PROPOSED, _S.ACCEPTED, _S.DECLINED, _S.WITHDRAWN}),
    _S.ACCEPTED: frozenset({_S.ACCEPTED, _S.CANCELLED}),  # accepted again: at another time
    _S.DECLINED: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.CANCELLED: frozenset(),
}
OPEN = frozenset({_S.REQUESTED, _S.PROPOSED})
STANDING = frozenset({*OPEN, _S.ACCEPTED})


class OneToOneSource(StrEnum):
    ASKED = "asked"  # one of the two asked the other
    SEATED = "seated"  # the organisers seated them
