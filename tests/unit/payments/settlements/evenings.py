"""Gatherings by contracts as data, settled and refunded over books in dictionaries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chassis.kernel.money import Money
from services.payments.contracts.domain import Version
from services.payments.contracts.domain.versions import digest
from services.payments.settlements.use_cases import (
    RefundSale,
    SettleGathering,
    book_refund,
    book_settling,
    plan_refund,
    plan_settling,
    record_refund,
    record_settling,
)
from sharing.dividing import Heads
from sharing.terms import Terms
from tests.builders.payments import (
    HOST,
    NOW,
    PARTIES,
    FakeLedger,
    a_contract,
    a_sale,
    an_escrow,
    an_id,
    books,
)


def in_force(contract: Any, text: dict[str, Any]) -> Any:
    """The contract of a claim with these terms in force as its next version."""
    number, terms = contract.latest.number + 1, Terms(text)
    version = Version(number, terms, digest(contract.id, number, terms), HOST, NOW, (), NOW)
    return replace(contract, versions=(*contract.versions, version))


def an_evening_of(text, sales, heads=Heads(16, 12), present=PARTIES, subsidy=0):  # noqa: B008 - a frozen value
    """Books, the command to settle, the contract and the sales of one gathering."""
    contract, gathering = in_force(a_contract(), text), an_id("gth")
    sold = [a_sale(gathering, Money(minor, "CNY")) for minor in sales]
    escrow = an_escrow(contract, amount=Money(subsidy, "CNY"))
    ledger = FakeLedger({f"gathering:{gathering}:takings": sum(sales), escrow.account: subsidy})
    kept = books(ledger, contract, escrow, *sold)
    kept.sales.close(gathering)
    command = SettleGathering(
        message_id=an_id("msg"),
        saga_id=an_id("sag"),
        gathering_id=gathering,
        claim_id=contract.claim_id,
        parties=present,
        checked_in=heads.came,
        min_checked_in=heads.wanted,
    )
    return kept, command, contract, sold


def settle(kept, command):
    planned = plan_settling(command, books=kept, now=NOW)
    book_settling(planned, books=kept)
    record_settling(planned, books=kept, now=NOW)
    return planned


def refund(kept, gathering_id, sale_id, minor, refund_id=None):
    command = RefundSale(
        message_id=an_id("msg"),
        saga_id=an_id("sag"),
        gathering_id=gathering_id,
        sale_id=sale_id,
        refund_id=refund_id or an_id("rfd"),
        amount=Money(minor, "CNY"),
    )
    planned = plan_refund(command, books=kept)
    book_refund(planned, books=kept)
    record_refund(planned, books=kept, now=NOW)
    return kept.refunds.find(command.refund_id)
