"""Entry requests that cannot be wrong, and outcomes that can be raised."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from chassis.kernel.errors import Conflict, NotFound, RuleBroken
from chassis.kernel.money import Money
from services.payments.ledger.domain import (
    REFUSALS,
    AccountNotInChart,
    BadChain,
    EntryMalformed,
    EntryRequest,
    FloorBroken,
    HoldNotFound,
    IdConflict,
    Kind,
    LedgerUnavailable,
    Leg,
    Limits,
    Outcome,
    Status,
    chain,
    close_period,
    exchange,
    expire,
    extend,
    floor_of,
    hold,
    limit,
    plain,
    post,
    reverse,
    transfer,
    void,
)
from services.payments.ledger.engine.rulings import Ruling
from tests.unit.payments.ledger.books import NOW, SeededIds

IDS = SeededIds(4)
ENTRY, HOLD, ORG = IDS("ent"), IDS("ent"), IDS("org")
LEGS = (Leg("external:provider", -5, "CNY"), Leg(f"org:{ORG}:pending", 5, "CNY"))


def a_deposit(**changes: object) -> EntryRequest:
    return replace(plain(ENTRY, LEGS, "deposit"), **changes)


class TestEntryRequest:
    def test_a_transfer_is_a_plain_entry_of_two_legs(self):
        entry = transfer(
            ENTRY, "external:provider", f"org:{ORG}:pending", Money(5, "CNY"), "deposit"
        )

        assert entry == plain(ENTRY, LEGS, "deposit")

    def test_each_constructor_makes_its_kind(self):
        entries = [
            plain(ENTRY, LEGS, "deposit"),
            hold(ENTRY, LEGS, "escrow", expires_at=NOW),
            post(ENTRY, HOLD, "escrow", legs=LEGS),
            void(ENTRY, HOLD, "escrow"),
            expire(HOLD),
            extend(ENTRY, HOLD, NOW, "escrow"),
            reverse(ENTRY, HOLD, "refund"),
            limit(ENTRY, Limits(account=LEGS[1].account, currency="CNY", version=1), "credit"),
            close_period(ENTRY, NOW),
        ]

        assert [entry.kind for entry in entries] == list(Kind)
        assert [entry.pending_id for entry in entries] == [
            *(None, None),
            *(HOLD, HOLD, HOLD, HOLD, HOLD),
            *(None, None),
        ]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"id": ORG}, "id"),
            ({"id": f"{ENTRY}\n"}, "id"),
            ({"code": "Deposit"}, "code"),
            ({"code": "two words"}, "code"),
            ({"code": "x" * 41}, "code"),
            ({"reference": "gathering 7"}, "reference"),
            ({"pending_id": HOLD}, "pending_id"),
            ({"kind": Kind.POST}, "pending_id"),
            ({"kind": Kind.POST, "pending_id": ORG}, "pending_id"),
            ({"kind": Kind.VOID, "pending_id": HOLD}, "legs"),
            ({"expires_at": NOW}, "expires_at"),
            ({"kind": Kind.HOLD, "expires_at": NOW.replace(tzinfo=None)}, "expires_at"),
            ({"kind": Kind.HOLD, "expires_at": datetime(1969, 1, 1, tzinfo=UTC)}, "expires_at"),
            ({"legs": (Leg(LEGS[0].account, 5, "yuan"),)}, "currency"),
            ({"legs": (Leg(LEGS[0].account, minor=True, currency="CNY"),)}, "minor"),
            ({"legs": (Leg(LEGS[0].account, 5.0, "CNY"),)}, "minor"),
            ({"legs": (Leg(LEGS[0].account, 5, "XYZ"),)}, "currency"),
            ({"final": False}, "final"),
            ({"part": Money(1, "CNY")}, "part"),
            ({"effective_at": NOW.replace(tzinfo=None)}, "effective_at"),
            ({"kind": Kind.HOLD, "effective_at": NOW}, "effective_at"),
            ({"kind": Kind.CLOSE, "legs": ()}, "effective_at"),
            ({"kind": Kind.EXTEND, "legs": (), "pending_id": HOLD}, "expires_at"),
            ({"kind": Kind.LIMIT, "legs": ()}, "limits"),
            ({"reason": {"amount": float("nan")}}, "reason"),
            ({"reason": {"at": NOW}}, "reason"),
            ({"reason": {"text": "长" * 6_000}}, "reason"),
        ],
    )
    def test_cannot_be_made_wrong(self, change, field):
        with pytest.raises(EntryMalformed) as refused:
            a_deposit(**change)

        assert refused.value.members == {"field": field}

    @pytest.mark.parametrize(
        "path",
        [
            "external:provider",
            "external:wechat-pay",
            "platform:fees",
            "platform:returns",
            f"org:{ORG}:pending",
            f"org:{ORG}:available",
            f"org:{ORG}:reserve",
            f"offer:{IDS('off')}:fund",
            f"claim:{IDS('clm')}:escrow",
            f"gathering:{IDS('gth')}:takings",
            f"naming:{IDS('nam')}:deferred",
            "cause:winter-coats",
        ],
    )
    def test_only_the_world_outside_may_go_below_zero(self, path):
        assert (floor_of(path) < 0) == path.startswith("external:")

    @pytest.mark.parametrize(
        "path",
        [
            "",
            "external:",
            "external:provider\n",
            "platform:profit",
            f"org:{ORG}:savings",
            f"org:{IDS('usr')}:pending",
            f"claim:{ORG}:escrow",
            f"org:{ORG}:pending:more",
            "org:org_zzz:pending",
        ],
    )
    def test_an_account_must_be_in_the_chart(self, path):
        with pytest.raises(AccountNotInChart):
            a_deposit(legs=(Leg(path, 5, "CNY"),))


class TestLimits:
    @pytest.mark.parametrize(
        "change",
        [
            {"floor": 1.5},
            {"ceiling": 1 << 60},
            {"version": 0},
            {"version": True},
            {"account": "platform:fees", "floor": -1},
            {"account": f"claim:{IDS('clm')}:escrow", "floor": -1},
        ],
    )
    def test_cannot_be_made_wrong(self, change):
        with pytest.raises(EntryMalformed) as refused:
            Limits(**{"account": LEGS[1].account, "currency": "CNY", "version": 1} | change)

        assert refused.value.members == {"field": "limits"}


class TestChain:
    def test_links_all_but_the_last(self):
        first, second = plain(IDS("ent"), LEGS, "deposit"), plain(IDS("ent"), LEGS, "deposit")

        linked = chain(first, replace(second, linked=True), first)

        assert [entry.linked for entry in linked] == [True, True, False]

    def test_is_not_too_long(self):
        with pytest.raises(BadChain):
            chain(*[a_deposit()] * 201)


class TestExchange:
    def test_is_one_entry_that_keeps_its_rate(self):
        account = f"org:{ORG}:available"

        entry = exchange(
            ENTRY,
            account,
            Money(71_000, "CNY"),
            Money(10_000, "USD"),
            rate=Fraction(10, 71),
            rate_id="ecb-2026-11-22",
        )

        assert entry.reason == {"rate": "10/71", "rate_id": "ecb-2026-11-22"}
        assert [(leg.account, leg.minor, leg.currency) for leg in entry.legs] == [
            (account, -71_000, "CNY"),
            ("external:exchange", 71_000, "CNY"),
            ("external:exchange", -10_000, "USD"),
            (account, 10_000, "USD"),
        ]

    @pytest.mark.parametrize(
        ("given", "taken", "rate"),
        [
            (Money(10_000, "USD"), Money(14_950, "JPY"), Fraction(299, 2)),
            (Money(1, "BHD"), Money(2, "CNY"), Fraction(19)),
            (Money(7, "TICKET"), Money(175, "CNY"), Fraction(1, 4)),
        ],
    )
    def test_minds_the_decimals_of_both(self, given, taken, rate):
        def made(taken: Money) -> EntryRequest:
            return exchange(ENTRY, LEGS[1].account, given, taken, rate=rate, rate_id="r")

        assert made(taken).legs[3].minor == taken.minor
        with pytest.raises(EntryMalformed):
            made(taken + Money(1, taken.currency))


class TestOutcome:
    @pytest.mark.parametrize("status", [Status.POSTED, Status.EXISTS])
    def test_one_that_stands_is_itself(self, status):
        outcome = Outcome(id=ENTRY, status=status, segment=1, index=2)

        assert outcome.stands
        assert outcome.or_raise() is outcome

    @pytest.mark.parametrize(
        ("code", "error", "kind"),
        [
            ("floor-broken", FloorBroken, RuleBroken),
            ("hold-not-found", HoldNotFound, NotFound),
            ("id-conflict", IdConflict, Conflict),
        ],
    )
    def test_a_refusal_raises_by_its_name(self, code, error, kind):
        outcome = Outcome(
            id=ENTRY, status=Status.REFUSED, code=code, difference={"code": {"stored": "a"}}
        )

        assert not outcome.stands
        with pytest.raises(error) as raised:
            outcome.or_raise()
        assert isinstance(raised.value, kind)
        assert raised.value.members["entry_id"] == ENTRY
        assert raised.value.members["difference"] == {"code": {"stored": "a"}}

    def test_every_ruling_has_its_error(self):
        refusals = {ruling.code for ruling in Ruling} - {"accepted", "exists"}

        assert refusals <= REFUSALS.keys()

    def test_not_knowing_is_a_fault_of_the_connection(self):
        assert isinstance(LedgerUnavailable("away"), ConnectionError)
        assert str(LedgerUnavailable("away")) == "away"
