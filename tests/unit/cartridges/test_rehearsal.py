"""What would happen, and what would be needed, for these people."""

from __future__ import annotations

import pytest

from cartridges.expectations import ExpectationsUnreadable, outcomes
from cartridges.rehearsal import facts_for, run_sheet
from tests.unit.catalog.fakes import a_manifest


def text(english: str) -> dict:
    return {"zh": english, "en": english}


def thing(title: str, per: str, **more) -> dict:
    return {"title": text(title), "quantity": 2, "per": per, **more}


def sheet(manifest, *, people=20, language="en", **facts):
    return run_sheet(manifest, facts_for(manifest, people=people, **facts), language=language)


class TestAmounts:
    @pytest.mark.parametrize(
        ("thing", "quantity"),
        [
            (thing("Cups", "person"), 40),
            (thing("Kettle", "gathering"), 2),
            (thing("Boards", "team"), 14),
            (thing("Pots", "people", people_each=8), 6),
        ],
    )
    def test_are_for_everybody_together(self, thing, quantity):
        found = sheet(a_manifest(teams={"size": 3}, materials=[thing]))

        assert [row["quantity"] for row in found.materials] == [quantity]
        assert found.teams == 7

    def test_of_roles_are_fixed_or_follow_the_people(self):
        roles = [
            {"id": "leader", "title": text("Leader"), "count": 1},
            {"id": "helper", "title": text("Helper"), "people_each": 8},
        ]
        found = sheet(a_manifest(roles=roles, programme=a_manifest()["programme"][:1]))

        assert [(row["id"], row["count"]) for row in found.roles] == [("leader", 1), ("helper", 3)]


class TestConditions:
    def test_leave_out_what_is_not_needed(self):
        materials = [thing("Lamp", "gathering", only_if="hour >= 18"), thing("Cups", "person")]
        manifest = a_manifest(materials=materials)

        assert len(sheet(manifest, hour=19).materials) == 2
        assert len(sheet(manifest, hour=10).materials) == 1

    def test_shorten_the_evening(self):
        programme = a_manifest()["programme"]
        programme[1]["only_if"] = "people > 10"
        manifest = a_manifest(programme=programme)

        assert sheet(manifest, people=20).minutes == 90
        assert sheet(manifest, people=9).minutes == 30

    def test_refuse_in_the_words_of_the_author(self):
        rule = {
            "id": "tea",
            "rule": "'tea' in community_tags",
            "otherwise": {"zh": "须爱茶", "en": "Tea"},
        }
        manifest = a_manifest(conditions=[rule])

        assert sheet(manifest, community_tags=("tea",)).refusals == []
        assert sheet(manifest).refusals == ["Tea"]
        assert sheet(manifest, language="zh").refusals == ["须爱茶"]

    @pytest.mark.parametrize("people", [7, 25])
    def test_refuse_too_few_and_too_many(self, people):
        assert sheet(a_manifest(), people=people).refusals == ["for 8 to 24 people"]

    def test_a_language_that_is_not_there_gives_way_to_the_first(self):
        assert sheet(a_manifest(languages=["zh"]), language="en").title == "制笔之夜"


class TestExpectations:
    def expected(self, text: str) -> list:
        return [each.differences for each in outcomes(a_manifest(), text.encode())]

    def test_that_are_met_differ_in_nothing(self):
        expect = "{allowed: true, minutes: 90, quantities: {Bamboo: 10}}"

        assert self.expected(f"- {{title: x, people: 10, expect: {expect}}}") == [[]]

    def test_that_are_not_met_say_how(self):
        expect = "{allowed: true, minutes: 1, quantities: {Bamboo: 1, Tea: 2}}"

        assert self.expected(f"- {{title: x, people: 5, expect: {expect}}}") == [
            [
                "it was refused: for 8 to 24 people",
                "90 minutes, 1 expected",
                "5 of Bamboo, 1 expected",
                "nothing of Tea, 2 expected",
            ]
        ]

    @pytest.mark.parametrize(
        "text",
        [
            "title: x",
            "- 1",
            "- {title: x, people: 5}",
            "- {title: x, people: 5, expect: {}, more: 1}",
            "- {title: x, people: 5, expect: {}, facts: {weather: fine}}",
            "- {title: x, people: 5, expect: {cost: 1}}",
            "- {title: x, people: 5, expect: {}, facts: {hour: 25}}",
            "- {title: x, people: 5, expect: {}, facts: {equipment: 7}}",
            "- {title: x, people: many, expect: {}}",
        ],
    )
    def test_that_are_none_are_refused(self, text):
        with pytest.raises(ExpectationsUnreadable):
            self.expected(text)
