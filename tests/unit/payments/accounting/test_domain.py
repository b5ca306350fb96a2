"""What is owed, by age: the newest money that came in is what is still there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.payments.accounting.domain import aged, band_of
from services.payments.accounting.engine.beancount import name_of
from tests.builders.payments import NOW


def days_ago(*received):
    return [(NOW - timedelta(days=days), minor) for days, minor in received]


class TestAgeing:
    @pytest.mark.parametrize(
        ("days", "band"), [(0, 0), (7, 0), (8, 1), (30, 1), (31, 2), (90, 3), (91, 4), (999, 4)]
    )
    def test_puts_each_age_into_one_band(self, days, band):
        assert band_of(days) == band

    def test_takes_what_came_first_to_have_gone_out_first(self):
        owed = aged("a", "CNY", 150, days_ago((1, 100), (40, 70), (100, 500)), NOW)

        assert owed.bands == (100, 0, 50, 0, 0)
        assert owed.oldest_days == 40

    def test_always_adds_up_to_the_balance(self):
        owed = aged("a", "CNY", 1_000, days_ago((3, 1), (65, 30)), NOW)

        assert sum(owed.bands) == owed.minor == 1_000

    def test_reads_no_more_than_it_needs(self):
        def received():
            yield NOW, 10
            yield NOW, 10
            raise AssertionError("read on")

        assert aged("a", "CNY", 10, received(), NOW).bands[0] == 10


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("external:provider", "Assets:External:PROVIDER:CNY"),
        ("platform:fees", "Income:Platform:FEES:CNY"),
        ("platform:returns", "Liabilities:Platform:RETURNS:CNY"),
        ("org:org_01ab:pending", "Liabilities:Org:01AB:PENDING:CNY"),
        ("cause:tea-for-all", "Liabilities:Cause:TEA-FOR-ALL:CNY"),
    ],
)
def test_every_account_has_a_name_that_beancount_takes(path, name):
    assert name_of((path, "CNY")) == name
