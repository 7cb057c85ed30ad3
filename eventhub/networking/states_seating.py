"""The states of a seating that the solver proposes, and of each of its seats."""

from enum import StrEnum


class ProposalState(StrEnum):
    PROPOSED = "proposed"  # for the organisers to look at; one at a time in a meeting
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # thrown away, or a newer one took its place


class SeatState(StrEnum):
    KEPT = "kept"  # to be published
    LEFT_OUT = "left_out"  # an organiser took it out; may be taken in again
    PUBLISHED = "published"  # is a 1:1 meeting now
    FELL_OUT = "fell_out"  # was not possible any more when it was published; ``why`` says what came between


_P, _S = ProposalState, SeatState
MOVES: dict[ProposalState, frozenset[ProposalState]] = {
    _P.PROPOSED: frozenset({_P.PUBLISHED, _P.WITHDRAWN}),
    _P.PUBLISHED: frozenset(),
    _P.WITHDRAWN: frozenset(),
}
SEAT_MOVES: dict[SeatState, frozenset[SeatState]] = {
    _S.KEPT: frozenset({_S.LEFT_OUT, _S.PUBLISHED, _S.FELL_OUT}),
    _S.LEFT_OUT: frozenset({_S.KEPT}),
    _S.PUBLISHED: frozenset(),
    _S.FELL_OUT: frozenset(),
}


class Bar(StrEnum):
    """Why two people cannot be seated at a time."""

    GONE = "gone"  # one of the two does not take part, or must not be named, any more
    NOT_AGREED = "not_agreed"  # one of the two does not want to be seated (any more)
    HAVE_ONE = "have_one"  # they have, or have asked for, a 1:1 meeting with each other
    SAID_NO = "said_no"
    ENOUGH = "enough"  # one of the two has as many as they want
    NO_SLOT = "no_slot"  # the slot is over, or its window was taken away
    BUSY = "busy"  # one of the two is in a session or in another 1:1 meeting then
    NO_TABLE = "no_table"


class NoSeat(StrEnum):
    """Why somebody who agreed to be seated sits with nobody."""

    NO_WISH = "no_wish"  # nobody on their list takes part in this, and nobody wishes for them
    OTHERS_NOT_AGREED = "others_not_agreed"  # whom they wish for do not want to be seated, or have enough
    HAVE_ALL = "have_all"  # they have asked, met or been refused by those already
    NO_TIME = "no_time"  # never a slot with a table in which both are free
    OTHERS_FIRST = "others_first"  # the times, tables or people were needed for somebody with fewer
