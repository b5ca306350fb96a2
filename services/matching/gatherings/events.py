"""What becomes known about a gathering, and what is asked of other services for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent, Message
from services.matching.claims.events import CATALOG_COMMANDS, PAYMENTS_COMMANDS


class OfGathering:
    """Orders a gathering's events, its guests' and its sales' among them."""

    __slots__ = ()
    gathering_id: str

    @property
    def subject(self) -> str:
        """The gathering."""
        return self.gathering_id


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringPlanned(OfGathering, DomainEvent):
    """A host put a claim, a cartridge and a venue's slot together.

    ``brand_id`` is the first of the ``brand_ids``: a kit may have several.
    """

    type: ClassVar[str] = "matching.gathering.planned.v1"
    gathering_id: str
    claim_id: str
    host_id: str
    brand_id: str
    co_host_ids: tuple[str, ...]
    cartridge_digest: str
    cartridge_id: str
    author_id: str
    venue_id: str
    slot_id: str
    venue_org_id: str
    naming_rights_id: str | None
    starts_at: datetime
    ends_at: datetime
    brand_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringOpened(OfGathering, DomainEvent):
    """The slot is booked: guests may be invited."""

    type: ClassVar[str] = "matching.gathering.opened.v1"
    gathering_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringRefused(OfGathering, DomainEvent):
    """The venue could not give the slot, for the reason that ``code`` names."""

    type: ClassVar[str] = "matching.gathering.refused.v1"
    gathering_id: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringHeld(OfGathering, DomainEvent):
    """It took place; the brand may object until ``approve_by``."""

    type: ClassVar[str] = "matching.gathering.held.v1"
    gathering_id: str
    claim_id: str
    checked_in: int
    approve_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringApproved(OfGathering, DomainEvent):
    """It may be paid out: the brand said so, kept silent, or the platform ruled."""

    type: ClassVar[str] = "matching.gathering.approved.v1"
    gathering_id: str
    claim_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringDisputed(OfGathering, DomainEvent):
    """The brand objects, or nobody says it took place; the platform rules before money moves."""

    type: ClassVar[str] = "matching.gathering.disputed.v1"
    gathering_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringCancelled(OfGathering, DomainEvent):
    """It will not take place: slot, packs, subsidy and every sale go back."""

    type: ClassVar[str] = "matching.gathering.cancelled.v1"
    gathering_id: str
    claim_id: str
    host_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringSettled(OfGathering, DomainEvent):
    """Every share of it was paid; its host has run that cartridge."""

    type: ClassVar[str] = "matching.gathering.settled.v1"
    gathering_id: str
    settlement_id: str
    host_id: str | None = None
    cartridge_id: str | None = None
    cartridge_digest: str | None = None
    checked_in: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSlot(Message):
    """Asks catalog for a venue's slot, for so many people."""

    type: ClassVar[str] = "catalog.command.book-slot.v1"
    topic: ClassVar[str] = CATALOG_COMMANDS
    gathering_id: str
    venue_id: str
    slot_id: str
    host_id: str
    people: int

    @property
    def key(self) -> str:
        """The venue, so that all who want its slots stand in one line."""
        return self.venue_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSlot(Message):
    """Asks catalog to free a slot that this gathering booked."""

    type: ClassVar[str] = "catalog.command.release-slot.v1"
    topic: ClassVar[str] = CATALOG_COMMANDS
    gathering_id: str
    venue_id: str
    slot_id: str

    @property
    def key(self) -> str:
        """The venue, so that it follows the booking."""
        return self.venue_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleGathering(Message):
    """Asks payments to share takings, subsidy and naming fee out among the parties."""

    type: ClassVar[str] = "payments.command.settle-gathering.v1"
    topic: ClassVar[str] = PAYMENTS_COMMANDS
    gathering_id: str
    claim_id: str
    offer_id: str
    parties: Mapping[str, tuple[str, ...]]
    checked_in: int
    min_checked_in: int
    naming_rights_id: str | None
    royalties: Mapping[str, int] | None = (
        None  # basis points of the author's share by organisation
    )
    cartridge_digest: str | None = None

    @property
    def key(self) -> str:
        """The offer, or a kit's claim, so that it follows the hold."""
        return self.offer_id or self.claim_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelGathering(Message):
    """Asks payments to give the subsidy back and to refund every sale."""

    type: ClassVar[str] = "payments.command.cancel-gathering.v1"
    topic: ClassVar[str] = PAYMENTS_COMMANDS
    gathering_id: str
    claim_id: str
    offer_id: str

    @property
    def key(self) -> str:
        """The offer, or a kit's claim, so that it follows the hold."""
        return self.offer_id or self.claim_id
