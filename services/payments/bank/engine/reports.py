"""What a bank says of a file of payments before it books it: ISO 20022, pain.002.001."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from xml.etree.ElementTree import Element

from chassis.kernel.money import Money
from services.payments.bank.engine.names import file_id, operation_id
from services.payments.bank.engine.trees import (
    LONGEST,
    Unreadable,
    amount_of,
    date_of,
    needed,
    read_document,
    text_at,
)

_ROOT = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:pain\.002\.001\.(0[3-9]|1[0-4])\}Document")
_STATUS = re.compile(r"[A-Z]{4}")
LONGEST_NAME = 35
PART = "PART"  # of a whole: only what is listed has a status


class Meaning(StrEnum):
    """What a status means for the money."""

    REJECTED = "rejected"
    SETTLED = "settled"
    OPEN = "open"


# External payment transaction status codes; any other says that it is still under way.
_MEANINGS = {
    "RJCT": Meaning.REJECTED,
    "CANC": Meaning.REJECTED,
    "ACSC": Meaning.SETTLED,
    "ACCC": Meaning.SETTLED,
}


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """How one payment stands, or the whole file, whose ``operation_id`` and name are empty.

    ``named`` is the end-to-end id as the bank repeats it, ``status`` and ``reason`` its
    codes. ``amount`` is the payment's, where the bank repeats that.
    """

    operation_id: str
    named: str
    status: str
    reason: str
    text: str
    amount: Money | None = None

    @property
    def meaning(self) -> Meaning:
        """What it means."""
        return _MEANINGS.get(self.status, Meaning.OPEN)

    @property
    def words(self) -> str:
        """Code, reason and text, for people."""
        return " ".join(word for word in (self.status, self.reason, self.text) if word)


@dataclass(frozen=True, slots=True)
class Report:
    """What a bank says of one file: of the whole, if it does, and of payments in it."""

    number: str
    message: str
    file_id: str
    day: date
    whole: PaymentStatus | None
    payments: tuple[PaymentStatus, ...]


def read_report(content: bytes) -> Report:
    """What a report says; raise ``Unreadable``. A file of ours is one batch."""
    root = read_document(content, _ROOT, "pain.002 of versions 03 to 14")
    place = root.find("CstmrPmtStsRpt")
    if place is None:
        raise Unreadable("no report in it")
    group = place.find("OrgnlGrpInfAndSts")
    if group is None:
        raise Unreadable("no original message in it")
    message = needed(group, "OrgnlMsgId")[:LONGEST_NAME]
    batches = place.findall("OrgnlPmtInfAndSts")
    wholes = [_whole(each, "PmtInfSts") for each in batches] + [_whole(group, "GrpSts")]
    return Report(
        number=needed(place, "GrpHdr/MsgId")[:LONGEST_NAME],
        message=message,
        file_id=file_id(message),
        day=date_of(needed(place, "GrpHdr/CreDtTm")),
        whole=next((each for each in wholes if each is not None), None),
        payments=tuple(_payments(batches)),
    )


def _whole(place: Element, tag: str) -> PaymentStatus | None:
    status = text_at(place, tag)
    return None if status in {"", PART} else _status(place, status, "")


def _payments(batches: list[Element]) -> Iterator[PaymentStatus]:
    for batch in batches:
        for each in batch.findall("TxInfAndSts"):
            yield _status(each, needed(each, "TxSts"), text_at(each, "OrgnlEndToEndId"))


def _status(place: Element, status: str, named: str) -> PaymentStatus:
    if not _STATUS.fullmatch(status):
        raise Unreadable(f"no status: {status[:20]!r}")
    amount = place.find("OrgnlTxRef/Amt/InstdAmt")
    return PaymentStatus(
        operation_id=operation_id(named),
        named=named[:LONGEST_NAME],
        status=status,
        reason=text_at(place, "StsRsnInf/Rsn/Cd")[:4],
        text=text_at(place, "StsRsnInf/AddtlInf")[:LONGEST],
        amount=None
        if amount is None
        else amount_of((amount.text or "").strip(), amount.get("Ccy", "")),
    )
