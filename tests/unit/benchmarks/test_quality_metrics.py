"""What is measured of lists is what the literature says it is."""

import math

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from benchmarks.quality.metrics import best, exposures, interval, ndcg


class TestNdcg:
    def test_is_one_for_what_was_wanted_in_the_first_places(self):
        assert ndcg(np.array([[2, 0, 1]]), csr_matrix([[1, 0, 1, 0]])) == pytest.approx([1.0])

    def test_pays_less_for_a_later_place(self):
        found = ndcg(np.array([[0, 1, 2]]), csr_matrix([[0, 1, 0, 1]]))

        by_hand = (1 / math.log2(3)) / (1 / math.log2(2) + 1 / math.log2(3))
        assert found == pytest.approx([by_hand])

    def test_asks_no_more_of_a_list_than_its_places(self):
        found = ndcg(np.array([[0, 3]]), csr_matrix([[1, 1, 1, 0]]))

        by_hand = 1 / (1 + 1 / math.log2(3))
        assert found == pytest.approx([by_hand])

    def test_leaves_out_who_wanted_nothing(self):
        found = ndcg(np.array([[0], [1], [0]]), csr_matrix([[1, 0], [0, 0], [0, 5]]))

        assert found == pytest.approx([1.0, 0.0])


class TestBest:
    def test_is_the_order_of_the_scores(self):
        scores = np.random.default_rng(1).random((20, 50)).astype(np.float32)

        assert (best(scores, 7) == np.argsort(-scores, axis=1)[:, :7]).all()

    def test_prefers_the_earlier_of_equals(self):
        assert best(np.array([[1.0, 2.0, 2.0, 2.0, 0.0]]), 2).tolist() == [[1, 2]]

    def test_lists_all_where_there_are_few(self):
        assert best(np.array([[1, 3, 2]]), 10).tolist() == [[1, 2, 0]]


class TestInterval:
    def test_is_as_wide_as_the_normal_one_for_many_values(self):
        values = np.random.default_rng(2).normal(1.0, 2.0, 4_000)

        found = interval(values)

        half = 1.96 * values.std() / math.sqrt(len(values))
        assert found.mean == pytest.approx(values.mean())
        assert found.high - found.low == pytest.approx(2 * half, rel=0.1)

    def test_is_the_same_for_the_same_values(self):
        values = np.arange(30.0)

        assert interval(values) == interval(values)

    def test_has_no_width_where_all_are_alike(self):
        found = interval(np.full(10, 0.25))

        assert (found.low, found.mean, found.high) == (0.25, 0.25, 0.25)


def test_exposures_count_the_places_of_each_brand():
    brand_of = np.array([0, 0, 1, 3])

    assert exposures(np.array([[0, 2], [1, 0]]), brand_of, 4).tolist() == [3, 1, 0, 0]
