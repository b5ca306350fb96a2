"""Laws of pictures: behaviour moves what was stated, within bounds, and whatever the order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.matching.communities.domain import Portrait
from services.matching.pictures.domain import (
    Evening,
    HostRecord,
    Signs,
    draw,
    interests,
    rhythm_of,
)
from tests.builders.matching import NOW

TAGS = ("tea", "cups", "toys", "hair")
counts = st.integers(0, 10_000)
shown = st.builds(Signs, st.integers(1, 200), counts, counts, counts, counts)
portraits = st.builds(
    Portrait,
    st.just("People"),
    st.sampled_from(["Suzhou", "Xian"]),
    st.integers(1, 1_000_000),
    st.dictionaries(st.sampled_from(TAGS), st.integers(1, 100), min_size=1),
)


@given(shown)
def test_a_factor_is_between_half_and_double(seen):
    assert 500 <= seen.factor < 2_000


@given(shown, st.sampled_from(["came", "kept"]), st.sampled_from(["missed", "returned"]), counts)
def test_a_sign_for_never_weakens_and_a_sign_against_never_strengthens(seen, good, bad, more):
    better = seen._replace(**{good: getattr(seen, good) + more})
    worse = seen._replace(**{bad: getattr(seen, bad) + more})

    assert worse.factor <= seen.factor <= better.factor


@given(st.lists(portraits, max_size=5), st.dictionaries(st.sampled_from(TAGS), shown))
def test_a_stated_interest_keeps_at_least_half_and_never_doubles(said, seen):
    for each in interests(said, seen).values():
        if each.stated:
            assert max(1, each.stated // 2) <= each.weight
            assert each.weight < 2 * each.stated or each.weight == 1
        else:
            # As if every guest of an average evening had stated it with the heaviest weight.
            assert 0 < each.weight < 100 * (each.shown.came // each.shown.gatherings)


evenings = st.lists(
    st.builds(
        Evening,
        gathering_id=st.just("gth_1"),
        began_at=st.integers(0, 400).map(lambda days: NOW - timedelta(days=days)),
        came=counts,
        asked=counts,
        tags=st.frozensets(st.sampled_from(TAGS)),
        units=counts,
        sold=st.just(1_000),
        refunded=st.integers(0, 1_000),
    ),
    max_size=8,
)


@given(evenings, st.randoms(use_true_random=False))
def test_a_picture_is_the_same_in_whatever_order_its_evenings_are_read(held, chance):
    mixed = chance.sample(held, len(held))

    assert draw("org_1", [], held, HostRecord()) == draw("org_1", [], mixed, HostRecord())


@given(*[st.integers(0, 10**6)] * 3)
def test_a_record_is_never_certain_and_better_by_every_approval(approved, disputed, called_off):
    record = HostRecord(approved=approved, disputed=disputed, called_off=called_off)
    one_more = HostRecord(approved=approved + 1, disputed=disputed, called_off=called_off)

    assert 0 <= record.reliability <= one_more.reliability < 1_000
    repaired = HostRecord(
        approved=approved + record.approvals_to_good, disputed=disputed, called_off=called_off
    )
    assert repaired.reliability >= 900


@given(st.lists(st.datetimes(), max_size=20))
def test_a_rhythm_is_per_mille(begun):
    found = rhythm_of(begun, NOW.replace(tzinfo=None))

    assert 0 <= found.steadiness <= 1_000
    assert 0 <= found.lately <= len(begun)
