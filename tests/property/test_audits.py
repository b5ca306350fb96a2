"""Laws of audits: evenness has its bounds, and groups add up to the whole."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.audits.domain import Facts, Listing, Outcome, Window, audit
from services.matching.audits.engine.exposure import weight_of
from services.matching.audits.engine.groups import thirds
from services.matching.audits.engine.inequality import STEPS, gini, lorenz
from tests.builders.matching import NOW, an_id

AMOUNTS = st.lists(st.integers(0, 1_000_000), min_size=1, max_size=30)
NAMES = st.sampled_from([an_id("org", number) for number in range(1, 8)])
PLACES = st.dictionaries(st.integers(1, 10), st.integers(1, 5), max_size=3)
OUTCOMES = st.builds(
    Outcome,
    claims=st.integers(0, 5),
    packs=st.integers(0, 9),
    settled=st.integers(0, 3),
    subsidy=st.integers(0, 10**9),
)
FACTS = st.builds(
    Facts,
    listed=st.dictionaries(NAMES, st.builds(Listing, st.integers(1, 3), st.integers(1, 9))),
    founded=st.dictionaries(NAMES, st.integers(0, 400).map(lambda d: NOW - timedelta(days=d))),
    records=st.frozensets(NAMES),
    brand_places=st.dictionaries(NAMES, PLACES),
    host_places=st.dictionaries(NAMES, PLACES),
    host_pages=st.dictionaries(NAMES, st.integers(1, 5)),
    brand_outcomes=st.dictionaries(NAMES, OUTCOMES),
    host_outcomes=st.dictionaries(NAMES, OUTCOMES),
)


class TestGini:
    @given(AMOUNTS)
    def test_is_the_mean_difference_of_two_over_twice_the_mean(self, amounts):
        total, count = sum(amounts), len(amounts)
        apart = sum(abs(one - other) for one, other in product(amounts, amounts))

        expected = Fraction(apart, 2 * count * total) if total else 0

        assert gini(amounts) == pytest.approx(float(expected), abs=1e-12)
        assert 0 <= gini(amounts) <= 1 - 1 / count + 1e-12

    @given(AMOUNTS, st.integers(1, 1_000))
    def test_is_the_same_in_another_unit_and_in_any_order(self, amounts, unit):
        assert gini([unit * amount for amount in reversed(amounts)]) == gini(amounts)

    @given(st.integers(1, 1_000), st.integers(1, 30))
    def test_is_nothing_where_all_have_the_same(self, amount, count):
        assert gini([amount] * count) == 0

    @given(st.integers(2, 30))
    def test_is_highest_where_one_has_all(self, count):
        assert gini([0] * (count - 1) + [5]) == pytest.approx(1 - 1 / count)


class TestLorenz:
    @given(AMOUNTS)
    def test_rises_from_nothing_to_all_below_the_even_line_and_ever_steeper(self, amounts):
        curve = lorenz(amounts)

        assert (curve[0], curve[-1], len(curve)) == (0, 10_000, STEPS + 1)
        rises = [after - before for before, after in pairwise(curve)]
        assert all(held <= 10_000 * step // STEPS for step, held in enumerate(curve))
        # Each value is rounded down, so that a rise may be off by one.
        assert all(after >= before - 1 for before, after in pairwise(rises))


class TestExposure:
    @given(st.integers(1, 500))
    def test_falls_with_every_place_and_is_never_nothing(self, place):
        assert weight_of(1) == 1_000_000
        assert 0 < weight_of(place + 1) < weight_of(place)


class TestThirds:
    @given(st.dictionaries(NAMES, st.integers(0, 9)))
    def test_are_of_nearly_the_same_number_and_in_order(self, sizes):
        found = thirds(sizes)

        counts = [sum(third == each for third in found.values()) for each in range(3)]
        assert sum(counts) == len(sizes)
        assert max(counts) - min(counts) <= 1
        for one, other in product(found, found):
            assert found[one] <= found[other] or sizes[one] >= sizes[other]


class TestAudit:
    @given(FACTS)
    def test_adds_up_from_rows_over_groups_to_the_whole(self, facts):
        made = audit(an_id("aud"), Window(NOW - timedelta(days=7), NOW), facts, by="x", now=NOW)

        for side, figures in (("brand", made.brands), ("host", made.hosts)):
            rows = [row for row in made.rows if row.side == side]
            assert figures.total.parties == len(rows) == len({row.party_id for row in rows})
            for name in figures.total.__dataclass_fields__:
                groups = sum(getattr(group, name) for group in figures.groups.values())
                assert groups == getattr(figures.total, name)
            assert figures.total.subsidy == sum(row.subsidy for row in rows)
        told = facts.brand_outcomes.values()
        assert made.brands.total.claims == sum(outcome.claims for outcome in told)
        assert made.brands.total.places == sum(
            sum(places.values()) for places in facts.brand_places.values()
        )
        assert made.reachable_shown <= made.reachable == len(facts.listed)
