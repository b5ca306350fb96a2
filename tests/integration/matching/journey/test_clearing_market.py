"""The market of a clearing on a real database: what every host may claim at that moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import atomically
from services.matching.behaviour.domain import Deed, record
from services.matching.behaviour.repositories import MongoBehaviour
from services.matching.claims.repositories import MongoClaims
from services.matching.clearings.adapters.market import NEWCOMERS
from services.matching.clearings.domain import Valuation, market_of
from services.matching.offers.domain import Restrictions
from services.matching.offers.engine.facts import Caps
from services.matching.offers.repositories import MongoOfferNotes
from services.matching.pictures.domain import HostRecord, Picture
from services.matching.pictures.repositories import MongoPictures
from sharing.eligibility import Clause
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    NOW,
    a_claim,
    a_lot,
    an_id,
    an_offer,
)
from tests.integration.matching.journey.clearing import (
    LOTS,
    gather,
    pairs,
)


class TestTheMarket:
    def test_is_what_each_host_may_claim_now(self, market):
        found = gather()

        assert pairs(found) == {(host, lot) for host in (HOST, CO_HOST) for lot in LOTS}
        assert {asker.capacity for asker in found.askers.values()} == {1}
        assert found.packs == dict.fromkeys(LOTS, 1)
        assert found.money == {BRAND: 800_000}
        assert {each.subsidy for each in found.candidates} == {80_000}
        assert market_of(found).budget is None

    def test_is_worth_what_the_host_wants_times_what_the_brand_accepts(self, market):
        kept, broken = HostRecord(approved=9, settled=9), HostRecord(disputed=9)
        MongoPictures().mark([HOST, CO_HOST])
        MongoPictures().put(
            [Picture(host_id=HOST, record=broken), Picture(host_id=CO_HOST, record=kept)]
        )

        both, alone = gather(), gather(Valuation.HOST)

        for each in both.candidates:
            product = each.host_wants * each.brand_accepts / 1_000
            assert each.value == pytest.approx(product, abs=2)
        accepted = {each.host_id: each.brand_accepts for each in both.candidates}
        assert accepted[HOST] < accepted[CO_HOST]
        assert all(each.value == each.host_wants for each in alone.candidates)
        assert {each.brand_accepts for each in alone.candidates} == {None}
        assert pairs(both) == pairs(alone)

    def test_counts_neither_claims_nor_holds_twice(self, market):
        market.claim(packs=1)

        found = gather()

        assert pairs(found) == {(CO_HOST, LOTS[1])}
        assert found.money == {BRAND: 720_000}

    def test_leaves_out_what_a_claim_would_be_refused(self, market):
        tea = Clause(name="big", when="community_size >= 500", en="Be many.", zh="人多。")
        MongoOfferNotes().open_offers([an_offer(eligibility=(tea,))])

        assert pairs(gather()) == set()

    def test_leaves_out_goods_that_may_not_go_to_gatherings(self, market):
        online = Restrictions(channels=("online",))
        MongoOfferNotes().publish_lots([a_lot(id=LOTS[0], restrictions=online)])

        assert {lot for _, lot in pairs(gather())} == {LOTS[1]}

    def test_leaves_out_a_subsidy_out_of_all_reason(self, market):
        much, more = Money(10**9, "CNY"), Money(10**10, "CNY")
        MongoOfferNotes().open_offers([an_offer(subsidy=much, total_cap=more)])

        assert pairs(gather()) == set()

    def test_puts_up_no_more_than_a_hosts_cap_allows(self, market):
        MongoOfferNotes().open_offers([an_offer(caps=Caps(per_host=80_000))])

        assert len(pairs(gather(claims_each=2))) == 2

    def test_keeps_newcomers_packs_for_newcomers(self, market):
        until = NOW + timedelta(days=1)
        MongoOfferNotes().publish_lots(
            [a_lot(id=LOTS[0], packs_free=3, packs_kept=2, newcomers_until=until)]
        )
        deed = record(Deed.SETTLED, HOST, gathering_id=an_id("gth"), origin=an_id("gth"), at=NOW)
        atomically(lambda: MongoBehaviour().append([deed]))

        found = gather()

        assert (HOST, LOTS[0]) in pairs(found)
        assert (CO_HOST, LOTS[0] + NEWCOMERS) in pairs(found)
        assert found.packs[LOTS[0]] == 1
        assert found.packs[LOTS[0] + NEWCOMERS] == 2

    def test_gives_a_host_room_for_as_many_as_she_holds(self, market):
        deeds = [
            record(Deed.SETTLED, HOST, gathering_id=origin, origin=origin, at=at)
            for origin, at in [
                (an_id("gth", 1), NOW - timedelta(days=1)),
                (an_id("gth", 2), NOW - timedelta(days=27)),
                (an_id("gth", 3), NOW - timedelta(days=29)),
            ]
        ]
        atomically(lambda: MongoBehaviour().append(deeds))

        assert gather().askers[HOST].capacity == 2
        atomically(lambda: MongoClaims().save(Decision(a_claim())))
        assert gather().askers[HOST].capacity == 1

    def test_counts_the_hosts_who_can_take_on_no_more(self, market):
        market.claim(packs=1)

        found = gather()

        assert (set(found.askers), found.hosts_full) == ({CO_HOST}, 1)
