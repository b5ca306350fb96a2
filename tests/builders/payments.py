"""Valid things of payments to start a test from, and books kept in dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chassis.kernel.decisions import Decision, DomainEvent, Message, Revision
from chassis.kernel.errors import Conflict
from chassis.kernel.ids import make_id
from chassis.kernel.money import Money
from services.payments.contracts.domain import ContractNotFound, ShareContract, freeze
from services.payments.corrections.domain import Correction
from services.payments.escrow.domain import Escrow, EscrowState, Part
from services.payments.funds.domain import OfferFund
from services.payments.milestones.domain import MilestonesNotFound, Schedule
from services.payments.naming.domain import NamingRights, NamingRightsNotFound, NamingState
from services.payments.releases.domain import PendingShare
from services.payments.royalties.domain import HoldState, RoyaltyHold, RoyaltyHoldNotFound
from services.payments.sales.domain import Sale
from services.payments.settlements.domain import Refund, Settlement, SettlementNotFound
from services.payments.settlements.use_cases import Books
from tests.builders.ledger import FakeLedger

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TERMS = {"brand": 6000, "host": 2000, "venue": 800, "co_host": 500, "platform": 500, "author": 200}
_numbers = iter(range(1, 10**9))


def an_id(prefix: str) -> str:
    return make_id(prefix, now=NOW, random=lambda bits: next(_numbers) % (1 << bits))


def yuan(amount: float) -> Money:
    return Money(round(amount * 100), "CNY")


BRAND, HOST, VENUE, CO_HOST, AUTHOR = (an_id("org") for _ in range(5))
PARTIES = {
    "brand": [BRAND],
    "host": [HOST],
    "venue": [VENUE],
    "co_host": [CO_HOST],
    "author": [AUTHOR],
    "platform": ["platform"],
}


def a_contract(**changes: Any) -> ShareContract:
    given: dict[str, Any] = {
        "claim_id": an_id("clm"),
        "offer_id": an_id("off"),
        "brand_id": BRAND,
        "host_id": HOST,
        "terms": TERMS,
        "at": NOW,
    }
    return freeze(**given | changes)


def an_escrow(contract: ShareContract, **changes: Any) -> Escrow:
    given: dict[str, Any] = {
        "id": contract.claim_id,
        "parts": (Part(contract.offer_id, changes.pop("amount", yuan(800))),),
        "contract_id": contract.id,
        "state": EscrowState.ESCROWED,
    }
    return Escrow(**given | changes)


def a_sale(gathering_id: str, amount: Money) -> Sale:
    return Sale(an_id("sal"), gathering_id, amount, Money(0, amount.currency))


def naming_rights(**changes: Any) -> NamingRights:
    price = changes.pop("price", yuan(100_000))
    given: dict[str, Any] = {
        "id": an_id("nam"),
        "brand_id": BRAND,
        "host_id": HOST,
        "price": price,
        "gatherings": 100,
        "terms": {"host": 9000, "platform": 1000},
        "state": NamingState.ACCEPTED,
        "expected": price,
        "booked": price,
    }
    return NamingRights(**given | changes)


class Shelf:
    """Aggregates in a dictionary, each saved over the revision it was read at."""

    def __init__(self, missing: type[Exception], *states: Any) -> None:
        self.missing = missing
        self.by_id: dict[str, Any] = {}
        self.events: list[DomainEvent] = []
        self.messages: list[Message] = []
        for state in states:
            self.put(state)

    def put(self, state: Any) -> Any:
        known = self.by_id.get(state.id)
        if state.revision != (known.revision if known else Revision()):
            raise Conflict("changed since it was read")
        stored = replace(state, revision=state.revision.after(0))
        self.by_id[state.id] = stored
        return stored

    def get(self, name: str) -> Any:
        if name not in self.by_id:
            raise self.missing(name)
        return self.by_id[name]

    def save(self, decision: Any, messages: Sequence[Message] = ()) -> Any:
        if isinstance(decision, Decision):
            self.events += decision.events
            self.messages += decision.messages
            return self.put(decision.state)
        self.messages += messages
        return self.put(decision)


class FakeContracts(Shelf):
    def add(self, contract: ShareContract) -> None:
        if contract.id not in self.by_id:
            self.put(contract)


class FakeEscrows(Shelf):
    def find(self, claim_ids: Sequence[str]) -> dict[str, Escrow]:
        return {name: self.by_id[name] for name in claim_ids if name in self.by_id}


class FakeOfferFunds(Shelf):
    def find(self, offer_id: str) -> OfferFund | None:
        return self.by_id.get(offer_id)


class FakeSales(Shelf):
    closed: frozenset[str] = frozenset()

    def find(self, sale_ids: Sequence[str]) -> dict[str, Sale]:
        return {name: self.by_id[name] for name in sale_ids if name in self.by_id}

    def of(self, gathering_id: str) -> list[Sale]:
        return [sale for sale in self.by_id.values() if sale.gathering_id == gathering_id]

    def close(self, gathering_id: str) -> None:
        self.closed |= {gathering_id}

    def is_closed(self, gathering_id: str) -> bool:
        return gathering_id in self.closed


class FakeSettlements(Shelf):
    def of(self, gathering_id: str) -> Settlement | None:
        found = (s for s in self.by_id.values() if s.gathering_id == gathering_id)
        return next(found, None)


class FakeRefunds(Shelf):
    def find(self, refund_id: str) -> Refund | None:
        return self.by_id.get(refund_id)

    def of(self, settlement_id: str) -> list[Refund]:
        return [each for each in self.by_id.values() if each.settlement_id == settlement_id]


class FakeRoyalties(Shelf):
    def find(self, copy_claim_id: str) -> RoyaltyHold | None:
        return self.by_id.get(copy_claim_id)

    def standing(self, digest: str) -> RoyaltyHold | None:
        found = [hold for hold in self.by_id.values() if hold.digest == digest]
        still_open = [hold for hold in found if hold.state is HoldState.HELD]
        upheld = [hold for hold in found if hold.is_diverted]
        return next(iter(still_open + upheld), None)


class FakePendingShares(Shelf):
    def find(self, share_ids: Sequence[str]) -> dict[str, PendingShare]:
        return {name: self.by_id[name] for name in share_ids if name in self.by_id}

    def save(self, shares: Sequence[PendingShare], messages: Sequence[Message] = ()) -> None:
        for share in shares:
            self.put(share)

    def owners_due(self, now: datetime, *, limit: int) -> list[tuple[str, str]]:
        waiting = (s for s in self.by_id.values() if not s.release_id and s.available_at <= now)
        return list(dict.fromkeys((s.organization_id, s.amount.currency) for s in waiting))[:limit]

    def due_of(
        self, organization_id: str, currency: str, now: datetime, *, limit: int
    ) -> list[PendingShare]:
        return [
            share
            for share in self.by_id.values()
            if (share.organization_id, share.amount.currency) == (organization_id, currency)
            and not share.release_id
            and share.available_at <= now
        ][:limit]


class FakeSchedules(Shelf):
    def find(self, claim_id: str) -> Schedule | None:
        return next((each for each in self.by_id.values() if each.claim_id == claim_id), None)

    def get(self, claim_id: str) -> Schedule:
        found = self.find(claim_id)
        if found is None or not found.is_begun:
            raise self.missing(claim_id)
        return found

    def of(self, gathering_id: str) -> Schedule | None:
        found = (each for each in self.by_id.values() if each.gathering_id == gathering_id)
        return next(found, None)

    def holding(self, milestone_id: str) -> Schedule:
        for schedule in self.by_id.values():
            if any(each.id == milestone_id for each in schedule.milestones):
                return schedule
        raise MilestonesNotFound(milestone_id)

    def due(self, now: datetime, *, limit: int) -> list[str]:
        found = (each for each in self.by_id.values() if each.due_at and each.due_at <= now)
        return [each.claim_id for each in sorted(found, key=lambda each: each.due_at)][:limit]


class FakeCorrections(Shelf):
    def find(self, name: str) -> Correction | None:
        return self.by_id.get(name)

    def of(self, settlement_id: str) -> list[Correction]:
        return [each for each in self.by_id.values() if each.settlement_id == settlement_id]


class FakeReplies:
    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        self.sent.append(message)


def books(ledger: FakeLedger, *states: Any) -> Books:
    """Books with these contracts, escrows, sales and naming rights in them."""

    def kept(kind: type) -> list[Any]:
        return [state for state in states if isinstance(state, kind)]

    return Books(
        contracts=FakeContracts(ContractNotFound, *kept(ShareContract)),
        escrows=FakeEscrows(KeyError, *kept(Escrow)),
        naming=Shelf(NamingRightsNotFound, *kept(NamingRights)),
        sales=FakeSales(KeyError, *kept(Sale)),
        settlements=FakeSettlements(SettlementNotFound),
        refunds=FakeRefunds(KeyError),
        royalties=FakeRoyalties(RoyaltyHoldNotFound, *kept(RoyaltyHold)),
        pending=FakePendingShares(KeyError),
        schedules=FakeSchedules(MilestonesNotFound),
        ledger=ledger,
        replies=FakeReplies(),
    )
