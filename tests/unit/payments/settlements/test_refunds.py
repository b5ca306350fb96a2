"""Money that goes back reaches every share: before and after payout, twice, and beyond."""

from __future__ import annotations

import pytest

from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from services.payments.ledger.domain import FloorBroken, transfer
from services.payments.settlements.use_cases import RefundSale, book_refund, plan_refund
from tests.builders.contracts import a_contract_text
from tests.builders.payments import AUTHOR, BRAND, HOST, VENUE, an_id
from tests.unit.payments.settlements.evenings import an_evening_of, in_force, refund, settle

THIRDS = [
    {
        "id": "rest",
        "why": {"en": "takings", "zh": "收入"},
        "to": {"brand": 60, "host": 30, "platform": 10},
        "take": {"rest": True},
    }
]


def an_evening(*sales, refunds="pro-rata"):
    text = a_contract_text(steps=THIRDS, refunds=refunds)
    kept, command, contract, sold = an_evening_of(text, sales)
    settle(kept, command)
    return kept, command, contract, sold


def pay_out(kept, who, minor, *, kind="pending"):
    """What a payout leaves behind."""
    move = transfer(
        an_id("ent"), f"org:{who}:{kind}", "external:provider", Money(minor, "CNY"), "payout"
    )
    kept.ledger.submit([move])[0].or_raise()


def account(kept, who, kind):
    return kept.ledger.balances[f"org:{who}:{kind}"]


class TestAfterPayout:
    def test_a_party_without_its_part_owes_it_and_the_buyer_never_waits(self):
        kept, command, _, (sale,) = an_evening(10_000)
        pay_out(kept, BRAND, 6_000)
        before = kept.ledger.balances["external:provider"]

        done = refund(kept, command.gathering_id, sale.id, 5_000)

        assert done.state == "booked"
        assert kept.ledger.balances["external:provider"] - before == 5_000
        assert account(kept, BRAND, "debt") == -3_000
        assert (account(kept, HOST, "debt"), account(kept, HOST, "pending")) == (0, 1_500)
        assert kept.ledger.balances["platform:fees"] == 500

    def test_what_was_released_for_payout_pays_it_at_once(self):
        kept, command, _, (sale,) = an_evening(10_000)
        pay_out(kept, BRAND, 6_000)
        kept.ledger.balances[f"org:{BRAND}:available"] += 6_000

        refund(kept, command.gathering_id, sale.id, 5_000)

        assert (account(kept, BRAND, "debt"), account(kept, BRAND, "available")) == (0, 3_000)

    def test_is_the_same_when_it_died_between_any_two_entries(self):
        kept, command, _, (sale,) = an_evening(10_000)
        pay_out(kept, BRAND, 6_000)
        wish = RefundSale(
            message_id=an_id("msg"),
            saga_id=an_id("sag"),
            gathering_id=command.gathering_id,
            sale_id=sale.id,
            refund_id=an_id("rfd"),
            amount=Money(5_000, "CNY"),
        )
        planned = plan_refund(wish, books=kept)
        kept.ledger.submit([planned[0].entry(sale, on_debt=True)])[0].or_raise()

        book_refund(planned, books=kept)
        once = dict(kept.ledger.balances)
        book_refund(planned, books=kept)

        assert dict(kept.ledger.balances) == once
        assert (account(kept, HOST, "debt"), account(kept, HOST, "pending")) == (0, 1_500)
        assert account(kept, BRAND, "debt") == -3_000

    def test_is_refused_while_the_platform_lacks_its_part(self):
        kept, command, _, (sale,) = an_evening(10_000)
        kept.ledger.balances["platform:fees"] = 0

        with pytest.raises(FloorBroken):
            refund(kept, command.gathering_id, sale.id, 5_000)

        assert account(kept, BRAND, "pending") == 6_000


class TestPolicy:
    def test_host_debt_takes_nothing_from_the_others(self):
        kept, command, _, (sale,) = an_evening(10_000, refunds="host-debt")

        refund(kept, command.gathering_id, sale.id, 10_000)

        assert account(kept, BRAND, "pending") == 6_000
        assert kept.ledger.balances["platform:fees"] == 1_000
        assert account(kept, HOST, "pending") + account(kept, HOST, "debt") == -7_000

    def test_platform_first_spares_the_others_while_it_has_anything(self):
        kept, command, _, (sale,) = an_evening(10_000, refunds="platform-first")

        refund(kept, command.gathering_id, sale.id, 900)

        assert kept.ledger.balances["platform:fees"] == 100
        assert account(kept, BRAND, "pending") == 6_000


class TestTogether:
    def test_of_two_at_once_the_second_must_see_the_first(self):
        kept, command, _, (one, other) = an_evening(3_335, 3_335)
        seen = kept.settlements.of(command.gathering_id)

        refund(kept, command.gathering_id, one.id, 3_335)

        with pytest.raises(AssertionError, match="read too long ago"):
            kept.settlements.save(Decision(seen))
        refund(kept, command.gathering_id, other.id, 3_335)
        assert account(kept, BRAND, "pending") == account(kept, HOST, "pending") == 0

    def test_a_thousand_of_one_fen_bring_every_account_back(self):
        kept, command, _, (sale,) = an_evening(1_000)

        for gone in range(1, 1_001):
            refund(kept, command.gathering_id, sale.id, 1)
            assert abs(account(kept, BRAND, "pending") - (1_000 - gone) * 0.6) < 1

        left = {name: minor for name, minor in kept.ledger.balances.items() if minor}
        assert left == {"external:provider": 1_000}


class TestPartnerWhoLeft:
    def test_still_gives_back_what_it_was_paid(self):
        kept, command, contract, (sale,) = an_evening_of_the_venue()
        later = in_force(contract, a_contract_text(parties={"venue": {AUTHOR: 1}}))
        kept.contracts.by_id[contract.id] = later

        refund(kept, command.gathering_id, sale.id, 100_000)

        assert account(kept, VENUE, "pending") == 0
        assert account(kept, AUTHOR, "pending") == 0


def an_evening_of_the_venue():
    kept, command, contract, sold = an_evening_of(a_contract_text(), [100_000])
    settle(kept, command)
    assert account(kept, VENUE, "pending") == 20_000
    return kept, command, contract, sold
