"""What is kept for hosts without a record, and who may take it when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.catalog.lots.engine.journal import Packs
from tests.unit.catalog.fakes import NOW, OTHER_HOST
from tests.unit.catalog.stock.test_domain import OFFER, a_shelf, an_order, codes, reserved


class TestNewcomersShare:
    def test_is_left_by_hosts_with_a_record(self):
        shelf = a_shelf(packs=30, max_packs_per_host=99)

        refused, _ = reserved(shelf, packs=28, has_record=True)
        allowed, _ = reserved(shelf, packs=27, has_record=True)

        assert codes(refused) == ["kept-for-newcomers"]
        assert refused.lot == shelf.lot
        assert allowed.lot.packs == Packs(free=3, reserved=27)

    def test_says_how_much_is_kept_and_until_when(self):
        shelf, claim_id = reserved(
            a_shelf(packs=30, max_packs_per_host=99), packs=28, has_record=True
        )

        until = NOW + timedelta(days=27)
        assert shelf.reservations[claim_id].detail == (
            f"28 asked, 3 of 30 free kept for newcomers until {until.isoformat()}"
        )

    def test_is_for_newcomers_to_take(self):
        shelf, _ = reserved(a_shelf(packs=30, max_packs_per_host=99), packs=27, has_record=True)

        after, _ = reserved(shelf, packs=3, host_id=OTHER_HOST)

        assert after.lot.packs == Packs(free=0, reserved=30)
        assert after.lot.newcomers_held == 3

    def test_is_told_with_every_move_as_it_is_after_it(self):
        shelf = a_shelf(packs=30, max_packs_per_host=99)

        first = shelf.reserve(an_order(packs=2), OFFER, at=NOW)
        second = first.state.reserve(an_order(packs=5, has_record=True), OFFER, at=NOW)
        third = second.state.release(next(iter(first.state.reservations)), why="x", at=NOW)

        told = [decision.events[0].packs_kept for decision in (first, second, third)]
        assert told == [1, 1, 3]

    def test_is_used_up_by_what_newcomers_took_before(self):
        shelf, _ = reserved(a_shelf(packs=30, max_packs_per_host=99), packs=3)

        after, _ = reserved(shelf, packs=27, host_id=OTHER_HOST, has_record=True)

        assert after.lot.packs == Packs(free=0, reserved=30)

    @pytest.mark.parametrize("ending", ["release", "expire", "give_back"])
    def test_is_kept_again_when_a_newcomer_gives_back(self, ending):
        shelf, claim_id = reserved(a_shelf(packs=30, max_packs_per_host=99), packs=3)
        over = NOW + timedelta(hours=1)
        give_back = {
            "release": lambda: shelf.release(claim_id, why="x", at=over),
            "expire": lambda: shelf.expire(claim_id, at=over),
            "give_back": lambda: shelf.give_back(claim_id, refund_id="r", packs=3, at=over),
        }

        after = give_back[ending]().state
        refused, _ = reserved(after, packs=28, host_id=OTHER_HOST, has_record=True)

        assert after.lot.newcomers_held == 0
        assert codes(refused)[-1] == "kept-for-newcomers"

    def test_stays_with_a_newcomer_who_wins_a_record_meanwhile(self):
        shelf, claim_id = reserved(a_shelf(packs=30, max_packs_per_host=99), packs=3)
        shelf = shelf.ship(claim_id, at=NOW).state

        after, _ = reserved(shelf, packs=27, has_record=True)

        assert after.lot.newcomers_held == 3
        assert after.lot.packs == Packs(free=0, reserved=27, shipped=3)

    def test_is_free_for_all_near_the_end(self):
        shelf = a_shelf(packs=30, max_packs_per_host=99, closes_at=NOW + timedelta(days=30))
        order = an_order(packs=30, has_record=True, expires_at=NOW + timedelta(days=29))

        after = shelf.reserve(order, OFFER, at=NOW + timedelta(days=27)).state

        assert after.lot.packs == Packs(free=0, reserved=30)
