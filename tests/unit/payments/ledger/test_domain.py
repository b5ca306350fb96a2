"""Entry requests that cannot be wrong, and outcomes that can be raised."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chassis.kernel.errors import Conflict, NotFound, RuleBroken
from chassis.kernel.money import Money
from services.payments.ledger.domain import (
    REFUSALS,
    AccountNotInChart,
    EntryMalformed,
    EntryRequest,
    FloorBroken,
    HoldNotFound,
    IdConflict,
    Kind,
    LedgerUnavailable,
    Leg,
    Outcome,
    Status,
    expire,
    floor_of,
    hold,
    plain,
    post,
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
            expire(ENTRY, HOLD),
        ]

        assert [entry.kind for entry in entries] == list(Kind)
        assert [entry.pending_id for entry in entries] == [None, None, HOLD, HOLD, HOLD]

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
