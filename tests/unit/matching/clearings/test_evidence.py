"""A reserve is kept only where holds and prices of before have proven right enough."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from services.matching.clearings.domain import Doubt, doubts_of, evidence_of, least_score
from services.matching.holds.domain import EndedHold

PRICES = {f"lot_{number}": 100_000 for number in range(40)}
AS_BEFORE = dict(PRICES)


def holds(claimed, *, hosts=400, each=3, seed=1):
    """Holds worth 0.1 to 0.9 points; ``claimed`` says how often one of such a value is."""
    chance = random.Random(seed)
    values = [chance.randint(100, 900) for _ in range(hosts * each)]
    return [
        EndedHold(f"org_{number % hosts}", value, chance.random() < claimed(value / 1_000))
        for number, value in enumerate(values)
    ]


def evidence(ended, found=AS_BEFORE):
    return evidence_of("built-in", ended, counted=PRICES, found=found)


class TestTakeUp:
    def test_is_right_where_what_is_worth_twice_as_much_is_claimed_twice_as_often(self):
        taken = evidence(holds(lambda value: 0.8 * value)).take_up

        assert (taken.holds, taken.hosts) == (1_200, 400)
        assert taken.error < taken.bound < 0.2
        assert [group.holds for group in taken.groups] == [240] * 5
        assert [group.value for group in taken.groups] == sorted(g.value for g in taken.groups)
        for group in taken.groups:
            assert group.claimed == pytest.approx(group.expected, abs=0.12)

    def test_is_off_where_a_value_says_nothing(self):
        taken = evidence(holds(lambda _: 0.5)).take_up

        # Of fifths around 0.18 to 0.82 points, half are claimed of each.
        assert taken.error == pytest.approx(0.38, abs=0.06)
        assert taken.error < taken.bound

    def test_counts_what_one_host_does_once(self):
        """Her holds tell less than those of as many hosts, so less is certain."""
        alone = evidence(holds(lambda value: value, hosts=60, each=1)).take_up
        same = [each for each in holds(lambda value: value, hosts=60, each=1) for _ in range(20)]

        assert evidence(same).take_up.bound == pytest.approx(alone.bound, abs=0.05)
        assert (
            evidence(holds(lambda value: value, hosts=1_200, each=1)).take_up.bound < alone.bound
        )

    def test_is_the_same_for_the_same_holds(self):
        ended = holds(lambda value: value)

        assert evidence(ended) == evidence(ended)

    def test_is_unknown_where_nothing_was_claimed(self):
        taken = evidence(holds(lambda _: 0)).take_up

        assert (taken.holds, taken.claimed, taken.error) == (1_200, 0, None)

    def test_of_nobody_is_nothing(self):
        taken = evidence([]).take_up

        assert (taken.holds, taken.hosts, taken.error, taken.groups) == (0, 0, None, ())


class TestAReserve:
    def test_is_a_fifth_where_values_are_right_and_a_third_where_they_are_less_so(self):
        sure = evidence(holds(lambda value: value, hosts=4_000))
        flatter = evidence(holds(lambda value: 0.2 + 0.6 * value, hosts=4_000))

        assert (sure.doubts, sure.reserve) == ((), 2_000)
        assert 0.10 < flatter.take_up.bound <= 0.25
        assert (flatter.doubts, flatter.reserve) == ((), 3_333)

    def test_is_none_where_too_few_hosts_had_holds(self):
        found = evidence(holds(lambda value: value, hosts=49, each=60))

        assert (found.doubts, found.reserve) == ((Doubt.TOO_FEW_HOLDS,), None)

    def test_is_none_where_values_foretold_too_little(self):
        found = evidence(holds(lambda _: 0.5))

        assert (found.doubts, found.reserve) == ((Doubt.VALUES_OFF,), None)
        assert "may differ by" in doubts_of(found).english

    def test_is_none_where_values_are_too_alike_to_foretell_anything(self):
        alike = [each._replace(value=560 + each.value // 10) for each in holds(lambda _: 0.6)]

        found = evidence(alike)

        assert found.take_up.bound < 0.10
        assert (found.doubts, found.reserve) == ((Doubt.VALUES_OFF,), None)

    def test_is_none_where_nothing_was_claimed(self):
        found = evidence(holds(lambda _: 0))

        assert (found.doubts, found.reserve) == ((Doubt.NOTHING_CLAIMED,), None)

    def test_is_there_where_all_is_just_enough(self):
        prices = {lot_id: PRICES[lot_id] for lot_id in list(PRICES)[:30]}
        usual = evidence(holds(lambda value: value, hosts=50, each=400), prices)
        take_up = usual.take_up

        def kept(**changes):
            return replace(usual, take_up=replace(take_up, blind=1.0, **changes)).reserve

        assert (usual.prices, take_up.hosts, usual.doubts) == (30, 50, ())
        assert [kept(bound=bound) for bound in (0.10, 0.101, 0.25, 0.251)] == [
            2_000,
            3_333,
            3_333,
            None,
        ]
        assert replace(usual, prices_off=0.2).doubts == ()

    def test_is_none_where_too_few_lots_have_two_prices(self):
        few = {lot_id: PRICES[lot_id] for lot_id in list(PRICES)[:29]}

        found = evidence(holds(lambda value: value), few)

        assert (found.prices, found.doubts) == (29, (Doubt.TOO_FEW_PRICES,))

    def test_is_none_where_prices_moved_too_far(self):
        dearer = dict.fromkeys(PRICES, 121000)

        found = evidence(holds(lambda value: value), dearer)

        assert found.prices_off == pytest.approx(0.21)
        assert (found.doubts, found.reserve) == ((Doubt.PRICES_OFF,), None)

    def test_names_all_that_speaks_against_it_in_both_languages(self):
        found = evidence_of("built-in", [], counted={}, found={})

        words = doubts_of(found)
        assert found.doubts == (Doubt.TOO_FEW_HOLDS, Doubt.TOO_FEW_PRICES)
        assert words.english == (
            "it takes ended holds of 50 hosts, and there are those of 0; "
            "it takes 30 lots with a shadow price of 5 days ago or more, and there are 0"
        )
        assert words.chinese == (
            "需有至少 50 位主理人的预留到期，目前为 0 位；"
            "需有至少 30 个批次有 5 天前或更早的影子价格，目前为 0 个"
        )

    def test_lists_what_is_dearer_than_its_value_by_no_more(self):
        # Worth 500,000 before its demand of 600,000: dearer by a fifth.
        assert least_score(600_000, 2_000) == 500_000 - 600_000
        assert least_score(600_000, 0) == 0
        assert (least_score(5, 2_000), least_score(6, 2_000)) == (0, -1)
