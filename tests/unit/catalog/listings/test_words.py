"""What a search finds in a text, and that keys and trail find just that."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.listings.engine.initials import initials_of
from services.catalog.listings.engine.words import (
    LONGEST_TEXT,
    is_settled,
    keys_of,
    lookups_of,
    matches,
    pattern_of,
    tokens_of,
    trail_of,
)
from tests.unit.catalog.scan import plainly_matches

# Few characters, so that many queries match: Han with one reading, with two, with none known.
LETTERS = st.text("abcz茶叶长重𠮷 1é-", max_size=12)
ASKED = st.text("abcz茶叶长重𠮷1é", min_size=1, max_size=10)


class TestTokens:
    @pytest.mark.parametrize(
        ("text", "tokens"),
        [
            ("Ice-cream, ICE", ("ice", "cream")),
            ("乌龙茶T恤500g", ("乌龙茶", "t", "恤", "500g")),
            ("\uff34\uff25\uff21 ①", ("tea", "1")),
            ("Straße", ("strasse",)),
            ("a_b", ("a", "b")),
            ("\u3007茶", ("\u3007茶",)),
            ("·—! ", ()),
        ],
    )
    def test_are_runs_of_han_and_words_without_case(self, text, tokens):
        assert tokens_of(text) == tokens

    def test_end_where_the_text_is_too_long(self):
        assert tokens_of("x" * (LONGEST_TEXT - 2) + " ab") == ("x" * (LONGEST_TEXT - 2), "a")


class TestInitials:
    @pytest.mark.parametrize(
        ("character", "letters"),
        [("茶", "c"), ("长", "cz"), ("重", "cz"), ("乐", "ly"), ("嗯", "n"), ("\u3007", "ly")],
    )
    def test_are_those_of_the_two_commonest_readings(self, character, letters):
        assert initials_of(character) == letters

    @pytest.mark.parametrize("character", ["x", "1", "\U000323af"])
    def test_are_none_of_what_has_no_pinyin(self, character):
        assert initials_of(character) == ""

    def test_never_begin_with_what_begins_no_syllable(self):
        from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415 - as where it is used

        letters = {letter for code in pinyin_dict for letter in initials_of(chr(code))}

        assert letters <= set("abcdefghjklmnopqrstwxyz")


class TestMatches:
    @given(text=LETTERS, asked=ASKED)
    def test_is_what_it_says_letter_by_letter(self, text, asked):
        for term in tokens_of(asked):
            assert matches(term, tokens_of(text)) is plainly_matches(term, text, initials_of)


class TestKeysAndTrail:
    @given(text=LETTERS, asked=ASKED)
    def test_find_what_matches_and_nothing_else(self, text, asked):
        tokens = tokens_of(text)
        for term in tokens_of(asked):
            is_found = _is_found(term, keys_of(tokens))
            in_trail = re.search(pattern_of(term), trail_of([tokens])) is not None

            assert in_trail is matches(term, tokens)
            assert is_found or not in_trail
            assert in_trail or not (is_found and is_settled(term))

    def test_are_the_ends_of_runs_their_initials_and_words(self):
        assert keys_of(tokens_of("长城 tea")) == ["c", "cc", "tea", "zc", "城", "长城"]

    def test_are_cut_to_a_few_characters(self):
        assert keys_of(tokens_of("chocolates")) == ["chocolat"]
        assert max(map(len, keys_of(tokens_of("乌龙茶叶礼盒")))) == 4

    def test_are_bounded_for_the_worst(self):
        assert len(keys_of(tokens_of("长重" * LONGEST_TEXT))) < 30


def _is_found(term, keys) -> bool:
    beginning, *whole = lookups_of(term)
    return any(key.startswith(beginning) or key in whole for key in keys)
