"""Naming rights: 100,000 yuan over 100 gatherings, earned one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.money import Money
from services.payments.naming.domain import (
    NamingState,
    NamingTermsInvalid,
    NotOpenForThat,
    NotTheirsToAccept,
    PriceExceeded,
    propose,
)
from tests.builders.payments import BRAND, HOST, NOW, an_id, naming_rights, yuan


def earn(rights, times):
    """Let so many gatherings earn; answer the package and what each earned."""
    earned = []
    for _ in range(times):
        decision, earning = rights.earn(an_id("gth"), at=NOW)
        rights = decision.state
        earned.append(earning)
    return rights, earned


class TestEarn:
    def test_pays_the_hundredth_part_to_host_and_platform(self):
        _, (earning,) = earn(naming_rights(), 1)

        assert earning.amount == yuan(1000)
        assert (earning.host_share, earning.platform_share) == (yuan(900), yuan(100))

    @given(
        price=st.integers(1, 10**9),
        gatherings=st.integers(1, 60),
        held=st.integers(0, 60),
        host=st.integers(0, 10_000),
    )
    def test_loses_no_fen_over_any_number_of_gatherings(self, price, gatherings, held, host):
        held = min(held, gatherings)
        terms = {"host": host, "platform": 10_000 - host}
        package = naming_rights(price=Money(price, "CNY"), gatherings=gatherings, terms=terms)

        rights, earned = earn(package, held)

        paid = sum(part.host_share.minor + part.platform_share.minor for part in earned)
        assert paid + rights.unearned.minor == price
        assert paid == price * held // gatherings
        exact = paid * host
        assert abs(sum(part.host_share.minor for part in earned) * 10_000 - exact) < 10_000

    def test_ends_after_the_last_gathering(self):
        rights, _ = earn(naming_rights(gatherings=2), 2)

        assert rights.unearned == yuan(0)
        with pytest.raises(NotOpenForThat):
            rights.earn(an_id("gth"), at=NOW)

    def test_needs_the_whole_price_first(self):
        with pytest.raises(NotOpenForThat):
            naming_rights(booked=yuan(99_999)).earn(an_id("gth"), at=NOW)


class TestAccept:
    def test_is_for_the_host_it_was_proposed_to(self):
        proposed = naming_rights(state=NamingState.PROPOSED)

        with pytest.raises(NotTheirsToAccept):
            proposed.accept(BRAND, at=NOW)

        accepted, (sold,), _ = proposed.accept(HOST, at=NOW)
        assert accepted.state is NamingState.ACCEPTED
        assert sold.price == yuan(100_000)

    def test_happens_once(self):
        with pytest.raises(NotOpenForThat):
            naming_rights().accept(HOST, at=NOW)


class TestExpect:
    def test_takes_no_more_than_the_price(self):
        rights = naming_rights(expected=yuan(99_000))

        with pytest.raises(PriceExceeded):
            rights.expect(yuan(1000.01))

        assert rights.expect(yuan(1000)).state.expected == yuan(100_000)


class TestEnd:
    def test_returns_what_was_not_earned_to_the_fen(self):
        rights, _ = earn(naming_rights(price=Money(1000, "CNY"), gatherings=3), 1)

        ending = rights.begin_end().state

        assert ending.unearned == Money(667, "CNY")
        (entry,) = ending.return_entries()
        assert entry.legs[1].minor == -entry.legs[0].minor == 667
        assert ending.end(at=NOW).events[0].returned == Money(667, "CNY")

    def test_stops_the_earning_at_once(self):
        ending = naming_rights().begin_end().state

        with pytest.raises(NotOpenForThat):
            ending.earn(an_id("gth"), at=NOW)


class TestReserve:
    def test_keeps_a_part_for_a_planned_gathering_though_the_brand_ends_the_package(self):
        gathering = an_id("gth")
        ending = naming_rights().reserve(gathering, [HOST]).begin_end().state

        decision, earning = ending.earn(gathering, at=NOW)

        assert earning.amount == yuan(1000)
        with pytest.raises(NotOpenForThat):
            decision.state.earn(gathering, at=NOW)
        with pytest.raises(NotOpenForThat):
            ending.earn(an_id("gth"), at=NOW)

    def test_is_of_parts_that_are_left_and_of_its_host_only(self):
        first, second = an_id("gth"), an_id("gth")
        rights = naming_rights(gatherings=1).reserve(first, [HOST])

        assert rights.reserve(first, [HOST]) is rights
        assert rights.reserve(second, [HOST]) is rights
        assert not rights.may_earn(second)
        assert naming_rights().reserve(first, [BRAND]).reserved == ()

    def test_promises_nothing_of_a_package_that_is_ended_before_it_is_paid(self):
        gathering = an_id("gth")
        rights = naming_rights(expected=yuan(10), booked=yuan(10)).reserve(gathering, [HOST])

        ending = rights.begin_end().state

        assert (ending.is_over, ending.returned) == (True, yuan(10))
        assert not ending.may_earn(gathering)

    @given(
        price=st.integers(1, 10**9),
        gatherings=st.integers(1, 30),
        before=st.integers(0, 30),
        held=st.lists(st.booleans(), max_size=30),
    )
    def test_gives_each_fen_to_those_who_earned_it_or_back(self, price, gatherings, before, held):
        package = naming_rights(price=Money(price, "CNY"), gatherings=gatherings)
        rights, _ = earn(package, min(before, gatherings))
        planned = {an_id("gth"): is_held for is_held in held}
        for gathering in planned:
            rights = rights.reserve(gathering, [HOST])
        rights = rights.begin_end().state
        entries = {each.id: each for each in rights.return_entries()}

        for gathering in rights.reserved:
            assert not rights.is_over
            if planned[gathering]:
                rights = rights.earn(gathering, at=NOW)[0].state
            rights = rights.let_go(gathering)
            for each in rights.return_entries():
                assert entries.setdefault(each.id, each) == each

        assert rights.is_over
        returned = sum(entry.legs[1].minor for entry in entries.values())
        assert returned + rights.earned_amount.minor == price
        assert rights.end(at=NOW).events[0].returned.minor == returned


class TestPropose:
    @pytest.mark.parametrize(
        "terms",
        [{"host": 9000}, {"host": 9000, "platform": 999}, {"host": 11_000, "platform": -1000}],
    )
    def test_refuses_terms_that_do_not_add_up(self, terms):
        with pytest.raises(NamingTermsInvalid):
            propose(
                naming_rights_id=an_id("nam"),
                brand_id=BRAND,
                host_id=HOST,
                price=yuan(1),
                gatherings=1,
                terms=terms,
            )
