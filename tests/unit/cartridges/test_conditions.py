"""Conditions in CEL, and what they may not do."""

from __future__ import annotations

import pytest

from cartridges.check import problems_of
from cartridges.conditions import LONGEST, MOST_WORDS, ConditionRefused, Facts, holds
from tests.unit.catalog.fakes import a_manifest


def code(expression: str, facts: Facts | None = None) -> str:
    with pytest.raises(ConditionRefused) as refused:
        holds(expression, facts or Facts(people=9))
    return refused.value.code


class TestHolds:
    @pytest.mark.parametrize(
        ("expression", "answer"),
        [
            ("people >= 6", True),
            ("people > 6 && teams == 0", True),
            ("people in [7, 8]", False),
            ("hour >= 17 ? people > 4 : people > 40", True),
            ("'tea' in community_tags", True),
            ("community_tags.exists(tag, tag.startsWith('te'))", True),
            ("community_tags.all(t, size(t) < 4) || equipment.exists_one(e, e == 'kiln')", True),
            ("!indoor", False),
            ("people % 3 == 0 && people / 3 * 3 == people", True),
            ("'.all(' == '.all('", True),
        ],
    )
    def test_answers_from_the_facts(self, expression, answer):
        facts = Facts(people=9, community_tags=("tea", "art"), equipment=("kiln",))

        assert holds(expression, facts) is answer

    def test_looks_at_no_more_words_than_are_allowed(self):
        facts = Facts(people=9, community_tags=tuple(f"tag-{each}" for each in range(500)))

        assert holds(f"size(community_tags) == {MOST_WORDS}", facts)


class TestTrials:
    @pytest.mark.parametrize(
        "rule",
        [
            "100 / (people - 13) < 200",
            "10 / (hour - 18) > -20",
            "10 / (month - 7) > -20",
            "12 / (weekday - 3) > -20",
            "10 / (gatherings_held - 100) > -20",
            "equipment[0] != ''",
        ],
    )
    def test_find_the_evening_on_which_a_condition_has_no_answer(self, rule):
        condition = {"id": "odd", "rule": rule, "otherwise": {"zh": "x", "en": "x"}}

        (problem,) = problems_of(a_manifest(conditions=[condition]))

        assert problem.code == "condition-fails"

    def test_say_which_fact_was_meant(self):
        with pytest.raises(ConditionRefused, match="did you mean hour"):
            holds("hours > 3", Facts(people=9))

    def test_say_how_a_list_is_asked(self):
        with pytest.raises(ConditionRefused, match="'word' in list"):
            holds("equipment.contains('kiln')", Facts(people=9))


class TestRefusals:
    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("people >", "condition-unreadable"),
            ("weather == 'fine'", "condition-name"),
            ("people.foo > 1", "condition-fails"),
            ("'a'.matches('(a+)+$')", "condition-function"),
            (
                "timestamp('2026-01-01T00:00:00Z') == timestamp('2026-01-01T00:00:00Z')",
                "condition-function",
            ),
            ("size(community_tags.map(people, people)) > 0", "condition-function"),
            ("equipment.all(a, equipment.all(b, a == b))", "condition-nested"),
            ("equipment.exists(a, [equipment.all(b, true)] == [])", "condition-nested"),
            ("'\\'' == ''", "condition-unreadable"),
            ("'''a''' == 'a'", "condition-unreadable"),
            ("people > 1\n|| true", "condition-unreadable"),
            ("people", "condition-fails"),
            ("people / teams > 1", "condition-fails"),
            ("people + 9223372036854775807 > 1", "condition-fails"),
            ("equipment[5] == 'kiln'", "condition-fails"),
            ("people > '1'", "condition-fails"),
            ("(" * 200 + "true" + ")" * 200, "condition-unreadable"),
            ("x" * (LONGEST + 1), "too-long"),
        ],
    )
    def test_name_what_is_wrong(self, expression, expected):
        assert code(expression) == expected

    def test_two_macros_beside_each_other_are_no_nest(self):
        assert holds("equipment.all(a, a != '') && equipment.all(b, (b != ''))", Facts(people=1))
