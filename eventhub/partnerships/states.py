"""The states and vocabularies of the partnership record. Levels and schemes of themes are those of ``themes``."""

from enum import StrEnum

from eventhub.themes.states import LevelKind as LevelKind
from eventhub.themes.states import ThemeScheme as ThemeScheme


class PartnershipState(StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    DORMANT = "dormant"
    ENDED = "ended"
    CANCELLED = "cancelled"


_S = PartnershipState
MOVES: dict[PartnershipState, frozenset[PartnershipState]] = {
    _S.PROPOSED: frozenset({_S.ACTIVE, _S.ENDED, _S.CANCELLED}),
    _S.ACTIVE: frozenset({_S.DORMANT, _S.ENDED, _S.CANCELLED}),
    _S.DORMANT: frozenset({_S.ACTIVE, _S.ENDED, _S.CANCELLED}),
    _S.ENDED: frozenset(),
    _S.CANCELLED: frozenset(),
}


class Rung(StrEnum):
    """The evidence ladder; computed, never typed in."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"
    SUBSTANTIATED = "substantiated"


class OriginKind(StrEnum):
    SESSION = "session"
    MARGIN = "margin"
    INTRODUCED_BY_SECRETARIAT = "introduced_by_secretariat"
    INTRODUCED_BY_MEMBER = "introduced_by_member"
    KNOWN_BEFORE = "known_before"
    OTHER = "other"
    UNKNOWN = "unknown"


class KnewBefore(StrEnum):
    NO = "no"
    BY_NAME = "by_name"
    WORKED_TOGETHER = "worked_together"
    UNKNOWN = "unknown"


class Influence(StrEnum):
    STARTED = "started"
    SPEEDED_UP = "speeded_up"
    NONE = "none"
    UNKNOWN = "unknown"


class PartyRole(StrEnum):
    LEAD = "lead"
    PARTNER = "partner"
    FUNDER = "funder"
    ADVISER = "adviser"
    HOST = "host"


class ActivityKind(StrEnum):
    LEARNING_VISIT = "learning_visit"
    EXCHANGE_OF_INFORMATION = "exchange_of_information"
    STAFF_EXCHANGE = "staff_exchange"
    TRAINING = "training"
    JOINT_REPORT = "joint_report"
    CHILDRENS_REPORT = "childrens_report"
    JOINT_STATEMENT = "joint_statement"
    RESEARCH = "research"
    CAMPAIGN = "campaign"
    PROJECT = "project"
    FUNDING_BID = "funding_bid"
    CHILD_LED_EXCHANGE = "child_led_exchange"
    REFERRAL = "referral"
    PUBLICATION = "publication"
    EVENT = "event"


class FieldGroup(StrEnum):
    FACTS = "facts"
    ORIGIN = "origin"
    STAGE = "stage"
    PUBLIC_TEXT = "public_text"


class VerificationState(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    DISPUTED = "disputed"
    NO_REPLY = "no_reply"


_V = VerificationState
# an answer that was given stays: a change of mind is a new row
VERIFICATION_MOVES: dict[VerificationState, frozenset[VerificationState]] = {
    _V.ASKED: frozenset({_V.CONFIRMED, _V.CORRECTED, _V.DISPUTED, _V.NO_REPLY}),
    _V.CONFIRMED: frozenset(),
    _V.CORRECTED: frozenset(),
    _V.DISPUTED: frozenset(),
    _V.NO_REPLY: frozenset(),
}


class Visibility(StrEnum):
    INTERNAL = "internal"
    MEMBERS = "members"
    PUBLIC = "public"
    HIDDEN = "hidden"  # people at risk


class Sensitivity(StrEnum):
    ORDINARY = "ordinary"
    SENSITIVE = "sensitive"  # counted, but neither its text nor its people leave the secretariat
    PEOPLE_AT_RISK = "people_at_risk"  # hidden


class FormalityKind(StrEnum):
    NONE = "none"
    EMAIL = "email"
    LETTER = "letter"
    MOU = "mou"
    JOINT_PROJECT = "joint_project"
    CONTRACT = "contract"


class ResourceKind(StrEnum):
    MONEY = "money"
    STAFF_TIME = "staff_time"
    EXPERTISE = "expertise"
    ROOMS = "rooms"
    MATERIALS = "materials"
    CONTACTS = "contacts"
    OTHER = "other"


class EvidenceNature(StrEnum):
    """What an evidence is, whatever it is made of."""

    REPORT = "report"
    PHOTO = "photo"
    LETTER = "letter"
    AGREEMENT = "agreement"
    MINUTES = "minutes"
    ATTENDANCE = "attendance"
    NEWS = "news"
    PUBLICATION = "publication"
    TESTIMONY = "testimony"
    OTHER = "other"


class ProposalState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REPLACED = "replaced"  # the party said something else since


class SubstantiationState(StrEnum):
    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"  # "I cannot confirm it"
    WITHDRAWN = "withdrawn"  # the question was taken back, or the statement set aside


class MergeDecision(StrEnum):
    JOINED = "joined"
    APART = "apart"  # somebody looked: they are two


class FollowUpState(StrEnum):
    SCHEDULED = "scheduled"
    SENT = "sent"
    ANSWERED = "answered"
    OVERDUE = "overdue"
    CLOSED = "closed"


_F = FollowUpState
FOLLOW_UP_MOVES: dict[FollowUpState, frozenset[FollowUpState]] = {
    _F.SCHEDULED: frozenset({_F.SENT, _F.CLOSED}),
    _F.SENT: frozenset({_F.ANSWERED, _F.OVERDUE, _F.CLOSED}),
    _F.OVERDUE: frozenset({_F.ANSWERED, _F.CLOSED}),  # a late answer is an answer
    _F.ANSWERED: frozenset({_F.ANSWERED}),  # more came of it since
    _F.CLOSED: frozenset(),
}
FOLLOW_UP_MONTHS = (3, 6, 12, 24)  # after the meeting's last day


class Decision(StrEnum):
    """What staff made of something that a participant told."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class NameChoice(StrEnum):
    """What a person decided about an organisation's name in a list that the directory does not know."""

    EXISTING = "existing"
    NEW = "new"
    LEAVE_OUT = "leave_out"


class CommitmentState(StrEnum):
    """How a commitment stands, as it was told last."""

    OPEN = "open"
    KEPT = "kept"
    PARTLY = "partly"
    NOT_KEPT = "not_kept"
    WITHDRAWN = "withdrawn"


class StatementState(StrEnum):
    DRAFT = "draft"
    ASKED = "asked"  # delegations say how they stand to it
    PUBLISHED = "published"
    REPLACED = "replaced"  # by a newer version


_T = StatementState
STATEMENT_MOVES: dict[StatementState, frozenset[StatementState]] = {
    _T.DRAFT: frozenset({_T.ASKED, _T.REPLACED}),
    _T.ASKED: frozenset({_T.PUBLISHED, _T.REPLACED}),
    _T.PUBLISHED: frozenset({_T.REPLACED}),
    _T.REPLACED: frozenset(),
}


class Stance(StrEnum):
    """How a delegation stands to the statement."""

    ENDORSES = "endorses"
    RESERVES = "reserves"
    DISSENTS = "dissents"


class StoryState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


_Y = StoryState
STORY_MOVES: dict[StoryState, frozenset[StoryState]] = {
    _Y.DRAFT: frozenset({_Y.PUBLISHED}),
    _Y.PUBLISHED: frozenset({_Y.WITHDRAWN}),
    _Y.WITHDRAWN: frozenset({_Y.PUBLISHED}),
}


class StoryPart(StrEnum):
    """The parts of a story, in their order."""

    BEGINNING = "beginning"
    DONE = "done"
    CHANGED = "changed"
    BEFORE = "before"  # earlier work of one party
    KNOWN = "known"  # how well all this is known


class Basis(StrEnum):
    """Why somebody may be named."""

    CONSENT = "consent"
    PUBLISHED_SOURCE = "published_source"
