"""Money that goes back reaches every share: before and after payout, twice, and beyond."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import Conflict
from chassis.kernel.money import Money
from services.payments.dues.domain import fee_entry
from services.payments.ledger.domain import transfer
from services.payments.releases.domain import release
from services.payments.royalties.domain import Outcome, RoyaltyHold
from services.payments.royalties.use_cases import book_release, record_release
from services.payments.settlements.domain import Lacking
from services.payments.settlements.use_cases import RefundSale, book_refund, plan_refund
from tests.builders.contracts import a_contract_text
from tests.builders.payments import AUTHOR, BRAND, HOST, NOW, VENUE, an_id, yuan
from tests.unit.payments.settlements.evenings import an_evening_of, in_force, refund, settle

REFUND = an_id("rfd")
DIGEST = "sha256:" + "5a" * 32
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


def settlement_of(kept):
    (settlement,) = kept.settlements.by_id.values()
    return settlement.id


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
        kept.ledger.submit([planned[0].entry(sale, lacking=Lacking.ORGANIZATIONS)])[0].or_raise()

        book_refund(planned, books=kept)
        once = dict(kept.ledger.balances)
        book_refund(planned, books=kept)

        assert dict(kept.ledger.balances) == once
        assert (account(kept, HOST, "debt"), account(kept, HOST, "pending")) == (0, 1_500)
        assert account(kept, BRAND, "debt") == -3_000

    def test_does_not_wait_for_the_platform_which_owes_its_part(self):
        kept, command, _, (sale,) = an_evening(10_000)
        kept.ledger.balances["platform:fees"] = 0

        refund(kept, command.gathering_id, sale.id, 5_000)

        assert kept.ledger.balances["external:provider"] == 5_000
        assert kept.ledger.balances["platform:debt"] == -500
        assert (account(kept, BRAND, "pending"), account(kept, BRAND, "debt")) == (3_000, 0)

    def test_has_back_what_the_fund_for_returns_got_of_the_settlement(self):
        kept, command, _, (sale,) = an_evening(10_000)
        fed = fee_entry(settlement_of(kept), yuan(100), 100, most=yuan(10))
        kept.ledger.submit([fed])[0].or_raise()

        refund(kept, command.gathering_id, sale.id, 10_000)

        left = {name: minor for name, minor in kept.ledger.balances.items() if minor}
        assert left == {"external:provider": 10_000}

    def test_is_paid_by_the_fund_where_the_platform_s_fees_are_gone(self):
        kept, command, _, (sale,) = an_evening(10_000)
        kept.ledger.balances["platform:fees"] = 0
        kept.ledger.balances["platform:returns"] = 600

        for _ in range(2):
            refund(kept, command.gathering_id, sale.id, 5_000, refund_id=REFUND)

        balances = kept.ledger.balances
        assert (balances["platform:debt"], balances["platform:returns"]) == (0, 100)


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

        with pytest.raises(Conflict):
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


class TestReleasedShare:
    def test_gives_back_of_what_may_be_paid_out_and_leaves_what_waits(self):
        kept, command, _, (sale,) = an_evening(10_000)
        free(kept, BRAND)
        kept.ledger.balances[f"org:{BRAND}:pending"] += 777  # of another gathering

        refund(kept, command.gathering_id, sale.id, 5_000)

        assert (account(kept, BRAND, "available"), account(kept, BRAND, "pending")) == (3_000, 777)

    def test_that_was_paid_out_is_owed_and_what_waits_is_not_touched(self):
        kept, command, _, (sale,) = an_evening(10_000)
        free(kept, BRAND)
        pay_out(kept, BRAND, 6_000, kind="available")
        kept.ledger.balances[f"org:{BRAND}:pending"] += 7_770

        refund(kept, command.gathering_id, sale.id, 5_000)

        assert (account(kept, BRAND, "debt"), account(kept, BRAND, "pending")) == (-3_000, 7_770)


class TestShareThatWaits:
    def test_is_left_whole_when_it_is_less_than_what_is_owed(self):
        kept, command, _, (sale,) = an_evening(10_000, refunds="host-debt")

        refund(kept, command.gathering_id, sale.id, 10_000)

        assert (account(kept, HOST, "debt"), account(kept, HOST, "pending")) == (-10_000, 3_000)
        assert waiting(kept, HOST) == 3_000

    def test_is_lessened_as_its_account_is(self):
        kept, command, _, (sale,) = an_evening(10_000)

        refund(kept, command.gathering_id, sale.id, 5_000)

        assert waiting(kept, BRAND) == account(kept, BRAND, "pending") == 3_000


class TestRoyaltyHeldForACopyClaim:
    def test_is_divided_by_the_contract_and_comes_back_from_where_it_is(self):
        steps = [THIRDS[0] | {"to": {"brand": 50, "host": 10, "author": 30, "platform": 10}}]
        kept, command, _, (sale,) = an_evening_of(a_contract_text(steps=steps), [100_000])
        hold = RoyaltyHold(an_id("cpc"), DIGEST, VENUE, AUTHOR)
        kept.royalties.save(Decision(hold))
        planned = settle(kept, replace(command, cartridge_digest=DIGEST))
        held = kept.ledger.balances[hold.account]
        assert held == planned.held_shares[AUTHOR].minor > 0
        assert account(kept, AUTHOR, "pending") == 0

        refund(kept, command.gathering_id, sale.id, 50_000)
        ruled = kept.royalties.get(hold.id).rule(Outcome.UPHELD, {VENUE: 10_000})
        pay_ruled(kept, ruled)
        done = refund(kept, command.gathering_id, sale.id, 50_000)

        assert kept.ledger.balances[hold.account] == 0
        assert AUTHOR not in {giver.party.organization_id for giver in done.givers}
        assert account(kept, VENUE, "pending") == account(kept, AUTHOR, "pending") == 0
        assert sum(giver.minor for giver in done.givers) == -50_000

    @pytest.mark.parametrize(
        ("outcome", "payees", "payee", "own"),
        [
            (Outcome.UPHELD, {VENUE: 10_000}, VENUE, 0),
            (Outcome.UPHELD, {HOST: 10_000}, HOST, 10_000),
            (Outcome.REJECTED, {}, AUTHOR, 0),
        ],
    )
    def test_is_taken_from_the_share_that_the_ruling_brought(self, outcome, payees, payee, own):
        kept, command, sale, hold = an_evening_with_a_hold()
        pay_ruled(kept, hold.rule(outcome, payees))

        refund(kept, command.gathering_id, sale.id, 50_000)

        assert waiting(kept, payee) == account(kept, payee, "pending") == (30_000 + own) / 2
        free(kept, payee)
        assert account(kept, payee, "pending") == 0

    def test_is_owed_once_for_each_share_where_both_were_paid_out(self):
        kept, command, sale, hold = an_evening_with_a_hold()
        pay_ruled(kept, hold.rule(Outcome.UPHELD, {HOST: 10_000}))
        free(kept, HOST)
        pay_out(kept, HOST, 30_000, kind="available")

        refund(kept, command.gathering_id, sale.id, 50_000)

        # Of 20,000 owed 15,000 are of the ruling's share, which what is left cannot pay.
        assert (account(kept, HOST, "debt"), account(kept, HOST, "available")) == (-15_000, 5_000)


def an_evening_with_a_hold():
    """The author's 30 % of 100,000 are held, and the host has 10 %."""
    steps = [THIRDS[0] | {"to": {"brand": 50, "host": 10, "author": 30, "platform": 10}}]
    kept, command, _, (sale,) = an_evening_of(a_contract_text(steps=steps), [100_000])
    kept.royalties.save(Decision(RoyaltyHold(an_id("cpc"), DIGEST, VENUE, AUTHOR)))
    settle(kept, replace(command, cartridge_digest=DIGEST))
    (hold,) = kept.royalties.by_id.values()
    return kept, command, sale, hold


def pay_ruled(kept, ruled):
    """What follows a ruling."""
    saved = kept.royalties.save(Decision(ruled))
    book_release(saved, ledger=kept.ledger)
    record_release(saved, royalties=kept.royalties, shares=kept.pending, now=NOW)


def free(kept, who):
    """What a release does to all that an organisation waits for, to the fen."""
    waits = [each for each in kept.pending.by_id.values() if each.organization_id == who]
    planned, freed = release(waits, now=NOW)
    kept.pending.save(freed)
    kept.ledger.submit([planned.entry()])[0].or_raise()


def waiting(kept, who):
    found = kept.pending.by_id.values()
    return sum(each.amount.minor for each in found if each.organization_id == who)
