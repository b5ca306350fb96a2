"""Packs are held for a host while they are free, once, and given back when she says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.matching.holds.domain import HoldEnded, HoldNotFound, Standing, Why, words_of
from services.matching.holds.use_cases import (
    PlaceHold,
    announce_holds,
    place_holds,
    release_hold,
    restore_holds,
    take_packs,
)
from services.matching.offers.domain import Holding
from services.matching.offers.engine.facts import HostFacts
from tests.builders.matching import (
    CO_HOST,
    HOST,
    NOW,
    STRANGER,
    a_hold,
    a_lot,
    an_id,
    an_offer,
)
from tests.unit.matching.fakes import FakeBook, a_desk

LOT = an_id("lot")


def a_wish(number=1, **changes):
    given = {
        "id": an_id("shd", number),
        "host_id": HOST,
        "has_record": True,
        "lot_id": LOT,
        "offer_id": an_id("off"),
        "packs": 1,
        "subsidy": Money(80_000, "CNY"),
        "clearing_id": an_id("clr"),
        "why": Why(value=420, price=12.5, others=3, bound_by="lot-units"),
    }
    return PlaceHold(**given | changes)


class Scene:
    def __init__(self, *holds, asked=0, **lot) -> None:
        held = {hold.id: hold.held for hold in holds}
        self.book = FakeBook([a_lot(held=held, **lot)], an_offer())
        self.desk = a_desk(self.book, *holds, **{LOT: asked})

    def place(self, *wishes, now=NOW):
        placed = place_holds(wishes, desk=self.desk, book=self.book, now=now)
        return [each.refusal for each in placed]

    def restore(self, *claim_ids, now=NOW + timedelta(hours=1)):
        restore_holds(claim_ids, desk=self.desk, book=self.book, now=now)

    @property
    def held(self):
        return self.book.lot(LOT).held


class TestPlaceHolds:
    def test_keeps_packs_for_48_hours_and_tells_the_lot(self):
        scene = Scene()

        assert scene.place(a_wish()) == [""]

        hold = scene.desk.holds.get(an_id("shd"))
        assert hold.until == NOW + timedelta(hours=48)
        assert scene.held == {hold.id: hold.held}
        assert hold.standing(hold.until - timedelta(seconds=1)) is Standing.STANDING
        assert hold.standing(hold.until) is Standing.EXPIRED

    def test_holds_no_longer_than_the_lot_can_be_claimed(self):
        scene = Scene(closes_at=NOW + timedelta(hours=3))

        scene.place(a_wish())

        assert scene.desk.holds.get(an_id("shd")).until == NOW + timedelta(hours=3)

    def test_never_holds_more_than_is_free(self):
        scene = Scene(packs_free=2)
        wishes = [
            a_wish(1),
            a_wish(2, host_id=CO_HOST),
            a_wish(3, host_id=STRANGER),
        ]

        assert scene.place(*wishes) == ["", "", "sold-out"]
        assert sorted(scene.held) == [an_id("shd", 1), an_id("shd", 2)]

    def test_counts_what_claims_have_asked_for(self):
        scene = Scene(packs_free=2, asked=1)

        assert scene.place(a_wish(1), a_wish(2, host_id=CO_HOST)) == ["", "sold-out"]

    def test_leaves_to_newcomers_what_is_kept_for_them(self):
        scene = Scene(packs_free=1, packs_kept=1, newcomers_until=NOW + timedelta(days=1))

        assert scene.place(a_wish(1)) == ["sold-out"]
        assert scene.place(a_wish(2, has_record=False)) == [""]
        assert scene.desk.holds.get(an_id("shd", 2)).is_newcomer

    def test_changes_nothing_when_it_is_asked_again(self):
        scene = Scene()
        scene.place(a_wish())
        writes = scene.desk.holds.writes

        (again,) = place_holds(
            [a_wish()], desk=scene.desk, book=scene.book, now=NOW + timedelta(hours=1)
        )

        assert (again.refusal, again.until) == ("", NOW + timedelta(hours=48))
        assert scene.desk.holds.writes == writes

    def test_holds_a_lot_for_a_host_once(self):
        scene = Scene(a_hold())

        assert scene.place(a_wish(2)) == ["host-cap-reached"]

    @pytest.mark.parametrize(
        ("lot", "refusal"),
        [
            ({"closed": "withdrawn"}, "lot-closed"),
            ({"closes_at": NOW}, "lot-closed"),
            (
                {
                    "max_packs_per_host": 1,
                    "holdings": {an_id("clm"): Holding(host_id=HOST, packs=1)},
                },
                "host-cap-reached",
            ),
        ],
    )
    def test_refuses_what_she_could_not_claim(self, lot, refusal):
        scene = Scene(**lot)

        assert scene.place(a_wish()) == [refusal]
        assert scene.held == {}

    def test_holds_anew_what_has_run_out_and_tidies_it_away(self):
        scene = Scene(a_hold(until=NOW, host_id=STRANGER, packs=3))

        assert scene.place(a_wish(2)) == [""]
        assert list(scene.held) == [an_id("shd", 2)]


class TestTurns:
    @pytest.mark.parametrize(("announced", "turns"), [([], []), ([LOT], [LOT])])
    def test_are_taken_by_claims_only_where_holds_were_announced(self, announced, turns):
        scene = Scene()
        announce_holds(announced, desk=scene.desk, now=NOW)

        take_packs(
            an_id("clm"),
            HostFacts(host_id=HOST),
            {LOT: 1},
            [scene.book.lot(LOT)],
            desk=scene.desk,
            now=NOW + timedelta(hours=48),
        )

        assert scene.desk.shelf.turns == turns


def a_taken_hold(number=1, **changes):
    return a_hold(id=an_id("shd", number), claim_id=an_id("clm", number), **changes)


class TestRestoreHolds:
    def test_stand_again_until_their_first_end_and_the_lot_knows(self):
        scene = Scene()
        scene.place(a_wish())
        first = scene.desk.holds.get(an_id("shd"))
        scene.desk.holds.save(first.claim(an_id("clm"), now=NOW))
        scene.desk.shelf.take_away({LOT: [first.id]})

        scene.restore(an_id("clm"))

        hold = scene.desk.holds.get(first.id)
        assert (hold.claim_id, hold.until) == (None, first.until)
        assert scene.held == {hold.id: first.held}

    def test_come_back_once(self):
        scene = Scene(packs_free=1)
        scene.desk = a_desk(scene.book, a_taken_hold())

        scene.restore(an_id("clm"))
        scene.restore(an_id("clm"))

        assert scene.desk.holds.writes == 1

    def test_stay_with_a_later_claim_that_took_them_again(self):
        scene = Scene()
        scene.desk = a_desk(scene.book, a_taken_hold(2))

        scene.restore(an_id("clm", 1))

        assert scene.desk.holds.writes == 0
        assert scene.held == {}

    def test_pass_to_her_other_claim_that_took_the_packs(self):
        mine = {an_id("clm", 2): Holding(host_id=HOST, packs=1)}
        scene = Scene(max_packs_per_host=1, holdings=mine)
        scene.desk = a_desk(scene.book, a_taken_hold())
        scene.desk.asked.claims = [an_id("clm", 2)]

        scene.restore(an_id("clm", 1))

        assert scene.desk.holds.get(an_id("shd")).claim_id == an_id("clm", 2)
        assert scene.held == {}

    def test_come_back_when_all_her_claims_were_rejected(self):
        scene = Scene(max_packs_per_host=1)
        scene.desk = a_desk(scene.book, a_taken_hold())
        scene.desk.asked.claims = [an_id("clm", 2)]
        scene.restore(an_id("clm", 1))
        scene.desk.asked.claims = []

        scene.restore(an_id("clm", 2))

        hold = scene.desk.holds.get(an_id("shd"))
        assert (hold.claim_id, scene.held) == (None, {hold.id: hold.held})

    def test_leave_a_claim_with_the_hold_that_it_took_itself(self):
        scene = Scene()
        scene.desk = a_desk(scene.book, a_taken_hold(1), a_taken_hold(2))
        scene.desk.asked.claims = [an_id("clm", 2)]

        scene.restore(an_id("clm", 1))

        assert scene.desk.holds.get(an_id("shd", 1)).claim_id is None
        assert scene.desk.holds.get(an_id("shd", 2)).claim_id == an_id("clm", 2)

    def test_do_not_come_back_when_their_time_is_over(self):
        scene = Scene()
        scene.desk = a_desk(scene.book, a_taken_hold())

        scene.restore(an_id("clm"), now=NOW + timedelta(hours=48))

        assert (scene.desk.holds.writes, scene.held) == (0, {})

    def test_do_not_come_back_on_a_lot_that_closed(self):
        scene = Scene(closed="withdrawn")
        scene.desk = a_desk(scene.book, a_taken_hold())

        scene.restore(an_id("clm"))

        assert (scene.desk.holds.writes, scene.held) == (0, {})

    def test_count_the_packs_of_their_claim_that_the_lot_has_not_heard_of_coming_back(self):
        mine = {an_id("clm"): Holding(host_id=HOST, packs=1)}
        scene = Scene(packs_free=0, max_packs_per_host=1, holdings=mine)
        scene.desk = a_desk(scene.book, a_taken_hold())

        scene.restore(an_id("clm"))

        assert list(scene.held) == [an_id("shd")]

    def test_never_hold_what_others_have_by_now(self):
        scene = Scene(packs_free=1, asked=0)
        scene.desk = a_desk(scene.book, a_taken_hold(1), a_taken_hold(2, host_id=CO_HOST))

        scene.restore(an_id("clm", 1), an_id("clm", 2))

        assert list(scene.held) == [an_id("shd", 1)]
        assert scene.desk.holds.get(an_id("shd", 2)).claim_id == an_id("clm", 2)


class TestReleaseHold:
    def test_gives_the_packs_to_others_at_once(self):
        scene = Scene(a_hold())

        released = release_hold(an_id("shd"), host_id=HOST, desk=scene.desk, now=NOW)

        assert released.standing(NOW) is Standing.RELEASED
        assert scene.held == {}

    def test_is_for_its_own_host(self):
        scene = Scene(a_hold())

        with pytest.raises(HoldNotFound):
            release_hold(an_id("shd"), host_id=STRANGER, desk=scene.desk, now=NOW)

        assert scene.desk.holds.writes == 0

    @pytest.mark.parametrize(
        "ended", [{"until": NOW}, {"released_at": NOW}, {"claim_id": an_id("clm")}]
    )
    def test_refuses_what_has_ended(self, ended):
        scene = Scene(a_hold(**ended))

        with pytest.raises(HoldEnded):
            release_hold(an_id("shd"), host_id=HOST, desk=scene.desk, now=NOW)

        assert scene.desk.holds.writes == 0


class TestTheReason:
    @pytest.mark.parametrize("bound", ["host-capacity", "lot-units", "brand-budget", "nothing"])
    def test_is_a_sentence_in_both_languages(self, bound):
        words = words_of(Why(value=420, price=12.5, others=1, bound_by=bound))

        assert "0.420 points" in words.english
        assert "1 other host wanted it too" in words.english
        assert words.chinese.endswith("。")

    def test_tells_a_price_below_zero_as_the_bonus_it_comes_from(self):
        words = words_of(Why(value=420, price=-28.4, others=0, bound_by="nothing"))

        assert words.english == (
            "It is worth 0.420 points to its host, at a shadow price of -0.028 of these points, "
            "below zero by the bonus for its brand's first gathering; no other host wanted it. "
            "No limit kept it from others."
        )
        assert "因品牌首场活动的奖励而低于零" in words.chinese
        assert "没有其他主理人想要" in words.chinese

    def test_never_tells_a_zero_below_zero(self):
        words = words_of(Why(value=420, price=-0.0004, others=0, bound_by="nothing"))

        assert "price of 0.000 of these points;" in words.english
