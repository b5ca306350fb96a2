"""A picture is drawn from all communities and from every evening."""

from __future__ import annotations

from datetime import timedelta

from services.matching.offers.domain import host_facts
from services.matching.pictures.domain import Evening, HostRecord, Signs, Trade, draw
from tests.builders.matching import HOST, NOW, a_community, an_id


def an_evening(number=1, **changes):
    given = {
        "gathering_id": an_id("gth", number),
        "began_at": NOW - timedelta(days=number),
        "came": 15,
        "asked": 12,
        "tags": frozenset({"tea", "cups"}),
        "units": 10,
        "sold": 1_000,
        "refunded": 0,
    }
    return Evening(**given | changes)


class TestAnEvening:
    def test_shows_who_came_who_did_not_and_what_was_kept(self):
        evening = an_evening(came=9, units=10, sold=1_000, refunded=250)

        assert evening.shown == Signs(1, came=9, missed=3, kept=8, returned=2)

    def test_without_sales_shows_who_came(self):
        assert an_evening(units=0, sold=0).shown == Signs(1, came=15)


class TestAPicture:
    def test_adds_up_what_every_evening_showed_of_its_tags(self):
        evenings = [an_evening(1), an_evening(2, tags=frozenset({"tea"}), refunded=1_000)]

        found = draw(HOST, [a_community()], evenings, HostRecord())

        assert found.shown == {
            "cups": Signs(1, came=15, kept=10),
            "tea": Signs(2, came=30, kept=10, returned=10),
        }
        assert found.trade == Trade(guests=30, units=20, sold=2_000, returned=10, refunded=1_000)
        assert found.begun == (NOW - timedelta(days=2), NOW - timedelta(days=1))

    def test_has_the_reach_and_the_interests_of_her_communities(self):
        found = draw(HOST, [a_community(), a_community(size=90)], [], HostRecord())

        assert (found.reach, found.largest) == ({"beijing": 90}, 90)
        assert {tag: each.weight for tag, each in found.interests.items()} == {"tea": 130 * 50}

    def test_gives_ranking_the_same_weights_that_it_shows(self):
        communities = [a_community(size=40)]
        evenings = [an_evening(number, tags=frozenset({"tea", "toys"})) for number in range(1, 9)]

        picture = draw(HOST, communities, evenings, HostRecord(settled=8))
        host = host_facts(HOST, communities, picture.conduct)

        weights = {tag: each.weight for tag, each in picture.interests.items()}
        whole = sum(weights.values())
        assert host.affinity == {tag: 500_000 * each // whole for tag, each in weights.items()}
        assert weights == {"tea": 2_000 * 1_833 // 1_000, "toys": 15 * 100 * 833 // 1_000}
        assert host.has_record
        assert (host.reach, host.largest) == (picture.reach, picture.largest)
