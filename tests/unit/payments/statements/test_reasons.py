"""Reasons picked one by one are those that reading everything gives."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.statements.engine.reasons import picked

NAMES = st.sampled_from(["0", "1", "2", "12", "why", '"1":', "1\\", "：1"])
VALUES = st.recursive(
    st.integers() | st.booleans() | st.none() | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
REASONS = st.dictionaries(
    st.integers(0, 15), st.dictionaries(NAMES, VALUES, min_size=1, max_size=3), min_size=1
)


def column(reasons):
    """As the log writes them."""
    members = ",".join(
        f'"{index}":{json.dumps(reason, ensure_ascii=False, separators=(",", ":"))}'
        for index, reason in sorted(reasons.items())
    )
    return zlib.compress(f"{{{members}}}".encode())


@given(reasons=REASONS)
def test_whatever_names_and_texts_are_in_them(reasons):
    assert picked(column(reasons), reasons) == reasons


@given(reasons=REASONS, data=st.data())
def test_whichever_are_asked_for(reasons, data):
    wanted = data.draw(st.sets(st.sampled_from(sorted(reasons))))

    assert picked(column(reasons), wanted) == {index: reasons[index] for index in wanted}


def test_one_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        picked(column({1: {"why": "x"}}), [2])
