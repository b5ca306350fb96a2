"""Whatever is given to the validator, it gives a verdict, and no file surprises it."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartridges.check import problems_of
from cartridges.conditions import ConditionRefused, Facts, holds
from cartridges.conformance.cases import all_cases
from cartridges.package import read_package
from cartridges.problems import ADVICE
from cartridges.reading import read_manifest
from cartridges.verdict import judge
from tools.fuzz import WORDS_OF_CONDITIONS

GOOD = [
    read_manifest(case.content).manifest
    for case in all_cases()
    if case.digest and case.file_name.endswith("yaml")
]
PACKAGES = [case.content for case in all_cases() if case.digest and case.file_name.endswith("dge")]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=30)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
WORDS = st.sampled_from(WORDS_OF_CONDITIONS)


@pytest.fixture(scope="session")
def many(request) -> int:
    return 200_000 if request.config.getoption("--full") else 150


def places(value, path=()):
    """Every place in a manifest, the root too."""
    yield path
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for name, item in inside:
        yield from places(item, (*path, name))


def with_value(manifest, path, value):
    """A copy with another value at a place."""
    whole = [copy.deepcopy(manifest)]
    inside = whole
    for step in (0, *path[:-1]) if path else ():
        inside = inside[step]
    inside[path[-1] if path else 0] = value
    return whole[0]


def answer_or_code(expression: str) -> bool | str:
    """What a condition says, or the code of what is wrong with it."""
    try:
        return holds(expression, Facts(people=9, equipment=("tea",)))
    except ConditionRefused as refusal:
        return refusal.code


class TestValidator:
    def test_gives_a_verdict_on_any_value(self, many):
        @settings(max_examples=many)
        @given(VALUES)
        def judged(value):
            for problem in problems_of(value):
                assert problem.code in ADVICE

        judged()

    def test_gives_a_verdict_on_a_good_manifest_with_anything_in_any_place(self, many):
        @settings(max_examples=many)
        @given(st.data())
        def judged(data):
            manifest = data.draw(st.sampled_from(GOOD))
            path = data.draw(st.sampled_from(list(places(manifest))))
            problems_of(with_value(manifest, path, data.draw(VALUES)))

        judged()

    def test_gives_a_verdict_on_any_bytes(self, many):
        @settings(max_examples=many)
        @given(st.binary(max_size=300), st.booleans())
        def judged(content, is_package):
            assert judge("x.cartridge" if is_package else "x.yaml", content).problems

        judged()

    def test_gives_a_verdict_on_any_lines(self, many):
        lines = st.lists(
            st.text(alphabet="abc:-[]{}&*!|>'\"#%@,? \n\t01~茶", max_size=20), max_size=12
        )

        @settings(max_examples=many)
        @given(lines)
        def judged(found):
            judge("x.yaml", "\n".join(found).encode())

        judged()


class TestPackages:
    def test_with_anything_changed_are_refused(self, many):
        @settings(max_examples=many)
        @given(st.data())
        def judged(data):
            content = bytearray(data.draw(st.sampled_from(PACKAGES)))
            before = bytes(content)
            for _ in range(data.draw(st.integers(1, 4))):
                place = data.draw(st.integers(0, len(content) - 1))
                content[place] = data.draw(st.integers(0, 255))
            if bytes(content) != before:
                assert judge("x.cartridge", bytes(content)).problems

        judged()

    def test_that_are_accepted_are_packed_to_the_same_bytes(self):
        for content in PACKAGES:
            assert read_package(content).content() == content


class TestConditions:
    def test_have_an_answer_or_a_reason(self, many):
        @settings(max_examples=many)
        @given(st.lists(WORDS, min_size=1, max_size=25))
        def judged(words):
            assert answer_or_code(" ".join(words)) in {True, False, *ADVICE}

        judged()


def test_a_manifest_is_read_alike_as_yaml_and_as_json():
    for manifest in GOOD:
        assert read_manifest(json.dumps(manifest).encode()).manifest == manifest
