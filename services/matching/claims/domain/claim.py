"""A claim: a host takes packs of a lot, or a kit whole, and the subsidies that come with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from chassis.kernel.decisions import Decision, DomainEvent, Revision
from chassis.kernel.money import Money
from services.matching.claims.domain.refusals import ClaimNotConfirmed, ClaimTaken
from services.matching.claims.events import (
    ClaimCancelled,
    ClaimConfirmed,
    ClaimRejected,
    ClaimSettled,
    KitClaimCancelled,
    KitClaimConfirmed,
    KitClaimRejected,
    KitClaimSettled,
)
from services.matching.supply.domain import Kit
from sharing.eligibility import ClaimFacts, Clause


class Channel(StrEnum):
    """Where the host's people get the goods."""

    GATHERING = "gathering"
    COMMUNITY_SHOP = "community-shop"
    ONLINE = "online"


class Status(StrEnum):
    """Where a claim stands."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """So many packs of one lot, and whose they are."""

    lot_id: str
    brand_id: str
    packs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsidy:
    """What one offer pays the host, as its terms were when the claim was made.

    ``amount`` is ``base`` and, for goods near their best-before date, more by
    ``urgency_basis_points``, within the offer's limits. ``met`` are the conditions of the
    offer then, which the claim met.
    """

    offer_id: str
    amount: Money
    base: Money
    urgency_basis_points: int = 0
    met: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A host's right to goods and subsidies, with the terms as they were then.

    Of a lot it has one kind of goods and one subsidy. Of a ``kit`` it has the goods of every
    line, subsidies of the offers that the host named, and the kit as its brands signed it.
    ``terms`` are basis points by role, ``min_checked_in`` guests earn the subsidies.
    ``region`` is the community's city then, in its tidy form, and ``facts`` are what the
    offers' conditions were held against; None of claims of before there were any.
    ``gathering_id`` names the one gathering planned on it; a slot that was refused gives the
    claim back for another plan.
    """

    id: str
    goods: tuple[Goods, ...]
    subsidies: tuple[Subsidy, ...]
    host_id: str
    community_id: str
    min_checked_in: int
    terms: Mapping[str, int]
    currency: str
    requested_at: datetime
    kit: Kit | None = None
    region: str = ""
    channel: Channel = Channel.GATHERING
    facts: ClaimFacts | None = None
    status: Status = Status.REQUESTED
    decided_at: datetime | None = None
    reservation_id: str | None = None
    refusal_code: str | None = None
    refusal_detail: str | None = None
    gathering_id: str | None = None
    revision: Revision = Revision()

    @property
    def brand_ids(self) -> tuple[str, ...]:
        """The brands whose goods these are, each once."""
        return tuple(dict.fromkeys(each.brand_id for each in self.goods))

    @property
    def brand_id(self) -> str:
        """The brand, of a kit the first."""
        return self.brand_ids[0]

    @property
    def packs(self) -> int:
        """Packs of all its goods."""
        return sum(each.packs for each in self.goods)

    @property
    def lot_id(self) -> str | None:
        """The lot; None for a kit."""
        return None if self.kit else self.goods[0].lot_id

    @property
    def offer_id(self) -> str | None:
        """The offer; None for a kit."""
        return None if self.kit else self.subsidies[0].offer_id

    @property
    def kit_id(self) -> str | None:
        """The kit; None for packs of one lot."""
        return self.kit.id if self.kit else None

    @property
    def subsidy(self) -> Money:
        """All subsidies together."""
        return Money(sum(each.amount.minor for each in self.subsidies), self.currency)

    @property
    def base_subsidy(self) -> Money:
        """All subsidies together, without what urgency adds."""
        return Money(sum(each.base.minor for each in self.subsidies), self.currency)

    @property
    def urgency_basis_points(self) -> int:
        """What urgency adds to the subsidy of a lot; a kit's subsidies have none."""
        return max((each.urgency_basis_points for each in self.subsidies), default=0)

    def confirm(self, reservation_id: str, *, now: datetime) -> Decision[Claim]:
        """Both goods and subsidies are set aside: the point of no return."""
        self._must_be(Status.REQUESTED)
        state = replace(
            self,
            status=Status.CONFIRMED,
            reservation_id=reservation_id or None,
            decided_at=now,
        )
        return Decision(state, (state._confirmed(reservation_id, now),))

    def reject(self, code: str, detail: str, *, now: datetime) -> Decision[Claim]:
        """A step was refused or took too long."""
        self._must_be(Status.REQUESTED)
        state = replace(
            self,
            status=Status.REJECTED,
            refusal_code=code,
            refusal_detail=detail,
            decided_at=now,
        )
        return Decision(state, (state._rejected(code, detail, now),))

    def take(self, gathering_id: str) -> Decision[Claim]:
        """Reserve the claim for one gathering; raise ``ClaimTaken`` when it has one."""
        self._must_be_free()
        return Decision(replace(self, gathering_id=gathering_id))

    def give_back(self) -> Decision[Claim]:
        """Its gathering came to nothing before it was open: plan another."""
        self._must_be(Status.CONFIRMED)
        return Decision(replace(self, gathering_id=None))

    def cancel(self, *, now: datetime) -> Decision[Claim]:
        """Give goods and subsidies back while no gathering stands on the claim."""
        self._must_be_free()
        return self.end_unheld(now=now)

    def end_unheld(self, *, now: datetime) -> Decision[Claim]:
        """The claim ends without a gathering held."""
        self._must_be(Status.CONFIRMED)
        return Decision(replace(self, status=Status.CANCELLED), (self._cancelled(now),))

    def settle(self, *, now: datetime) -> Decision[Claim]:
        """Its gathering was paid out."""
        self._must_be(Status.CONFIRMED)
        if self.gathering_id is None:
            raise ClaimNotConfirmed("no gathering stands on the claim")
        settled = self._settled(self.gathering_id, now)
        return Decision(replace(self, status=Status.SETTLED), (settled,))

    def _must_be_free(self) -> None:
        self._must_be(Status.CONFIRMED)
        if self.gathering_id is not None:
            raise ClaimTaken(f"taken by {self.gathering_id}", gathering_id=self.gathering_id)

    def _must_be(self, status: Status) -> None:
        if self.status is not status:
            raise ClaimNotConfirmed(f"the claim is {self.status}", state=str(self.status))

    # What the world is told: of a lot and of a kit in events of their own.

    def _confirmed(self, reservation_id: str, now: datetime) -> DomainEvent:
        if self.kit:
            return KitClaimConfirmed(**kit_facts(self, now), **kit_stakes(self))
        return ClaimConfirmed(
            **lot_facts(self, now),
            packs=self.packs,
            subsidy=self.subsidy,
            reservation_id=reservation_id,
        )

    def _rejected(self, code: str, detail: str, now: datetime) -> DomainEvent:
        if self.kit:
            packs = kit_stakes(self)["packs"]
            return KitClaimRejected(**kit_facts(self, now), packs=packs, code=code, detail=detail)
        return ClaimRejected(**lot_facts(self, now), code=code, detail=detail)

    def _cancelled(self, now: datetime) -> DomainEvent:
        if self.kit:
            return KitClaimCancelled(**kit_facts(self, now), **kit_stakes(self))
        return ClaimCancelled(**lot_facts(self, now), packs=self.packs, subsidy=self.subsidy)

    def _settled(self, gathering_id: str, now: datetime) -> DomainEvent:
        if self.kit:
            return KitClaimSettled(**kit_facts(self, now), gathering_id=gathering_id)
        return ClaimSettled(
            claim_id=self.id,
            gathering_id=gathering_id,
            host_id=self.host_id,
            brand_id=self.brand_id,
            occurred_at=now,
        )


def lot_facts(claim: Claim, now: datetime) -> dict[str, Any]:
    """What every event about a claim of a lot says."""
    return {
        "claim_id": claim.id,
        "lot_id": claim.lot_id,
        "offer_id": claim.offer_id,
        "brand_id": claim.brand_id,
        "host_id": claim.host_id,
        "occurred_at": now,
    }


def kit_facts(claim: Claim, now: datetime) -> dict[str, Any]:
    """What every event about a claim of a kit says."""
    return {
        "claim_id": claim.id,
        "kit_id": claim.kit_id,
        "brand_ids": claim.brand_ids,
        "host_id": claim.host_id,
        "occurred_at": now,
    }


def kit_stakes(claim: Claim) -> dict[str, Any]:
    """The packs by lot and the subsidies by offer of a kit's claim."""
    return {
        "packs": {each.lot_id: each.packs for each in claim.goods},
        "subsidies": {each.offer_id: each.amount for each in claim.subsidies},
    }
