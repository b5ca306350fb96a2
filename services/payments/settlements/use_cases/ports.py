"""What settling, refunding and cancelling need, and what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chassis.kernel.decisions import Decision, Message
from chassis.kernel.money import Money
from services.payments.contracts.domain import bound_by
from services.payments.contracts.use_cases import Contracts
from services.payments.escrow.use_cases import Escrows
from services.payments.ledger.use_cases import Ledger
from services.payments.milestones.use_cases import Schedules
from services.payments.naming.use_cases import NamingRightsBook
from services.payments.releases.use_cases import PendingShares
from services.payments.royalties.use_cases import Royalties
from services.payments.sales.use_cases import Sales
from services.payments.settlements.domain import (
    Refund,
    Settlement,
    SettlementNotFound,
)


class Settlements(Protocol):
    """The settlements, wherever they are kept."""

    def get(self, settlement_id: str) -> Settlement:
        """Raise ``SettlementNotFound`` rather than return None."""
        ...

    def of(self, gathering_id: str) -> Settlement | None:
        """The settlement of a gathering, if there is one."""
        ...

    def save(self, decision: Decision[Settlement]) -> Settlement:
        """Store the state and its events together, or raise ``Conflict``."""
        ...


def settlement_seen(
    settlement_id: str, organization_id: str | None, *, settlements: Settlements
) -> Settlement:
    """A settlement that this organisation had a part in, or is bound by; None may see every one.

    Others are told that there is none: ``SettlementNotFound``.
    """
    settlement = settlements.get(settlement_id)
    parties = {party.organization_id for party in settlement.parties}
    concerned = parties.union(bound_by(settlement.terms))
    if organization_id is not None and organization_id not in concerned:
        raise SettlementNotFound(f"no settlement {settlement_id}")
    return settlement


class Refunds(Protocol):
    """The refunds, wherever they are kept."""

    def find(self, refund_id: str) -> Refund | None:
        """The refund, if it was planned."""
        ...

    def of(self, settlement_id: str) -> list[Refund]:
        """Those that were taken back from a settlement's shares, booked or about to be."""
        ...

    def save(self, decision: Decision[Refund]) -> Refund:
        """Store the state and its events together, or raise ``Conflict``."""
        ...


class Replies(Protocol):
    """The way back to the sagas."""

    def send(self, message: Message) -> None:
        """Send it with this transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that a settlement is made from."""

    contracts: Contracts
    escrows: Escrows
    naming: NamingRightsBook
    sales: Sales
    settlements: Settlements
    refunds: Refunds
    royalties: Royalties
    pending: PendingShares
    schedules: Schedules
    ledger: Ledger
    replies: Replies


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleGathering:
    """The saga's wish to pay everybody who had a part in a gathering."""

    message_id: str
    saga_id: str
    gathering_id: str
    claim_id: str
    parties: Mapping[str, Sequence[str]]
    checked_in: int
    min_checked_in: int
    naming_rights_id: str | None = None
    royalties: Mapping[str, int] | None = None
    cartridge_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSale:
    """The saga's wish to give a buyer money back."""

    message_id: str
    saga_id: str
    gathering_id: str
    sale_id: str
    refund_id: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelGathering:
    """The saga's wish to have a gathering's money back where it came from."""

    message_id: str
    saga_id: str
    gathering_id: str
    claim_id: str
