"""The states of an invitation and of a nomination, and the moves between them."""

from enum import StrEnum


class InvitationState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


_I = InvitationState
INVITATION_MOVES: dict[InvitationState, frozenset[InvitationState]] = {
    _I.DRAFT: frozenset({_I.SENT, _I.WITHDRAWN}),
    _I.SENT: frozenset({_I.ACCEPTED, _I.DECLINED, _I.EXPIRED, _I.WITHDRAWN}),
    _I.ACCEPTED: frozenset({_I.DECLINED, _I.WITHDRAWN}),
    _I.DECLINED: frozenset({_I.SENT, _I.WITHDRAWN, _I.ACCEPTED}),  # a change of mind before the deadline
    _I.EXPIRED: frozenset({_I.SENT, _I.WITHDRAWN}),
    # an organisation has one invitation per meeting: what was withdrawn by mistake can be sent again, with a new link
    _I.WITHDRAWN: frozenset({_I.SENT}),
}


class NominationState(StrEnum):
    NAMED = "named"
    INVITED = "invited"
    REGISTERED = "registered"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


_N = NominationState
NOMINATION_MOVES: dict[NominationState, frozenset[NominationState]] = {
    _N.NAMED: frozenset({_N.INVITED, _N.REPLACED, _N.WITHDRAWN}),
    _N.INVITED: frozenset({_N.REGISTERED, _N.REPLACED, _N.WITHDRAWN, _N.DECLINED}),
    _N.REGISTERED: frozenset({_N.REPLACED, _N.WITHDRAWN}),
    _N.REPLACED: frozenset(),
    _N.WITHDRAWN: frozenset(),
    _N.DECLINED: frozenset({_N.INVITED}),
}
STANDING = frozenset({_N.NAMED, _N.INVITED, _N.REGISTERED})  # those who are meant to come


class NomineeRole(StrEnum):
    DELEGATE = "delegate"
    ALTERNATE = "alternate"
    OBSERVER = "observer"
    CHAPERONE = "chaperone"
    CHILD_DELEGATE = "child_delegate"


SEATED = frozenset(set(NomineeRole) - {NomineeRole.ALTERNATE})  # an alternate takes a seat only on moving up
