"""A bank's statement: ISO 20022, camt.053.001, versions 02 to 13."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element

from chassis.kernel.currencies import to_decimal
from chassis.kernel.money import Money
from services.payments.bank.engine.names import operation_id
from services.payments.bank.engine.trees import (
    LONGEST,
    Unreadable,
    amount_of,
    date_of,
    needed,
    read_document,
    text_at,
)

_ROOT = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[2-9]|1[0-3])\}Document")
_OPENINGS, _CLOSING, _BOOKED = ("OPBD", "PRCD"), "CLBD", "BOOK"
_SIGNS = {"CRDT": 1, "DBIT": -1}
GREATEST_MINOR = 10**17


class SumsDiffer(Exception):
    """What should add up does not; the text says what, in English."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One booked movement on the account: positive came in, negative left.

    ``reference`` is the bank's own number, empty if it gives none; ``code`` the reason of a
    return (ISO 20022 external code set, such as ``AC04``); ``place`` where it stands in
    its statement.
    """

    place: str
    reference: str
    day: date
    amount: Money
    operation_id: str
    counterparty: str
    text: str
    code: str


@dataclass(frozen=True, slots=True)
class Told:
    """One statement of a file: the account's balances and all that moved between them."""

    number: str
    account: str
    opening: Money
    closing: Money
    closed_on: date
    movements: tuple[Movement, ...]


def read_statements(content: bytes) -> tuple[Told, ...]:
    """The statements of a file; raise ``Unreadable`` or ``SumsDiffer``.

    Entries that are not booked are left out. An entry with several details is as many
    movements. Opening and all movements are the closing, to the minor unit, and every
    total that the bank gives is right.
    """
    root = read_document(content, _ROOT, "camt.053 of versions 02 to 13")
    found = root.findall("BkToCstmrStmt/Stmt")
    if not found:
        raise Unreadable("no statement in it")
    return tuple(_statement(each) for each in found)


def _statement(place: Element) -> Told:
    account = text_at(place, "Acct/Id/IBAN") or needed(place, "Acct/Id/Othr/Id")
    number = needed(place, "Id")
    opening, _ = _balance(place, _OPENINGS)
    closing, closed_on = _balance(place, (_CLOSING,))
    if opening.currency != closing.currency:
        raise SumsDiffer(f"opens in {opening.currency} and closes in {closing.currency}")
    entries = [each for each in place.findall("Ntry") if _status(each) == _BOOKED]
    movements = tuple(
        line
        for at, entry in enumerate(entries)
        for line in _movements(entry, str(at), opening.currency)
    )
    total = opening
    for line in movements:
        total += line.amount
    if total != closing:
        raise SumsDiffer(f"adds up to {to_decimal(total)}, closes at {to_decimal(closing)}")
    _check_summary(place, entries, opening.currency)
    return Told(number, account, opening, closing, closed_on, movements)


def _balance(place: Element, kinds: tuple[str, ...]) -> tuple[Money, date]:
    found = [
        balance
        for kind in kinds
        for balance in place.findall("Bal")
        if text_at(balance, "Tp/CdOrPrtry/Cd") == kind
    ]
    if not found:
        raise Unreadable(f"no balance {' or '.join(kinds)}")
    return _signed(found[0]), _day(found[0], "Dt")


def _movements(entry: Element, at: str, currency: str) -> Iterator[Movement]:
    """One for each detail that names its amount; the whole entry when none or one does."""
    amount, day = _signed(entry), _day(entry, "BookgDt", "ValDt")
    if amount.currency != currency:
        raise SumsDiffer(f"an entry of {amount.currency} on an account of {currency}")
    details = entry.findall("NtryDtls/TxDtls")
    parts = [_part(detail, amount) for detail in details]
    reference = text_at(entry, "AcctSvcrRef") or text_at(entry, "NtryRef")
    if len(details) < 2 or any(part is None for part in parts):  # noqa: PLR2004 - one is no list
        detail = details[0] if len(details) == 1 else entry
        yield _movement(entry, detail, at, reference, day, amount)
        return
    total = sum(part.minor for part in parts if part is not None)
    if total != amount.minor:
        raise SumsDiffer(f"details of an entry of {to_decimal(amount)} add up to something else")
    for number, (detail, part) in enumerate(zip(details, parts, strict=True)):
        own = f"{reference}.{number}" if reference else ""
        yield _movement(entry, detail, f"{at}.{number}", own, day, part or amount)


def _part(detail: Element, whole: Money) -> Money | None:
    """The signed amount of a detail; None when it has none in the account's currency."""
    amount = detail.find("Amt")
    if amount is None:
        amount = detail.find("AmtDtls/TxAmt/Amt")
    if amount is None or amount.get("Ccy") != whole.currency:
        return None
    usual = "DBIT" if whole.minor < 0 else "CRDT"
    return _money(amount, text_at(detail, "CdtDbtInd") or usual)


def _movement(
    entry: Element, detail: Element, at: str, reference: str, day: date, amount: Money
) -> Movement:
    end_to_end = text_at(detail, "Refs/EndToEndId")
    party = "Cdtr" if amount.minor < 0 else "Dbtr"
    name = text_at(detail, f"RltdPties/{party}/Pty/Nm") or text_at(detail, f"RltdPties/{party}/Nm")
    return Movement(
        place=at,
        reference=reference[:LONGEST],
        day=day,
        amount=amount,
        operation_id=operation_id(end_to_end),
        counterparty=name[:LONGEST],
        text=(text_at(detail, "RmtInf/Ustrd") or text_at(entry, "AddtlNtryInf"))[:LONGEST],
        code=text_at(detail, "RtrInf/Rsn/Cd")[:4],
    )


def _check_summary(place: Element, entries: list[Element], currency: str) -> None:
    """Hold the bank to the totals that it gives, if all its entries are booked."""
    if len(entries) != len(place.findall("Ntry")):
        return
    amounts = [_signed(entry) for entry in entries]
    for name, sign in (("TtlCdtNtries", 1), ("TtlDbtNtries", -1)):
        given = place.find(f"TxsSummry/{name}")
        if given is None:
            continue
        told = [amount for amount in amounts if amount.minor * sign > 0]
        total = Money(sum(abs(each.minor) for each in told), currency)
        count, said = text_at(given, "NbOfNtries"), text_at(given, "Sum")
        if count and count != str(len(told)):
            raise SumsDiffer(f"{name} counts {count[:20]}, there are {len(told)}")
        if said and amount_of(said, total.currency) != total:
            raise SumsDiffer(f"{name} says {said[:30]}, they are {to_decimal(total)}")


def _status(entry: Element) -> str:
    return text_at(entry, "Sts/Cd") or text_at(entry, "Sts")


def _signed(place: Element) -> Money:
    amount = place.find("Amt")
    if amount is None:
        raise Unreadable(f"no amount in {place.tag}")
    return _money(amount, needed(place, "CdtDbtInd"))


def _money(amount: Element, indicator: str) -> Money:
    if indicator not in _SIGNS:
        raise Unreadable(f"neither credit nor debit: {indicator[:20]!r}")
    found = amount_of((amount.text or "").strip(), amount.get("Ccy", ""))
    if found.minor < 0:
        raise Unreadable("an amount below zero")
    if found.minor > GREATEST_MINOR:
        raise Unreadable("an amount that is too large")
    return found if _SIGNS[indicator] > 0 else -found


def _day(place: Element, *names: str) -> date:
    for name in names:
        text = text_at(place, f"{name}/Dt") or text_at(place, f"{name}/DtTm")
        if text:
            return date_of(text)
    raise Unreadable(f"no day in {place.tag}")
