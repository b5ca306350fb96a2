"""The service and the verifier say the same of every account there can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.ledger.domain.accounts import CHART, MOST_OWED, floor_of
from services.payments.ledger.engine.columns import NO_FLOOR
from teahouse.ledger.replay import Replay, lowest_floor
from tests.builders.payments import HOST


@given(st.from_regex(CHART, fullmatch=True))
def test_any_account_may_fall_as_low_in_a_verified_log_as_in_the_books(path):
    assert lowest_floor(path) == floor_of(path)


@pytest.mark.parametrize(
    ("path", "floor"),
    [
        ("external:provider", NO_FLOOR),
        (f"org:{HOST}:owes", MOST_OWED),
        (f"org:{HOST}:debt", MOST_OWED),
        ("platform:debt", MOST_OWED),
        (f"org:{HOST}:owed", 0),
        ("platform:owed", 0),
        ("cause:debt", 0),
    ],
)
def test_whoever_owes_is_known_by_both(path, floor):
    complaints = []
    Replay(complaints.append, ()).open(path, "CNY", floor)

    assert (floor_of(path), complaints) == (floor, [])


def test_a_lower_floor_than_the_chart_s_is_complained_of():
    complaints = []
    Replay(complaints.append, ()).open(f"org:{HOST}:owes", "CNY", MOST_OWED - 1)

    assert len(complaints) == 1
