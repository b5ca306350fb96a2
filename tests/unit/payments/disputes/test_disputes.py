"""What a buyer disputes is held of every share, and ends as the bank rules, to the fen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from services.payments.disputes.domain import DisputeState
from services.payments.payouts.domain import Limits, Purse, amounts
from services.payments.providers.domain import Stage
from services.payments.royalties.domain import Outcome, RoyaltyHold
from services.payments.settlements.domain import RefundState
from services.payments.settlements.use_cases import (
    CancelGathering,
    book_cancelling,
    plan_cancelling,
    record_cancelling,
)
from tests.builders.contracts import a_contract_text
from tests.builders.payments import AUTHOR, BRAND, HOST, NOW, VENUE, an_id
from tests.unit.payments.disputes.court import Hall, said
from tests.unit.payments.settlements.evenings import an_evening_of, in_force, refund, settle
from tests.unit.payments.settlements.test_refunds import (
    DIGEST,
    THIRDS,
    account,
    pay_out,
    pay_ruled,
    waiting,
)


def an_evening(*sales, refunds="pro-rata", is_settled=True, steps=THIRDS):
    text = a_contract_text(steps=steps, refunds=refunds)
    kept, command, contract, sold = an_evening_of(text, sales)
    if is_settled:
        settle(kept, command)
    return Hall(kept), command, contract, sold


def provider(hall):
    return hall.books.ledger.balances["external:provider"]


class TestOpened:
    def test_is_held_of_every_share_as_a_refund_would_take_it(self):
        hall, _, _, (sale,) = an_evening(10_000)

        dispute = hall.open(sale, 5_000)

        assert hall.held() == {
            f"org:{BRAND}:pending": 3_000,
            f"org:{HOST}:pending": 1_500,
            "platform:fees": 500,
        }
        assert (dispute.state, dispute.held.minor) == (DisputeState.HELD, 5_000)
        assert BRAND in dispute.parties
        assert HOST in dispute.parties
        assert waiting(hall.books, BRAND) == 3_000
        assert provider(hall) == 0

    def test_is_held_of_the_takings_before_they_are_settled(self):
        hall, command, _, (sale, _other) = an_evening(10_000, 2_000, is_settled=False)

        hall.open(sale, 5_000)
        settled = settle(hall.books, command)

        assert hall.held() == {f"gathering:{command.gathering_id}:takings": 5_000}
        assert settled.takings.minor == 7_000

    def test_heard_twice_holds_it_once(self):
        hall, _, _, (sale,) = an_evening(10_000)

        hall.open(sale, 5_000)
        hall.open(sale, 5_000)

        assert sum(hall.held().values()) == 5_000
        assert [type(each).__name__ for each in hall.disputes.events] == ["DisputeOpened"]

    def test_twice_on_one_sale_holds_no_more_than_the_sale(self):
        hall, _, _, (sale,) = an_evening(10_000)

        hall.open(sale, 8_000, number=1)
        second = hall.open(sale, 8_000, number=2)

        assert second.held.minor == 2_000
        assert sum(hall.held().values()) == 10_000

    def test_of_a_partly_refunded_sale_holds_the_rest(self):
        hall, command, _, (sale,) = an_evening(10_000)
        refund(hall.books, command.gathering_id, sale.id, 4_000)

        dispute = hall.open(sale, 10_000)

        assert dispute.held.minor == sum(hall.held().values()) == 6_000

    def test_of_another_currency_holds_nothing(self):
        hall, _, _, (sale,) = an_evening(10_000)

        dispute = hall.hear(replace(said(sale, 1), amount=Money(700, "USD")))

        assert (dispute.state, dispute.held.minor, hall.held()) == (DisputeState.HELD, 0, {})


class TestRefundThenDispute:
    def test_a_refund_of_what_is_disputed_is_refused(self):
        hall, command, _, (sale,) = an_evening(10_000)
        hall.open(sale, 8_000)

        refused = refund(hall.books, command.gathering_id, sale.id, 5_000)
        beyond = refund(hall.books, command.gathering_id, sale.id, 10_001)

        assert (refused.state, refused.code) == (RefundState.REFUSED, "sale-disputed")
        assert beyond.code == "refund-too-large"

    def test_a_refund_of_what_is_not_disputed_stands(self):
        hall, command, _, (sale,) = an_evening(10_000)
        hall.open(sale, 8_000)

        done = refund(hall.books, command.gathering_id, sale.id, 2_000)

        assert done.state is RefundState.BOOKED
        assert provider(hall) == 2_000

    def test_lost_takes_nothing_of_anybody_twice(self):
        hall, command, _, (sale,) = an_evening(10_000)
        refund(hall.books, command.gathering_id, sale.id, 10_000)
        hall.books.ledger.balances["platform:fees"] += 12_000

        hall.rule(sale, 10_000, won=False, fee=1_500)

        # The bank took it once more: that is the platform's loss, and no party's.
        assert hall.balances() == {"external:provider": 21_500, "platform:fees": 500}


class TestWon:
    def test_brings_all_of_it_back_exactly(self):
        hall, _, _, (sale,) = an_evening(10_001)
        before, waited = hall.balances(), waiting(hall.books, BRAND)

        hall.open(sale, 3_333)
        dispute = hall.rule(sale, 3_333, won=True)

        assert (hall.balances(), hall.held()) == (before, {})
        assert waiting(hall.books, BRAND) == waited
        assert dispute.state is DisputeState.WON
        assert hall.books.sales.by_id[sale.id].rest.minor == 10_001

    def test_before_the_settlement_is_settled_with_the_rest(self):
        hall, command, _, (sale, _other) = an_evening(10_000, 2_000, is_settled=False)
        hall.open(sale, 5_000)
        hall.rule(sale, 5_000, won=True)

        assert settle(hall.books, command).takings.minor == 12_000

    def test_after_the_settlement_is_shared_out_as_if_it_had_been_there(self):
        hall, command, _, (sale,) = an_evening(10_007, is_settled=False)
        hall.open(sale, 10_007)
        settle(hall.books, command)
        hall.rule(sale, 10_007, won=True)
        plain, *_ = an_evening(10_007)

        assert hall.balances() == plain.balances()
        assert waiting(hall.books, BRAND) == waiting(plain.books, BRAND) == 6_004
        refund(hall.books, command.gathering_id, sale.id, 10_007)
        assert hall.balances() == {"external:provider": 10_007}

    def test_regulates_what_was_refunded_meanwhile_by_the_contract(self):
        steps = [
            {
                "id": "first",
                "why": {"en": "first thousand", "zh": "首千"},
                "to": {"platform": 1},
                "take": {"amount": 1_000},
            },
            *[THIRDS[0] | {"to": {"brand": 2, "host": 1}}],
        ]
        hall, command, _, (one, other) = an_evening(1_000, 1_000, steps=steps)
        hall.open(one, 1_000)
        refund(hall.books, command.gathering_id, other.id, 500)

        hall.rule(one, 1_000, won=True)

        plain, asked, _, (_, second) = an_evening(1_000, 1_000, steps=steps)
        refund(plain.books, asked.gathering_id, second.id, 500)
        assert hall.balances() == plain.balances()

    @pytest.mark.parametrize("cancelled", ["before", "meanwhile"])
    def test_of_a_cancelled_gathering_is_the_buyer_s_again(self, cancelled):
        hall, command, _, (sale,) = an_evening(10_000, is_settled=False)
        hall.open(sale, 10_000)
        if cancelled == "meanwhile":
            hall.meanwhile.append(lambda: cancel(hall.books, command))
        else:
            cancel(hall.books, command)
        assert provider(hall) == 0

        hall.rule(sale, 10_000, won=True)
        hall.work()

        assert hall.balances() == {"external:provider": 10_000}
        assert hall.books.sales.by_id[sale.id].rest.minor == 0

    def test_after_a_release_comes_back_as_a_share_that_is_due(self):
        hall, _, _, (sale,) = an_evening(10_000)
        hall.open(sale, 5_000)
        hall.free(BRAND)
        hall.rule(sale, 5_000, won=True)
        assert account(hall.books, BRAND, "pending") == 3_000

        hall.free(BRAND)

        assert account(hall.books, BRAND, "available") == 6_000


class TestLost:
    @pytest.mark.parametrize("refunds", ["pro-rata", "platform-first", "host-debt"])
    def test_is_the_same_as_a_refund(self, refunds):
        hall, _, _, (sale,) = an_evening(10_003, refunds=refunds)
        hall.open(sale, 777)
        dispute = hall.rule(sale, 777, won=False)
        plain, command, _, (same,) = an_evening(10_003, refunds=refunds)
        refund(plain.books, command.gathering_id, same.id, 777)

        assert (hall.balances(), hall.held()) == (plain.balances(), {})
        assert waiting(hall.books, HOST) == waiting(plain.books, HOST)
        assert dispute.state is DisputeState.LOST

    @pytest.mark.parametrize("is_freed", [False, True])
    def test_brings_the_odd_fen_of_rounding_to_whom_it_is_due(self, is_freed):
        # Of 11 fen the author has 1 by 6 : 6 : 2, and of 10 fen she has 2.
        steps = [THIRDS[0] | {"to": {"brand": 6, "host": 6, "author": 2}}]
        hall, _, _, (_, sale) = an_evening(10, 1, steps=steps)
        hall.open(sale, 1)
        if is_freed:
            hall.free(AUTHOR)

        hall.rule(sale, 1, won=False)
        hall.free(AUTHOR)

        assert account(hall.books, AUTHOR, "pending") == 0
        assert account(hall.books, AUTHOR, "available") == 2

    def test_heard_before_it_was_opened_ends_the_same(self):
        hall, _, _, (sale,) = an_evening(10_000)
        hall.rule(sale, 5_000, won=False)
        late = hall.open(sale, 5_000)

        assert (late.stage, late.state) == (Stage.LOST, DisputeState.LOST)
        assert provider(hall) == 5_000
        assert [type(each).__name__ for each in hall.disputes.events] == [
            "DisputeOpened",
            "DisputeEnded",
        ]

    def test_charges_the_fee_to_the_platform_once(self):
        hall, _, _, (sale,) = an_evening(10_000)
        hall.open(sale, 5_000)

        for _ in range(2):
            hall.rule(sale, 5_000, won=False, fee=200)

        assert hall.balances()["platform:fees"] == 1_000 - 500 - 200

    def test_makes_the_fee_a_debt_where_the_platform_has_nothing(self):
        hall, _, _, (sale,) = an_evening(10_000)
        hall.rule(sale, 5_000, won=False, fee=1_500)

        assert hall.balances()["platform:debt"] == -1_500

    def test_is_final(self):
        hall, _, _, (sale,) = an_evening(10_000)
        hall.rule(sale, 5_000, won=False)

        dispute = hall.rule(sale, 5_000, won=True)

        assert dispute.state is DisputeState.LOST
        assert provider(hall) == 5_000

    def test_waits_for_a_sale_that_is_not_known_yet(self):
        hall, _, _, (sale,) = an_evening(10_000, is_settled=False)
        del hall.books.sales.by_id[sale.id]
        assert hall.rule(sale, 5_000, won=False).state is DisputeState.OPENED

        hall.books.sales.by_id[sale.id] = sale
        hall.work()

        assert provider(hall) == 5_000


class TestDisputeAfterPayout:
    def test_is_set_aside_of_what_comes_next_and_then_owed(self):
        hall, _, _, (sale,) = an_evening(10_000)
        hall.free(BRAND)
        pay_out(hall.books, BRAND, 6_000, kind="available")

        hall.open(sale, 5_000)
        ledger = hall.books.ledger
        owed = -(ledger.balances[f"org:{BRAND}:debt"] - ledger.held[f"org:{BRAND}:debt"])
        assert (owed, ledger.balances[f"org:{BRAND}:debt"]) == (3_000, 0)
        purse = Purse(BRAND, Money(4_000, "CNY"), Money(0, "CNY"), Money(owed, "CNY"))
        paid, _ = amounts(purse, Limits(1, None, 0))
        assert paid.minor == 1_000

        hall.rule(sale, 5_000, won=False)
        assert account(hall.books, BRAND, "debt") == -3_000
        assert provider(hall) == 6_000 + 5_000

    def test_won_leaves_no_debt(self):
        hall, _, _, (sale,) = an_evening(10_000)
        hall.free(BRAND)
        pay_out(hall.books, BRAND, 6_000, kind="available")
        before = hall.balances()

        hall.open(sale, 5_000)
        hall.rule(sale, 5_000, won=True)

        assert (hall.balances(), hall.held()) == (before, {})
        assert waiting(hall.books, HOST) == 3_000

    def test_lost_is_paid_by_those_who_wait_and_not_for_the_others(self):
        hall, _, _, (sale,) = an_evening(10_000)
        hall.free(BRAND)
        pay_out(hall.books, BRAND, 6_000, kind="available")

        hall.rule(sale, 10_000, won=False)

        assert hall.balances() == {"external:provider": 16_000, f"org:{BRAND}:debt": -6_000}


class TestPartnerWhoLeft:
    def test_still_loses_what_it_was_paid_and_nobody_else_for_it(self):
        kept, command, contract, (sale,) = an_evening_of(a_contract_text(), [100_000])
        settle(kept, command)
        hall = Hall(kept)
        later = in_force(contract, a_contract_text(parties={"venue": {AUTHOR: 1}}))
        kept.contracts.by_id[contract.id] = later

        hall.rule(sale, 100_000, won=False)

        assert account(kept, VENUE, "pending") == account(kept, AUTHOR, "pending") == 0
        assert hall.balances() == {"external:provider": 100_000}


class TestRoyaltyHeldForACopyClaim:
    STEPS = [THIRDS[0] | {"to": {"brand": 50, "host": 10, "author": 30, "platform": 10}}]

    def stage(self):
        kept, command, _, (sale,) = an_evening_of(a_contract_text(steps=self.STEPS), [100_000])
        kept.royalties.save(Decision(RoyaltyHold(an_id("cpc"), DIGEST, VENUE, AUTHOR)))
        settle(kept, replace(command, cartridge_digest=DIGEST))
        (hold,) = kept.royalties.by_id.values()
        return Hall(kept), sale, hold

    @pytest.mark.parametrize("won", [True, False])
    def test_is_not_paid_out_while_a_dispute_holds_of_it(self, won):
        hall, sale, hold = self.stage()
        hall.open(sale, 50_000)
        ruled = hall.books.royalties.get(hold.id).rule(Outcome.UPHELD, {VENUE: 10_000})
        ruled = hall.books.royalties.save(Decision(ruled))
        assert ruled.booking

        hall.rule(sale, 50_000, won=won)

        free = hall.books.royalties.get(hold.id)
        assert not free.booking
        assert free.total == hall.books.ledger.balances[hold.account] == (30_000, 15_000)[not won]
        pay_ruled(hall.books, free)
        assert account(hall.books, VENUE, "pending") == free.total

    def test_that_was_paid_by_the_ruling_is_held_of_whom_it_was_paid_to(self):
        hall, sale, hold = self.stage()
        pay_ruled(hall.books, hold.rule(Outcome.UPHELD, {VENUE: 7_000, HOST: 3_000}))
        before, carries = hall.balances(), hall.books.royalties.get(hold.id).carries

        hall.open(sale, 33_333)
        assert hall.held()[f"org:{VENUE}:pending"] == 7_000
        hall.rule(sale, 33_333, won=True)

        assert hall.balances() == before
        assert hall.books.royalties.get(hold.id).carries == carries


def cancel(kept, command):
    wish = CancelGathering(
        message_id=an_id("msg"),
        saga_id=an_id("sag"),
        gathering_id=command.gathering_id,
        claim_id=command.claim_id,
    )
    planned = plan_cancelling(wish, books=kept)
    book_cancelling(planned, books=kept)
    record_cancelling(planned, books=kept, now=NOW)
