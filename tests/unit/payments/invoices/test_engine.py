"""Months by the clock of the market, and rates of tax by region and day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.payments.invoices.engine.periods import following, last_day, period_of
from services.payments.invoices.engine.rates import rate_on, rates_of

ZONE = ZoneInfo("Asia/Shanghai")
RATES = rates_of("CN 2016-05-01 600; CN 2027-01-01 500;HK 1997-07-01 0")


class TestPeriod:
    def test_begins_at_midnight_of_the_market_and_not_of_utc(self):
        assert period_of(datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC), ZONE) == "2026-03"
        assert period_of(datetime(2026, 3, 31, 16, tzinfo=UTC), ZONE) == "2026-04"

    @pytest.mark.parametrize(
        ("period", "last", "after"),
        [
            ("2026-12", date(2026, 12, 31), "2027-01"),
            ("2028-02", date(2028, 2, 29), "2028-03"),
            ("2026-02", date(2026, 2, 28), "2026-03"),
            ("2026-04", date(2026, 4, 30), "2026-05"),
        ],
    )
    def test_ends_with_its_last_day_before_the_next(self, period, last, after):
        assert (last_day(period), following(period)) == (last, after)


class TestRates:
    @pytest.mark.parametrize(
        ("region", "day", "basis_points"),
        [
            ("CN", date(2026, 9, 30), 600),
            ("CN", date(2026, 12, 31), 600),
            ("CN", date(2027, 1, 1), 500),
            ("CN", date(2015, 1, 1), 0),
            ("HK", date(2026, 9, 30), 0),
            ("FR", date(2026, 9, 30), 0),
        ],
    )
    def test_go_by_region_and_day(self, region, day, basis_points):
        assert rate_on(RATES, region, day) == basis_points

    @pytest.mark.parametrize(
        "text",
        [
            "CN 600",
            "CN 2016-05-01 6%",
            "CN 2016-13-01 600",
            "CN 2016-05-01 10001",
            "CN 2016-05-01 -1",
        ],
    )
    def test_that_cannot_be_read_are_refused(self, text):
        with pytest.raises(ValueError, match="no rate of tax"):
            rates_of(text)

    def test_may_be_none_at_all(self):
        assert rate_on(rates_of(" "), "CN", date(2026, 9, 30)) == 0
