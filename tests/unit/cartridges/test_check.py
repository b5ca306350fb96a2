"""What an author reads when something is wrong with her manifest."""

from __future__ import annotations

import copy

import pytest

from cartridges.check import problems_of
from cartridges.problems import ADVICE, MOST_PROBLEMS
from tests.unit.catalog.fakes import a_manifest


def found(manifest) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in problems_of(manifest)]


class TestProblems:
    def test_a_good_manifest_has_none(self):
        assert problems_of(a_manifest()) == []

    @pytest.mark.parametrize("manifest", [None, [], "tea", 7, {}, True])
    def test_refuses_what_is_no_manifest_at_all(self, manifest):
        assert found(manifest)

    def test_lists_everything_at_once_by_place(self):
        manifest = a_manifest(name="X", version="one", people={"min": 0})

        assert found(manifest) == [
            ("/name", "too-short"),
            ("/name", "wrong-form"),
            ("/people/max", "missing"),
            ("/people/min", "too-small"),
            ("/version", "wrong-form"),
        ]

    def test_says_why_and_what_to_do_in_both_languages(self):
        (problem,) = problems_of(a_manifest(languages=["fr"]))

        assert problem.reason == "\"fr\" is none of ['zh', 'en']"
        assert (problem.hint, problem.chinese) == ADVICE["not-listed"]

    def test_guesses_the_name_that_was_meant(self):
        (problem,) = problems_of(a_manifest(programmme=[]))

        assert problem.path == "/programmme"
        assert problem.reason.endswith("did you mean programme?")

    def test_says_what_a_missing_field_is_for(self):
        manifest = a_manifest()
        del manifest["license"]

        (problem,) = problems_of(manifest)

        assert "SPDX" in problem.reason

    def test_shows_no_more_than_the_beginning_of_a_long_value(self):
        (problem,) = problems_of(a_manifest(version="1" * 30 + "x"))

        assert len(problem.reason) < 200

    def test_stops_after_a_hundred(self):
        manifest = a_manifest(programme=[{}] * 50, materials=[{}] * 100)

        assert len(problems_of(manifest)) == MOST_PROBLEMS

    def test_changes_nothing_of_what_it_looks_at(self):
        manifest = a_manifest(people={"min": 9, "max": 3})
        before = copy.deepcopy(manifest)

        problems_of(manifest)

        assert manifest == before

    def test_measures_before_it_looks(self):
        deep: list = []
        for _ in range(500):
            deep = [deep]

        assert found(a_manifest(tags=deep))[0][1] == "too-deep"
        assert found(a_manifest(title={"en": "x" * 10_485_760, "zh": "x"})) == [
            ("", "file-too-large")
        ]

    def test_knows_numbers_that_json_cannot_write(self):
        assert found(a_manifest(royalty_basis_points=float("nan"))) == [("", "wrong-type")]
