"""Durations as people write them."""

from __future__ import annotations

import pytest

from teahouse.sandbox import parse_duration


class TestParseDuration:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [("72h", 259_200), ("90s", 90), ("45m", 2_700), ("1d12h", 129_600), ("1.5h", 5_400)],
    )
    def test_adds_up_the_parts(self, text, seconds):
        assert parse_duration(text) == seconds

    @pytest.mark.parametrize("text", ["", "72", "h", "3x", "-1h", "1h 2m", "1h!"])
    def test_refuses_what_is_none(self, text):
        with pytest.raises(ValueError, match="not a duration"):
            parse_duration(text)
