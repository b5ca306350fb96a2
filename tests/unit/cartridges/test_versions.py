"""Semantic versions and ranges of them."""

from __future__ import annotations

import pytest

from cartridges.versions import can_hold, supports, version_of


class TestVersions:
    def test_come_in_the_order_of_the_standard(self):
        order = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"]
        order += ["1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0"]

        assert sorted(set(order), key=version_of) == order


class TestRanges:
    @pytest.mark.parametrize(
        ("wanted", "version", "held"),
        [
            (">=1.0.0 <2.0.0", "1.0.0", True),
            (">=1.0.0 <2.0.0", "1.99.0", True),
            (">=1.0.0 <2.0.0", "2.0.0", False),
            (">1.0.0", "1.0.0", False),
            ("<=1.0.0", "1.0.0", True),
            ("=1.2.3", "1.2.4", False),
        ],
    )
    def test_hold_a_version_or_not(self, wanted, version, held):
        assert supports(wanted, version) is held

    @pytest.mark.parametrize(
        ("wanted", "possible"),
        [
            (">=2.0.0 <1.0.0", False),
            ("<0.0.0", False),
            (">1.0.0 <1.0.1", False),
            (">1.0.0 <1.0.2", True),
            ("<1.0.0", True),
            ("=1.0.0 =1.0.1", False),
        ],
    )
    def test_can_be_empty(self, wanted, possible):
        assert can_hold(wanted) is possible
