"""A fund that gets low is told of once, and not again before it was filled again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.errors import Conflict
from chassis.kernel.money import CurrencyMismatch, Money
from services.payments.funds.domain import (
    FundNotFound,
    FundWatch,
    OfferFund,
    ThresholdAboveCap,
)
from services.payments.funds.use_cases import Touch, own_fund, set_threshold, watch_funds
from tests.builders.payments import BRAND, HOST, NOW, FakeOfferFunds, Shelf, an_id, yuan

OFFER = an_id("off")
FUND = OfferFund(OFFER, BRAND, yuan(10_000), yuan(1_000))


class FakeWatches(Shelf):
    """The ``FundWatches`` port over a list of what entries did and left."""

    def __init__(self) -> None:
        super().__init__(KeyError)
        self.log: list[tuple[Touch, int]] = []
        self.read = self.left = 0

    def find(self, fund):
        fresh = FundWatch(fund.id, fund.brand_id, "CNY")
        return self.by_id.get(fresh.id, fresh)

    def available(self, _fund):
        return self.left

    def progress(self):
        return self.read

    def touches(self, segment):
        if segment == len(self.log):
            return [], segment
        touch, self.left = self.log[segment]
        return [touch], segment + 1

    def save_all(self, decisions, *, before, after):
        if before != self.read:
            raise Conflict
        for decision in decisions:
            self.save(decision)
        self.read = after

    def deposit(self, left):
        self.log.append((Touch(OFFER, is_filled=True, claim=0), left))

    def claim(self, minor, left):
        self.log.append((Touch(OFFER, is_filled=False, claim=minor), left))

    def free(self, left):
        self.log.append((Touch(OFFER, is_filled=False, claim=0), left))


@pytest.fixture
def watches():
    return FakeWatches()


def watch(watches, now=NOW):
    funds = FakeOfferFunds(KeyError, FUND)
    while watch_funds(funds=funds, watches=watches, now=now):
        pass
    return [(fact.available.minor, fact.threshold.minor) for fact in watches.events]


class TestLow:
    def test_is_less_than_three_claims_like_the_last_would_take(self, watches):
        watches.deposit(100_000)
        watches.claim(20_000, 80_000)
        watches.claim(20_000, 60_000)
        assert watch(watches) == []

        watches.claim(20_000, 40_000)

        assert watch(watches) == [(40_000, 60_000)]

    def test_is_what_the_brand_says_if_it_does(self, watches):
        watches.deposit(100_000)
        watches.claim(20_000, 80_000)
        watch(watches)

        set_threshold(FUND, yuan(800.01), watches=watches, now=NOW)

        assert watch(watches) == [(80_000, 80_001)]

    def test_is_what_three_claims_would_take_again_once_the_brand_says_so(self, watches):
        set_threshold(FUND, yuan(0.01), watches=watches, now=NOW)
        watches.deposit(100_000)
        watches.claim(50_000, 50_000)
        assert watch(watches) == []

        set_threshold(FUND, None, watches=watches, now=NOW)

        assert watch(watches) == [(50_000, 150_000)]

    def test_is_told_once_however_much_further_it_falls_and_rises_by_what_is_let_go(self, watches):
        watches.deposit(100_000)
        watches.claim(30_000, 70_000)
        watches.claim(30_000, 40_000)
        watches.free(100_000)
        watches.claim(30_000, 70_000)

        assert watch(watches) == [(70_000, 90_000)]

    def test_is_told_again_after_it_was_filled_again(self, watches):
        watches.deposit(100_000)
        watches.claim(40_000, 60_000)
        watches.deposit(200_000)
        watches.claim(40_000, 110_000)

        assert watch(watches) == [(60_000, 120_000), (110_000, 120_000)]

    def test_of_a_fund_that_was_never_filled_is_not_told(self, watches):
        set_threshold(FUND, yuan(500), watches=watches, now=NOW)

        assert watch(watches) == []
        assert watches.find(FUND).is_low

    def test_is_since_it_began_and_no_more_once_there_is_enough(self, watches):
        watches.deposit(100_000)
        watches.claim(40_000, 60_000)
        watch(watches, NOW)
        watches.claim(40_000, 20_000)
        watch(watches, NOW + timedelta(hours=1))
        assert watches.find(FUND).low_since == NOW

        watches.deposit(200_000)
        watch(watches, NOW + timedelta(hours=2))

        assert watches.find(FUND).low_since is None

    def test_of_an_offer_that_nobody_knows_is_passed_over(self, watches):
        watches.log.append((Touch(an_id("off"), is_filled=True, claim=5), 1))

        assert watch(watches) == []
        assert watches.read == 1

    def test_is_left_to_who_was_first(self, watches, monkeypatch):
        watches.deposit(100_000)
        monkeypatch.setattr(watches, "progress", lambda: 0)
        watches.read = 1

        assert watch(watches) == []
        assert watches.by_id == {}

    @given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=60))
    def test_is_told_at_most_once_for_each_filling(self, moves):
        watches, left, filled = FakeWatches(), 0, 0
        for is_deposit, minor in moves:
            if is_deposit:
                left, filled = left + 10 * minor, filled + 1
                watches.deposit(left)
            elif minor <= left:
                left -= minor
                watches.claim(minor, left)

        assert len(watch(watches)) <= filled


class TestThreshold:
    @pytest.mark.parametrize(
        ("threshold", "refusal"),
        [(yuan(10_000.01), ThresholdAboveCap), (Money(1, "USD"), CurrencyMismatch)],
    )
    def test_that_the_fund_can_never_have_is_refused(self, watches, threshold, refusal):
        with pytest.raises(refusal):
            set_threshold(FUND, threshold, watches=watches, now=NOW)

        assert watches.by_id == {}

    def test_may_be_the_cap_itself(self, watches):
        assert set_threshold(FUND, FUND.cap, watches=watches, now=NOW).threshold == 1_000_000


class TestOwnFund:
    def test_is_the_brand_s_and_the_platform_s_to_read(self):
        funds = FakeOfferFunds(KeyError, FUND)

        assert own_fund(OFFER, BRAND, funds=funds).id == OFFER
        assert own_fund(OFFER, None, funds=funds).id == OFFER
        for who, offer in ((HOST, OFFER), (BRAND, an_id("off"))):
            with pytest.raises(FundNotFound):
                own_fund(offer, who, funds=funds)


def test_a_fact_names_the_offer_and_its_brand():
    seen = FundWatch(OFFER, BRAND, "CNY", own_threshold=10).see(9, at=NOW, is_filled=True)

    (fact,) = seen.events

    assert (fact.offer_id, fact.brand_id, fact.available) == (OFFER, BRAND, Money(9, "CNY"))
