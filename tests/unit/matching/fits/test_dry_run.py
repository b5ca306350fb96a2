"""Who would pass a brand's thresholds: everybody passes or fails, and each failure has a name."""

from __future__ import annotations

import sys

from services.matching.fits.domain import NearMiss, Thresholds, dry_run
from services.matching.pictures.domain import HostRecord
from sharing.eligibility import Clause
from tests.unit.matching.fits.builders import a_picture, some_people


def hosts(*sizes, settled=0, city="suzhou"):
    return [
        a_picture(
            host_id=f"org_{number}",
            people=(some_people(size=size, city=city),),
            record=HostRecord(settled=settled),
        )
        for number, size in enumerate(sizes, 1)
    ]


MODULE = sys.modules["services.matching.fits.domain.dry_run"]
SETTLED = Clause("experienced", "settled_gatherings >= 3", "Three settled.", "三场已结算。")


class TestADryRun:
    def test_without_thresholds_passes_everybody_with_people(self):
        found = dry_run(Thresholds(), [*hosts(5, 60), a_picture(host_id="org_9", people=())])

        assert (found.hosts, found.passing, found.newcomers) == (2, 2, 2)
        assert found.shown == ("org_2", "org_1")

    def test_tells_for_each_rule_who_fails_and_who_comes_nearest(self):
        found = dry_run(Thresholds(min_community_size=50), hosts(47, 60, 20, 49))

        (size,) = found.rules
        assert found.passing == 1
        assert (size.name, size.failing, size.failing_alone) == ("community-size", 3, 3)
        assert size.nearest == (
            NearMiss("org_4", 1),
            NearMiss("org_1", 3),
            NearMiss("org_3", 30),
        )
        assert size.asks == ("A community of 50 people or more.", "社群至少 50 人。")

    def test_asks_for_one_person_in_the_singular(self):
        (size,) = dry_run(Thresholds(min_community_size=1), hosts(47)).rules

        assert size.asks.english == "A community of 1 person or more."

    def test_tells_apart_who_fails_by_one_rule_and_who_by_several(self):
        thresholds = Thresholds(
            min_community_size=50, cities=frozenset({"suzhou"}), clauses=(SETTLED,)
        )
        tried = [*hosts(60, 20), *hosts(60, settled=2, city="xian"), *hosts(60, settled=3)]

        found = dry_run(thresholds, tried)

        assert (found.hosts, found.passing, found.newcomers) == (4, 1, 0)
        assert {rule.name: (rule.failing, rule.failing_alone) for rule in found.rules} == {
            "community-size": (1, 0),
            "city": (1, 0),
            "experienced": (3, 1),
        }
        assert found.rules[2].nearest == (NearMiss("org_1", 3),)

    def test_takes_of_each_host_the_community_that_fails_least(self):
        both = a_picture(
            people=(some_people(1, size=90, city="xian"), some_people(2, size=40, city="suzhou"))
        )
        thresholds = Thresholds(min_community_size=50, cities=frozenset({"suzhou"}))

        found = dry_run(thresholds, [both])

        # Each fails by one rule: the larger is told.
        assert [rule.failing for rule in found.rules] == [0, 1]
        assert found.rules[1].nearest == (NearMiss(both.host_id, None),)

    def test_shows_the_five_nearest_and_twenty_that_pass(self):
        found = dry_run(Thresholds(min_community_size=31), hosts(*range(1, 61)))

        assert [miss.short for miss in found.rules[0].nearest] == [1, 2, 3, 4, 5]
        assert (found.passing, len(found.shown), found.shown[0]) == (30, 20, "org_60")

    def test_searches_how_much_more_a_clause_would_take_for_the_first_hundred(self, monkeypatch):
        searched, unmet = [], MODULE.unmet_clauses
        tried = hosts(*[60] * 102, settled=1) + hosts(60, settled=2)

        def counted(*asked, **more):
            searched.append(asked)
            return unmet(*asked, **more)

        monkeypatch.setattr(MODULE, "unmet_clauses", counted)
        (rule,) = dry_run(Thresholds(clauses=(SETTLED,)), tried).rules[1:]

        assert (rule.failing_alone, len(searched)) == (103, 100)
        assert [miss.short for miss in rule.nearest] == [2] * 5

    def test_tells_of_every_host_how_many_people_she_lacks(self):
        (rule,) = dry_run(Thresholds(min_community_size=50), hosts(*[20] * 102, 49)).rules

        assert rule.nearest[0] == NearMiss("org_103", 1)

    def test_says_how_many_packs_would_be_kept_for_newcomers(self):
        thresholds = Thresholds(packs=25, newcomers_basis_points=3_000)

        found = dry_run(thresholds, [*hosts(5), *hosts(5, settled=1)])

        assert (found.packs_kept, found.passing, found.newcomers) == (7, 2, 1)
