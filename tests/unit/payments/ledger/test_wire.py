"""What one payments process asks of another is read there as it was meant."""

from __future__ import annotations

from dataclasses import replace

from chassis.kernel.money import Money
from services.payments.ledger.adapters import to_json
from services.payments.ledger.domain import (
    Leg,
    Limits,
    close_period,
    extend,
    hold,
    limit,
    plain,
    post,
    reverse,
)
from services.payments.ledger.schemas import EntryRequestSchema
from tests.unit.payments.ledger.books import MovableClock, SeededIds

IDS = SeededIds(8)
ACCOUNT = f"org:{IDS('org')}:pending"


def test_every_kind_goes_over_the_wire_as_it_is():
    pending = IDS("ent")
    legs = [Leg("external:provider", -5, "CNY"), Leg(ACCOUNT, 5, "CNY")]
    limits = Limits(account=ACCOUNT, currency="CNY", version=1, floor=-7, ceiling=9)
    later = MovableClock()()
    entries = [
        plain(IDS("ent"), legs, "deposit", {"why": "x"}, effective_at=later),
        hold(IDS("ent"), legs, "escrow", reference=IDS("clm"), expires_at=later),
        post(IDS("ent"), pending, "escrow", legs=legs, final=False),
        extend(IDS("ent"), pending, later, "escrow"),
        reverse(IDS("ent"), pending, "refund", part=Money(3, "CNY")),
        limit(IDS("ent"), limits, "credit-line"),
        replace(close_period(IDS("ent"), later), linked=True),
    ]

    assert [EntryRequestSchema().load(to_json(entry)) for entry in entries] == entries
