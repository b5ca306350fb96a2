"""What stops a lot, and what would change it, over HTTP."""

from __future__ import annotations

from tests.integration.matching.ranking.told import lot_id
from tests.unit.matching.offers.builders import OTHER_HOST


class TestWhyNot:
    def test_tells_every_rule_and_what_would_change_it(self, told, host):
        clause = {
            "name": "experienced",
            "when": "settled_gatherings >= 2 && community_size >= 1",
            "en": "Two settled gatherings or more.",
            "zh": "至少两场已结算的活动。",
        }
        told.take(
            told.opened(eligibility=[clause]),
            told.published(1, city="Suzhou", min_community_size=63, packs_free=0),
        )
        host.found()

        answer = host.why_not(lot_id(1))

        assert answer.status_code == 200
        assert answer.json["eligible"] is False
        assert (answer.json["score"], answer.json["place"]) == (None, None)
        said = {
            each["code"]: (each["remedy_en"], each["number"]) for each in answer.json["reasons"]
        }
        assert said == {
            "sold-out": ("No claim holds packs of it: when its brand counts more of them.", None),
            "community-too-small": (
                "With 3 more people in your largest community in suzhou, which has 60.",
                3,
            ),
            "not-eligible": ("After 2 more settled gatherings of yours.", 2),
        }
        assert all(each["why_zh"] and each["remedy_zh"] for each in answer.json["reasons"])
        reasons = host.offer(lot_id(1)).json["reasons"]
        assert [each["code"] for each in reasons] == list(said)

    def test_tells_when_the_time_changes_it(self, told, host):
        opens = "2026-03-09T16:00:00.000000Z"
        told.take(told.opened(opens_at=opens), told.published(1))
        host.found()

        (reason,) = host.why_not(lot_id(1)).json["reasons"]

        assert reason["code"] == "offer-not-open"
        assert reason["at"] == opens
        assert (
            reason["remedy_en"]
            == "Its brand's next subsidy offer opens at 2026-03-10 00:00 UTC+08:00."
        )

    def test_has_the_place_of_a_lot_that_nothing_stops(self, told, host):
        told.take(
            told.opened(),
            *(told.published(number, tags=["tea"] * (number > 1)) for number in (1, 2, 3)),
        )
        host.found()
        listed = [item["lot_id"] for item in host.offers().json["items"]]

        found = [host.why_not(lot).json for lot in listed]

        assert [each["place"] for each in found] == [1, 2, 3]
        assert [each["eligible"] for each in found] == [True] * 3
        assert [each["reasons"] for each in found] == [[]] * 3
        assert [each["score"] for each in found] == [
            host.offer(lot).json["score"] for lot in listed
        ]

    def test_is_for_the_host_alone_and_of_lots_there_are(self, told, host):
        assert host.why_not(lot_id(1)).json["code"] == "lot-not-found"
        told.take(told.published(1))
        assert host.why_not(lot_id(1), host_id=OTHER_HOST).json["code"] == "offers-of-another-host"
