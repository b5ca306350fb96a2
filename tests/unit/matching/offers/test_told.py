"""What a host was told of a lot is told again as it was, until anything it rests on changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.matching.offers.engine.listing import Shown
from services.matching.offers.engine.points import DEFAULT
from services.matching.offers.engine.rules import Room, brand_subsidy
from services.matching.offers.engine.search import Position
from services.matching.offers.use_cases import told
from services.matching.offers.use_cases.ports import Listed, RankingModel
from services.matching.offers.use_cases.told import Moment, OffersTold, RankedOffer
from tests.unit.matching.offers.builders import (
    LOT,
    NOW,
    OFFER,
    a_hold,
    a_host,
    a_subsidy,
    an_offered_lot,
    lot_id,
    some_lot,
)

LATER = NOW + timedelta(hours=3)
PLACE = Shown(Position(1, LOT), 3)
ALIKE = {
    "host": a_host(),
    "facts": some_lot(),
    "subsidy": brand_subsidy([a_subsidy(left=9_000)], NOW),
    "lot": an_offered_lot(),
    "model": RankingModel("built-in", DEFAULT),
    "shown": PLACE,
    "rooms": {},
    "now": NOW,
}
OTHERS = {
    "host": a_host(largest=61),
    "facts": some_lot(claims=1),
    "subsidy": brand_subsidy([a_subsidy(subsidy=60_000)], NOW),
    "lot": an_offered_lot(title="Bowls"),
    "model": RankingModel("of-may", DEFAULT),
    "shown": PLACE._replace(variety=-10_000),
    "rooms": {OFFER: Room(total=1)},
    "now": LATER,
}


def written(ranked: RankedOffer) -> bytes:
    """All that an answer could tell, so that any difference shows."""
    return repr(ranked).encode()


def tell(book: OffersTold, **given):
    with_these = ALIKE | given
    listed = Listed(with_these["shown"], with_these["facts"], with_these["subsidy"])
    at = Moment(with_these["now"], LATER, with_these["model"], with_these["rooms"])
    lots = {with_these["facts"].lot_id: with_these["lot"]}
    (offer,) = book.tell(with_these["host"], [listed], lots, at)
    return offer


class TestALotInAList:
    def test_is_told_again_as_it_was_even_at_another_place(self):
        book = OffersTold(written)
        first = tell(book)

        again = tell(book, shown=PLACE._replace(place=4), now=LATER - timedelta(seconds=1))

        assert again is first

    @pytest.mark.parametrize("changed", OTHERS)
    def test_is_told_anew_when_anything_is_another(self, changed):
        book = OffersTold(written)
        first = tell(book)

        again = tell(book, **{changed: OTHERS[changed]})

        assert again is not first
        assert again == tell(OffersTold(written), **{changed: OTHERS[changed]})

    @pytest.mark.parametrize("fact", ["kept_until", "held"])
    def test_is_told_anew_when_packs_that_were_kept_from_her_are_free(self, fact):
        until = NOW + timedelta(hours=1)
        kept = {"kept_until": until, "packs_kept": 1} if fact == "kept_until" else {}
        held = {"held": (a_hold(until=until),)} if fact == "held" else {}
        facts, veteran = some_lot(packs_free=5, **kept, **held), a_host(has_record=True)
        book = OffersTold(written)

        before = tell(book, facts=facts, host=veteran)
        still = tell(book, facts=facts, host=veteran, now=until - timedelta(seconds=1))
        after = tell(book, facts=facts, host=veteran, now=until)

        assert before is still
        assert (b"packs_free=4" in before.written, b"packs_free=4" in after.written) == (
            True,
            False,
        )

    def test_is_told_anew_when_the_clock_was_set_back(self):
        book = OffersTold(written)
        first = tell(book)

        assert tell(book, now=NOW - timedelta(seconds=1)) is not first

    def test_tells_what_is_left_of_an_offer_without_caps_and_of_one_with_them(self):
        capped = Room(total=8_000, host=5_000)

        assert repr(Room(total=9_000)).encode() in tell(OffersTold(written)).written
        capped_told = tell(OffersTold(written), rooms={OFFER: capped})
        assert repr(capped).encode() in capped_told.written

    def test_is_forgotten_after_so_many_others(self, monkeypatch):
        monkeypatch.setattr(told, "MOST_TOLD", 2)
        book = OffersTold(written)
        lots = [replace(ALIKE["lot"], id=lot_id(number)) for number in range(3)]
        first, second, _ = (tell(book, lot=lot) for lot in lots)

        assert tell(book, lot=lots[1]) is second
        assert tell(book, lot=lots[0]) is not first
