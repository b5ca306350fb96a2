"""Many hosts want what is left at the same moment: exactly as many get it as there is."""

from __future__ import annotations

from collections import Counter

import pytest

from chassis.testing.patience import eventually

SUBSIDY_FEN = 100


def outcomes(decided):
    return Counter((claim.status, claim.code) for claim in decided)


def packs_free(market, maker, lot_id):
    return maker.party.get("catalog", f"/v1/lots/{lot_id}")["packs_free"]


def fund_left(market, maker):
    account = market.operator().get("payments", f"/v1/accounts/offer:{maker.offer_id}:fund")
    return sum(balance["available"]["minor"] for balance in account["balances"])


def assert_books_at_zero(market):
    assert {row["sum"]["minor"] for row in market.trial_balance()["currencies"]} == {0}


class TestLastPack:
    @pytest.mark.parametrize("run", [1, 2, 3])
    def test_goes_to_exactly_one_of_a_hundred(self, market, run):
        maker = market.maker(fund_fen=100 * SUBSIDY_FEN, subsidy_fen=SUBSIDY_FEN)
        lot_id, callers = market.lot(maker, packs=1), market.callers(10)

        decided = market.claim_all_at_once(callers, maker, lot_id, 100)

        assert outcomes(decided)["confirmed", ""] == 1
        assert sum(n for (status, _), n in outcomes(decided).items() if status == "rejected") == 99
        assert packs_free(market, maker, lot_id) == 0
        eventually(lambda: fund_left(market, maker) == 99 * SUBSIDY_FEN, within_seconds=10)
        assert_books_at_zero(market)


class TestHotLot:
    def test_gives_two_hundred_packs_to_exactly_two_hundred_of_three_hundred(self, market):
        maker = market.maker(fund_fen=300 * SUBSIDY_FEN, subsidy_fen=SUBSIDY_FEN)
        lot_id, callers = market.lot(maker, packs=200), market.callers(10)

        decided = market.claim_all_at_once(callers, maker, lot_id, 300)

        assert outcomes(decided)["confirmed", ""] == 200
        assert packs_free(market, maker, lot_id) == 0
        eventually(lambda: fund_left(market, maker) == 100 * SUBSIDY_FEN, within_seconds=10)
        assert_books_at_zero(market)


class TestFund:
    def test_pays_no_more_subsidies_than_it_holds(self, market):
        maker = market.maker(fund_fen=3 * SUBSIDY_FEN, subsidy_fen=SUBSIDY_FEN)
        lot_id, callers = market.lot(maker, packs=20), market.callers(5)

        decided = market.claim_all_at_once(callers, maker, lot_id, 10)

        assert outcomes(decided) == {("confirmed", ""): 3, ("rejected", "not-enough-funds"): 7}
        eventually(lambda: packs_free(market, maker, lot_id) == 17, within_seconds=10)
        assert_books_at_zero(market)
