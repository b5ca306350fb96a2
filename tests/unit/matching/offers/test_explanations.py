"""Why, and why not, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.matching.offers.domain import Sentence, Unmet, as_listed, explain
from services.matching.offers.engine.breakdown import Term, day
from services.matching.offers.engine.facts import Caps, Demand
from services.matching.offers.engine.rules import Reason, Room, brand_subsidy
from sharing.eligibility import Clause
from tests.unit.matching.offers.builders import (
    HOST,
    NOW,
    OTHER_HOST,
    a_hold,
    a_host,
    a_subsidy,
    some_lot,
)

SUBSIDY = brand_subsidy([a_subsidy()], NOW)


LARGE = Clause("large", "community_size >= 50", "Fifty people or more.", "至少五十人。")
NONE_LEFT = Room(total=0, host=0, period=0, next_period_at=NOW)


def listed(lot, model="mdl_1", at=NOW):
    return as_listed(explain(lot, SUBSIDY, a_host(), at), a_host(), at, model)


def objections(lot=None, subsidy=SUBSIDY, host=None):
    found = explain(lot or some_lot(), subsidy, host or a_host(), NOW)
    return {objection.code: objection.why.english for objection in found.objections}


class TestAnEligibleLot:
    def test_has_terms_that_add_up_and_no_objection(self):
        found = explain(some_lot(), SUBSIDY, a_host(), NOW)

        assert found.is_eligible
        assert [term.name for term in found.terms] == list(Term)
        assert sum(term.points for term in found.terms) == found.score

    def test_says_the_fact_behind_each_term(self):
        lot = some_lot(
            tags=("tea", "toys", "cups"),
            city="suzhou",
            claims=2,
            published_at=NOW - timedelta(days=1),
            best_before=NOW + timedelta(days=12),
        )
        host = a_host(affinity={"tea": 1, "cups": 2})

        found = explain(lot, SUBSIDY, host, NOW)

        assert [term.why for term in found.terms] == [
            Sentence("Your people care about cups, tea.", "您的社群关注：cups、tea。"),
            Sentence(
                "The brand gives 500.00 yuan for each gathering.", "品牌为每场活动补贴 500.00 元。"
            ),
            Sentence(
                "A pack sells for 100.00 yuan, 1.66 a head for 60 people.",
                "每包售价 100.00 元，按 60 人计每人 1.66 元。",
            ),
            Sentence("Its best-before date is 12 days away.", "距保质期还有 12 天。"),
            Sentence(
                "It is offered only in a city where you have people.", "仅在您社群所在的城市发放。"
            ),
            Sentence("2 claims stand on it.", "已有 2 次认领。"),
            Sentence("It was listed 1 day ago.", "1 天前上架。"),
            Sentence(
                "Hosts who claimed what you did are not known to have claimed from this brand, "
                "or of this category.",
                "尚未见与您认领相近的主理人认领过该品牌或该品类。",
            ),
            Sentence(
                "As far as is known there is enough of it for all who want it.",
                "据目前所知，想要的人都够分。",
            ),
        ]

    def test_says_that_others_want_it_more_as_long_as_that_counts(self):
        lot = some_lot(demand=Demand(points=123_456, last_day=day(NOW)))

        today = explain(lot, SUBSIDY, a_host(), NOW)
        tomorrow = explain(lot, SUBSIDY, a_host(), NOW + timedelta(days=1))

        assert today.terms[-1].points == -123_456
        assert today.terms[-1].why.english == (
            "Others want it more: to them one more pack would have been worth 0.123 points "
            "of what a host wants when the market was last cleared."
        )
        assert sum(term.points for term in today.terms) == today.score
        assert tomorrow.terms[-1].points == 0

    def test_says_to_whom_it_is_held_for_that_it_is_hers_at_the_same_score(self):
        lot = some_lot(packs_free=3, demand=Demand(points=123_456, last_day=day(NOW)))
        hers = replace(lot, held=(a_hold(host_id=HOST),))

        told, plain = (explain(each, SUBSIDY, a_host(), NOW) for each in (hers, lot))

        why = told.terms[-1].why
        assert why.english.startswith(
            "It is held for you until 2026-03-03 17:00 UTC+08:00, yours to claim"
        )
        assert "worth 0.123 points of what a host wants" in why.english
        assert "已为您预留至 2026-03-03 17:00" in why.chinese
        assert (told.held_until, plain.held_until) == (a_hold().until, None)
        assert told.score == plain.score

    def test_says_that_it_is_held_for_her_where_nobody_wants_it_more(self):
        hers = some_lot(held=(a_hold(host_id=HOST),))

        standing = explain(hers, SUBSIDY, a_host(), NOW)
        ended = explain(hers, SUBSIDY, a_host(), a_hold().until)
        others = explain(hers, SUBSIDY, a_host(host_id=OTHER_HOST), NOW)

        assert (
            standing.terms[-1].why.english
            == "It is held for you until 2026-03-03 17:00 UTC+08:00."
        )
        assert (ended.held_until, others.held_until) == (None, None)

    def test_says_that_others_want_it_so_much_more_that_it_is_not_in_her_list(self):
        plain = explain(some_lot(), SUBSIDY, a_host(), NOW)
        least = plain.score - 123_456 + 1
        lot = some_lot(
            demand=Demand(points=123_456, last_day=day(NOW), least=least, model="mdl_1")
        )

        found = listed(lot)

        assert found.is_eligible
        assert found.left_out.why == found.terms[-1].why
        assert found.left_out.why.english == (
            "Others want it more: to them one more pack would have been worth 0.123 points of "
            "what a host wants when the market was last cleared. That is why it is not in your "
            "list until 2026-03-02 08:00 UTC+08:00, but you may claim it all the same."
        )
        assert "但您仍可认领" in found.left_out.why.chinese
        assert (found.left_out.least, found.left_out.until) == (
            least,
            datetime(2026, 3, 2, tzinfo=UTC),
        )
        assert sum(term.points for term in found.terms) == found.score
        enough = replace(lot, demand=replace(lot.demand, least=least - 1))
        hers = replace(lot, held=(a_hold(host_id=HOST),))
        assert [listed(each).left_out for each in (enough, hers)] == [None, None]
        assert listed(lot, "mdl_2").left_out is None
        assert listed(lot, at=NOW + timedelta(days=1)).left_out is None

    def test_says_what_there_is_not(self):
        found = explain(some_lot(), SUBSIDY, a_host(affinity={}), NOW)

        said = {term.name: term.why.english for term in found.terms}
        assert said[Term.AFFINITY] == "None of its tags is among those your people care about."
        assert said[Term.URGENCY] == "It has no best-before date."
        assert said[Term.LOCAL] == "It is offered in the whole country."
        assert said[Term.POPULARITY] == "Nobody has claimed it yet."
        assert said[Term.FRESHNESS] == "It was listed today."


class TestALotThatIsNotForHer:
    def test_has_no_score(self):
        found = explain(some_lot(packs_free=0), SUBSIDY, a_host(), NOW)

        assert not found.is_eligible
        assert found.score is None
        assert found.terms == ()

    def test_names_every_reason_not_only_the_first(self):
        lot = some_lot(
            is_closed=True,
            ends_at=NOW,
            packs_free=0,
            city="beijing",
            capped_hosts=frozenset({HOST}),
        )

        found = objections(lot, brand_subsidy([], NOW))

        assert list(found) == [
            Reason.LOT_CLOSED,
            Reason.LOT_EXPIRED,
            Reason.SOLD_OUT,
            Reason.OFFER_NOT_OPEN,
            Reason.OTHER_CITY,
            Reason.HOST_CAP_REACHED,
        ]

    @pytest.mark.parametrize(
        ("facts", "code", "says"),
        [
            ({"is_closed": True}, Reason.LOT_CLOSED, "no more claims"),
            ({"ends_at": NOW}, Reason.LOT_EXPIRED, "until 2026-03-01 17:00 UTC+08:00"),
            ({"packs_free": 0}, Reason.SOLD_OUT, "No pack"),
            ({"city": "beijing"}, Reason.OTHER_CITY, "only in beijing"),
            (
                {"regions": frozenset({"xian", "beijing"})},
                Reason.OTHER_CITY,
                "only in beijing, xian, where",
            ),
            ({"min_community_size": 61}, Reason.COMMUNITY_TOO_SMALL, "61 people; yours has 60"),
            ({"capped_hosts": frozenset({HOST})}, Reason.HOST_CAP_REACHED, "one host may have"),
        ],
    )
    def test_says_which_rule_of_the_lot_forbids_it(self, facts, code, says):
        found = objections(some_lot(**facts))

        assert list(found) == [code]
        assert says in found[code]

    def test_leaves_to_newcomers_what_is_kept_for_them(self):
        until = NOW + timedelta(days=2)
        lot = some_lot(packs_free=3, packs_kept=3, kept_until=until)
        experienced = a_host(has_record=True)

        found = objections(lot, host=experienced)

        assert list(found) == [Reason.KEPT_FOR_NEWCOMERS]
        assert "until 2026-03-03 17:00 UTC+08:00" in found[Reason.KEPT_FOR_NEWCOMERS]
        assert explain(lot, SUBSIDY, experienced, NOW).packs_free == 0
        assert explain(lot, SUBSIDY, experienced, until).packs_free == 3
        assert explain(lot, SUBSIDY, a_host(), NOW).packs_free == 3
        more = replace(lot, packs_free=5)
        assert explain(more, SUBSIDY, experienced, NOW).packs_free == 2
        assert objections(more, host=experienced) == {}

    def test_says_what_is_held_for_another_and_until_when(self):
        lot = some_lot(packs_free=1, held=(a_hold(),))

        found = objections(lot)

        assert list(found) == [Reason.HELD_FOR_ANOTHER]
        assert "until 2026-03-03 17:00 UTC+08:00" in found[Reason.HELD_FOR_ANOTHER]
        assert explain(lot, SUBSIDY, a_host(), NOW).packs_free == 0
        assert explain(lot, SUBSIDY, a_host(host_id=OTHER_HOST), NOW).packs_free == 1
        assert explain(lot, SUBSIDY, a_host(), a_hold().until).packs_free == 1

    def test_leaves_what_is_not_held(self):
        lot = some_lot(packs_free=3, held=(a_hold(packs=2),))

        assert objections(lot) == {}
        assert explain(lot, SUBSIDY, a_host(), NOW).packs_free == 1

    @pytest.mark.parametrize(
        ("is_newcomer", "left"),
        [
            (True, 3),  # of the two packs that are kept for newcomers anyway
            (False, 2),
        ],
    )
    def test_counts_no_pack_twice_that_is_held_and_kept(self, is_newcomer, left):
        kept = {"packs_kept": 2, "kept_until": NOW + timedelta(days=9)}
        lot = some_lot(packs_free=5, held=(a_hold(is_newcomer=is_newcomer),), **kept)

        assert explain(lot, SUBSIDY, a_host(has_record=True), NOW).packs_free == left
        assert explain(lot, SUBSIDY, a_host(), NOW).packs_free == 4

    def test_says_that_no_subsidy_is_open(self):
        early = brand_subsidy([a_subsidy(opens_at=NOW + timedelta(seconds=1))], NOW)

        assert list(objections(subsidy=early)) == [Reason.OFFER_NOT_OPEN]

    def test_says_that_the_subsidy_is_used_up(self):
        spent = brand_subsidy([a_subsidy(is_exhausted=True)], NOW)

        assert list(objections(subsidy=spent)) == [Reason.SUBSIDY_EXHAUSTED]

    def test_asks_for_a_community_first(self):
        nobody = replace(a_host(), reach={}, largest=0)

        assert list(objections(some_lot(city="beijing"), host=nobody)) == [Reason.NO_COMMUNITY]

    def test_has_a_sentence_in_both_languages_for_every_reason(self):
        reasons = set()
        for lot, subsidy, host in [
            (some_lot(is_closed=True, ends_at=NOW, packs_free=0), SUBSIDY, a_host()),
            (some_lot(city="x"), brand_subsidy([], NOW), a_host()),
            (some_lot(), brand_subsidy([a_subsidy(is_exhausted=True)], NOW), a_host(largest=0)),
            (some_lot(min_community_size=99), SUBSIDY, a_host()),
            (some_lot(capped_hosts=frozenset({HOST})), SUBSIDY, a_host()),
            (
                some_lot(packs_kept=5, kept_until=NOW + timedelta(days=1)),
                SUBSIDY,
                a_host(has_record=True),
            ),
            (some_lot(packs_free=1, held=(a_hold(),)), SUBSIDY, a_host()),
        ]:
            found = explain(lot, subsidy, host, NOW, room=NONE_LEFT, unmet=[Unmet(LARGE)])
            for objection in found.objections:
                reasons.add(objection.code)

                for said in (objection.why, objection.remedy.says):
                    assert said.english.endswith(".")
                    assert said.chinese.endswith("。")
        assert reasons == set(Reason)


class TestWhatIsLeftForHer:
    """Of an offer's money: in all, by its cap for one host, and in this period."""

    ROOM = Room(total=500_000, host=50_000, period=50_000, next_period_at=NOW)

    def told(self, **changes):
        found = explain(some_lot(), SUBSIDY, a_host(), NOW, room=replace(self.ROOM, **changes))
        return {objection.code: objection.why.english for objection in found.objections}

    def test_is_enough_when_it_pays_for_one_more_gathering(self):
        assert self.told() == {}

    def test_is_too_little_by_the_cap_for_one_host(self):
        assert self.told(host=49_999) == {
            Reason.SUBSIDY_HOST_CAP_REACHED: "Of what its brand's offer gives to one host, "
            "499.99 yuan are left for you."
        }

    def test_is_too_little_in_this_period(self):
        assert self.told(period=0) == {
            Reason.SUBSIDY_PERIOD_CAP_REACHED: "Of what its brand's offer gives in this period, "
            "0.00 yuan are left; the next begins at 2026-03-01 17:00 UTC+08:00."
        }


class TestPeriods:
    # Opened at 01:00 on the first of March in China.
    OPENS = datetime(2026, 2, 28, 17, 0, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("now", "begins"),
        [
            (OPENS, 0),
            (datetime(2026, 3, 7, 15, 59, 59, tzinfo=UTC), 0),
            (datetime(2026, 3, 7, 16, 0, tzinfo=UTC), 7),
        ],
    )
    def test_begin_at_midnights_in_china_counted_from_the_day_it_opens(self, now, begins):
        midnight = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)

        assert Caps(period_days=7).period(self.OPENS, now) == (
            midnight + timedelta(days=begins),
            midnight + timedelta(days=begins + 7),
        )
