"""WeChat Pay's terms, the requests it takes and how its answers read. Pure.

Source: WeChat Pay merchant documentation, profit sharing for ordinary merchants, version 3.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chassis.kernel.money import Money
from services.payments.providers.domain import (
    LONGEST_TEXT,
    Capabilities,
    Kind,
    Part,
    PartyKind,
    Receiver,
    Result,
    Retry,
    SettlementLine,
    Split,
    Status,
    Timing,
    accepted,
    failed,
    not_received,
    succeeded,
    unknown,
    word,
)

CURRENCY = "CNY"
FEN_IN_A_YUAN = 100
TERMS = Capabilities(
    kinds=frozenset({Kind.REGISTER, Kind.SPLIT, Kind.FINISH, Kind.RETURN_SPLIT, Kind.REFUND}),
    currencies={CURRENCY: 2},
    timing={
        Kind.SPLIT: Timing.ASYNCHRONOUS,
        Kind.FINISH: Timing.ASYNCHRONOUS,
        Kind.REFUND: Timing.ASYNCHRONOUS,
    },
    largest_ratio=3_000,
    receivers_per_call=50,
    calls_per_order=50,
    is_split_atomic=False,
    registers_receivers=True,
    release_after=timedelta(days=180),
    alarms_before=timedelta(days=30),
    returns_within=timedelta(days=180),
    cannot_return=frozenset({PartyKind.PERSON}),
    calls_per_second=30,
)
RELATIONS = frozenset(
    {
        "store",
        "staff",
        "store-owner",
        "partner",
        "headquarter",
        "brand",
        "distributor",
        "user",
        "supplier",
    }
)
_TYPES = {PartyKind.ORGANIZATION: "MERCHANT_ID", PartyKind.PERSON: "PERSONAL_OPENID"}
_RETRIES = {
    "FREQUENCY_LIMITED": Retry.SOON,
    "FREQUENCY_LIMIT_EXCEED": Retry.SOON,
    "RATELIMIT_EXCEEDED": Retry.SOON,
    "RECEIVER_RECEIPT_LIMIT": Retry.LATER,
    "RECEIVER_HIGH_RISK": Retry.NEVER,
    "RULE_LIMIT": Retry.NEVER,
}
_PARTS = {"SUCCESS": Status.SUCCEEDED, "CLOSED": Status.FAILED, "PENDING": Status.ACCEPTED}


def party_type(receiver: Receiver) -> str:
    """What WeChat Pay calls this kind of receiver."""
    return _TYPES[receiver.kind]


def relation_fields(relation: str) -> dict[str, str]:
    """How a receiver stands to the merchant; a word of our own is cut to ten characters."""
    if relation in RELATIONS:
        return {"relation_type": relation.upper().replace("-", "_")}
    return {"relation_type": "CUSTOM", "custom_relation": relation[:10]}


def shares_of(order: Split, description: str) -> list[dict[str, Any]]:
    """The receivers of a split; names are left out, for they were given at registration."""
    return [
        {
            "type": party_type(share.receiver),
            "account": share.receiver.account,
            "amount": share.minor,
            "description": description,
        }
        for share in order.shares
    ]


def read_split(order: Split, said: Mapping[str, Any]) -> Result:
    """How a split stands; raise ``LookupError`` when a receiver is not in the answer."""
    reference = str(said["order_id"])
    parts = tuple(_parts(order, list(said["receivers"])))
    if said["state"] != "FINISHED" or any(part.status is Status.ACCEPTED for part in parts):
        return accepted(reference)
    return Result(status=Status.SUCCEEDED, reference=reference, parts=parts)


def _parts(order: Split, said: list[Mapping[str, Any]]) -> Iterator[Part]:
    """The part of each share; two shares of one receiver are two lines of the answer."""
    for share in order.shares:
        wanted = (share.receiver.account, share.minor)
        place = [(each["account"], each["amount"]) for each in said].index(wanted)
        line = said.pop(place)
        code = word(line.get("fail_reason") or "")
        yield Part(share.receiver.party_id, share.minor, _PARTS[line["result"]], code)


def read_finish(said: Mapping[str, Any]) -> Result:
    """How the freeing of the rest stands."""
    reference = str(said["order_id"])
    return succeeded(reference) if said["state"] == "FINISHED" else accepted(reference)


def read_return(said: Mapping[str, Any]) -> Result:
    """How the taking back of a share stands."""
    reference = str(said["return_id"])
    match said["result"]:
        case "SUCCESS":
            return succeeded(reference, amount=Money(int(said["amount"]), CURRENCY))
        case "FAILED":
            return failed(word(said["fail_reason"]), Retry.CHANGED, reference=reference)
        case _:
            return accepted(reference)


def read_refund(said: Mapping[str, Any], status: str) -> Result:
    """How a refund stands; ABNORMAL waits for a person at the provider, so it is still open."""
    reference = str(said["refund_id"])
    match status:
        case "SUCCESS":
            amount = Money(int(said["amount"]["refund"]), CURRENCY)
            return succeeded(reference, amount=amount)
        case "CLOSED":
            return failed("refund-closed", Retry.CHANGED, reference=reference)
        case _:
            return accepted(reference)


def read_refusal(said: Mapping[str, Any]) -> Result:
    """What a refused request was refused for."""
    code, detail = str(said["code"]), str(said.get("message", ""))[:LONGEST_TEXT]
    return failed(word(code), _RETRIES.get(code, Retry.CHANGED), detail=detail)


def read_no_answer(said: Mapping[str, Any]) -> Result:
    """What a refused question tells: that there is no such thing, or nothing at all."""
    missing = said["code"] in {"RESOURCE_NOT_EXISTS", "NOT_FOUND", "ORDER_NOT_EXIST"}
    return not_received() if missing else unknown(word(str(said["code"])))


def read_bill(text: str, day: date) -> Iterator[SettlementLine]:
    """The shares and returns of a bill, which gives yuan, with a backtick before each value.

    Raises ``ValueError`` when a column is missing. The summary at the end is not read.
    """
    rows = csv.reader(io.StringIO(text))
    heads = [head.strip("\ufeff` ") for head in next(rows)]
    own, given, detail, yuan, kind = (
        heads.index(name)
        for name in (
            "商户分账/回退单号",
            "微信分账/回退单号",
            "分账明细单号",
            "分账金额",
            "业务类型",
        )
    )
    for row in rows:
        if len(row) != len(heads) or not row[own].startswith("`"):
            return
        values = [value.removeprefix("`") for value in row]
        is_return = "回退" in values[kind]
        fen = int(Decimal(values[yuan]) * FEN_IN_A_YUAN)
        yield SettlementLine(
            id=values[detail] or values[given],
            day=day,
            kind=Kind.RETURN_SPLIT if is_return else Kind.SPLIT,
            operation_id=values[own],
            reference=values[given],
            amount=Money(fen if is_return else -fen, CURRENCY),
            fee=Money(0, CURRENCY),
        )
