"""Laws of fits: both sides are likelihoods made of their terms; a dry run loses nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.kernel.money import Money
from services.matching.fits.domain import CERTAIN, Acceptance, Thresholds, dry_run, fit
from services.matching.fits.domain.acceptance import AUDIENCE
from services.matching.offers.domain import facts_of
from services.matching.pictures.domain import HostRecord, People, Picture, Signs
from sharing.eligibility import Clause
from tests.unit.matching.fits.builders import an_assortment
from tests.unit.matching.offers.builders import HOST, NOW, an_offer, an_offered_lot, lot_id

# Each of these examples is a host and a brand, or many hosts.
FEWER = settings().max_examples // 4
TAGS = ("tea", "cups", "toys", "hair")
CITIES = ("suzhou", "xian")
few = st.integers(0, 300)
records = st.builds(HostRecord, approved=few, disputed=few, called_off=few, settled=few)
people = st.builds(
    People,
    community_id=st.just("com_1"),
    city=st.sampled_from(CITIES),
    size=st.integers(1, 1_000_000),
    tags=st.dictionaries(st.sampled_from(TAGS), st.integers(1, 100), min_size=1),
)
pictures = st.builds(
    Picture,
    host_id=st.just(HOST),
    people=st.lists(people, max_size=3).map(tuple),
    shown=st.dictionaries(
        st.sampled_from(TAGS), st.builds(Signs, st.integers(1, 90), few, few, few, few)
    ),
    begun=st.lists(few.map(lambda days: NOW - timedelta(days=days)), max_size=9).map(tuple),
    record=records,
)
lots = st.builds(
    an_offered_lot,
    id=st.integers(1, 9).map(lot_id),
    tags=st.lists(st.sampled_from(TAGS), max_size=4).map(tuple),
    city=st.sampled_from(["", "Suzhou", "Xian"]),
    min_community_size=st.sampled_from([1, 50, 5_000]),
    packs_free=st.integers(0, 30),
    packs_kept=st.integers(0, 30),
    newcomers_until=st.sampled_from([None, NOW + timedelta(days=1)]),
)
offers = st.builds(
    an_offer,
    subsidy=st.integers(1, 10**9).map(lambda minor: Money(minor, "CNY")),
    total_cap=st.just(Money(10**12, "CNY")),
)
assortments = st.builds(
    an_assortment,
    lots=st.lists(lots, min_size=1, max_size=6).map(tuple),
    offers=st.lists(offers, max_size=2).map(tuple),
)


@settings(max_examples=FEWER)
@given(pictures, assortments, lots)
def test_what_a_brand_makes_of_her_for_a_lot_is_the_fit_of_that_lot(picture, assortment, lot):
    found = fit(picture, replace(assortment, lots=(lot,)), NOW)

    if found is None:
        return
    accepted = Acceptance(picture, facts_of(picture), NOW)
    assert accepted.of(lot.facts(), [lot.facts()]) == found.brand_accepts
    others = [each.facts() for each in (lot, *assortment.lots)]
    of_all = Acceptance(picture, facts_of(picture), NOW).of(lot.facts(), others)
    assert found.brand_accepts - AUDIENCE <= of_all <= found.brand_accepts + AUDIENCE


@settings(max_examples=FEWER)
@given(pictures, assortments)
def test_both_sides_are_sums_of_their_terms_and_neither_is_ever_certain(picture, assortment):
    found = fit(picture, assortment, NOW)

    if found is None:
        return
    for side, likelihood in (
        (found.wants, found.host_wants),
        (found.accepts, found.brand_accepts),
    ):
        assert sum(term.points for term in side) == likelihood
        assert all(term.points >= 0 for term in side)
        assert 0 < likelihood < CERTAIN
    assert found.score <= min(found.host_wants, found.brand_accepts)
    assert found.open_lots
    assert set(found.open_lots) <= set(assortment.facts)


@settings(max_examples=FEWER)
@given(pictures, assortments, st.integers(1, 50))
def test_a_better_record_never_lessens_what_a_brand_thinks(picture, assortment, more):
    record = picture.record
    better = HostRecord(
        approved=record.approved + more,
        disputed=record.disputed,
        called_off=record.called_off,
        settled=record.settled,
    )
    before = fit(picture, assortment, NOW)
    after = fit(
        Picture(
            host_id=HOST,
            people=picture.people,
            shown=picture.shown,
            begun=picture.begun,
            record=better,
        ),
        assortment,
        NOW,
    )

    assert (before is None) == (after is None)
    assert before is None or before.brand_accepts <= after.brand_accepts


CLAUSES = (
    Clause("tea", "'tea' in tags", "Tea.", "茶。"),
    Clause("experienced", "settled_gatherings >= 100", "A hundred.", "一百场。"),
)
thresholds = st.builds(
    Thresholds,
    min_community_size=st.sampled_from([1, 100, 500_000]),
    cities=st.frozensets(st.sampled_from(CITIES)),
    clauses=st.lists(st.sampled_from(CLAUSES), unique=True).map(tuple),
)


@settings(max_examples=FEWER)
@given(thresholds, st.lists(pictures, max_size=6))
def test_a_dry_run_loses_nobody(asked, tried):
    found = dry_run(asked, tried)

    failing = found.hosts - found.passing
    assert found.hosts == sum(bool(picture.people) for picture in tried)
    assert found.newcomers <= found.passing
    assert sum(rule.failing_alone for rule in found.rules) <= failing
    assert sum(rule.failing for rule in found.rules) >= failing
    assert all(rule.failing_alone <= rule.failing <= failing for rule in found.rules)
    for rule in found.rules:
        assert all(miss.short is None or miss.short > 0 for miss in rule.nearest)
