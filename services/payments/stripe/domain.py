"""Stripe's terms, what is sent to it, and how its answers read. Pure.

Source: Stripe's API reference: accounts, transfers, transfer reversals, balance
transactions, events, errors, idempotent requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chassis.kernel.currencies import exponent_of
from chassis.kernel.ids import pattern, to_int
from chassis.kernel.money import Money
from services.payments.providers.domain import (
    LONGEST_TEXT,
    OPERATION_ID,
    Capabilities,
    Chargeback,
    DisputeNotice,
    Kind,
    Notification,
    PayOut,
    Receiver,
    Result,
    Retry,
    ReturnSplit,
    SettlementLine,
    Split,
    Stage,
    accepted,
    failed,
    succeeded,
    unknown,
)

OPERATION, KIND = "operation", "kind"  # under which our words stand in Stripe's metadata
EVENTS = frozenset({"transfer.created", "transfer.updated", "transfer.reversed"})
DISPUTE_EVENTS = "charge.dispute."
SALE, SALE_ID = "sale", pattern("sal")  # under which a charge names the sale it is of
STAGES = {
    "needs_response": Stage.NEEDS_EVIDENCE,
    "under_review": Stage.UNDER_REVIEW,
    "won": Stage.WON,
    "lost": Stage.LOST,
}
# Questions of a bank, and what was settled before it came to a dispute: nothing was taken.
TAKES_NOTHING = frozenset(
    {"warning_needs_response", "warning_under_review", "warning_closed", "prevented"}
)
# Only where Stripe's smallest unit is that of ISO 4217; it differs for some, as the króna.
CODES = ("AUD", "CAD", "CHF", "CNY", "EUR", "GBP", "HKD", "JPY", "KRW", "NZD", "SGD", "USD")
TERMS = Capabilities(
    kinds=frozenset({Kind.REGISTER, Kind.SPLIT, Kind.RETURN_SPLIT, Kind.PAYOUT}),
    currencies={code: exponent_of(code) for code in CODES},
    registers_receivers=True,
    payouts_return_within=timedelta(days=7),
    # Stripe keeps ids for a day at least; an hour is left for what is sent again after that.
    keys_kept=timedelta(hours=22),
    account_form=r"acct_[A-Za-z0-9]{8,32}",
)
UNAUTHORIZED, FORBIDDEN, CONFLICT, TOO_MANY = 401, 403, 409, 429
DIGITS_OF_CHANCE = 80  # of an id of ours, below its time in milliseconds
SLACK = timedelta(days=1)


def refusal_of(order: PayOut | Split) -> str:
    """Why an order cannot be a transfer; empty when it can."""
    if order.amount.currency not in TERMS.currencies:
        return "currency-unsupported"
    if isinstance(order, Split) and len(order.shares) != TERMS.receivers_per_call:
        return "one-receiver-only"
    if isinstance(order, Split) and not order.collection.reference:
        return "collection-unknown"
    return ""


def transfer_of(operation_id: str, order: PayOut | Split) -> dict[str, Any]:
    """The fields of a transfer.

    A payout is its own group, by which it is found again. A share is of a charge, which
    has a group already, and cannot be more than what is left of the charge.
    """
    fields = {
        "amount": order.amount.minor,
        "currency": order.amount.currency.lower(),
        "destination": receiver_of(order).account,
        "metadata": _ours(operation_id, order.kind),
    }
    if isinstance(order, Split):
        return fields | {"source_transaction": order.collection.reference}
    return fields | {"transfer_group": operation_id, "description": order.remark or operation_id}


def reversal_of(operation_id: str, order: ReturnSplit) -> dict[str, Any]:
    """The fields of a reversal of a transfer."""
    return {"amount": order.amount.minor, "metadata": _ours(operation_id, order.kind)}


def receiver_of(order: PayOut | Split) -> Receiver:
    """Whom a transfer goes to."""
    return order.shares[0].receiver if isinstance(order, Split) else order.receiver


def place_of(operation_id: str, order: PayOut | Split | ReturnSplit) -> dict[str, Any]:
    """Among which transfers an operation's must be, if it is there at all.

    An id has the time of what it follows from, which is never after the transfer.
    """
    if isinstance(order, PayOut):
        return {"transfer_group": operation_id}
    receiver = order.receiver if isinstance(order, ReturnSplit) else receiver_of(order)
    made = (to_int(operation_id) >> DIGITS_OF_CHANCE) // 1000
    since = made - int(SLACK.total_seconds())
    return {"destination": receiver.account, "created": {"gte": since}}


def is_about(operation_id: str, said: Mapping[str, Any]) -> bool:
    """Whether something of Stripe's says that it is this operation."""
    return operation_of(said) == operation_id


def operation_of(said: Mapping[str, Any]) -> str:
    """Whose operation something of Stripe's says it is; empty when it is nobody's of ours."""
    own = str((said.get("metadata") or {}).get(OPERATION, ""))
    return own if OPERATION_ID.fullmatch(own) else ""


def kind_of(said: Mapping[str, Any]) -> Kind | None:
    """What kind of operation something of Stripe's says it is."""
    word = (said.get("metadata") or {}).get(KIND, "")
    return Kind(word) if word in set(Kind) else None


def read_account(said: Mapping[str, Any]) -> Result:
    """Whether a connected account can be paid to."""
    match said["capabilities"].get("transfers", "inactive"):
        case "active":
            return succeeded(str(said["id"]))
        case "pending":
            return accepted(str(said["id"]))
        case _:
            return failed("transfers-inactive", Retry.CHANGED, reference=str(said["id"]))


def read_transfer(said: Mapping[str, Any]) -> Result:
    """How a transfer stands; a payout of which everything was taken back has failed."""
    reference = str(said["id"])
    if said["reversed"] and kind_of(said) is Kind.PAYOUT:
        return failed("transfer-reversed", Retry.CHANGED, reference=reference)
    return succeeded(reference, amount=_money(said["amount"], said))


def read_reversal(said: Mapping[str, Any]) -> Result:
    """How a reversal stands: there is none that is not done."""
    return succeeded(str(said["id"]), amount=_money(said["amount"], said))


def read_refusal(status: int, error: Mapping[str, Any]) -> Result:
    """What a request was refused for, by the HTTP status and Stripe's error object.

    Nothing was done, and it may be sent again, when there were too many requests or when
    our key was not good for it: that is no fault of the receiver's. CONFLICT tells that
    the same id is being worked at just now.
    """
    code = str(error.get("code") or error["type"])
    word, detail = code.replace("_", "-"), str(error.get("message", ""))[:LONGEST_TEXT]
    if status == CONFLICT:
        return unknown(word)
    if error["type"] == "idempotency_error":
        return failed("id-used-for-another-order", detail=detail)
    if status == TOO_MANY or code in {"rate_limit", "lock_timeout"}:
        return failed(word, Retry.SOON, detail=detail)
    if status == UNAUTHORIZED or (status == FORBIDDEN and code != "account_invalid"):
        return failed("not-authorized", Retry.SOON)
    if code == "balance_insufficient":
        return failed(word, Retry.LATER, detail=detail)
    return failed(word, Retry.CHANGED, detail=detail)


def read_event(said: Mapping[str, Any]) -> Notification | DisputeNotice | None:
    """A message about a transfer of ours, or about a dispute; None for any other."""
    if str(said["type"]).startswith(DISPUTE_EVENTS):
        return DisputeNotice(str(said["data"]["object"]["id"]))
    if said["type"] not in EVENTS:
        return None
    transfer = said["data"]["object"]
    own = operation_of(transfer)
    if not own:
        return None
    return Notification(
        id=str(said["id"]),
        operation_id=own,
        result=read_transfer(transfer),
        sent_at=datetime.fromtimestamp(int(said["created"]), UTC),
    )


def read_dispute(said: Mapping[str, Any]) -> Chargeback | None:
    """How a dispute stands, its charge with it; None when it takes nothing of a sale of ours.

    The fee is what Stripe kept for taking the money, less what it gave back of that. Raises
    ``ValueError`` for a status that we do not know.
    """
    status, sale = str(said["status"]), str((said["charge"].get("metadata") or {}).get(SALE, ""))
    if status in TAKES_NOTHING or not SALE_ID.fullmatch(sale):
        return None
    if status not in STAGES:
        raise ValueError(f"a dispute that is {status}")
    kept = [_money(each["fee"], each) for each in said["balance_transactions"]]
    fee = sum(kept[1:], kept[0]) if kept else _money(0, said)
    due = int(said["evidence_details"].get("due_by") or 0)
    return Chargeback(
        reference=str(said["id"]),
        sale_id=sale,
        amount=_money(said["amount"], said),
        reason=str(said["reason"]).replace("_", "-")[:LONGEST_TEXT],
        stage=STAGES[status],
        fee=max(fee, Money(0, fee.currency)),
        evidence_due=datetime.fromtimestamp(due, UTC) if due else None,
    )


def span_of(day: date) -> dict[str, int]:
    """The moments of a day in UTC, by which Stripe counts, as it takes them."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return {"gte": int(start.timestamp()), "lt": int((start + timedelta(days=1)).timestamp())}


def read_line(said: Mapping[str, Any], day: date) -> SettlementLine:
    """One balance transaction, its source with it.

    Raises ``ValueError`` for a currency that we do not know the smallest unit of.
    """
    source = said.get("source")
    source = source if isinstance(source, Mapping) else {}
    own = operation_of(source)
    return SettlementLine(
        id=str(said["id"]),
        day=day,
        kind=kind_of(source) if own else None,
        operation_id=own,
        reference=str(source.get("id", "")),
        amount=_money(said["amount"], said),
        fee=_money(said["fee"], said),
        text=str(said.get("description") or said["type"])[:LONGEST_TEXT],
        counterparty=str(source.get("destination") or ""),
    )


def _ours(operation_id: str, kind: Kind) -> dict[str, str]:
    return {OPERATION: operation_id, KIND: kind.value}


def _money(minor: object, said: Mapping[str, Any]) -> Money:
    currency = str(said["currency"]).upper()
    if currency not in TERMS.currencies:
        raise ValueError(f"an amount in {currency}")
    if not isinstance(minor, int):
        raise TypeError(f"an amount of {minor!r}")
    return Money(minor, currency)
