"""A part of each release stays for a number of days, by the policy of its time."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.money import Money
from services.payments.releases.domain import Release, ReleaseState, day_of
from services.payments.reserves.adapters import PolicyReserve
from services.payments.reserves.domain import Reserve, ReservePolicy
from services.payments.reserves.use_cases import SetReserve, set_reserve
from tests.builders.payments import HOST, NOW, Shelf, an_id

DAY = timedelta(days=1)


def a_release(minor, at):
    return Release(
        an_id("rel"), HOST, day_of(at), Money(minor, "CNY"), 1, ReleaseState.COMPLETED, at
    )


def a_policy(basis_points=1_000, days=30, at=NOW):
    return ReservePolicy(basis_points, days, "Many returns", "退货较多", at)


def kept(reserve, releases, now):
    return [part.minor for part in reserve.slices(releases, now=now)]


class TestSlices:
    def test_stay_for_the_days_of_the_policy_and_not_longer(self):
        reserve, release = Reserve(HOST, (a_policy(),)), a_release(12_345, NOW + DAY)

        assert kept(reserve, [release], NOW + 30 * DAY) == [1_234]
        assert kept(reserve, [release], NOW + 31 * DAY) == []

    def test_of_a_release_before_there_was_a_policy_are_none(self):
        reserve = Reserve(HOST, (a_policy(at=NOW + DAY),))

        assert kept(reserve, [a_release(10_000, NOW)], NOW + 2 * DAY) == []

    def test_go_by_the_policy_of_their_release_whatever_was_set_since(self):
        reserve = Reserve(HOST, (a_policy(),)).set(a_policy(5_000, 60, NOW + 2 * DAY))
        releases = [a_release(10_000, NOW + DAY), a_release(10_000, NOW + 3 * DAY)]

        assert kept(reserve, releases, NOW + 4 * DAY) == [1_000, 5_000]
        assert kept(reserve.set(a_policy(0, 0, NOW + 4 * DAY)), releases, NOW + 40 * DAY) == [
            5_000
        ]

    def test_are_set_once_by_the_same_words(self):
        reserve = Reserve(HOST, (a_policy(),))

        assert reserve.set(a_policy(at=NOW + DAY)) is reserve

    @given(
        st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 90)), max_size=20),
        st.integers(0, 5_000),
        st.integers(0, 180),
        st.integers(0, 200),
    )
    def test_never_hold_more_than_their_part_of_the_releases_of_their_days(
        self, amounts, points, days, later
    ):
        reserve, now = Reserve(HOST, (a_policy(points, days),)), NOW + later * DAY
        releases = [a_release(minor, NOW + ago * DAY) for minor, ago in amounts]

        held = sum(kept(reserve, releases, now))

        young = [r.amount.minor for r in releases if r.completed_at + days * DAY > now]
        assert held <= sum(young) * points // 10_000
        assert held >= sum(young) * points // 10_000 - len(young)


class FakeReserves(Shelf):
    def of(self, organization_id):
        return self.by_id.get(organization_id, Reserve(organization_id))


class SomeReleases:
    def __init__(self, *releases):
        self.releases = releases

    def since(self, organization_id, currency, after):
        return [
            each
            for each in self.releases
            if (each.organization_id, each.amount.currency) == (organization_id, currency)
            and each.completed_at > after
        ]


def test_the_measure_of_a_payout_is_what_the_policy_keeps():
    book = FakeReserves(KeyError)
    command = SetReserve(
        organization_id=HOST, basis_points=2_000, days=10, why_en="New", why_zh="新"
    )
    for _ in range(2):
        set_reserve(command, book=book, now=NOW)
    releases = SomeReleases(a_release(10_000, NOW + DAY), a_release(5_000, NOW + 5 * DAY))

    def measure(days, who=HOST, currency="CNY"):
        return PolicyReserve(book, releases, lambda: NOW + days * DAY).measure(who, currency).minor

    assert len(book.by_id[HOST].policies) == 1
    assert [measure(day) for day in (6, 11, 15)] == [3_000, 1_000, 0]
    assert measure(6, who=an_id("org")) == measure(6, currency="USD") == 0
