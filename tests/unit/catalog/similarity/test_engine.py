"""Text is compared by runs of three words or characters, and nothing else of it counts."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chassis.kernel.money import WHOLE
from services.catalog.similarity.engine import likeness as engine
from services.catalog.similarity.engine.likeness import likeness
from services.catalog.similarity.engine.shingles import by_passage, marks, shingles
from services.catalog.similarity.engine.themes import passages_of, structure_of
from tests.unit.catalog.fakes import a_manifest
from tests.unit.catalog.similarity.themes import SAMPLES, sample

LONG = "Lots decide the teams, and families are split too; three minutes for a name."
WORDS = some.text(some.sampled_from("茶水杯 abc,。"), max_size=60)


def alike(mine: dict[str, str], other: dict[str, str]):
    return likeness(by_passage(mine), by_passage(other), structure={}, other_structure={})


class TestShingles:
    def test_are_runs_of_three_words(self):
        assert shingles("one two three four").total() == 2

    def test_are_runs_of_three_chinese_characters(self):
        assert shingles("三人一队").total() == 2

    @pytest.mark.parametrize(
        "same",
        [
            "\uff2f\uff2e\uff25 \uff54wo Three four",
            "one, two: three — FOUR!",
            "one\ntwo  three\tfour",
        ],
    )
    def test_do_not_count_width_case_spaces_or_punctuation(self, same):
        assert shingles(same) == shingles("one two three four")

    def test_count_what_is_said_twice_twice(self):
        assert max(shingles("go round and go round and").values()) == 2

    def test_of_a_set_phrase_prove_nothing(self):
        assert by_passage({"/title/en": "Tea for two"}) == {}


class TestLikeness:
    def test_of_a_text_with_itself_is_whole(self):
        found = alike({"/a": LONG}, {"/b": LONG})

        assert found[:3] == (WHOLE, WHOLE, WHOLE)
        assert found.passages == (("/a", "/b", WHOLE),)

    def test_of_texts_with_nothing_in_common_is_none(self):
        found = alike({"/a": LONG}, {"/b": LONG[::-1]})

        assert found[:3] == (0, 0, 0)
        assert found.passages == ()

    def test_tells_a_part_taken_from_a_part_given(self):
        found = alike({"/a": LONG}, {"/a": LONG, "/b": " ".join(LONG.split()[::-1])})

        assert found.text_taken == WHOLE
        assert found.text_given == WHOLE // 2

    def test_finds_a_passage_in_the_midst_of_a_longer_one(self):
        found = alike({"/mine": LONG}, {"/other": f"First of all sit down. {LONG} Then go home."})

        assert found.passages == (("/mine", "/other", WHOLE),)

    def test_compares_a_passage_with_a_few_of_many_that_share_a_phrase(self, monkeypatch):
        phrase = "all guests take their seats and wait until everybody is quiet"
        mine, other = (
            {f"/{side}/{number}": f"{phrase} {side}{number} x y" for number in range(200)}
            for side in ("mine", "other")
        )
        compared = []
        exact = engine._alike
        monkeypatch.setattr(engine, "_alike", lambda *pair: compared.append(pair) or exact(*pair))

        found = alike(mine, other)

        assert len(compared) <= engine.MOST_NEAR * len(mine)
        assert len(found.passages) == engine.MOST_PASSAGES
        assert found.text_taken > 5_000

    def test_finds_a_passage_among_many_that_share_a_phrase(self):
        phrase = "all guests take their seats and wait until everybody is quiet"
        other = {f"/{number:03}": f"{phrase}, then {LONG[number:]}" for number in range(40)}

        found = alike({"/mine": other["/039"]}, other)

        assert found.passages == (("/mine", "/039", WHOLE),)

    def test_finds_a_passage_that_is_said_many_times(self):
        found = alike({"/mine": LONG}, {f"/{number:03}": LONG for number in range(40)})

        assert [each.alike for each in found.passages] == [WHOLE]

    def test_of_real_themes_by_different_people_is_small(self):
        themes = [
            by_passage(passages_of(one.manifest, one.files))
            for one in map(sample, sorted(path.name for path in SAMPLES.iterdir()))
        ]

        shares = [
            max(likeness(mine, other, structure={}, other_structure={})[:2])
            for mine, other in itertools.combinations(themes, 2)
        ]

        assert len(shares) == 28
        assert max(shares) < 500

    @given(WORDS, WORDS)
    def test_is_the_same_from_both_sides(self, mine, other):
        here, there = alike({"/a": mine}, {"/b": other}), alike({"/b": other}, {"/a": mine})

        assert (here.text_taken, here.text_given) == (there.text_given, there.text_taken)
        assert here.text_alike == there.text_alike <= min(here.text_taken, here.text_given)


class TestMarks:
    def test_are_shared_by_whoever_shares_a_passage(self):
        whole = by_passage({"/a": LONG, "/b": "水一次烧到九十度分三次倒每次只倒半杯请闭眼闻一闻"})
        part = by_passage({"/z": LONG})

        assert set(marks(part)) <= set(marks(whole))
        assert len(marks(part)) == 4


class TestThemes:
    def test_have_every_text_people_read_by_its_path(self):
        found = passages_of(a_manifest(), {"texts/host-notes.md": b"One.\r\n\r\nTwo."})

        assert found["/summary/en"] == "Make a brush with a master."
        assert found["/programme/1/title/zh"] == "制笔"
        assert found["/evidence/0/text/en"] == "All together"
        assert found["texts/host-notes.md#2"] == "Two."
        assert "/license" not in found

    def test_have_a_structure_without_words(self):
        assert structure_of(a_manifest()) == {
            "people 8-24": 1,
            "step 0+30": 1,
            "step 30+60": 1,
            "role master": 1,
            "material 1 per person": 1,
        }
