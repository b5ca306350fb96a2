"""An installation says whose rate of tax is in its fee, or does not start."""

from __future__ import annotations

import pytest

from chassis.settings import SettingsError
from services.payments.settings import PaymentsSettings
from services.payments.wiring import clerk_of


def tariff(**knobs):
    return clerk_of(PaymentsSettings(service="payments", **knobs)).tariff


class TestTariff:
    def test_is_six_per_cent_of_the_platform_s_fee_alone_unless_said_otherwise(self):
        assert tariff().basis_points("platform", "2026-03") == 600
        assert tariff().basis_points("org_brand", "2026-03") == 0

    def test_goes_by_the_last_day_of_the_month(self):
        rates = "CN 2016-05-01 600; CN 2026-03-31 900"

        assert tariff(tax_rates=rates).basis_points("platform", "2026-02") == 600
        assert tariff(tax_rates=rates).basis_points("platform", "2026-03") == 900

    def test_may_be_no_tax_at_all_where_the_region_has_none(self):
        found = tariff(tax_rates="HK 1997-07-01 0", tax_region="HK")

        assert found.basis_points("platform", "2026-03") == 0

    @pytest.mark.parametrize(
        "knobs", [{"tax_rates": "CN 6%"}, {"tax_rates": ""}, {"tax_region": "FR"}]
    )
    def test_that_leaves_the_tax_open_starts_nothing(self, knobs):
        with pytest.raises(SettingsError, match="PAYMENTS_TAX_RATES"):
            tariff(**knobs)
