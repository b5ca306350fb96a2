"""How unevenly a total is spread, by hand for a few."""

from __future__ import annotations

import pytest

from services.matching.audits.engine.inequality import gini


class TestGini:
    @pytest.mark.parametrize(
        ("amounts", "expected"),
        [
            ([], 0.0),
            ([0, 0], 0.0),
            ([3, 3, 3], 0.0),
            ([0, 0, 0, 8], 0.75),
            ([1, 3], 0.25),
            # Mean absolute difference 1.25 over twice the mean of 2.5, of the 16 ordered pairs.
            ([1, 2, 3, 4], 0.25),
            ([0] * 99 + [10], 0.99),
        ],
    )
    def test_tells_how_unevenly_a_total_is_spread(self, amounts, expected):
        assert gini(amounts) == pytest.approx(expected)
