"""What the books answer, entry by entry, and what they leave in the log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.payments.ledger.domain import (
    LedgerUnavailable,
    Leg,
    Outcome,
    Status,
    plain,
)
from services.payments.ledger.engine.columns import MAX_AMOUNT, MAX_LEGS
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.repositories.writer import Writer
from tests.unit.payments.ledger.books import (
    OUTSIDE,
    Desk,
    MemoryLog,
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestPlain:
    def test_moves_money(self, desk):
        outcome = desk.one(desk.move(desk.fund, desk.escrow, 300))

        assert outcome == Outcome(id=outcome.id, status=Status.POSTED, segment=1, index=0)
        assert desk.balances(desk.fund) == (700, 700)
        assert desk.balances(desk.escrow) == (300, 300)

    def test_may_empty_an_account(self, desk):
        assert desk.one(desk.move(desk.fund, desk.escrow, 1_000)).stands

    def test_refuses_to_go_below_the_floor(self, desk):
        outcome = desk.refuses(desk.move(desk.fund, desk.escrow, 1_001), "floor-broken")

        assert outcome.detail == f"{desk.fund} has 1000 CNY available, 1001 asked"

    def test_the_world_outside_has_no_floor(self, desk):
        assert desk.one(desk.move(OUTSIDE, desk.escrow, 10**12)).stands

    def test_keeps_currencies_apart(self, desk):
        legs = [Leg(desk.fund, -5, "CNY"), Leg(desk.escrow, 5, "USD")]

        desk.refuses(plain(desk.ids("ent"), legs, "exchange"), "not-balanced")
        desk.refuses(desk.move(desk.fund, desk.escrow, 5, "USD"), "floor-broken")

    def test_balances_each_currency_of_an_exchange(self, desk):
        desk.one(desk.move(OUTSIDE, desk.escrow, 100, "USD"))
        legs = [
            Leg(desk.fund, -700, "CNY"),
            Leg(desk.escrow, 700, "CNY"),
            Leg(desk.escrow, -100, "USD"),
            Leg(desk.fund, 100, "USD"),
        ]

        assert desk.one(plain(desk.ids("ent"), legs, "exchange")).stands
        assert desk.balances(desk.fund, "USD") == (100, 100)
        assert desk.balances(desk.escrow, "USD") == (0, 0)

    @pytest.mark.parametrize(
        ("amounts", "code"),
        [
            ([], "bad-legs"),
            ([-5, 5, 0], "bad-legs"),
            ([5], "not-balanced"),
            ([-5, 4], "not-balanced"),
            ([-MAX_AMOUNT - 1, MAX_AMOUNT + 1], "bad-legs"),
            ([-(1 << 70), 1 << 70], "bad-legs"),
            ([-MAX_LEGS, *[1] * MAX_LEGS], "bad-legs"),
        ],
    )
    def test_refuses_bad_legs(self, desk, amounts, code):
        accounts = [OUTSIDE, *[desk.escrow] * MAX_LEGS]
        legs = [
            Leg(account, minor, "CNY") for account, minor in zip(accounts, amounts, strict=False)
        ]

        desk.refuses(plain(desk.ids("ent"), legs, "settlement"), code)

    def test_largest_amounts_on_most_legs_overflow_nothing(self, desk):
        legs = [
            *[Leg(OUTSIDE, -MAX_AMOUNT, "CNY")] * (MAX_LEGS // 2),
            *[Leg(desk.escrow, MAX_AMOUNT, "CNY")] * (MAX_LEGS // 2),
        ]

        entries = [plain(desk.ids("ent"), legs, "settlement") for _ in range(3)]
        outcomes = desk.writer.book(entries)

        # The world outside may owe 36 million million million fen, and no more.
        assert [outcome.code for outcome in outcomes] == ["floor-broken"] * 3
        assert desk.one(plain(desk.ids("ent"), [legs[0], legs[-1]], "deposit")).stands

    def test_later_entries_of_a_batch_see_the_earlier_ones(self, desk):
        first = desk.move(desk.fund, desk.escrow, 900)
        too_much = desk.move(desk.fund, desk.escrow, 200)
        back = desk.move(desk.escrow, desk.fund, 150)
        now_enough = desk.move(desk.fund, desk.escrow, 200)

        outcomes = desk.writer.book([first, too_much, back, now_enough])

        assert [outcome.stands for outcome in outcomes] == [True, False, True, True]
        assert [outcome.index for outcome in outcomes] == [0, None, 1, 2]
        assert desk.balances(desk.fund) == (50, 50)


class TestIds:
    def test_the_same_entry_again_is_the_same_entry(self, desk):
        entry = desk.move(desk.fund, desk.escrow, 300)
        before = desk.one(entry)

        after = desk.one(entry)

        assert after == replace(before, status=Status.EXISTS)
        assert desk.balances(desk.fund) == (700, 700)

    def test_another_entry_with_that_id_is_shown_the_difference(self, desk):
        entry = desk.move(desk.fund, desk.escrow, 300)
        desk.one(entry)
        other = replace(entry, code="payout", reference=desk.ids("gth"))

        outcome = desk.refuses(other, "id-conflict")

        assert outcome.difference == {
            "code": {"stored": "deposit", "asked": "payout"},
            "reference": {"stored": None, "asked": other.reference},
        }
        assert (outcome.segment, outcome.index) == (1, 0)

    def test_the_reason_may_be_worded_anew(self, desk):
        entry = desk.move(desk.fund, desk.escrow, 300)
        desk.one(entry)

        assert desk.one(replace(entry, reason={"why": "said better"})).status is Status.EXISTS

    def test_a_refused_entry_leaves_no_trace(self, desk):
        entry = desk.move(desk.fund, desk.escrow, 1_300)
        desk.refuses(entry, "floor-broken")
        desk.one(desk.move(OUTSIDE, desk.fund, 500))

        assert desk.one(entry).status is Status.POSTED

    def test_a_refused_entry_opens_no_account_and_brings_no_word(self, desk):
        fine = desk.move(desk.fund, desk.escrow, 1)
        poor = replace(
            desk.move(desk.escrow, f"org:{desk.ids('org')}:pending", 500), code="never-heard"
        )

        desk.writer.book([poor, fine, poor])

        paths = [path for path, _ in desk.writer.books.accounts.names]
        assert paths == [OUTSIDE, desk.fund, desk.escrow]
        assert desk.writer.books.words.listed == ["", "deposit"]

    def test_twins_of_a_batch_are_one_entry(self, desk):
        entry = desk.move(desk.fund, desk.escrow, 300)
        other = replace(entry, code="payout")

        outcomes = desk.writer.book([entry, entry, other, entry])

        assert [outcome.status for outcome in outcomes] == [
            Status.POSTED,
            Status.EXISTS,
            Status.REFUSED,
            Status.EXISTS,
        ]
        assert outcomes[2].code == "id-conflict"
        assert desk.balances(desk.escrow) == (300, 300)

    def test_the_twin_of_a_refused_entry_is_judged_by_itself(self, desk):
        poor = desk.move(desk.fund, desk.escrow, 1_300)
        funds = desk.move(OUTSIDE, desk.fund, 500)

        outcomes = desk.writer.book([poor, funds, poor])

        assert [outcome.stands for outcome in outcomes] == [False, True, True]

    def test_an_old_id_is_known_after_thousands_of_segments(self, desk):
        first = desk.move(OUTSIDE, desk.fund, 1)
        desk.one(first)
        for _ in range(300):
            desk.clock.forward(seconds=1)
            desk.one(desk.move(OUTSIDE, desk.fund, 1))

        assert desk.one(first).status is Status.EXISTS
        assert desk.one(replace(first, code="other")).code == "id-conflict"


class TestUnknownOutcome:
    def test_nothing_is_taken_into_the_books_that_may_not_be_stored(self, desk):
        entry = desk.move(OUTSIDE, desk.fund, 1)
        flaky = FlakyLog(desk.log)
        writer = Writer("test", flaky, desk.clock)
        writer.catch_up()
        flaky.loses_replies = True

        with pytest.raises(LedgerUnavailable):
            writer.book([entry])

        assert writer.books.accounts.balance(desk.fund, "CNY").posted == 1_000
        flaky.loses_replies = False
        (outcome,) = writer.book([replace(entry, id=desk.ids("ent"))])
        assert outcome.segment == 2
        (again,) = writer.book([entry])
        assert (again.status, again.segment) == (Status.EXISTS, 1)


class FlakyLog(MemoryLog):
    """Stores, and sometimes cannot tell that it has."""

    def __init__(self, log: MemoryLog) -> None:
        self.segments = log.segments
        self.loses_replies = False

    def append(self, segment: Segment) -> None:
        super().append(segment)
        if self.loses_replies:
            raise LedgerUnavailable("no reply")
