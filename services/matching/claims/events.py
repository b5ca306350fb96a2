"""What becomes known about a claim, and what is asked of other services for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent, Message
from chassis.kernel.money import Money

CATALOG_COMMANDS = "teahouse.catalog.commands"
PAYMENTS_COMMANDS = "teahouse.payments.commands"


class OfClaim:
    """Orders a claim's events by the claim."""

    __slots__ = ()
    claim_id: str

    @property
    def subject(self) -> str:
        """The claim."""
        return self.claim_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRequested(OfClaim, DomainEvent):
    """A host asked for packs of a lot and the subsidy of an offer."""

    type: ClassVar[str] = "matching.claim.requested.v1"
    claim_id: str
    lot_id: str
    offer_id: str
    brand_id: str
    host_id: str
    community_id: str
    packs: int
    subsidy: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimConfirmed(OfClaim, DomainEvent):
    """The packs are reserved and the subsidy is held: the host may plan on both."""

    type: ClassVar[str] = "matching.claim.confirmed.v1"
    claim_id: str
    lot_id: str
    offer_id: str
    brand_id: str
    host_id: str
    packs: int
    subsidy: Money
    reservation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRejected(OfClaim, DomainEvent):
    """The claim came to nothing, for the reason that ``code`` names."""

    type: ClassVar[str] = "matching.claim.rejected.v1"
    claim_id: str
    lot_id: str
    offer_id: str
    brand_id: str
    host_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCancelled(OfClaim, DomainEvent):
    """A confirmed claim was given back: packs to the lot, subsidy to the offer."""

    type: ClassVar[str] = "matching.claim.cancelled.v1"
    claim_id: str
    lot_id: str
    offer_id: str
    brand_id: str
    host_id: str
    packs: int
    subsidy: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSettled(OfClaim, DomainEvent):
    """The claim's gathering was held, approved and paid out."""

    type: ClassVar[str] = "matching.claim.settled.v1"
    claim_id: str
    gathering_id: str
    host_id: str
    brand_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KitClaimRequested(OfClaim, DomainEvent):
    """A host asked for a kit whole, on the terms that its brands signed.

    ``packs`` are by lot, ``subsidies`` by offer; a kit may be claimed without any.
    """

    type: ClassVar[str] = "matching.claim.kit-requested.v1"
    claim_id: str
    kit_id: str
    brand_ids: tuple[str, ...]
    host_id: str
    community_id: str
    packs: Mapping[str, int]
    subsidies: Mapping[str, Money]
    price: Money
    terms_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KitClaimConfirmed(OfClaim, DomainEvent):
    """The packs of every line are reserved and every subsidy is held."""

    type: ClassVar[str] = "matching.claim.kit-confirmed.v1"
    claim_id: str
    kit_id: str
    brand_ids: tuple[str, ...]
    host_id: str
    packs: Mapping[str, int]
    subsidies: Mapping[str, Money]


@dataclass(frozen=True, slots=True, kw_only=True)
class KitClaimRejected(OfClaim, DomainEvent):
    """The claim of a kit came to nothing, for the reason that ``code`` names."""

    type: ClassVar[str] = "matching.claim.kit-rejected.v1"
    claim_id: str
    kit_id: str
    brand_ids: tuple[str, ...]
    host_id: str
    packs: Mapping[str, int]
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KitClaimCancelled(OfClaim, DomainEvent):
    """A confirmed claim of a kit was given back: every pack and every subsidy."""

    type: ClassVar[str] = "matching.claim.kit-cancelled.v1"
    claim_id: str
    kit_id: str
    brand_ids: tuple[str, ...]
    host_id: str
    packs: Mapping[str, int]
    subsidies: Mapping[str, Money]


@dataclass(frozen=True, slots=True, kw_only=True)
class KitClaimSettled(OfClaim, DomainEvent):
    """The gathering on a claim of a kit was held, approved and paid out."""

    type: ClassVar[str] = "matching.claim.kit-settled.v1"
    claim_id: str
    kit_id: str
    brand_ids: tuple[str, ...]
    host_id: str
    gathering_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservePacks(Message):
    """Asks catalog to set packs of a lot aside until ``expires_at``.

    ``region`` and ``channel`` say where the goods would go, for the brand's restrictions.
    """

    type: ClassVar[str] = "catalog.command.reserve-packs.v1"
    topic: ClassVar[str] = CATALOG_COMMANDS
    claim_id: str
    lot_id: str
    offer_id: str
    brand_id: str
    host_id: str
    packs: int
    expires_at: datetime
    region: str = ""
    channel: str = "gathering"

    @property
    def key(self) -> str:
        """The lot, so that all who want it stand in one line."""
        return self.lot_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePacks(Message):
    """Asks catalog to put a claim's packs back, reserved or shipped."""

    type: ClassVar[str] = "catalog.command.release-packs.v1"
    topic: ClassVar[str] = CATALOG_COMMANDS
    claim_id: str
    lot_id: str
    reason: str

    @property
    def key(self) -> str:
        """The lot, so that it follows the reservation."""
        return self.lot_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold(Message):
    """Asks payments to hold a claim's subsidy and freeze the terms of sharing.

    ``requested_at`` is when the claim was made: it counts in the offer's period of then.
    """

    type: ClassVar[str] = "payments.command.place-hold.v1"
    topic: ClassVar[str] = PAYMENTS_COMMANDS
    claim_id: str
    offer_id: str
    brand_id: str
    host_id: str
    amount: Money
    terms: Mapping[str, int]
    requested_at: datetime | None = None

    @property
    def key(self) -> str:
        """The offer, whose fund is what claims compete for."""
        return self.offer_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveKit(Message):
    """Asks catalog to set the packs of every line of a kit aside, all or none.

    ``offer_ids`` are those whose subsidies the claim takes; they must be open.
    """

    type: ClassVar[str] = "catalog.command.reserve-kit.v1"
    topic: ClassVar[str] = CATALOG_COMMANDS
    claim_id: str
    kit_id: str
    terms_digest: str
    host_id: str
    offer_ids: tuple[str, ...]
    region: str
    channel: str
    expires_at: datetime

    @property
    def key(self) -> str:
        """The kit, so that all who want it stand in one line."""
        return self.kit_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseKit(Message):
    """Asks catalog to put all packs of a kit's claim back, reserved or shipped."""

    type: ClassVar[str] = "catalog.command.release-kit.v1"
    topic: ClassVar[str] = CATALOG_COMMANDS
    claim_id: str
    kit_id: str
    reason: str

    @property
    def key(self) -> str:
        """The kit, so that it follows the reservation."""
        return self.kit_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceKitHold(Message):
    """Asks payments to hold every subsidy of a kit's claim and freeze what was signed.

    ``terms`` are basis points by role, the brands' together; ``brand_shares`` are those of
    each brand; ``royalties`` are basis points of the author's share by organisation;
    ``subsidies`` are by offer. ``terms_digest`` is what every brand signed.
    """

    type: ClassVar[str] = "payments.command.place-kit-hold.v1"
    topic: ClassVar[str] = PAYMENTS_COMMANDS
    claim_id: str
    kit_id: str
    terms_digest: str
    host_id: str
    price: Money
    terms: Mapping[str, int]
    brand_shares: Mapping[str, int]
    royalties: Mapping[str, int]
    subsidies: Mapping[str, Money]
    requested_at: datetime | None = None

    @property
    def key(self) -> str:
        """The claim, whose contract it is."""
        return self.claim_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold(Message):
    """Asks payments to give what a claim has on hold back to the offers' funds.

    ``offer_id`` is empty for a kit, which may have several.
    """

    type: ClassVar[str] = "payments.command.release-hold.v1"
    topic: ClassVar[str] = PAYMENTS_COMMANDS
    claim_id: str
    offer_id: str
    reason: str

    @property
    def key(self) -> str:
        """The offer, or a kit's claim, so that it follows the hold."""
        return self.offer_id or self.claim_id
