"""A claim's subsidy: on hold at once, in escrow when confirmed, back when it came to nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.kernel.money import Money
from services.payments.contracts.domain import ContractNotFound, SignedKit
from services.payments.escrow.domain import EscrowState
from services.payments.escrow.use_cases import (
    PlaceHold,
    ReleaseHold,
    book_confirmed,
    book_holds,
    book_releases,
    record_confirmed,
    record_holds,
    record_releases,
)
from services.payments.funds.domain import Caps, OfferFund, SubsidyHostCapReached
from tests.builders.payments import (
    AUTHOR,
    BRAND,
    CO_HOST,
    HOST,
    NOW,
    TERMS,
    FakeContracts,
    FakeEscrows,
    FakeLedger,
    FakeOfferFunds,
    an_id,
    yuan,
)

OFFER = an_id("off")
FUND = f"offer:{OFFER}:fund"


class Desk:
    """Escrow over fakes: what a saga sends goes in, what it is answered comes out."""

    def __init__(self, fund: Money, **caps: Any) -> None:
        self.ledger = FakeLedger({FUND: fund.minor})
        self.escrows = FakeEscrows(KeyError)
        self.contracts = FakeContracts(ContractNotFound)
        known = OfferFund(OFFER, BRAND, fund, fund, Caps(starts_at=NOW, **caps))
        self.funds = FakeOfferFunds(KeyError, known)

    def book(self, *commands):
        return book_holds(commands, escrows=self.escrows, funds=self.funds, ledger=self.ledger)

    def record(self, command, outcomes):
        record_holds([command], outcomes, escrows=self.escrows, contracts=self.contracts, now=NOW)

    def place(self, *commands):
        outcomes = self.book(*commands)
        record_holds(commands, outcomes, escrows=self.escrows, contracts=self.contracts, now=NOW)
        return [(m.type.split(".")[2], getattr(m, "code", "")) for m in self.answers(commands)]

    def answers(self, commands):
        return self.escrows.messages[-len(commands) :]

    def confirm(self, claim_id):
        outcomes = book_confirmed([claim_id], escrows=self.escrows, ledger=self.ledger)
        record_confirmed([claim_id], outcomes, escrows=self.escrows)

    def release(self, claim_id):
        command = ReleaseHold(
            message_id=an_id("msg"), saga_id=an_id("sag"), claim_id=claim_id, offer_id=OFFER
        )
        book_releases([command], escrows=self.escrows, ledger=self.ledger)
        record_releases([command], escrows=self.escrows, now=NOW)

    def state(self, claim_id):
        return self.escrows.by_id[claim_id].state


def a_hold(**changes):
    given = {
        "message_id": an_id("msg"),
        "claim_id": an_id("clm"),
        "offer_id": OFFER,
        "brand_id": BRAND,
        "host_id": HOST,
        "subsidies": {OFFER: changes.pop("amount", yuan(800))},
        "currency": "CNY",
        "terms": TERMS,
        "saga_id": an_id("sag"),
        "requested_at": NOW,
    }
    return PlaceHold(**given | changes)


class TestPlaceHold:
    def test_sets_the_subsidy_aside_and_freezes_the_contract(self):
        desk, command = Desk(yuan(1000)), a_hold()

        answered = desk.place(command)

        assert answered == [("hold-placed", "")]
        assert desk.ledger.held[FUND] == 80_000
        (contract,) = desk.contracts.by_id.values()
        assert contract.claim_id == command.claim_id
        assert contract.current.terms.steps[0].to == TERMS

    def test_gives_the_last_of_a_fund_to_one_of_two_in_a_batch(self):
        desk = Desk(yuan(1000))

        answered = desk.place(a_hold(), a_hold())

        assert answered == [("hold-placed", ""), ("hold-refused", "not-enough-funds")]
        assert desk.ledger.held[FUND] == 80_000

    @pytest.mark.parametrize("first", [0, 1])
    def test_is_refused_for_good_when_two_were_given_it_and_money_came_in_between(self, first):
        desk, command = Desk(yuan(0)), a_hold()
        heard = [desk.book(command)]
        desk.ledger.balances[FUND] = 100_000
        heard.append(desk.book(command))

        desk.record(command, heard[first])
        desk.record(command, heard[1 - first])

        assert {answer.code for answer in desk.escrows.messages} == {"not-enough-funds"}
        assert (desk.state(command.claim_id), desk.ledger.held[FUND]) == (EscrowState.REFUSED, 0)

    def test_of_nothing_only_freezes_the_contract(self):
        desk = Desk(yuan(0))

        answered = desk.place(a_hold(amount=yuan(0)))

        assert answered == [("hold-placed", "")]
        assert not desk.ledger.entries

    def test_refuses_terms_that_do_not_add_up_and_holds_nothing(self):
        desk = Desk(yuan(1000))

        answered = desk.place(a_hold(terms=TERMS | {"brand": 5999}))

        assert answered == [("hold-refused", "terms-invalid")]
        assert not desk.ledger.entries
        assert not desk.contracts.by_id

    def test_answers_a_second_time_what_it_answered_first(self):
        desk, command = Desk(yuan(800)), a_hold()
        desk.place(command)

        answered = desk.place(a_hold(claim_id=command.claim_id))

        assert answered == [("hold-placed", "")]
        assert desk.ledger.held[FUND] == 80_000


class TestConfirmed:
    def test_moves_the_subsidy_into_escrow_once(self):
        desk, command = Desk(yuan(1000)), a_hold()
        desk.place(command)

        desk.confirm(command.claim_id)
        desk.confirm(command.claim_id)

        assert desk.state(command.claim_id) is EscrowState.ESCROWED
        assert desk.ledger.balances[f"claim:{command.claim_id}:escrow"] == 80_000
        assert desk.ledger.balances[FUND] == 20_000


class TestRelease:
    @pytest.mark.parametrize("is_confirmed", [False, True])
    def test_brings_the_subsidy_back_from_wherever_it_was(self, is_confirmed):
        desk, command = Desk(yuan(1000)), a_hold()
        desk.place(command)
        if is_confirmed:
            desk.confirm(command.claim_id)

        desk.release(command.claim_id)
        desk.release(command.claim_id)

        assert desk.state(command.claim_id) is EscrowState.RELEASED
        assert (desk.ledger.balances[FUND], desk.ledger.held[FUND]) == (100_000, 0)

    def test_that_overtakes_its_hold_wins(self):
        desk, command = Desk(yuan(1000)), a_hold()
        desk.release(command.claim_id)

        answered = desk.place(command)

        assert answered == [("hold-refused", "already-released")]
        assert not desk.ledger.open_holds

    @pytest.mark.parametrize("is_hold_first", [False, True])
    def test_wins_over_a_hold_that_is_being_placed(self, is_hold_first):
        desk, command = Desk(yuan(1000)), a_hold()
        outcomes = desk.book(command)
        if is_hold_first:
            desk.record(command, outcomes)

        desk.release(command.claim_id)
        desk.record(command, outcomes)

        assert desk.state(command.claim_id) is EscrowState.RELEASED
        assert (desk.ledger.balances[FUND], desk.ledger.held[FUND]) == (100_000, 0)

    def test_is_not_undone_by_a_late_confirmation(self):
        desk, command = Desk(yuan(1000)), a_hold()
        desk.place(command)
        desk.release(command.claim_id)

        desk.confirm(command.claim_id)

        assert desk.state(command.claim_id) is EscrowState.RELEASED
        assert desk.ledger.balances[FUND] == 100_000


class TestKit:
    """Several subsidies of one claim: all or none of them."""

    OTHER = an_id("off")
    SIGNED = SignedKit(
        kit_id=an_id("kit"),
        terms_digest="sha256:" + "5a" * 32,
        price=yuan(1000),
        brand_shares={BRAND: 3500, AUTHOR: 2500},
        royalties={AUTHOR: 10_000},
    )

    def a_kit_hold(self, **changes):
        subsidies = {OFFER: yuan(800), self.OTHER: yuan(300)}
        return replace(a_hold(), offer_id="", subsidies=subsidies, kit=self.SIGNED, **changes)

    def a_desk(self, other):
        desk = Desk(yuan(800))
        desk.ledger.balances[f"offer:{self.OTHER}:fund"] = other.minor
        return desk

    def test_holds_every_subsidy_in_one_entry_and_freezes_what_was_signed(self):
        desk, command = self.a_desk(yuan(300)), self.a_kit_hold()

        assert desk.place(command) == [("hold-placed", "")]

        assert len(desk.ledger.entries) == 1
        assert desk.ledger.held == {FUND: 80_000, f"offer:{self.OTHER}:fund": 30_000} | {
            f"claim:{command.claim_id}:escrow": 0
        }
        (contract,) = desk.contracts.by_id.values()
        assert contract.kit == self.SIGNED
        assert contract.current.terms.parties["brand"] == self.SIGNED.brand_shares

    def test_holds_nothing_when_one_fund_is_short(self):
        desk = self.a_desk(yuan(299.99))

        assert desk.place(self.a_kit_hold()) == [("hold-refused", "not-enough-funds")]

        assert not desk.ledger.open_holds
        assert not desk.contracts.by_id

    def test_gives_every_subsidy_back_to_its_own_fund(self):
        desk, command = self.a_desk(yuan(300)), self.a_kit_hold()
        desk.place(command)
        desk.confirm(command.claim_id)
        assert desk.ledger.balances[f"claim:{command.claim_id}:escrow"] == 110_000

        desk.release(command.claim_id)

        assert desk.ledger.balances[FUND] == 80_000
        assert desk.ledger.balances[f"offer:{self.OTHER}:fund"] == 30_000

    def test_may_come_without_any(self):
        desk = self.a_desk(yuan(0))

        assert desk.place(replace(self.a_kit_hold(), subsidies={})) == [("hold-placed", "")]

        assert not desk.ledger.entries

    @pytest.mark.parametrize(
        "wrong", [{"brand_shares": {BRAND: 6001}}, {"royalties": {AUTHOR: 9_999}}]
    )
    def test_refuses_shares_that_do_not_add_up(self, wrong):
        desk = self.a_desk(yuan(300))
        command = replace(self.a_kit_hold(), kit=replace(self.SIGNED, **wrong))

        assert desk.place(command) == [("hold-refused", "terms-invalid")]
        assert not desk.ledger.entries


class TestCapsOfAnOffer:
    """The most for one host and for one period, beside what is in the fund."""

    HOST_CAP, PERIOD_CAP = "subsidy-host-cap-reached", "subsidy-period-cap-reached"

    def test_a_host_gets_no_more_than_the_most_for_one_host(self):
        desk = Desk(yuan(10_000), per_host=160_000)

        assert desk.place(a_hold(), a_hold(), a_hold()) == [
            ("hold-placed", ""),
            ("hold-placed", ""),
            ("hold-refused", self.HOST_CAP),
        ]
        assert desk.place(a_hold(host_id=CO_HOST)) == [("hold-placed", "")]

    def test_all_hosts_together_get_no_more_than_the_most_for_a_period(self):
        desk = Desk(yuan(10_000), per_period=160_000, period_days=7)

        assert desk.place(*(a_hold(host_id=an_id("org")) for _ in range(3))) == [
            ("hold-placed", ""),
            ("hold-placed", ""),
            ("hold-refused", self.PERIOD_CAP),
        ]

    @pytest.mark.parametrize(
        ("after", "answered"),
        [
            (timedelta(days=7) - timedelta(hours=20, seconds=1), "hold-refused"),
            (timedelta(days=7) - timedelta(hours=20), "hold-placed"),
        ],
    )
    def test_the_next_period_begins_at_midnight_in_china(self, after, answered):
        desk = Desk(yuan(10_000), per_period=80_000, period_days=7)
        desk.place(a_hold())

        ((told, _),) = desk.place(a_hold(requested_at=NOW + after))

        assert told == answered

    def test_the_fund_s_own_end_is_told_as_such(self):
        desk = Desk(yuan(1_000), per_host=800_000, per_period=800_000)

        assert desk.place(a_hold(), a_hold())[1] == ("hold-refused", "not-enough-funds")

    def test_nothing_of_a_refused_claim_counts_against_any_cap(self):
        desk = Desk(yuan(10_000), per_host=80_000, per_period=160_000)
        desk.place(a_hold(), a_hold())

        answered = desk.place(a_hold(host_id=CO_HOST))

        assert answered == [("hold-placed", "")]

    @pytest.mark.parametrize("confirmed", [False, True])
    def test_what_is_let_go_may_be_taken_again(self, confirmed):
        desk, command = Desk(yuan(10_000), per_host=80_000, per_period=80_000), a_hold()
        desk.place(command)
        if confirmed:
            desk.confirm(command.claim_id)

        desk.release(command.claim_id)

        assert desk.place(a_hold(), a_hold()) == [
            ("hold-placed", ""),
            ("hold-refused", self.HOST_CAP),
        ]

    def test_a_release_that_overtook_its_hold_s_record_frees_them_too(self):
        desk, command = Desk(yuan(10_000), per_host=80_000), a_hold()
        desk.book(command)  # and the process died

        desk.release(command.claim_id)

        assert desk.place(a_hold()) == [("hold-placed", "")]

    def test_is_refused_in_the_same_words_however_often_it_comes(self):
        desk, command = Desk(yuan(10_000), per_host=80_000), a_hold()
        desk.place(a_hold())
        heard = [desk.book(command) for _ in range(2)]

        for booked in (*heard, desk.book(command)):
            desk.record(command, booked)

        told = {(answer.code, answer.detail) for answer in desk.escrows.messages[1:]}
        assert told == {(self.HOST_CAP, SubsidyHostCapReached.title())}

    def test_the_first_who_refuses_it_decides_why(self):
        desk, command = Desk(yuan(10_000), per_host=80_000), a_hold()
        desk.place(a_hold())
        desk.book(command)
        desk.ledger.balances[FUND] = 0  # what a second process would find lacking

        assert desk.place(command) == [("hold-refused", self.HOST_CAP)]

    def test_each_part_of_a_kit_keeps_its_own_offer_s_caps(self):
        desk = Desk(yuan(10_000), per_host=100_000)
        other = TestKit.OTHER
        desk.ledger.balances[f"offer:{other}:fund"] = 1_000_000
        kit = replace(
            a_hold(),
            offer_id="",
            subsidies={OFFER: yuan(800), other: yuan(300)},
            kit=TestKit.SIGNED,
        )

        assert desk.place(kit) == [("hold-placed", "")]
        again = replace(kit, claim_id=an_id("clm"))
        assert desk.place(again) == [("hold-refused", self.HOST_CAP)]
        assert desk.ledger.held[f"offer:{other}:fund"] == 30_000
