"""The largest settlement that contract, cartridge, kit and plan together allow is one entry."""

from __future__ import annotations

from dataclasses import replace

from chassis.kernel.money import Money
from services.catalog.cartridges.domain import MOST_PAYEES
from services.catalog.kits.schemas import MOST_LINES
from services.matching.gatherings.schemas import MOST_CO_HOSTS
from services.payments.escrow.domain import Escrow, EscrowState, Part
from services.payments.ledger.engine.columns import MAX_LEGS
from services.payments.naming.domain import Earning
from services.payments.settlements.use_cases import plan_settling
from sharing.check import MOST_PARTIES, problems_of
from sharing.dividing import Heads
from tests.builders.contracts import a_contract_text
from tests.builders.payments import BRAND, HOST, NOW, an_id
from tests.unit.payments.ledger.books import Desk
from tests.unit.payments.settlements.evenings import an_evening_of


def a_contract_of_the_most_parties():
    def some(number):
        return {an_id("org"): 1 for _ in range(number)}

    roles = ("brand", "host", "venue", "co_host", "platform", "author")
    rest = {"id": "rest", "why": {"en": "rest", "zh": "其余"}, "take": {"rest": True}}
    half = (MOST_PARTIES - 2) // 2
    return a_contract_text(
        parties={"host": {HOST: 1}, "brand": {BRAND: 1} | some(half), "venue": some(half)},
        steps=[rest | {"to": dict.fromkeys(roles, 1)}],
        examples=[{"name": "none", "sales": [], "expect": {}}],
    )


def a_kit_of_the_most_offers(escrow):
    parts = []
    for _ in range(MOST_LINES):
        quotas = tuple(f"quota:{an_id('quo')}:{kind}" for kind in ("host", "period"))
        parts.append(Part(an_id("off"), Money(5, "CNY"), quotas))
    return Escrow(escrow.id, tuple(parts), escrow.contract_id, EscrowState.ESCROWED)


def test_the_largest_settlement_has_no_more_legs_than_an_entry_may():
    text = a_contract_of_the_most_parties()
    assert problems_of(text) == []
    present = {
        "author": [an_id("org") for _ in range(MOST_PAYEES)],
        "co_host": [an_id("org") for _ in range(MOST_CO_HOSTS)],
    }
    kept, command, _, _ = an_evening_of(text, [10_000_000], Heads(1, 12), present)
    planned = plan_settling(command, books=kept, now=NOW)
    fee = Money(10, "CNY")
    earning = Earning(an_id("nam"), 1, fee + fee, fee, fee)
    largest = replace(planned, escrow=a_kit_of_the_most_offers(planned.escrow), earning=earning)

    entry = largest.entry()

    assert MAX_LEGS - 10 < len(entry.legs) <= MAX_LEGS
    assert Desk().one(entry).code == "floor-broken"  # its form is right; there is no money here
