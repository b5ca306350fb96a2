"""The rules of subsidy offers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.money import CurrencyMismatch, Money
from services.catalog.offers.domain import (
    CapTooSmall,
    EligibilityInvalid,
    LimitTooSmall,
    OfferEnd,
    OfferEndsTooSoon,
    OfferNotFound,
    OfferNotOpen,
    PeriodLimit,
    TermsIncomplete,
)
from services.catalog.offers.engine.ramp import Ramp, RampBelowSubsidy, RampStep, RampUneven
from services.catalog.offers.use_cases import (
    CloseOffer,
    OpenOffer,
    close_due_offers,
    close_offer,
    open_offer,
)
from sharing.eligibility import Clause
from tests.unit.catalog.fakes import (
    BRAND,
    NOW,
    OTHER_BRAND,
    FakeOffers,
    an_id,
    an_offer,
    some_terms,
)


class TestOpen:
    def test_announces_everything_a_claim_needs(self):
        offer = an_offer()

        (fact,) = offer.open(at=NOW).events

        assert (fact.offer_id, fact.brand_id) == (offer.id, BRAND)
        assert (fact.subsidy, fact.total_cap) == (offer.subsidy, offer.total_cap)
        assert fact.terms == some_terms()
        assert (fact.opens_at, fact.closes_at) == (offer.opens_at, offer.closes_at)

    @pytest.mark.parametrize(
        "terms",
        [
            some_terms(host=1999),
            some_terms(host=2001),
            {"brand": 10_000},
            some_terms(guest=0),
        ],
    )
    def test_refuses_shares_that_make_no_whole(self, terms):
        with pytest.raises(TermsIncomplete):
            an_offer(terms=terms).open(at=NOW)

    def test_refuses_a_cap_below_one_subsidy(self):
        an_offer(subsidy=Money(500, "CNY"), total_cap=Money(500, "CNY")).open(at=NOW)

        with pytest.raises(CapTooSmall):
            an_offer(subsidy=Money(501, "CNY"), total_cap=Money(500, "CNY")).open(at=NOW)

    def test_refuses_two_currencies(self):
        with pytest.raises(CurrencyMismatch):
            an_offer(total_cap=Money(5_000_000, "USD")).open(at=NOW)

    def test_announces_how_the_subsidy_rises(self):
        steps = (RampStep(30, 1_000), RampStep(7, 5_000))
        offer = an_offer(ramp=Ramp(steps, Money(70_000, "CNY")))

        (fact,) = offer.open(at=NOW).events

        assert (fact.ramp_steps, fact.most_subsidy) == (steps, Money(70_000, "CNY"))

    @pytest.mark.parametrize("near", [(30, 2_000), (31, 2_000), (7, 1_000), (7, 900)])
    def test_refuses_a_ramp_that_does_not_rise_towards_the_date(self, near):
        with pytest.raises(RampUneven):
            Ramp((RampStep(30, 1_000), RampStep(*near)), Money(70_000, "CNY"))

        Ramp((RampStep(30, 1_000), RampStep(29, 1_001)), Money(70_000, "CNY"))

    def test_refuses_a_ramp_whose_most_is_below_the_subsidy(self):
        ramp = Ramp((RampStep(7, 1_000),), Money(500, "CNY"))

        with pytest.raises(RampBelowSubsidy):
            an_offer(subsidy=Money(501, "CNY"), ramp=ramp).open(at=NOW)

        an_offer(subsidy=Money(500, "CNY"), ramp=ramp).open(at=NOW)

    def test_refuses_a_cap_below_the_most_of_its_ramp(self):
        ramp = Ramp((RampStep(7, 1_000),), Money(600, "CNY"))

        with pytest.raises(CapTooSmall):
            an_offer(subsidy=Money(500, "CNY"), total_cap=Money(599, "CNY"), ramp=ramp).open(
                at=NOW
            )

    def test_refuses_a_most_in_another_currency(self):
        with pytest.raises(CurrencyMismatch):
            an_offer(ramp=Ramp((RampStep(7, 1_000),), Money(70_000, "USD"))).open(at=NOW)

    def test_announces_what_one_host_and_one_period_get_at_most(self):
        offer = an_offer(
            most_per_host=Money(100_000, "CNY"),
            most_per_period=PeriodLimit(Money(200_000, "CNY"), 30),
        )

        (fact,) = offer.open(at=NOW).events

        assert fact.most_per_host == Money(100_000, "CNY")
        assert (fact.most_per_period, fact.period_days) == (Money(200_000, "CNY"), 30)

    @pytest.mark.parametrize(
        "limit",
        [
            lambda most: {"most_per_host": most},
            lambda most: {"most_per_period": PeriodLimit(most, 7)},
        ],
    )
    def test_refuses_a_limit_that_does_not_pay_for_one_gathering(self, limit):
        subsidy = Money(500, "CNY")
        an_offer(subsidy=subsidy, **limit(subsidy)).open(at=NOW)

        with pytest.raises(LimitTooSmall):
            an_offer(subsidy=subsidy, **limit(Money(499, "CNY"))).open(at=NOW)
        with pytest.raises(CurrencyMismatch):
            an_offer(subsidy=subsidy, **limit(Money(500, "USD"))).open(at=NOW)

    def test_announces_who_may_have_it(self):
        clause = Clause("big", "community_size >= 50", "At least 50 people.", "至少五十人。")

        (fact,) = an_offer(eligibility=(clause,)).open(at=NOW).events

        assert fact.eligibility == (clause,)

    def test_refuses_a_condition_that_cannot_be_used_and_names_it(self):
        fine = Clause("big", "community_size >= 50", "At least 50 people.", "至少五十人。")
        wrong = Clause("odd", "hair_colour == 'red'", "Red hair.", "红发。")

        with pytest.raises(EligibilityInvalid) as refused:
            an_offer(eligibility=(fine, wrong)).open(at=NOW)

        assert refused.value.members == {"clause": "odd", "problem": "condition-name"}

    @pytest.mark.parametrize("closes_at", [NOW, NOW - timedelta(days=2)])
    def test_refuses_an_end_that_has_come(self, closes_at):
        with pytest.raises(OfferEndsTooSoon):
            an_offer(closes_at=closes_at).open(at=NOW)

    def test_begins_at_once_unless_told_otherwise(self):
        command = OpenOffer(
            brand_id=BRAND,
            subsidy=Money(1, "CNY"),
            min_checked_in=1,
            total_cap=Money(1, "CNY"),
            terms=some_terms(),
            closes_at=NOW + timedelta(days=1),
        )

        offer = open_offer(command, offers=FakeOffers(), ids=an_id, now=NOW)

        assert offer.is_open(NOW)
        assert not offer.is_open(NOW + timedelta(days=1))

    def test_may_begin_later(self):
        offer = an_offer(opens_at=NOW + timedelta(days=1))

        assert not offer.is_open(NOW)
        assert offer.is_open(NOW + timedelta(days=1))


class TestClose:
    def test_ends_the_brands_own_offer(self):
        offer = an_offer()
        offers = FakeOffers(offer)

        closed = close_offer(CloseOffer(offer_id=offer.id, brand_id=BRAND), offers=offers, now=NOW)

        assert closed.closed is OfferEnd.WITHDRAWN
        assert [fact.reason for fact in offers.events] == ["withdrawn"]

    def test_happens_once(self):
        closed = an_offer(closed=OfferEnd.WITHDRAWN)

        with pytest.raises(OfferNotOpen):
            closed.close(OfferEnd.WITHDRAWN, at=NOW)

    def test_knows_no_offer_of_another_brand(self):
        offer = an_offer()
        offers = FakeOffers(offer)

        with pytest.raises(OfferNotFound):
            close_offer(
                CloseOffer(offer_id=offer.id, brand_id=OTHER_BRAND), offers=offers, now=NOW
            )

        assert offers.get(offer.id) == offer

    def test_comes_by_itself_at_the_closing_time(self):
        due, later = an_offer(closes_at=NOW), an_offer()
        offers = FakeOffers(due, later)

        assert close_due_offers(offers=offers, now=NOW) == 1
        assert close_due_offers(offers=offers, now=NOW) == 0
        assert offers.get(due.id).closed is OfferEnd.CLOSING_TIME
        assert offers.get(later.id).closed is None
