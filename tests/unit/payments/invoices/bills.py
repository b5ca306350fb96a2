"""Invoices, charges and booked entries to start a test from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.payments.invoices.domain import Booked, Charge, Corrected, Invoice, Made, Sum, issue
from services.payments.ledger.domain import EntryRequest
from services.payments.statements.engine.words import Why
from tests.builders.payments import BRAND, HOST, NOW, an_id

NOBODY = Made("", "")


class Everybody:
    """The ``Brands`` port: offers and rights of brands named beforehand."""

    def __init__(self, **brands: str) -> None:
        self.brands = brands

    def of_offer(self, offer_id: str) -> str:
        return self.brands.get(offer_id, BRAND)

    def of_rights(self, naming_rights_id: str) -> str:
        return self.brands.get(naming_rights_id, BRAND)


def booked(entry: EntryRequest, reason: dict[str, Any] | None = None) -> Booked:
    """An entry as the books hold it."""
    return Booked(
        id=entry.id,
        place=(1, 0),
        code=entry.code,
        at=NOW,
        legs=entry.legs,
        reason=reason or dict(entry.reason or {}),
        reference=entry.reference,
    )


def a_charge(minor: int, **changes: Any) -> Charge:
    given: dict[str, Any] = {
        "issuer_id": BRAND,
        "recipient_id": HOST,
        "minor": minor,
        "currency": "CNY",
        "entry_id": an_id("ent"),
        "place": (1, 0),
        "leg": 1,
        "at": NOW,
        "why": Why("Share of the brand: takings, 60 %", "品牌份额：收入的 60 %"),
        "about": {"settlement_id": an_id("stl")},
    }
    return Charge(**given | changes)


def an_invoice(minor: int, *, corrected: Corrected | None = None, **changes: Any) -> Invoice:
    given: dict[str, Any] = {
        "period": "2026-03",
        "number": 1,
        "basis_points": 600,
        "issuer": NOBODY,
        "recipient": NOBODY,
        "at": NOW + timedelta(days=31),
    }
    of = corrected.invoice.period if corrected else ""
    charged = Sum(
        changes.pop("issuer_id", "platform"), HOST, "CNY", of, minor, changes.pop("lines", 1)
    )
    return issue(charged, corrected=corrected, **given | changes).state
