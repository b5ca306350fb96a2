"""The order of names."""

from __future__ import annotations

import pytest

from services.catalog.listings.engine.names import LONGEST_KEY, name_key


class TestNameKey:
    @pytest.mark.parametrize(
        "names",
        [
            ["", "9", "阿", "A"],
            ["茶", "红", "绿", "乌", "竹"],
            ["路", "绿", "乱"],
            ["妈", "麻", "马", "骂"],
            ["茶", "茶 杯", "茶杯"],
            ["eclair", "éclairs", "Eggs"],
            ["绿茶 A", "绿茶 b"],
            ["一", "\U00020002"],
        ],
    )
    def test_puts_names_as_a_dictionary_does(self, names):
        keys = [name_key(name) for name in names]

        assert keys == sorted(keys)
        assert len(set(keys)) == len(names)

    def test_does_not_tell_case_marks_and_points_apart(self):
        assert len({name_key(name) for name in ("Café", "CAFE", "\uff23afe!", "-cafe")}) == 1

    @pytest.mark.parametrize("name", ["茶" * 120, "é" * 120, "\U00020001" * 120])
    def test_is_cut_where_a_cursor_could_not_hold_it(self, name):
        assert 0 < len(name_key(name).encode()) <= LONGEST_KEY

    def test_is_cut_between_characters_and_keeps_the_order(self):
        short, long = name_key("茶" * 20), name_key("茶" * 120)

        assert long.startswith(short)
