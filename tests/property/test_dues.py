"""A due in any order of what can happen to it: paid, advanced, repaid and forgiven add up."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.money import Money
from services.payments.dues.domain import Cause, Due
from tests.builders.payments import BRAND, HOST, an_id

OWES, OWED = f"org:{BRAND}:owes", f"org:{HOST}:owed"
acts = st.tuples(st.sampled_from(["pay", "advance", "forgive"]), st.integers(0, 12_000))


@given(st.integers(1, 10_000), st.lists(acts, max_size=12))
def test_every_order_of_acts_leaves_exactly_what_is_unpaid(amount, happened):
    due = Due.open(Cause.GOODS_BACK, BRAND, HOST, Money(amount, "CNY"), an_id("ret"))
    given_back = 0
    for act, minor in happened:
        if act == "pay":
            due = due.pay(minor)
        elif act == "advance":
            due = due.advance(minor)
        else:
            due, back = due.forgive(Money(minor, "CNY"))
            given_back += back.minor

    entries = [due.entry(number) for number in range(len(due.steps))]
    balances: Counter[str] = Counter()
    for entry in entries:
        assert sum(leg.minor for leg in entry.legs) == 0
        for leg in entry.legs:
            balances[leg.account] += leg.minor
            assert balances[OWED] >= 0
            assert balances["platform:owed"] >= 0
    assert balances[OWES] == -due.rest.minor
    assert balances[OWED] == due.unpaid.minor
    assert balances["platform:owed"] == due.lent.minor == -balances["platform:returns"]
    assert len({entry.id for entry in entries}) == len(entries)
    asked_off = sum(minor for act, minor in happened if act == "forgive")
    assert (
        sum(step.minor for step in due.steps if step.move == "forgive") + given_back == asked_off
    )


@given(st.integers(1, 10_000), st.lists(acts, max_size=12))
def test_what_the_books_hold_is_asked_of_them_no_more(amount, happened):
    due = Due.open(Cause.GOODS_BACK, BRAND, HOST, Money(amount, "CNY"), an_id("ret"))
    for _, minor in happened:
        due = due.pay(minor)

    half = due.booked(frozenset(range(0, len(due.steps), 2)))
    whole = half.booked(frozenset(half.waiting()))

    assert set(half.waiting()) == set(range(1, len(due.steps), 2))
    assert not whole.is_waiting
    assert whole.booked(frozenset(range(len(whole.steps)))) == whole
