"""Laws of clearing, held against trying every choice there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.clearings.engine.certificate import (
    CertificateRefused,
    check_limits,
    objective_of,
)
from services.matching.clearings.engine.clear import Binding, Clearing, Policy, Rule, clear
from services.matching.clearings.engine.market import Bonuses, Market
from services.matching.clearings.engine.measures import blocking_pairs, envious_pairs
from tests.unit.matching.clearings.markets import a_market

# Each of these examples tries hundreds of choices.
FEWER = max(10, settings().max_examples // 2)
MOST_EDGES = 8
NEARLY = 1 + 1e-7

policies = st.builds(
    Policy,
    first_host_bonus=st.sampled_from([0, 3, 40]),
    first_brand_bonus=st.sampled_from([0, 3, 40]),
)


@st.composite
def markets(draw: st.DrawFn, *, money: bool) -> Market:
    """Up to four hosts, four lots, three brands and eight edges, with many ties."""
    hosts, lots, brands = (draw(st.integers(1, most)) for most in (4, 4, 3))
    pairs = [(host, lot) for host in range(hosts) for lot in range(lots)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=MOST_EDGES))

    def some(length: int, most: int) -> list[int]:
        return draw(st.lists(st.integers(0, most), min_size=length, max_size=length))

    return a_market(
        [(*pair, value) for pair, value in zip(edges, some(len(edges), 12), strict=True)],
        capacity=some(hosts, 3),
        units=some(lots, 3),
        brand_of=some(lots, brands - 1),
        cost=some(len(edges), 9),
        budget=some(brands, 20) if money else None,
        host_value=some(len(edges), 4),
        brand_value=some(len(edges), 4),
    )


def choices(market: Market) -> list[np.ndarray]:
    """Every choice within the limits."""
    numbers = range(market.edges)
    sets = chain.from_iterable(combinations(numbers, size) for size in range(market.edges + 1))
    return [
        chosen for chosen in (np.array(each, np.int64) for each in sets) if fits(market, chosen)
    ]


def fits(market: Market, chosen: np.ndarray) -> bool:
    try:
        check_limits(market, chosen)
    except CertificateRefused:
        return False
    return True


def best(market: Market, bonuses: Bonuses) -> int:
    return max(objective_of(market, chosen, bonuses) for chosen in choices(market))


def proven(market: Market, policy: Policy) -> Clearing:
    clearing = clear(market, policy)
    clearing.verify(market, policy)
    return clearing


@given(markets(money=False), policies)
def test_where_only_quantities_bind_a_clearing_is_the_best_and_proves_it(market, policy):
    clearing = proven(market, policy)

    assert clearing.objective == best(market, policy.bonuses)
    assert clearing.bound == clearing.objective
    assert clearing.gap == 0.0


@settings(max_examples=FEWER)
@given(markets(money=True), policies)
def test_under_budgets_the_best_lies_between_a_clearing_and_its_bound(market, policy):
    clearing = proven(market, policy)

    assert clearing.objective <= best(market, policy.bonuses) <= clearing.bound * NEARLY


@settings(max_examples=FEWER)
@given(markets(money=True), policies)
def test_equal_input_gives_equal_output(market, policy):
    once, again = clear(market, policy), clear(replace(market), policy)

    assert once.chosen.tolist() == again.chosen.tolist()
    assert once.reasons == again.reasons
    assert all(np.array_equal(*pair) for pair in zip(once.prices, again.prices, strict=True))


@settings(max_examples=FEWER)
@given(st.booleans().flatmap(lambda money: markets(money=money)), policies)
def test_nothing_that_would_pay_still_fits(market, policy):
    clearing = clear(market, policy)

    rest = np.setdiff1d(np.flatnonzero(market.value > 0), clearing.chosen)
    assert not any(fits(market, np.union1d(clearing.chosen, edge)) for edge in rest)


@given(markets(money=False))
def test_without_envy_no_pair_would_rather_have_each_other(market):
    clearing = proven(market, Policy(rule=Rule.NO_ENVY))

    assert blocking_pairs(market, clearing.chosen) == 0
    assert clearing.value <= clearing.bound


@given(markets(money=True))
def test_with_money_too_nobody_is_passed_over_for_somebody_liked_less(market):
    clearing = proven(market, Policy(rule=Rule.NO_ENVY))

    assert envious_pairs(market, clearing.chosen) == 0


@settings(max_examples=FEWER)
@given(markets(money=False))
def test_no_host_is_left_with_nothing_who_could_be_spared_it(market):
    worth_more_than_all_value = Policy(first_host_bonus=1_000)

    reached = len(set(market.edge_host[clear(market, worth_more_than_all_value).chosen].tolist()))

    assert reached == max(len(set(market.edge_host[each].tolist())) for each in choices(market))


@given(markets(money=True))
def test_a_reason_names_a_limit_with_a_price_or_nothing(market):
    clearing = clear(market, Policy())

    for edge, reason in zip(clearing.chosen, clearing.reasons, strict=True):
        host, lot = market.edge_host[edge], market.edge_lot[edge]
        if reason.bound_by is Binding.HOST_CAPACITY:
            assert clearing.host_price[host] > 0
        if reason.bound_by is Binding.LOT_UNITS:
            assert clearing.lot_price[lot] > 0
        if reason.bound_by is Binding.NOTHING:
            assert max(clearing.host_price[host], clearing.lot_price[lot]) <= 1e-6
        assert reason.others < np.count_nonzero(market.edge_lot == lot)


@given(st.data())
def test_a_tampered_clearing_is_refused(data):
    market = data.draw(markets(money=True).filter(lambda each: each.edges > 0))
    clearing = clear(market, Policy())
    lie = data.draw(
        st.sampled_from(
            [
                {"objective": clearing.objective + 1},
                {"bound": clearing.bound - 1},
                {"chosen": np.append(clearing.chosen, market.edges)},
                {"chosen": np.repeat(clearing.chosen, 2), "objective": 2 * clearing.objective}
                if len(clearing.chosen)
                else {"objective": 1},
                {"budget_price": clearing.budget_price - 1},
            ]
        )
    )

    with pytest.raises(CertificateRefused):
        replace(clearing, **lie).verify(market, Policy())
