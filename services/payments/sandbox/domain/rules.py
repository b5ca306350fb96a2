"""The sandbox provider's terms, as strict as those of real ones, and how it judges an order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from services.payments.providers.domain import (
    Capabilities,
    Finish,
    Kind,
    Order,
    PartyKind,
    PayOut,
    Refund,
    ReturnSplit,
    Split,
    Timing,
)
from services.payments.providers.domain.capabilities import WHOLE
from services.payments.sandbox.domain.entries import Entry

TERMS = Capabilities(
    kinds=frozenset(Kind),
    currencies={"CNY": 2},
    timing={Kind.SPLIT: Timing.ASYNCHRONOUS, Kind.PAYOUT: Timing.ASYNCHRONOUS},
    largest_ratio=3_000,
    receivers_per_call=50,
    calls_per_order=50,
    is_split_atomic=False,
    registers_receivers=True,
    release_after=timedelta(days=180),
    alarms_before=timedelta(days=30),
    returns_within=timedelta(days=180),
    cannot_return=frozenset({PartyKind.PERSON}),
    smallest_payout={"CNY": 1},
    payouts_return_within=timedelta(days=7),
)


def fault_of_order(
    order: Order, terms: Capabilities, earlier: Sequence[Entry], registered: Collection[str]
) -> str:
    """Why the provider refuses an order; empty when it does not.

    ``earlier`` are the operations on the same collection, with the collection itself;
    ``registered`` the accounts it knows.
    """
    amount = order.amount
    if amount is not None and (amount.minor <= 0 or amount.currency not in terms.currencies):
        return "amount-invalid"
    holds, code = False, ""
    match order:
        case Split():
            return _fault_of_split(order, terms, earlier, registered)
        case Finish():
            holds, code = not _collected(earlier), "collection-unknown"
        case Refund():
            gone = sum(each.moved() for each in earlier if each.order.kind is Kind.REFUND)
            holds, code = _collected(earlier) - gone < order.amount.minor, "more-than-collected"
        case ReturnSplit():
            holds, code = order.receiver.kind in terms.cannot_return, "receiver-cannot-return"
        case PayOut():
            unknown = terms.registers_receivers and order.receiver.account not in registered
            holds, code = unknown, "receiver-not-registered"
    return code if holds else ""


def _fault_of_split(
    order: Split, terms: Capabilities, earlier: Sequence[Entry], registered: Collection[str]
) -> str:
    splits = [each for each in earlier if each.order.kind is Kind.SPLIT]
    limit = _collected(earlier) * terms.largest_ratio // WHOLE
    unknown = {share.receiver.account for share in order.shares} - set(registered)
    faults = {
        "already-finished": any(each.order.kind is Kind.FINISH for each in earlier),
        "too-many-receivers": len(order.shares) > terms.receivers_per_call,
        "too-many-calls": terms.calls_per_order is not None
        and len(splits) >= terms.calls_per_order,
        "receiver-not-registered": terms.registers_receivers and bool(unknown),
        "ratio-exceeded": sum(each.moved() for each in splits) + order.amount.minor > limit,
        "amount-invalid": any(share.minor < terms.smallest_share for share in order.shares),
    }
    return next((code for code, holds in faults.items() if holds), "")


def _collected(earlier: Sequence[Entry]) -> int:
    return sum(each.moved() for each in earlier if each.order.kind is Kind.COLLECT)
