"""What the books answer, entry by entry, and what they leave in the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.payments.ledger.domain import (
    EntryRequest,
    LedgerUnavailable,
    Leg,
    Outcome,
    Status,
    expire,
    hold,
    plain,
    post,
    transfer,
    void,
)
from services.payments.ledger.engine.columns import MAX_AMOUNT, MAX_LEGS, MAX_UNBOUNDED
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.repositories.writer import Writer
from tests.unit.payments.ledger.books import MemoryLog, MovableClock, SeededIds, a_writer

OUTSIDE = "external:provider"


class Desk:
    """A writer with a funded account, and short words for entries."""

    def __init__(self, funded: int = 1_000) -> None:
        self.clock, self.log = MovableClock(), MemoryLog()
        self.ids = SeededIds(1, self.clock)
        self.fund = f"offer:{self.ids('off')}:fund"
        self.escrow = f"claim:{self.ids('clm')}:escrow"
        self.writer = a_writer(self.log, self.clock)
        if funded:
            self.one(self.move(OUTSIDE, self.fund, funded))

    def move(self, source: str, target: str, minor: int, currency: str = "CNY") -> EntryRequest:
        amount = Money(minor, currency)
        return transfer(self.ids("ent"), source, target, amount, "deposit")

    def hold(self, minor: int, **options: object) -> EntryRequest:
        legs = [Leg(self.fund, -minor, "CNY"), Leg(self.escrow, minor, "CNY")]
        return hold(self.ids("ent"), legs, "escrow", **options)

    def post(self, held: EntryRequest, minor: int | None = None) -> EntryRequest:
        legs = [Leg(self.fund, -minor, "CNY"), Leg(self.escrow, minor, "CNY")] if minor else []
        return post(self.ids("ent"), held.id, "escrow", legs=legs)

    def one(self, entry: EntryRequest) -> Outcome:
        (outcome,) = self.writer.book([entry])
        return outcome

    def balances(self, path: str, currency: str = "CNY") -> tuple[int, int]:
        return tuple(self.writer.books.accounts.balance(path, currency))

    def refuses(self, entry: EntryRequest, code: str) -> Outcome:
        """The entry is refused, and nothing has changed."""
        before = (len(self.log.segments), self.writer.books.head)
        outcome = self.one(entry)
        assert (outcome.status, outcome.code) == (Status.REFUSED, code)
        assert (len(self.log.segments), self.writer.books.head) == before
        return outcome


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


class TestHolds:
    def test_what_is_held_counts_at_once(self, desk):
        desk.one(desk.hold(800))

        assert desk.balances(desk.fund) == (1_000, 200)
        assert desk.balances(desk.escrow) == (0, 0)
        desk.refuses(desk.move(desk.fund, desk.escrow, 201), "floor-broken")

    def test_posting_moves_it(self, desk):
        held = desk.hold(800)
        desk.one(held)

        desk.one(desk.post(held))

        assert desk.balances(desk.fund) == (200, 200)
        assert desk.balances(desk.escrow) == (800, 800)

    def test_posting_a_part_lets_go_of_the_rest(self, desk):
        held = desk.hold(800)
        desk.one(held)

        desk.one(desk.post(held, 500))

        assert desk.balances(desk.fund) == (500, 500)
        assert desk.balances(desk.escrow) == (500, 500)

    def test_a_part_may_leave_a_leg_out(self, desk):
        legs = [Leg(desk.fund, -9, "CNY"), Leg(desk.escrow, 5, "CNY"), Leg(OUTSIDE, 4, "CNY")]
        held = hold(desk.ids("ent"), legs, "escrow")
        desk.one(held)
        part = [replace(legs[0], minor=-5), legs[1], replace(legs[2], minor=0)]

        assert desk.one(post(desk.ids("ent"), held.id, "escrow", legs=part)).stands
        assert desk.balances(desk.fund) == (995, 995)

    def test_voiding_lets_go_of_all(self, desk):
        held = desk.hold(800)
        desk.one(held)

        desk.one(void(desk.ids("ent"), held.id, "escrow"))

        assert desk.balances(desk.fund) == (1_000, 1_000)
        assert desk.balances(desk.escrow) == (0, 0)

    @pytest.mark.parametrize("minor", [801, 2_000])
    def test_no_more_can_be_posted_than_is_held(self, desk, minor):
        held = desk.hold(800)
        desk.one(held)

        desk.refuses(desk.post(held, minor), "exceeds-hold")

    def test_a_part_repeats_the_legs_of_the_hold(self, desk):
        held = desk.hold(800)
        desk.one(held)
        strange = [
            [Leg(desk.escrow, 5, "CNY"), Leg(desk.fund, -5, "CNY")],
            [Leg(desk.fund, 5, "CNY"), Leg(desk.escrow, -5, "CNY")],
            [Leg(desk.fund, 0, "CNY"), Leg(desk.escrow, 0, "CNY")],
        ]

        for legs in strange:
            desk.refuses(
                post(desk.ids("ent"), held.id, "escrow", legs=legs), "legs-differ-from-hold"
            )

    def test_a_hold_ends_once(self, desk):
        held = desk.hold(800)
        desk.one(held)
        desk.one(desk.post(held))

        desk.refuses(desk.post(held), "hold-resolved")
        desk.refuses(void(desk.ids("ent"), held.id, "escrow"), "hold-resolved")

    def test_of_two_endings_in_a_batch_the_first_stands(self, desk):
        held = desk.hold(800)

        outcomes = desk.writer.book(
            [held, desk.post(held, 1), void(desk.ids("ent"), held.id, "escrow")]
        )

        assert [outcome.code for outcome in outcomes] == ["", "", "hold-resolved"]
        assert desk.balances(desk.escrow) == (1, 1)

    def test_endings_of_a_hold_refused_in_the_same_batch_find_none(self, desk):
        held = desk.hold(1_800)
        spend = desk.move(desk.escrow, desk.fund, 1_800)

        outcomes = desk.writer.book([held, desk.post(held), desk.post(held), spend])

        assert [outcome.code for outcome in outcomes] == [
            "floor-broken",
            "hold-not-found",
            "hold-not-found",
            "floor-broken",
        ]

    def test_what_is_no_hold_cannot_be_posted(self, desk):
        entry = desk.move(desk.fund, desk.escrow, 1)
        desk.one(entry)

        desk.refuses(desk.post(entry), "hold-not-found")
        desk.refuses(post(desk.ids("ent"), desk.ids("ent"), "escrow"), "hold-not-found")

    def test_a_post_that_overtakes_its_hold_may_come_again(self, desk):
        held = desk.hold(800)
        early = desk.post(held)

        outcomes = desk.writer.book([early, held, early])

        assert [outcome.code for outcome in outcomes] == ["hold-not-found", "", ""]

    def test_naming_all_legs_asks_for_the_same_as_naming_none(self, desk):
        held = desk.hold(800)
        whole = desk.post(held)
        desk.writer.book([held, whole])
        legs = held.legs

        assert desk.one(replace(whole, legs=legs)).status is Status.EXISTS
        smaller = (replace(legs[0], minor=-1), replace(legs[1], minor=1))
        assert desk.one(replace(whole, legs=smaller)).code == "id-conflict"

    def test_a_part_is_not_the_whole(self, desk):
        held = desk.hold(800)
        part = desk.post(held, 500)
        desk.writer.book([held, part])

        assert desk.one(part).status is Status.EXISTS
        assert desk.one(replace(part, legs=())).code == "id-conflict"


class TestExpiry:
    def test_a_hold_can_be_posted_until_its_time_is_over(self, desk):
        end = desk.clock() + timedelta(minutes=1)
        first, second = desk.hold(1, expires_at=end), desk.hold(1, expires_at=end)
        desk.writer.book([first, second])
        desk.clock.forward(seconds=59.999)
        in_time = desk.one(desk.post(first))
        desk.clock.forward(seconds=0.001)

        assert in_time.stands
        desk.refuses(desk.post(second), "hold-expired")

    def test_it_expires_after_its_time_and_not_before(self, desk):
        held = desk.hold(800, expires_at=desk.clock() + timedelta(minutes=1))
        desk.one(held)
        desk.refuses(expire(desk.ids("ent"), held.id), "hold-not-expired")
        desk.clock.forward(minutes=1)

        assert desk.one(expire(desk.ids("ent"), held.id)).stands
        assert desk.balances(desk.fund) == (1_000, 1_000)

    def test_one_without_an_end_never_expires(self, desk):
        held = desk.hold(800)
        desk.one(held)
        desk.clock.forward(days=9_999)

        desk.refuses(expire(desk.ids("ent"), held.id), "hold-not-expired")

    def test_voiding_is_possible_at_any_time(self, desk):
        held = desk.hold(800, expires_at=desk.clock() + timedelta(minutes=1))
        desk.one(held)
        desk.clock.forward(days=1)

        assert desk.one(void(desk.ids("ent"), held.id, "escrow")).stands

    def test_time_in_the_log_never_runs_backwards(self, desk):
        desk.clock.forward(hours=-1)
        desk.one(desk.move(OUTSIDE, desk.fund, 1))

        first, second = desk.log.segments
        assert second.at == first.at


class TestSegments:
    def test_a_large_submission_is_cut_by_entries(self, desk):
        entries = [desk.move(OUTSIDE, desk.fund, 1) for _ in range(9_000)]

        outcomes = desk.writer.book(entries)

        assert [segment.entry_count for segment in desk.log.segments] == [1, 8_189, 811]
        assert outcomes[8_189].segment == 2
        assert desk.balances(desk.fund) == (10_000, 10_000)

    def test_and_by_legs(self, desk):
        legs = [Leg(OUTSIDE, -199, "CNY"), *[Leg(desk.fund, 1, "CNY")] * 199]
        entries = [plain(desk.ids("ent"), legs, "settlement") for _ in range(700)]

        desk.writer.book(entries)

        assert [segment.entry_count for segment in desk.log.segments] == [1, 327, 327, 46]

    def test_and_by_the_legs_that_holds_bring_in(self, desk):
        legs = [Leg(OUTSIDE, -199, "CNY"), *[Leg(desk.fund, 1, "CNY")] * 199]
        holds = [hold(desk.ids("ent"), legs, "escrow") for _ in range(400)]
        desk.writer.book(holds)

        desk.writer.book([void(desk.ids("ent"), held.id, "escrow") for held in holds])

        assert max(segment.leg_count for segment in desk.log.segments) <= 65_536
        assert len(desk.writer.books.holds) == 0

    def test_and_by_the_bytes_of_the_reasons(self, desk):
        reason = {"text": "x" * 16_000}
        entries = [replace(desk.move(OUTSIDE, desk.fund, 1), reason=reason) for _ in range(600)]

        desk.writer.book(entries)

        assert [segment.entry_count for segment in desk.log.segments] == [1, 261, 261, 78]
        assert desk.log.segments[3].reasons[77] == reason

    def test_a_column_of_zeros_is_not_stored(self, desk):
        desk.one(desk.move(OUTSIDE, desk.fund, 1))

        assert desk.log.segments[1].columns.keys() == {
            "id_high",
            "id_low",
            "leg_count",
            "code",
            "account",
            "amount",
        }

    def test_there_is_room_for_a_few_accounts_outside(self, desk):
        entries = [
            desk.move(OUTSIDE, desk.fund, 1, f"T{number:02}") for number in range(MAX_UNBOUNDED)
        ]

        outcomes = desk.writer.book(entries)

        assert [outcome.stands for outcome in outcomes] == [True] * (MAX_UNBOUNDED - 1) + [False]
        assert outcomes[-1].code == "account-not-in-chart"


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
