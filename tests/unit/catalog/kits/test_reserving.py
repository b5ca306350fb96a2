"""A kit's packs are set aside whole or not at all, however often it is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.catalog.kits.domain import KitLine, KitState
from services.catalog.kits.use_cases import (
    ReleaseKit,
    ReserveKit,
    release_kits,
    reserve_kits,
)
from tests.unit.catalog.fakes import (
    BRAND,
    HOST,
    NOW,
    OTHER_BRAND,
    FakeHosts,
    FakeLots,
    FakeOffers,
    FakeStock,
    a_lot,
    an_id,
    an_offer,
)
from tests.unit.catalog.kits.fakes import A_VERSION, FakeCartridges, FakeKits, a_kit


class Counter:
    """A published kit of two packs of one brand's lot and one of another's."""

    def __init__(self, *, pans=5, cups=5) -> None:
        self.pans, self.cups = a_lot(packs=pans), a_lot(packs=cups, brand_id=OTHER_BRAND)
        self.lots = FakeLots(self.pans, self.cups)
        self.stock, self.hosts = FakeStock(self.lots), FakeHosts()
        self.offer = an_offer()
        self.offers = FakeOffers(self.offer)
        lines = (
            KitLine(self.pans.id, BRAND, 2, 3000),
            KitLine(self.cups.id, OTHER_BRAND, 1, 3000),
        )
        self.kit = a_kit(lines=lines, signed=(BRAND, OTHER_BRAND), state=KitState.PUBLISHED)
        self.kits, self.cartridges = FakeKits(self.kit), FakeCartridges()

    def order(self, **changes):
        given = {
            "id": an_id("msg"),
            "correlation_id": an_id("sag"),
            "claim_id": an_id("clm"),
            "kit_id": self.kit.id,
            "host_id": HOST,
            "terms_digest": self.kit.terms_digest,
            "offer_ids": (self.offer.id,),
            "region": "beijing",
            "channel": "gathering",
            "expires_at": NOW + timedelta(hours=1),
        }
        return ReserveKit(**given | changes)

    def reserve(self, *commands, now=NOW):
        reserve_kits(
            commands,
            kits=self.kits,
            cartridges=self.cartridges,
            stock=self.stock,
            offers=self.offers,
            hosts=self.hosts,
            now=now,
        )
        answers = self.stock.answers[-len(commands) :]
        return [(each.type.split(".")[2], getattr(each, "code", "")) for each in answers]

    def release(self, command):
        release = ReleaseKit(
            id=an_id("msg"),
            correlation_id=command.correlation_id,
            claim_id=command.claim_id,
            kit_id=command.kit_id,
            reason="claim-cancelled",
        )
        release_kits([release], kits=self.kits, stock=self.stock, now=NOW)
        return self.stock.answers[-1].type

    @property
    def free(self):
        return [self.lots.by_id[lot.id].packs.free for lot in (self.pans, self.cups)]


RESERVED = ("kit-reserved", "")


class TestReserveKits:
    def test_sets_the_packs_of_every_line_aside(self):
        counter = Counter()

        assert counter.reserve(counter.order()) == [RESERVED]
        assert counter.free == [3, 4]

    def test_sets_nothing_aside_when_one_line_is_short(self):
        counter = Counter(cups=1)
        counter.reserve(counter.order())

        assert counter.reserve(counter.order()) == [("kit-refused", "not-enough-packs")]
        assert counter.free == [3, 0]

    def test_gives_the_last_of_a_line_to_one_of_two(self):
        counter = Counter(cups=1)

        answers = counter.reserve(counter.order(), counter.order())

        assert answers == [RESERVED, ("kit-refused", "not-enough-packs")]
        assert counter.free == [3, 0]

    def test_asked_twice_answers_the_same_and_takes_once(self):
        counter = Counter()
        command = counter.order()

        assert counter.reserve(command, command) == [RESERVED, RESERVED]
        assert counter.reserve(command) == [RESERVED]
        assert counter.free == [3, 4]

    def test_stays_refused_when_there_is_more_later(self):
        counter = Counter(cups=1)
        first, second = counter.order(), counter.order()
        counter.reserve(first, second)
        counter.release(first)
        assert counter.free == [5, 1]

        assert counter.reserve(second) == [("kit-refused", "not-enough-packs")]
        assert counter.free == [5, 1]

    def test_once_its_cartridge_is_yanked_takes_nothing_new_and_keeps_what_was_reserved(self):
        counter = Counter()
        before = counter.order()
        counter.reserve(before)
        counter.cartridges.version = replace(A_VERSION, yanked_because="a burnt finger")

        answers = counter.reserve(counter.order(), before)

        assert answers == [("kit-refused", "kit-theme-yanked"), RESERVED]
        assert counter.free == [3, 4]

    def test_once_withdrawn_takes_nothing_new_and_keeps_what_was_reserved(self):
        counter = Counter()
        before = counter.order()
        counter.reserve(before)
        counter.kits.by_id[counter.kit.id] = replace(counter.kit, state=KitState.CLOSED)

        assert counter.reserve(counter.order()) == [("kit-refused", "kit-closed")]
        assert counter.reserve(before) == [RESERVED]
        assert counter.free == [3, 4]

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"kit_id": an_id("kit")}, "kit-not-found"),
            ({"terms_digest": "sha256:other"}, "other-terms-signed"),
            ({"offer_ids": (an_id("off"),)}, "offer-not-open"),
            ({"expires_at": NOW}, "reservation-expired"),
        ],
    )
    def test_refuses_what_does_not_fit(self, wrong, code):
        counter = Counter()

        assert counter.reserve(counter.order(**wrong)) == [("kit-refused", code)]
        assert counter.free == [5, 5]

    def test_needs_no_offer(self):
        counter = Counter()

        assert counter.reserve(counter.order(offer_ids=())) == [RESERVED]


class TestReleaseKits:
    def test_frees_every_line_once(self):
        counter = Counter()
        command = counter.order()
        counter.reserve(command)

        told = [counter.release(command), counter.release(command)]

        assert told == ["catalog.reply.kit-released.v1"] * 2
        assert counter.free == [5, 5]

    def test_that_comes_first_wins(self):
        counter = Counter()
        command = counter.order()
        counter.release(command)

        assert counter.reserve(command) == [("kit-refused", "claim-released")]
        assert counter.free == [5, 5]
