"""Disputes on invoices: what is lost is credited, and what was won is charged."""

from __future__ import annotations

from tests.builders.payments import BRAND, HOST
from tests.integration.payments.house import an_evening, settle
from tests.integration.payments.invoices.month import by_pair
from tests.integration.payments.test_disputes import Stage


def charged(month, period):
    """What each party charged the host in a month."""
    found = by_pair(month.invoices(period=period))
    return {issuer: one["total"]["minor"] for (issuer, host), one in found.items() if host == HOST}


class TestADispute:
    def test_lost_is_credited_as_a_refund_would_be(self, month):
        evening = an_evening(month)
        settle(month, evening)
        month.end()
        stage = Stage(month, evening)
        stage.rule(stage.open(), "lost")
        month.end()

        assert charged(month, "2026-03")[BRAND] == 300_000
        assert charged(month, "2026-05")[BRAND] == -18_750

    def test_held_before_the_settlement_and_won_after_it_is_charged_then(self, month):
        evening = an_evening(month)
        stage = Stage(month, evening)
        reference = stage.open()
        settle(month, evening)
        month.end()
        assert charged(month, "2026-03")[BRAND] == 300_000 - 18_750

        stage.rule(reference, "won")
        month.end()

        assert charged(month, "2026-05")[BRAND] == 18_750

    def test_that_was_won_charges_nothing_where_all_of_it_was_charged_before(self, month):
        evening = an_evening(month)
        settle(month, evening)
        stage = Stage(month, evening)
        stage.rule(stage.open(), "won")
        month.end()

        assert charged(month, "2026-03")[BRAND] == 300_000
