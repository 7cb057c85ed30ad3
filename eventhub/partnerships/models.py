"""Partnerships: where they came from, between whom, what was done, what is known and how well."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.directory.models import Organisation, Person, Precision
from eventhub.meetings.models import Meeting
from eventhub.networking.models import Introduction
from eventhub.partnerships.states import (
    ActivityKind,
    EvidenceNature,
    FieldGroup,
    FollowUpState,
    FormalityKind,
    Influence,
    KnewBefore,
    LevelKind,
    OriginKind,
    PartnershipState,
    PartyRole,
    ProposalState,
    ResourceKind,
    Sensitivity,
    SubstantiationState,
    ThemeScheme,
    VerificationState,
    Visibility,
)
from eventhub.programme.models import Session


class Partnership(Base):
    __tablename__ = "partnerships"

    id: Mapped[int] = key()
    ref: Mapped[str] = mapped_column(sa.String(24), unique=True)  # "P-2018-003", for letters and reports
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    state: Mapped[PartnershipState] = mapped_column(choice(PartnershipState), default=PartnershipState.PROPOSED)
    visibility: Mapped[Visibility] = mapped_column(choice(Visibility), default=Visibility.INTERNAL)
    sensitivity: Mapped[Sensitivity] = mapped_column(
        choice(Sensitivity), default=Sensitivity.ORDINARY, server_default=Sensitivity.ORDINARY.value
    )
    merged_into_id: Mapped[int | None] = reference("partnerships.id", nullable=True)  # it was the same one
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = created()

    origin: Mapped["Origin | None"] = relationship(
        cascade="all, delete-orphan", back_populates="partnership", uselist=False
    )
    parties: Mapped[list["Party"]] = relationship(
        cascade="all, delete-orphan", back_populates="partnership", order_by="Party.id"
    )
    levels: Mapped[list["Level"]] = relationship(cascade="all, delete-orphan", order_by="Level.id")
    places: Mapped[list["Place"]] = relationship(cascade="all, delete-orphan", order_by="Place.id")
    themes: Mapped[list["Theme"]] = relationship(cascade="all, delete-orphan", order_by="Theme.id")
    activities: Mapped[list["Activity"]] = relationship(
        cascade="all, delete-orphan", back_populates="partnership", order_by="Activity.start, Activity.id"
    )
    stages: Mapped[list["StageStatement"]] = relationship(
        cascade="all, delete-orphan", order_by="StageStatement.stated_on, StageStatement.id"
    )
    formalities: Mapped[list["Formality"]] = relationship(
        cascade="all, delete-orphan", order_by="Formality.since, Formality.id"
    )
    resources: Mapped[list["Resource"]] = relationship(cascade="all, delete-orphan", order_by="Resource.id")
    outcomes: Mapped[list["Outcome"]] = relationship(cascade="all, delete-orphan", order_by="Outcome.id")
    contexts: Mapped[list["Context"]] = relationship(cascade="all, delete-orphan", order_by="Context.id")
    evidence: Mapped[list["Evidence"]] = relationship(cascade="all, delete-orphan", order_by="Evidence.id")
    proposals: Mapped[list["Proposal"]] = relationship(
        cascade="all, delete-orphan", back_populates="partnership", order_by="Proposal.id"
    )
    substantiations: Mapped[list["Substantiation"]] = relationship(
        cascade="all, delete-orphan", back_populates="partnership", order_by="Substantiation.id"
    )
    verifications: Mapped[list["Verification"]] = relationship(
        cascade="all, delete-orphan", back_populates="partnership", order_by="Verification.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Origin(Base):
    """Where it began: contribution, not attribution. Every gap may stay open."""

    __tablename__ = "origins"

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = mapped_column(sa.ForeignKey("partnerships.id"), unique=True)
    meeting_id: Mapped[int | None] = reference("meetings.id", nullable=True)
    session_id: Mapped[int | None] = reference("sessions.id", nullable=True)
    introduction_id: Mapped[int | None] = reference("introductions.id", nullable=True)
    kind: Mapped[OriginKind] = mapped_column(choice(OriginKind, 32), default=OriginKind.UNKNOWN)
    first_contact: Mapped[date | None]
    first_contact_precision: Mapped[Precision] = mapped_column(choice(Precision), default=Precision.UNKNOWN)
    knew_before: Mapped[KnewBefore] = mapped_column(choice(KnewBefore), default=KnewBefore.UNKNOWN)
    influence: Mapped[Influence] = mapped_column(choice(Influence), default=Influence.UNKNOWN)
    stated_by: Mapped[str] = mapped_column(default="")
    stated_on: Mapped[date | None]

    partnership: Mapped[Partnership] = relationship(back_populates="origin")
    meeting: Mapped[Meeting | None] = relationship()
    session: Mapped[Session | None] = relationship()
    introduction: Mapped[Introduction | None] = relationship()


class Party(Base):
    __tablename__ = "parties"
    __table_args__ = (sa.UniqueConstraint("partnership_id", "organisation_id"),)

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    organisation_id: Mapped[int] = reference("organisations.id")
    role: Mapped[PartyRole] = mapped_column(choice(PartyRole), default=PartyRole.PARTNER)
    focal_person_id: Mapped[int | None] = reference("people.id", nullable=True)
    joined: Mapped[date | None]
    joined_precision: Mapped[Precision] = mapped_column(choice(Precision), default=Precision.UNKNOWN)
    left: Mapped[date | None]
    left_precision: Mapped[Precision] = mapped_column(
        choice(Precision, name="left_precision"), default=Precision.UNKNOWN, server_default=Precision.UNKNOWN.value
    )

    partnership: Mapped[Partnership] = relationship(back_populates="parties")
    organisation: Mapped[Organisation] = relationship()
    focal_person: Mapped[Person | None] = relationship()


class Level(Base):
    __tablename__ = "levels"
    __table_args__ = (sa.UniqueConstraint("partnership_id", "level"),)

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    level: Mapped[LevelKind] = mapped_column(choice(LevelKind))


class Place(Base):
    __tablename__ = "places"

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    names: Mapped[list[Any]] = mapped_column(default=list)  # aliases: "Kompong Ro", "Kampong Rou", …
    path: Mapped[str] = mapped_column(default="")  # "Cambodia / Svay Rieng / Kampong Rou"
    precision: Mapped[str] = mapped_column(sa.String(16), default="unknown")


class Theme(Base):
    __tablename__ = "themes"

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    scheme: Mapped[ThemeScheme] = mapped_column(choice(ThemeScheme), default=ThemeScheme.OWN)
    code: Mapped[str] = mapped_column(sa.String(40), default="")
    label: Mapped[str] = mapped_column(default="")
    primary: Mapped[bool] = mapped_column(default=False)


class Activity(Base):
    """Something the parties did. A count is a number or unknown; unknown is not 0."""

    __tablename__ = "activities"

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    kind: Mapped[ActivityKind] = mapped_column(choice(ActivityKind, 32))
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    start: Mapped[date | None]
    start_precision: Mapped[Precision] = mapped_column(choice(Precision), default=Precision.UNKNOWN)
    end: Mapped[date | None]
    end_precision: Mapped[Precision] = mapped_column(choice(Precision, name="end_precision"), default=Precision.UNKNOWN)
    place: Mapped[str] = mapped_column(default="")
    mode: Mapped[str] = mapped_column(sa.String(16), default="unknown")  # in_person | online | hybrid | unknown
    organisation_ids: Mapped[list[Any]] = mapped_column(default=list)
    counts: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # {"adult": {"f": 2, "m": null, …}, …}; missing: unknown
    outputs: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = created()

    partnership: Mapped[Partnership] = relationship(back_populates="activities")


class Formality(Base):
    """What the parties put in writing, and from when to when it holds. The dates say which stands now."""

    __tablename__ = "formalities"

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    kind: Mapped[FormalityKind] = mapped_column(choice(FormalityKind))
    since: Mapped[date | None]
    since_precision: Mapped[Precision] = mapped_column(choice(Precision), default=Precision.UNKNOWN)
    until: Mapped[date | None]
    until_precision: Mapped[Precision] = mapped_column(
        choice(Precision, name="until_precision"), default=Precision.UNKNOWN
    )
    note: Mapped[str] = mapped_column(default="")


class Resource(Base):
    """Something that one side gave to the common work. An amount is a number or unknown; unknown is not 0."""

    __tablename__ = "shared_resources"
    __table_args__ = (
        sa.CheckConstraint("amount IS NULL OR amount >= 0", name="amount"),
        sa.CheckConstraint("amount IS NULL OR currency <> ''", name="currency"),
    )

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    kind: Mapped[ResourceKind] = mapped_column(choice(ResourceKind))
    what: Mapped[str] = mapped_column(default="")
    organisation_id: Mapped[int | None] = reference("organisations.id", nullable=True)  # who gave it; None: unknown
    amount: Mapped[Decimal | None] = mapped_column(sa.Numeric(14, 2))
    currency: Mapped[str] = mapped_column(sa.String(3), default="")  # ISO 4217
    given: Mapped[date | None]
    given_precision: Mapped[Precision] = mapped_column(choice(Precision), default=Precision.UNKNOWN)

    organisation: Mapped[Organisation | None] = relationship()


class Outcome(Base):
    __tablename__ = "outcomes"

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    actor: Mapped[str] = mapped_column(default="")
    change: Mapped[str] = mapped_column(sa.String(16))  # behaviour|relationship|action|activity|policy|practice
    statement: Mapped[str]
    significance: Mapped[str] = mapped_column(default="")
    contribution: Mapped[str] = mapped_column(default="")
    intended: Mapped[bool | None]
    direction: Mapped[str] = mapped_column(sa.String(16), default="positive")
    created_at: Mapped[datetime] = created()


class Context(Base):
    """Earlier work of ONE party. Never counted."""

    __tablename__ = "contexts"

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    organisation_id: Mapped[int] = reference("organisations.id")
    text: Mapped[str]
    since: Mapped[date | None]
    since_precision: Mapped[Precision] = mapped_column(choice(Precision), default=Precision.UNKNOWN)
    source: Mapped[str] = mapped_column(default="")

    organisation: Mapped[Organisation] = relationship()


class Evidence(Base):
    __tablename__ = "evidence"

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    activity_id: Mapped[int | None] = reference("activities.id", nullable=True)
    outcome_id: Mapped[int | None] = reference("outcomes.id", nullable=True)
    kind: Mapped[str] = mapped_column(sa.String(24))  # file | url | quote | published_source
    nature: Mapped[EvidenceNature] = mapped_column(
        choice(EvidenceNature), default=EvidenceNature.OTHER, server_default=EvidenceNature.OTHER.value
    )
    title: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    quote: Mapped[str] = mapped_column(default="")
    file_id: Mapped[int | None] = reference("stored_files.id", nullable=True)
    dated: Mapped[date | None]
    dated_precision: Mapped[Precision] = mapped_column(
        choice(Precision, name="dated_precision"), default=Precision.UNKNOWN, server_default=Precision.UNKNOWN.value
    )
    given_by: Mapped[str] = mapped_column(default="")
    independent: Mapped[bool] = mapped_column(default=False)  # given by someone outside the parties
    shows_children: Mapped[bool] = mapped_column(default=False)
    consent_ok: Mapped[bool | None]
    visibility: Mapped[Visibility] = mapped_column(choice(Visibility), default=Visibility.INTERNAL)
    created_at: Mapped[datetime] = created()


class Verification(Base):
    """A party is asked about one group of fields, and answers by its link. Added, never changed back."""

    __tablename__ = "verifications"
    __table_args__ = (sa.UniqueConstraint("party_id", "field_group", "round"),)

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    party_id: Mapped[int] = reference("parties.id")
    field_group: Mapped[FieldGroup] = mapped_column(choice(FieldGroup), default=FieldGroup.FACTS)
    round: Mapped[int] = mapped_column(default=1)
    state: Mapped[VerificationState] = mapped_column(choice(VerificationState), default=VerificationState.ASKED)
    words: Mapped[str] = mapped_column(default="")  # what the party corrected or disputed
    old_value: Mapped[dict[str, Any]] = mapped_column(default=dict)  # a correction keeps what stood before
    asked_of_id: Mapped[int | None] = reference("people.id", nullable=True)
    by_name: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime] = created()
    answered_at: Mapped[datetime | None]
    link_version: Mapped[int] = mapped_column(default=1)

    partnership: Mapped[Partnership] = relationship(back_populates="verifications")
    party: Mapped[Party] = relationship()
    asked_of: Mapped[Person | None] = relationship()


class Proposal(Base):
    """What a party says that one field should say. Both values stand until staff or another party decide."""

    __tablename__ = "partnership_proposals"

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    party_id: Mapped[int] = reference("parties.id")
    verification_id: Mapped[int] = reference("verifications.id")
    item: Mapped[str] = mapped_column(sa.String(40))
    field: Mapped[str] = mapped_column(sa.String(40))
    stood: Mapped[str] = mapped_column(default="")  # as it would be typed: "2019-Q3"
    proposed: Mapped[str]
    state: Mapped[ProposalState] = mapped_column(choice(ProposalState), default=ProposalState.OPEN)
    created_at: Mapped[datetime] = created()
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]

    partnership: Mapped[Partnership] = relationship(back_populates="proposals")
    party: Mapped[Party] = relationship()


class Substantiation(Base):
    """Somebody who belongs to none of the parties says whether one item is so, by a link of their own."""

    __tablename__ = "substantiations"

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    item: Mapped[str] = mapped_column(sa.String(40))  # "core", "activity:12", "outcome:3"
    asked_name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(sa.String(16), default="en")
    state: Mapped[SubstantiationState] = mapped_column(choice(SubstantiationState), default=SubstantiationState.ASKED)
    name: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    relation: Mapped[str] = mapped_column(default="")  # to the parties, in their own words
    statement: Mapped[str] = mapped_column(default="")
    may_be_named: Mapped[bool] = mapped_column(default=False)
    contradicts: Mapped[bool] = mapped_column(default=False)  # declined, for it was not so
    shown: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the facts as they were when the answer was given
    before: Mapped[list[Any]] = mapped_column(default=list)  # earlier answers, newest first
    asked_at: Mapped[datetime] = created()
    answered_at: Mapped[datetime | None]
    link_version: Mapped[int] = mapped_column(default=1)

    partnership: Mapped[Partnership] = relationship(back_populates="substantiations")


class FollowUp(Base):
    """A question due 3, 6, 12 or 24 months after the meeting, per party."""

    __tablename__ = "follow_ups"
    __table_args__ = (sa.UniqueConstraint("party_id", "months"),)

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    party_id: Mapped[int] = reference("parties.id")
    months: Mapped[int]
    due: Mapped[date] = mapped_column(index=True)
    state: Mapped[FollowUpState] = mapped_column(choice(FollowUpState), default=FollowUpState.SCHEDULED)
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    link_version: Mapped[int] = mapped_column(default=1)

    partnership: Mapped[Partnership] = relationship()
    party: Mapped[Party] = relationship()


class StageStatement(Base):
    """Himmelman's four tests as somebody answered them on a day (None: nobody said). The newest counts; the stage
    0-4 is computed from it and may go down."""

    __tablename__ = "stage_statements"

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    stated_on: Mapped[date]
    exchanges_information: Mapped[bool | None]
    alters_activities: Mapped[bool | None]
    shares_resources: Mapped[bool | None]
    enhances_capacity: Mapped[bool | None]
    stated_by: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = created()
