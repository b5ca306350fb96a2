"""From when a share may be paid out, and what a refund takes until then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.payments.releases.domain import TERMS, Source, release, terms_at
from services.payments.releases.use_cases import keep_waiting, take_back
from tests.builders.payments import BRAND, HOST, NOW, FakePendingShares, an_id, yuan


class TestTerms:
    @pytest.mark.parametrize(
        ("settled", "available"),
        [
            (datetime(2026, 3, 1, 15, 59, tzinfo=UTC), datetime(2026, 3, 8, 16, tzinfo=UTC)),
            (datetime(2026, 3, 1, 16, 1, tzinfo=UTC), datetime(2026, 3, 9, 16, tzinfo=UTC)),
        ],
    )
    def test_free_a_share_at_the_chinese_midnight_after_the_window(self, settled, available):
        assert TERMS[0].available_at(settled) == available

    def test_of_an_old_contract_are_the_first_there_were(self):
        assert terms_at(datetime(2020, 1, 1, tzinfo=UTC)) is TERMS[0]


class TestShares:
    def test_are_remembered_once_and_given_back_by_refunds(self):
        shares, settlement = FakePendingShares(KeyError), an_id("stl")
        for _ in range(2):
            keep_waiting(
                settlement,
                {HOST: yuan(10), BRAND: yuan(5)},
                terms=TERMS[0],
                shares=shares,
                now=NOW,
            )

        accounts = take_back({Source(settlement, HOST): 300}, shares=shares)

        assert accounts == {Source(settlement, HOST).share_id: f"org:{HOST}:pending"}
        left = {each.organization_id: each.amount for each in shares.by_id.values()}
        assert left == {HOST: yuan(7), BRAND: yuan(5)}

    def test_that_were_released_are_given_back_from_what_may_be_paid_out(self):
        shares, settlement = FakePendingShares(KeyError), an_id("stl")
        keep_waiting(settlement, {HOST: yuan(10)}, terms=TERMS[0], shares=shares, now=NOW)
        own = shares.by_id[Source(settlement, HOST).share_id]
        _, freed = release([own], now=NOW)
        shares.save(freed)

        accounts = take_back({Source(settlement, HOST): 300}, shares=shares)

        assert accounts == {Source(settlement, HOST).share_id: f"org:{HOST}:available"}
        assert shares.by_id[own.id].amount == yuan(10)

    def test_that_lack_what_is_taken_back_stay_and_become_a_debt(self):
        shares, settlement = FakePendingShares(KeyError), an_id("stl")
        keep_waiting(settlement, {HOST: yuan(10)}, terms=TERMS[0], shares=shares, now=NOW)

        accounts = take_back({Source(settlement, HOST): 1_001}, shares=shares)

        assert accounts == {Source(settlement, HOST).share_id: f"org:{HOST}:debt"}
        (own,) = shares.by_id.values()
        assert own.amount == yuan(10)

    def test_come_together_in_one_release_whose_id_is_always_the_same(self):
        shares, settlements = FakePendingShares(KeyError), [an_id("stl"), an_id("stl")]
        for settlement in settlements:
            keep_waiting(settlement, {HOST: yuan(10)}, terms=TERMS[0], shares=shares, now=NOW)
        waiting = list(shares.by_id.values())

        first, again = release(waiting, now=NOW), release(waiting[::-1], now=NOW)

        assert first == again
        assert (first[0].amount, first[0].shares) == (yuan(20), 2)

    def test_that_come_to_nothing_wait_on(self):
        shares = FakePendingShares(KeyError)
        keep_waiting(an_id("stl"), {HOST: yuan(1)}, terms=TERMS[0], shares=shares, now=NOW)
        (own,) = shares.by_id.values()

        assert release([replace(own, amount=yuan(0))], now=NOW) is None
