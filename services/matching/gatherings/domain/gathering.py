"""A gathering: a claim, a cartridge and a venue's slot, from the plan to the settlement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from chassis.kernel.decisions import Decision, Revision
from services.matching.claims.domain import Claim
from services.matching.gatherings.domain.refusals import (
    CannotCancel,
    EnoughEvidence,
    GatheringNotOpen,
    NotACoHost,
    NotBegun,
    NothingToShow,
    NotTheBrand,
    NotTheHost,
    NotUnderReview,
    SlotPast,
    VenueTooSmall,
)
from services.matching.gatherings.events import (
    GatheringApproved,
    GatheringCancelled,
    GatheringDisputed,
    GatheringHeld,
    GatheringOpened,
    GatheringPlanned,
    GatheringRefused,
    GatheringSettled,
)

APPROVAL_PERIOD = timedelta(hours=72)
OVERDUE_AFTER = timedelta(days=7)
EVIDENCE_LIMIT = 20
PLATFORM = "platform"


class Actor(NamedTuple):
    """For which organisation somebody acts, and whether that is the platform."""

    organization_id: str
    is_platform: bool = False


class Status(StrEnum):
    """Where a gathering stands."""

    PLANNED = "planned"
    OPENED = "opened"
    REFUSED = "refused"
    HELD = "held"
    DISPUTED = "disputed"
    APPROVED = "approved"
    SETTLED = "settled"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cartridge:
    """A published version of a theme, known by the digest of its manifest."""

    id: str
    digest: str
    author_id: str
    min_people: int
    max_people: int
    royalties: Mapping[str, int]  # basis points of the author's share by organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time at which a venue can be had."""

    id: str
    venue_id: str
    venue_org_id: str
    starts_at: datetime
    ends_at: datetime
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What shows that a gathering took place: words, or the digest of a file kept elsewhere."""

    id: str
    kind: str
    text: str | None
    digest: str | None
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """What people attend: who answers for it, where and when, and how far it has come.

    ``capacity`` is how many may check in. ``checked_in`` and ``packs_returned`` count what
    lies in records of their own.
    """

    id: str
    title: str
    claim_id: str
    lot_id: str
    offer_id: str
    brand_id: str
    host_id: str
    co_host_ids: tuple[str, ...]
    community_id: str
    packs: int
    min_checked_in: int
    cartridge: Cartridge
    slot: Slot
    naming_rights_id: str | None
    capacity: int
    planned_at: datetime
    status: Status = Status.PLANNED
    checked_in: int = 0
    evidence: tuple[Evidence, ...] = ()
    packs_returned: int = 0
    refusal_code: str | None = None
    refusal_detail: str | None = None
    why: str | None = None
    held_at: datetime | None = None
    approve_by: datetime | None = None
    approved_by: str | None = None
    settlement_id: str | None = None
    revision: Revision = Revision()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host and the co-hosts: all who may work at the door and the till."""
        return (self.host_id, *self.co_host_ids)

    @property
    def parties(self) -> dict[str, tuple[str, ...]]:
        """Who shares what it earns, by role; a role nobody fills is absent."""
        filled = {
            "brand": (self.brand_id,),
            "host": (self.host_id,),
            "co_host": self.co_host_ids,
            "venue": (self.slot.venue_org_id,),
            "author": tuple(self.cartridge.royalties),
            PLATFORM: (PLATFORM,),
        }
        return {role: who for role, who in filled.items() if who}

    def involves(self, organization_id: str) -> bool:
        """Whether an organisation has any part in it."""
        return any(organization_id in who for who in self.parties.values())

    def is_consented(self, moment: datetime) -> bool:
        """Whether the brand's time to object is over and it said nothing."""
        return (
            self.status is Status.HELD
            and self.approve_by is not None
            and moment >= self.approve_by
        )

    def is_overdue(self, moment: datetime) -> bool:
        """Whether nobody has said for a week after its end that it took place."""
        return self.status is Status.OPENED and moment >= self.slot.ends_at + OVERDUE_AFTER

    def open(self, *, now: datetime) -> Decision[Gathering]:
        """The slot is booked."""
        self._must_be(Status.PLANNED)
        opened = GatheringOpened(gathering_id=self.id, occurred_at=now)
        return Decision(replace(self, status=Status.OPENED), (opened,))

    def refuse(self, code: str, detail: str, *, now: datetime) -> Decision[Gathering]:
        """The slot cannot be had; the claim is free for another plan."""
        self._must_be(Status.PLANNED)
        refused = GatheringRefused(gathering_id=self.id, code=code, occurred_at=now)
        state = replace(self, status=Status.REFUSED, refusal_code=code, refusal_detail=detail)
        return Decision(state, (refused,))

    def must_be_run_by(self, organization_id: str) -> None:
        """Raise ``NotTheHost`` for anyone but the host and the co-hosts."""
        if organization_id not in self.hosts:
            raise NotTheHost

    def must_be_open(self) -> None:
        """Raise ``GatheringNotOpen`` unless it has its slot and is still to be held."""
        self._must_be(Status.OPENED)

    def add_evidence(self, piece: Evidence) -> Decision[Gathering]:
        """Show something; more may follow until the gathering is approved."""
        self.must_be_run_by(piece.added_by)
        if self.status not in {Status.OPENED, Status.HELD, Status.DISPUTED}:
            raise GatheringNotOpen(f"the gathering is {self.status}", state=str(self.status))
        if len(self.evidence) >= EVIDENCE_LIMIT:
            raise EnoughEvidence
        return Decision(replace(self, evidence=(*self.evidence, piece)))

    def hold(self, *, by: str, now: datetime) -> Decision[Gathering]:
        """Say that it took place; the brand has 72 hours to object."""
        self._must_be_host(by)
        self.must_be_open()
        if now < self.slot.starts_at:
            raise NotBegun(f"begins at {self.slot.starts_at.isoformat()}")
        if not self.checked_in or not self.evidence:
            raise NothingToShow(
                f"{self.checked_in} checked in, {len(self.evidence)} pieces of evidence",
                checked_in=self.checked_in,
                evidence=len(self.evidence),
            )
        approve_by = now + APPROVAL_PERIOD
        held = GatheringHeld(
            gathering_id=self.id,
            claim_id=self.claim_id,
            checked_in=self.checked_in,
            approve_by=approve_by,
            occurred_at=now,
        )
        return Decision(
            replace(self, status=Status.HELD, held_at=now, approve_by=approve_by), (held,)
        )

    def approve(self, *, by: Actor, now: datetime) -> Decision[Gathering]:
        """The brand approves what was held, or the platform rules on a dispute."""
        if by.is_platform:
            self._must_be_reviewed(Status.DISPUTED)
            return self._approved(PLATFORM, now=now)
        if by.organization_id != self.brand_id:
            raise NotTheBrand
        self._must_be_reviewed(Status.HELD, Status.DISPUTED)
        return self._approved("brand", now=now)

    def approve_by_silence(self, *, now: datetime) -> Decision[Gathering]:
        """The brand said nothing in time; raise ``NotUnderReview`` before that."""
        if not self.is_consented(now):
            raise NotUnderReview(f"the gathering is {self.status}", state=str(self.status))
        return self._approved("silence", now=now)

    def dispute(self, why: str, *, by: str, now: datetime) -> Decision[Gathering]:
        """The brand objects, before its time for that is over."""
        if by != self.brand_id:
            raise NotTheBrand
        self._must_be_reviewed(Status.HELD)
        if self.is_consented(now):
            raise NotUnderReview(f"the time to object ended at {self.approve_by}")
        disputed = GatheringDisputed(gathering_id=self.id, occurred_at=now)
        return Decision(replace(self, status=Status.DISPUTED, why=why), (disputed,))

    def review(self, *, now: datetime) -> Decision[Gathering]:
        """Have the platform rule on what is overdue; raise ``NotUnderReview`` before that."""
        if not self.is_overdue(now):
            raise NotUnderReview(f"the gathering is {self.status}", state=str(self.status))
        disputed = GatheringDisputed(gathering_id=self.id, occurred_at=now)
        why = f"nobody said within {OVERDUE_AFTER.days} days of its end that it took place"
        return Decision(replace(self, status=Status.DISPUTED, why=why), (disputed,))

    def cancel(self, why: str, *, by: Actor, now: datetime) -> Decision[Gathering]:
        """Call it off before it is held; the platform may do so while it is disputed too."""
        may_be = {Status.PLANNED, Status.OPENED}
        if by.is_platform:
            may_be.add(Status.DISPUTED)
        else:
            self._must_be_host(by.organization_id)
        if self.status not in may_be:
            raise CannotCancel(f"the gathering is {self.status}", state=str(self.status))
        cancelled = GatheringCancelled(
            gathering_id=self.id,
            claim_id=self.claim_id,
            host_id=self.host_id,
            occurred_at=now,
        )
        return Decision(replace(self, status=Status.CANCELLED, why=why), (cancelled,))

    def settle(self, settlement_id: str, *, now: datetime) -> Decision[Gathering]:
        """Every share was paid."""
        self._must_be_reviewed(Status.APPROVED)
        settled = GatheringSettled(
            gathering_id=self.id,
            settlement_id=settlement_id,
            host_id=self.host_id,
            cartridge_id=self.cartridge.id,
            cartridge_digest=self.cartridge.digest,
            checked_in=self.checked_in,
            occurred_at=now,
        )
        return Decision(
            replace(self, status=Status.SETTLED, settlement_id=settlement_id), (settled,)
        )

    def _approved(self, by: str, *, now: datetime) -> Decision[Gathering]:
        approved = GatheringApproved(
            gathering_id=self.id, claim_id=self.claim_id, by=by, occurred_at=now
        )
        return Decision(replace(self, status=Status.APPROVED, approved_by=by), (approved,))

    def _must_be_host(self, organization_id: str) -> None:
        if organization_id != self.host_id:
            raise NotTheHost

    def _must_be(self, status: Status) -> None:
        if self.status is not status:
            raise GatheringNotOpen(f"the gathering is {self.status}", state=str(self.status))

    def _must_be_reviewed(self, *among: Status) -> None:
        if self.status not in among:
            raise NotUnderReview(f"the gathering is {self.status}", state=str(self.status))


def plan(
    gathering_id: str,
    *,
    title: str,
    claim: Claim,
    cartridge: Cartridge,
    slot: Slot,
    co_host_ids: tuple[str, ...],
    naming_rights_id: str | None,
    now: datetime,
) -> Decision[Gathering]:
    """Put a confirmed claim, a cartridge and a slot together."""
    if now >= slot.starts_at:
        raise SlotPast(f"began at {slot.starts_at.isoformat()}")
    capacity = min(slot.capacity, cartridge.max_people)
    if capacity < cartridge.min_people:
        raise VenueTooSmall(
            f"{slot.capacity} people fit, {cartridge.min_people} needed",
            needed=cartridge.min_people,
        )
    if claim.host_id in co_host_ids or len(set(co_host_ids)) != len(co_host_ids):
        raise NotACoHost("the host itself, or one organisation twice")
    planned = GatheringPlanned(
        gathering_id=gathering_id,
        claim_id=claim.id,
        host_id=claim.host_id,
        brand_id=claim.brand_id,
        co_host_ids=co_host_ids,
        cartridge_digest=cartridge.digest,
        cartridge_id=cartridge.id,
        author_id=cartridge.author_id,
        venue_id=slot.venue_id,
        slot_id=slot.id,
        venue_org_id=slot.venue_org_id,
        naming_rights_id=naming_rights_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        occurred_at=now,
    )
    state = Gathering(
        id=gathering_id,
        title=title,
        claim_id=claim.id,
        lot_id=claim.lot_id,
        offer_id=claim.offer_id,
        brand_id=claim.brand_id,
        host_id=claim.host_id,
        co_host_ids=co_host_ids,
        community_id=claim.community_id,
        packs=claim.packs,
        min_checked_in=claim.min_checked_in,
        cartridge=cartridge,
        slot=slot,
        naming_rights_id=naming_rights_id,
        capacity=capacity,
        planned_at=now,
    )
    return Decision(state, (planned,))
