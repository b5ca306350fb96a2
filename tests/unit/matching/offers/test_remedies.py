"""What would change that a lot is not for a host: in words, and a number and a moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.matching.communities.domain import Portrait
from services.matching.offers.domain import Unmet, explain, unmet_clauses
from services.matching.offers.engine.facts import HostFacts
from services.matching.offers.engine.rules import (
    Outlook,
    Reason,
    Room,
    brand_subsidy,
    outlook_of,
)
from sharing.eligibility import Clause
from tests.unit.matching.offers.builders import HOST, NOW, a_hold, a_host, a_subsidy, some_lot

SUBSIDY = brand_subsidy([a_subsidy()], NOW)
SOON = NOW + timedelta(days=2)
SHANGHAI = {"city": "shanghai", "min_community_size": 30}


def remedy(code, lot=None, *, host=None, offers=None, room=None):
    """The remedy of the one objection there is."""
    running = [a_subsidy()] if offers is None else offers
    found = explain(
        lot or some_lot(),
        brand_subsidy(running, NOW),
        host or a_host(),
        NOW,
        room=room,
        outlook=outlook_of(running, NOW),
    )
    (objection,) = found.objections
    assert objection.code == code
    return objection.remedy


class TestPeople:
    def test_are_counted_exactly_by_how_many_are_too_few(self):
        host = a_host(reach={"suzhou": 60, "shanghai": 27}, largest=60)

        found = remedy(Reason.COMMUNITY_TOO_SMALL, some_lot(**SHANGHAI), host=host)

        assert (found.number, found.at) == (3, None)
        assert found.says.english == (
            "With 3 more people in your largest community in shanghai, which has 27."
        )
        assert found.says.chinese == "在 shanghai 最大的社群（27 人）再增加 3 人。"
        enough = a_host(reach={"suzhou": 60, "shanghai": 30}, largest=60)
        assert explain(some_lot(**SHANGHAI), SUBSIDY, enough, NOW).is_eligible

    def test_are_wanted_where_the_lot_may_go(self):
        found = remedy(Reason.OTHER_CITY, some_lot(**SHANGHAI))

        assert found.says.english == "Found a community of 30 people in shanghai."
        assert found.says.chinese == "在 shanghai 创建一个至少 30 人的社群。"
        assert found.number == 30

    def test_are_wanted_anywhere_of_a_host_who_has_none(self):
        found = remedy(Reason.NO_COMMUNITY, host=HostFacts(host_id=HOST))

        assert found.says.english == "Found a community of 1 person."


class TestTime:
    def test_frees_what_is_kept_for_newcomers(self):
        lot = some_lot(packs_free=4, packs_kept=4, kept_until=SOON)

        found = remedy(Reason.KEPT_FOR_NEWCOMERS, lot, host=a_host(has_record=True))

        assert (found.number, found.at) == (4, SOON)
        # 09:00 in UTC is 17:00 in China
        assert found.says.english == (
            "From 2026-03-03 17:00 UTC+08:00 on the 4 packs kept for newcomers are free for all."
        )
        assert (
            found.says.chinese
            == "自 2026-03-03 17:00 UTC+08:00 起，为新主理人保留的 4 包向所有人开放。"
        )

    def test_ends_what_is_held_for_others(self):
        held = (a_hold(packs=2, until=SOON), a_hold(packs=1, until=SOON + timedelta(days=9)))
        lot = some_lot(packs_free=3, held=held)

        found = remedy(Reason.HELD_FOR_ANOTHER, lot)

        # When the first ends there is something free.
        assert (found.number, found.at) == (3, SOON)
        assert found.says.english == (
            "From 2026-03-03 17:00 UTC+08:00 on, or earlier, what those hosts have not claimed of "
            "the 3 packs is free."
        )

    def test_begins_another_period(self):
        room = Room(total=500_000, period=20_000, next_period_at=SOON)

        found = remedy(Reason.SUBSIDY_PERIOD_CAP_REACHED, room=room)

        assert (found.number, found.at) == (30_000, SOON)
        assert found.says.english == (
            "The next period begins at 2026-03-03 17:00 UTC+08:00; 300.00 yuan are missing until "
            "then."
        )

    def test_opens_the_next_offer(self):
        later, latest = (a_subsidy(opens_at=SOON + timedelta(days=days)) for days in (0, 9))

        found = remedy(Reason.OFFER_NOT_OPEN, offers=[latest, later])

        assert found.at == SOON
        assert "opens at 2026-03-03 17:00 UTC+08:00" in found.says.english
        assert remedy(Reason.OFFER_NOT_OPEN, offers=[]).at is None

    def test_is_over_for_what_was_closed(self):
        found = remedy(Reason.LOT_CLOSED, some_lot(is_closed=True))

        assert found.says.english == "A closed lot stays closed; choose another lot."
        assert remedy(Reason.LOT_EXPIRED, some_lot(ends_at=NOW)).number is None


class TestWhatOthersOrSheGiveBack:
    def test_frees_packs_while_the_lot_can_be_claimed(self):
        found = remedy(Reason.SOLD_OUT, some_lot(packs_free=0, claims=2, ends_at=SOON))

        assert (found.number, found.at) == (2, SOON)
        assert found.says.english.startswith("2 claims hold packs of it; when one is given back")

    def test_frees_money_of_a_subsidy(self):
        spent = [
            a_subsidy(offer_id="off_1", is_exhausted=True, left=10_000),
            a_subsidy(offer_id="off_2", is_exhausted=True, left=35_000),
        ]

        found = remedy(Reason.SUBSIDY_EXHAUSTED, offers=spent)

        assert found.number == 15_000
        assert "give 150.00 yuan of it back" in found.says.english

    def test_lowers_what_she_holds_herself(self):
        capped = some_lot(capped_hosts=frozenset({HOST}), ends_at=SOON)
        room = Room(total=500_000, host=49_999)

        assert remedy(Reason.HOST_CAP_REACHED, capped).at == SOON
        assert remedy(Reason.SUBSIDY_HOST_CAP_REACHED, room=room).number == 1


def clause(when):
    return Clause("rule", when, "It asks for something.", "有条件。")


def people(size, city="Suzhou", **tags):
    return Portrait("Tea friends", city, size, tags or {"tea": 50})


class TestConditions:
    @pytest.mark.parametrize(
        ("when", "unmet"),
        [
            ("community_size >= 100", (60, None)),
            ("community_size >= 41", (1, None)),
            ("settled_gatherings >= 9", (None, 7)),
            ("community_size >= 100 || settled_gatherings > 3", (60, 2)),
            ("community_size >= 100 && settled_gatherings > 3", (None, None)),
            ("city == 'xian'", (None, None)),
        ],
    )
    def test_say_how_many_more_people_or_gatherings_meet_them(self, when, unmet):
        asked = clause(when)

        found = unmet_clauses([(asked,)], [people(40)], settled=2)

        assert found == (Unmet(asked, *unmet),)

    def test_are_met_when_one_community_meets_all_clauses_of_one_subsidy(self):
        strict, easy = (clause("community_size >= 1000"),), (clause("'tea' in tags"),)
        others = people(900, toys=1)

        assert unmet_clauses([strict, easy], [others, people(5)], settled=0) == ()
        assert unmet_clauses([strict, ()], [others], settled=0) == ()

    def test_are_told_of_the_community_and_the_subsidy_that_lack_the_fewest(self):
        size, tag = clause("community_size >= 50"), clause("'tea' in tags")

        found = unmet_clauses([(size, tag)], [people(10, toys=1), people(45)], settled=0)

        assert found == (Unmet(size, more_people=5),)

    def test_are_not_looked_at_of_nobody(self):
        assert unmet_clauses([(clause("community_size > 1"),)], [], settled=0) == ()
        assert unmet_clauses([], [people(1)], settled=0) == ()

    @pytest.mark.parametrize(
        ("unmet", "says"),
        [
            (Unmet(clause("true"), more_people=3), "With 3 more people in the community."),
            (Unmet(clause("true"), more_settled=1), "After 1 more settled gathering of yours."),
            (Unmet(clause("true")), "Claim for a community that is as the condition says."),
        ],
    )
    def test_are_reasons_with_their_own_words_and_a_remedy(self, unmet, says):
        found = explain(some_lot(), SUBSIDY, a_host(), NOW, unmet=[unmet])

        (objection,) = found.objections
        assert (objection.code, found.score) == (Reason.NOT_ELIGIBLE, None)
        assert objection.why == ("It asks for something.", "有条件。")
        assert objection.remedy.says.english == says
        assert objection.remedy.number == (unmet.more_people or unmet.more_settled)


class TestAnOutlook:
    def test_hopes_for_nothing_of_no_offer(self):
        assert outlook_of([], NOW) == Outlook(None, None)
        assert outlook_of([a_subsidy()], NOW) == Outlook(None, None)
