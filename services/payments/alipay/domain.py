"""Alipay's terms, what is sent to it, and how its answers and messages read. Pure.

Source: Alipay open platform documentation: royalty relations, settling of orders, refunds,
transfers to accounts, settling and transfer messages, codes of answers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from chassis.kernel.currencies import from_decimal, to_decimal
from chassis.kernel.money import Money
from services.payments.providers.domain import (
    LONGEST_TEXT,
    OPERATION_ID,
    Capabilities,
    Finish,
    Kind,
    Part,
    PayOut,
    Refund,
    RegisterParty,
    Result,
    Retry,
    ReturnSplit,
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
DESCRIPTION = "Teahouse"
BIND, SETTLE, SETTLED, FROZEN, REFUND, REFUNDED, TRANSFER, TRANSFERRED, BILL = (
    "alipay.trade.royalty.relation.bind",
    "alipay.trade.order.settle",
    "alipay.trade.order.settle.query",
    "alipay.trade.order.onsettle.query",
    "alipay.trade.refund",
    "alipay.trade.fastpay.refund.query",
    "alipay.fund.trans.uni.transfer",
    "alipay.fund.trans.common.query",
    "alipay.data.dataservice.bill.downloadurl.query",
)
SPLIT_MESSAGE, TRANSFER_MESSAGE = (
    "alipay.trade.order.settle.notify",
    "alipay.fund.trans.order.changed",
)
TERMS = Capabilities(
    kinds=frozenset(set(Kind) - {Kind.COLLECT}),
    currencies={CURRENCY: 2},
    timing={Kind.SPLIT: Timing.ASYNCHRONOUS},
    largest_ratio=3_000,
    receivers_per_call=50,
    calls_per_order=300,
    is_split_atomic=False,
    registers_receivers=True,
    release_after=timedelta(days=30),
    alarms_before=timedelta(days=5),
    # How long a trade can be refunded is agreed with each merchant; this much is usual.
    returns_within=timedelta(days=90),
    smallest_payout={CURRENCY: 10},
    largest_payout={CURRENCY: 10_000_000_000},
    calls_per_second=500,
    account_form=r"2088[0-9]{12}",
)
DONE, NOT_KNOWN, TOO_MANY = "10000", "20000", "40005"
_NOT_OURS = frozenset({"20001", "40003", "40006"})  # our key, or what it may, is not good
_OPEN = frozenset({"ACQ.TRADE_SETTLE_ERROR", "REQUEST_PROCESSING", "isp.unknow-error"})
_NEVER = frozenset(
    {
        "ACQ.DISCORDANT_REPEAT_REQUEST",
        "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR",
        "PAYMENT_INFO_INCONSISTENCY",
    }
)
_OF_THE_RECEIVER = ("PAYEE", "PERM_AML", "ACQ.ROYALTY")
_PRODUCT = {"product_code": "TRANS_ACCOUNT_NO_PWD", "biz_scene": "DIRECT_TRANSFER"}
_PARTS = {"SUCCESS": Status.SUCCEEDED, "FAIL": Status.FAILED}
_ENDED_BADLY = frozenset({"FAIL", "CLOSED", "REFUND"})


def bind_of(operation_id: str, order: RegisterParty) -> dict[str, Any]:
    """The fields that make a receiver known."""
    receiver = order.receiver
    name = {"name": receiver.name} if receiver.name else {}
    entity = {"type": "userId", "account": receiver.account, "memo": order.relation} | name
    return {"out_request_no": operation_id, "receiver_list": [entity]}


def split_of(operation_id: str, order: Split) -> dict[str, Any]:
    """The fields of a split that Alipay takes on and does later."""
    details = [
        {
            "royalty_type": "transfer",
            "trans_in_type": "userId",
            "trans_in": share.receiver.account,
            "amount": to_decimal(Money(share.minor, CURRENCY)),
            "desc": DESCRIPTION,
        }
        for share in order.shares
    ]
    return {
        "out_request_no": operation_id,
        "trade_no": order.collection.reference,
        "royalty_mode": "async",
        "royalty_parameters": details,
    }


def finish_of(operation_id: str, order: Finish) -> dict[str, Any]:
    """The fields that free the rest."""
    return {
        "out_request_no": operation_id,
        "trade_no": order.collection.reference,
        "extend_params": {"royalty_finish": "true"},
    }


def refund_of(operation_id: str, order: Refund | ReturnSplit) -> dict[str, Any]:
    """The fields of a refund; taking a share back is one that gives the buyer nothing."""
    amount = to_decimal(order.amount)
    fields: dict[str, Any] = {
        "out_request_no": operation_id,
        "trade_no": order.collection.reference,
    }
    if isinstance(order, Refund):
        reason = order.reason[:LONGEST_TEXT] or DESCRIPTION
        return fields | {"refund_amount": amount, "refund_reason": reason}
    detail = {
        "royalty_type": "transfer",
        "trans_out_type": "userId",
        "trans_out": order.receiver.account,
        "amount": amount,
        "desc": DESCRIPTION,
    }
    return fields | {"refund_amount": "0.00", "refund_royalty_parameters": [detail]}


def asked_of(operation_id: str, order: Split | Refund | ReturnSplit) -> dict[str, Any]:
    """The fields of a question about something done with a trade."""
    return {"out_request_no": operation_id, "trade_no": order.collection.reference}


def transfer_of(operation_id: str, order: PayOut) -> dict[str, Any]:
    """The fields of a payout; a name that is not the account's is refused by Alipay."""
    payee = {"identity_type": "ALIPAY_USER_ID", "identity": order.receiver.account}
    if order.receiver.name:
        payee["name"] = order.receiver.name
    return _PRODUCT | {
        "out_biz_no": operation_id,
        "trans_amount": to_decimal(order.amount),
        "order_title": DESCRIPTION,
        "payee_info": payee,
        "remark": order.remark[:LONGEST_TEXT],
    }


def transferred_of(operation_id: str) -> dict[str, Any]:
    """The fields of a question about a payout."""
    return _PRODUCT | {"out_biz_no": operation_id}


def refusal_of(order: Split | Refund | ReturnSplit | PayOut) -> str:
    """Why an order cannot be Alipay's; empty when it can."""
    if order.amount.currency != CURRENCY or order.amount.minor <= 0:
        return "amount-invalid"
    if not isinstance(order, PayOut) and not order.collection.reference:
        return "collection-unknown"
    return ""


def read_bind(said: Mapping[str, Any]) -> Result:
    """Whether a receiver is known now."""
    if said["result_code"] == "SUCCESS":
        return succeeded()
    return failed("relation-refused", Retry.CHANGED, detail=str(said["result_code"]))


def read_taken(said: Mapping[str, Any]) -> Result:
    """That a split was taken on."""
    return accepted(str(said["settle_no"]))


def read_finished(said: Mapping[str, Any]) -> Result:
    """That the rest was freed."""
    return succeeded(str(said["settle_no"]))


def read_frozen(said: Mapping[str, Any]) -> Result:
    """Whether the rest is free: nothing is frozen any more, by whatever it was freed."""
    return not_received() if _money(said["unsettled_amount"]).minor else succeeded()


def read_split(order: Split, said: Mapping[str, Any]) -> Result:
    """How a split stands; raise ``ValueError`` when a share is not in the answer."""
    lines = [each for each in said["royalty_detail_list"] if _is_given(each)]
    parts = tuple(_parts(order, lines))
    if any(part.status is Status.ACCEPTED for part in parts):
        return accepted()
    return Result(status=Status.SUCCEEDED, parts=parts)


def _is_given(line: Mapping[str, Any]) -> bool:
    return bool(line.get("operation_type", "transfer") == "transfer")


def _parts(order: Split, left: list[Mapping[str, Any]]) -> Iterator[Part]:
    """The part of each share; two shares of one receiver are two lines of the answer."""
    for share in order.shares:
        wanted = (share.receiver.account, share.minor)
        place = [(each["trans_in"], _money(each["amount"]).minor) for each in left].index(wanted)
        line = left.pop(place)
        status = _PARTS.get(line["state"], Status.ACCEPTED)
        code = word(line.get("error_code") or "")
        yield Part(share.receiver.party_id, share.minor, status, code)


def read_refund(said: Mapping[str, Any]) -> Result:
    """How a refund stands; one that Alipay does not call done may be sent again."""
    if said.get("refund_status") != "REFUND_SUCCESS":
        return not_received()
    return succeeded(str(said["trade_no"]), amount=_money(said["refund_amount"]))


def read_return(order: ReturnSplit, said: Mapping[str, Any]) -> Result:
    """How the taking back of a share stands."""
    for line in said.get("refund_royaltys") or []:
        if line["trans_out"] != order.receiver.account:
            continue
        if line["result_code"] != "SUCCESS":
            return failed(word(line["result_code"]), Retry.CHANGED)
        return succeeded(str(said["trade_no"]), amount=_money(line["refund_amount"]))
    return not_received()


def read_transfer(said: Mapping[str, Any]) -> Result:
    """How a payout stands, in an answer or a message; its amount where that is told."""
    reference, status = str(said["order_id"]), said["status"]
    if status == "SUCCESS":
        told = said.get("trans_amount")
        return succeeded(reference, amount=None if told is None else _money(told))
    if status in _ENDED_BADLY:
        code = str(said.get("error_code") or f"transfer_{status}")
        return failed(word(code), _retry(code), reference=reference)
    return accepted(reference)


def read_refusal(said: Mapping[str, Any]) -> Result:
    """What a refused request was refused for.

    Nothing was done, and it may be sent again, when there were too many requests or when
    our key was not good for it. What Alipay itself does not know stays open.
    """
    code, sub = str(said["code"]), str(said.get("sub_code") or "")
    name, detail = word(sub or code), str(said.get("sub_msg") or "")[:LONGEST_TEXT]
    if code == NOT_KNOWN or sub in _OPEN or sub.endswith("SYSTEM_ERROR"):
        return unknown(name)
    if code == TOO_MANY or ("LIMIT" in sub and "FREQUENCY" in sub):
        return failed(name, Retry.SOON, detail=detail)
    if code in _NOT_OURS or sub in {"isv.invalid-signature", "isv.invalid-app-id"}:
        return failed("not-authorized", Retry.SOON, detail=detail)
    return failed(name, _retry(sub), detail=detail)


def read_no_answer(said: Mapping[str, Any]) -> Result:
    """What a refused question tells: that there is no such thing, or nothing at all."""
    sub = str(said.get("sub_code") or "")
    missing = said["code"] == "40004" and sub.endswith("NOT_EXIST")
    return not_received() if missing else unknown(word(sub or str(said["code"])))


def _retry(sub: str) -> Retry:
    if sub in _NEVER:
        return Retry.NEVER
    return Retry.CHANGED if sub.startswith(_OF_THE_RECEIVER) else Retry.LATER


def read_bill(text: str, day: date) -> Iterator[SettlementLine]:
    """Our transfers on a bill of an account, and others that left it as one.

    What buyers paid and what was shared out of it is there by the trade's number and not
    by ours, and is not read. Raises ``ValueError`` when a column is missing.
    """
    rows = csv.reader(line for line in io.StringIO(text) if not line.startswith("#"))
    heads = [head.strip() for head in next(rows)]
    own, ours, came, left, kind, other = (
        heads.index(name)
        for name in (
            "账务流水号",
            "商户订单号",
            "收入金额（+元）",
            "支出金额（-元）",
            "业务类型",
            "对方账号",
        )
    )
    for row in rows:
        values = [value.strip() for value in row]
        if len(values) != len(heads) or "转账" not in values[kind]:
            continue
        operation_id = values[ours] if OPERATION_ID.fullmatch(values[ours]) else ""
        gone = abs(_money(values[left] or "0").minor)
        yield SettlementLine(
            id=values[own],
            day=day,
            kind=Kind.PAYOUT if operation_id else None,
            operation_id=operation_id,
            reference=values[own],
            amount=Money(_money(values[came] or "0").minor - gone, CURRENCY),
            fee=Money(0, CURRENCY),
            text=values[kind][:LONGEST_TEXT],
            counterparty=values[other][:LONGEST_TEXT],
        )


def _money(told: object) -> Money:
    return from_decimal(str(told), CURRENCY)
