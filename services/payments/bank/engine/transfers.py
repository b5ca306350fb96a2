"""Payments as one file that a bank carries out: ISO 20022, pain.001.001.09."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from chassis.kernel.currencies import to_decimal
from chassis.kernel.money import Money
from chassis.kernel.time import to_rfc3339
from services.payments.bank.engine.names import is_iban, written

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
LONGEST_NAME = 140
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of ours: whose it is, its number, its bank's BIC (ISO 9362; may be empty)."""

    holder: str
    number: str
    bic: str
    currency: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment of a file."""

    operation_id: str
    amount: Money
    holder: str
    account: str
    remark: str


def transfer_file(
    file_id: str, account: Account, transfers: Sequence[Transfer], *, made_at: datetime, on: date
) -> bytes:
    """The file's bytes, the same for the same arguments.

    Each payment's end-to-end id is its operation's, and the message's id is the file's.
    Sums and amounts have exactly the decimals of the currency (ISO 4217). The bank is
    asked to book each payment by itself, so that its statement names each.
    """
    count, total = str(len(transfers)), Money(0, account.currency)
    for each in transfers:
        total += each.amount
    root = Element("Document", xmlns=NAMESPACE)
    message = SubElement(root, "CstmrCdtTrfInitn")
    header = SubElement(message, "GrpHdr")
    _texts(header, MsgId=written(file_id), CreDtTm=to_rfc3339(made_at), NbOfTxs=count)
    _texts(header, CtrlSum=to_decimal(total))
    _texts(SubElement(header, "InitgPty"), Nm=_name(account.holder))
    batch = SubElement(message, "PmtInf")
    _texts(batch, PmtInfId=written(file_id), PmtMtd="TRF", BtchBookg="false", NbOfTxs=count)
    _texts(batch, CtrlSum=to_decimal(total))
    _texts(SubElement(batch, "ReqdExctnDt"), Dt=on.isoformat())
    _texts(SubElement(batch, "Dbtr"), Nm=_name(account.holder))
    debited = SubElement(batch, "DbtrAcct")
    _number(debited, account.number)
    _texts(debited, Ccy=account.currency)
    agent = SubElement(SubElement(batch, "DbtrAgt"), "FinInstnId")
    if account.bic:
        _texts(agent, BICFI=account.bic)
    else:
        _texts(SubElement(agent, "Othr"), Id="NOTPROVIDED")
    for each in transfers:
        _transfer(SubElement(batch, "CdtTrfTxInf"), each)
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _transfer(place: Element, transfer: Transfer) -> None:
    own = written(transfer.operation_id)
    _texts(SubElement(place, "PmtId"), InstrId=own, EndToEndId=own)
    amount = SubElement(SubElement(place, "Amt"), "InstdAmt", Ccy=transfer.amount.currency)
    amount.text = to_decimal(transfer.amount)
    _texts(SubElement(place, "Cdtr"), Nm=_name(transfer.holder))
    _number(SubElement(place, "CdtrAcct"), transfer.account)
    _texts(SubElement(place, "RmtInf"), Ustrd=written(transfer.remark))


def _number(place: Element, number: str) -> None:
    identified = SubElement(place, "Id")
    if is_iban(number):
        _texts(identified, IBAN=number)
    else:
        _texts(SubElement(identified, "Othr"), Id=number)


def _texts(place: Element, **texts: str) -> None:
    for tag, text in texts.items():
        SubElement(place, tag).text = text


def _name(text: str) -> str:
    """A name without what XML cannot carry, at most as long as the format allows."""
    return _UNWRITABLE.sub("", text)[:LONGEST_NAME]
