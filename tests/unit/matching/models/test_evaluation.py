"""What another policy would have earned, on logs of which the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from services.matching.models.engine.evaluation import CLIP, Log, evaluate

ACTIONS = 4
TRUTH = np.array([[0.1, 0.2, 0.3, 0.8], [0.7, 0.3, 0.2, 0.1]])
"""The chance of a reward of each of four choices, in two situations."""
LOGGING = np.array([[0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]])
BETTER = np.array([[0.05, 0.05, 0.1, 0.8], [0.7, 0.2, 0.05, 0.05]])
VALUE = float((BETTER * TRUTH).sum(axis=1).mean())


def a_log(seed, *, rows=600, target=BETTER, model=TRUTH, logging=LOGGING):
    """Choices drawn under the logging policy, two of each unit, and a model of their reward."""
    chance = np.random.default_rng(seed)
    situation = chance.integers(2, size=rows)
    drawn = chance.random(rows)[:, None]
    choice = (drawn > logging[situation].cumsum(axis=1)).sum(axis=1).clip(max=ACTIONS - 1)
    return Log(
        unit=np.arange(rows) // 2,
        reward=(chance.random(rows) < TRUTH[situation, choice]).astype(float),
        logged=logging[situation, choice],
        target=target[situation, choice],
        expected=model[situation, choice],
        expected_target=(target * model)[situation].sum(axis=1),
        attention=np.ones(rows),
    )


def many(figure, **options):
    """The intervals of one figure over many logs."""
    found = [evaluate([a_log(seed, **options)], seed=seed, rounds=200) for seed in range(100)]
    return [getattr(estimates, figure) for estimates in found]


class TestEachEstimate:
    @pytest.mark.parametrize("figure", ["ips", "snips", "dr"])
    def test_is_of_what_the_policy_would_truly_earn(self, figure):
        intervals = many(figure)

        estimates = [interval.estimate for interval in intervals]
        error = np.std(estimates) / np.sqrt(len(estimates))
        assert np.mean(estimates) == pytest.approx(VALUE, abs=3 * error)

    @pytest.mark.parametrize("figure", ["ips", "snips", "dr"])
    def test_has_the_truth_within_its_interval_as_often_as_it_says(self, figure):
        held = [each.lower <= VALUE <= each.upper for each in many(figure)]

        assert np.mean(held) >= 0.88

    def test_of_what_was_earned_needs_no_weights(self):
        log = a_log(1)

        assert evaluate([log], seed=1).earned.estimate == log.reward.mean()


class TestDoublyRobust:
    def test_is_right_with_a_wrong_model_of_the_reward(self):
        estimates = [each.estimate for each in many("dr", model=np.full_like(TRUTH, 0.5))]

        assert np.mean(estimates) == pytest.approx(VALUE, abs=0.02)

    def test_is_right_with_wrong_probabilities(self):
        """The log says it chose evenly, and did not."""
        logs = [a_log(seed)._replace(logged=np.full(600, 0.25)) for seed in range(100)]
        found = [evaluate([log], seed=1, rounds=50) for log in logs]

        assert np.mean([each.dr.estimate for each in found]) == pytest.approx(VALUE, abs=0.02)
        assert np.mean([each.ips.estimate for each in found]) != pytest.approx(VALUE, abs=0.05)

    def test_knows_more_than_weights_alone(self):
        wide, narrow = many("ips"), many("dr")

        assert np.median([each.upper - each.lower for each in narrow]) < np.median(
            [each.upper - each.lower for each in wide]
        )

    def test_tells_a_gain_from_a_loss(self):
        worse = BETTER[:, ::-1]

        gain, loss = (
            evaluate([a_log(3, target=target)], seed=3).gain for target in (BETTER, worse)
        )

        assert gain.lower > 0
        assert loss.upper < 0


class TestWeights:
    def test_of_the_same_policy_change_nothing(self):
        found = evaluate([a_log(1, target=LOGGING)], seed=1)

        assert found.ips.estimate == found.snips.estimate == found.earned.estimate
        assert found.effective == pytest.approx(600)

    def test_that_differ_are_worth_fewer_rows(self):
        assert 100 < evaluate([a_log(1)], seed=1).effective < 400

    def test_are_cut_and_it_is_told_how_many_were(self):
        rare = np.array([[0.97, 0.01, 0.01, 0.01]] * 2)

        found = evaluate([a_log(1, rows=6_000, logging=rare)], seed=1)

        assert 0.005 < found.clipped < 0.04
        assert a_log(1, logging=rare).weights.max() == CLIP

    def test_even_out_a_reward_that_everybody_has(self):
        log = a_log(1)._replace(reward=np.ones(600))

        assert evaluate([log], seed=1).snips == pytest.approx((1, 1, 1))


class TestIntervals:
    def test_are_the_same_for_the_same_seed_only(self):
        log = a_log(1)

        assert evaluate([log], seed=1) == evaluate([log], seed=1)
        assert evaluate([log], seed=1).dr != evaluate([log], seed=2).dr

    def test_are_wider_where_the_rows_of_a_unit_repeat_each_other(self):
        log = a_log(1)
        repeated = Log(*(np.repeat(column, 5) for column in log))
        alone = repeated._replace(unit=np.arange(3_000))

        together, apart = evaluate([repeated], seed=1).dr, evaluate([alone], seed=1).dr
        assert together.upper - together.lower > 1.8 * (apart.upper - apart.lower)

    def test_are_wider_where_probabilities_are_not_known_exactly(self):
        log = a_log(1)
        others = [log._replace(logged=log.logged * factor) for factor in (0.7, 1.4)]

        sure, unsure = evaluate([log], seed=1).ips, evaluate([log, *others], seed=1).ips
        assert unsure.estimate == sure.estimate
        assert unsure.upper - unsure.lower > 1.5 * (sure.upper - sure.lower)


class TestRefusals:
    def test_of_an_empty_log(self):
        nothing = Log(*(column[:0] for column in a_log(1)))

        with pytest.raises(ValueError, match="nothing was logged"):
            evaluate([nothing], seed=1)

    def test_of_choices_that_could_not_have_been(self):
        with pytest.raises(ValueError, match="no probability"):
            evaluate([a_log(1)._replace(logged=np.zeros(600))], seed=1)
