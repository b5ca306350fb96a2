"""Conditions of a subsidy: in CEL over a claim's facts, each judged by itself."""

from __future__ import annotations

import pytest

from cartridges.conditions import ConditionRefused
from sharing.eligibility import ClaimFacts, Clause, check_clauses, judge

BIG = Clause("big", "community_size >= 50", "At least 50 people.", "至少五十人。")
LOCAL = Clause("local", "city in ['beijing', 'suzhou']", "In Beijing or Suzhou.", "限北京、苏州。")


def a_clause(when: str) -> Clause:
    return Clause("one", when, "One.", "一。")


class TestJudging:
    def test_says_of_each_clause_whether_it_is_met(self):
        verdicts = judge([BIG, LOCAL], ClaimFacts(community_size=49, city="suzhou"))

        assert [(one.clause.name, one.passes) for one in verdicts] == [
            ("big", False),
            ("local", True),
        ]

    def test_lets_everybody_have_an_offer_without_conditions(self):
        assert judge([], ClaimFacts()) == ()

    @pytest.mark.parametrize(
        ("when", "facts", "passes"),
        [
            ("'tea' in tags", {"tags": ("books", "tea")}, True),
            ("tags.exists(tag, tag.startsWith('te'))", {"tags": ("books",)}, False),
            ("settled_gatherings >= 3 || packs <= 2", {"packs": 3}, False),
            ("settled_gatherings >= 3 || packs <= 2", {"settled_gatherings": 3, "packs": 9}, True),
            ("channel == 'gathering'", {"channel": "online"}, False),
            # A clause that has no answer for these facts is not met.
            ("community_size / settled_gatherings > 1", {"community_size": 9}, False),
        ],
    )
    def test_may_ask_about_every_fact_of_a_claim(self, when, facts, passes):
        ((_, told),) = judge([a_clause(when)], ClaimFacts(**facts))

        assert told is passes


class TestChecking:
    def test_takes_what_has_an_answer_for_every_claim(self):
        check_clauses([BIG, LOCAL])

    @pytest.mark.parametrize(
        ("when", "code"),
        [
            ("community_sise > 3", "condition-name"),
            ("people > 3", "condition-name"),
            ("community_size >", "condition-unreadable"),
            ("community_size + 1", "condition-fails"),
            ("city > 3", "condition-fails"),
            ("community_size / settled_gatherings > 1", "condition-fails"),
            ("true || " * 80 + "true", "too-long"),
        ],
    )
    def test_refuses_what_could_fail_a_host_who_did_nothing_wrong(self, when, code):
        with pytest.raises(ConditionRefused) as refused:
            check_clauses([BIG, a_clause(when)])

        assert refused.value.code == code
