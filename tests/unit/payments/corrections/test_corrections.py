"""What was paid beyond the right band comes back: the very legs, once, or as a debt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.kernel.errors import Conflict
from chassis.kernel.money import Money
from services.payments.corrections.domain import (
    CorrectionState,
    OutcomeNotLower,
    SettlementNotBooked,
)
from services.payments.corrections.use_cases import book_correction
from services.payments.ledger.domain import Kind, transfer
from services.payments.releases.domain import release
from services.payments.settlements.domain import SettlementNotFound, SettlementState
from sharing.dividing import Heads
from tests.builders.contracts import a_contract_text
from tests.builders.payments import HOST, NOW, an_id
from tests.unit.payments.corrections.evenings import a_text, carry_out, decide, files_of
from tests.unit.payments.settlements.evenings import an_evening_of, settle

SUBSIDY = 80_000


class Evening:
    """A settled evening with a subsidy of 800 yuan, and what its corrections are made from."""

    def __init__(self, came=16, text=None):
        text = text or a_text()
        self.kept, command, _, _ = an_evening_of(text, [0], Heads(came, 12), subsidy=SUBSIDY)
        self.settlement = settle(self.kept, command)
        self.files, self.ledger = files_of(self.kept), self.kept.ledger
        self.start = dict(self.ledger.balances)

    def correct(self, checked_in):
        found = decide(self.files, self.settlement.id, checked_in)
        carry_out(self.files, self.ledger)
        return self.files.corrections.find(found.id)

    def account(self, kind):
        return self.ledger.balances[f"org:{HOST}:{kind}"]

    @property
    def fund(self):
        return self.ledger.balances[self.settlement.escrow.parts[0].fund]

    def free(self):
        """What a release does to all that the host waits for."""
        planned, freed = release(list(self.kept.pending.by_id.values()), now=NOW)
        self.kept.pending.save(freed)
        self.ledger.submit([planned.entry()])[0].or_raise()

    def spend(self, minor):
        """What a payout leaves behind."""
        available = f"org:{HOST}:available"
        paid = transfer(
            an_id("ent"), available, "external:provider", Money(minor, "CNY"), "payout"
        )
        self.ledger.submit([paid])[0].or_raise()


@pytest.fixture
def evening():
    return Evening()


class TestClawback:
    def test_of_a_share_that_waits_takes_half_back_in_the_lower_band(self, evening):
        done = evening.correct(9)

        assert (done.clawed_back.minor, done.state) == (40_000, CorrectionState.BOOKED)
        assert (evening.account("pending"), evening.fund) == (40_000, 40_000)
        (share,) = [s for s in evening.kept.pending.by_id.values() if s.organization_id == HOST]
        assert share.amount.minor == 40_000

    def test_of_a_no_show_takes_all_of_it_back(self, evening):
        evening.correct(0)

        assert (evening.account("pending"), evening.fund) == (0, SUBSIDY)

    def test_reverses_exactly_the_legs_that_paid_it(self, evening):
        evening.correct(9)

        (taken,) = [e for e in evening.ledger.entries.values() if e.kind is Kind.REVERSE]
        moved = {leg.account: leg.minor for leg in taken.legs if leg.minor}
        assert taken.pending_id == evening.settlement.entry_id
        assert moved == {f"org:{HOST}:pending": -40_000, evening.settlement.escrow.account: 40_000}

    def test_of_a_released_share_comes_out_of_what_may_be_paid_out(self, evening):
        evening.free()

        evening.correct(9)

        assert (evening.account("available"), evening.account("pending")) == (40_000, 0)
        assert evening.account("debt") == 0
        assert evening.fund == 40_000

    def test_of_what_was_paid_out_is_her_debt_and_the_brand_does_not_wait(self, evening):
        evening.free()
        evening.spend(60_000)

        evening.correct(9)

        assert (evening.account("debt"), evening.account("available")) == (-40_000, 20_000)
        assert evening.fund == 40_000

    def test_in_two_steps_is_the_same_as_in_one(self, evening):
        evening.correct(9)
        evening.correct(5)
        other = Evening()
        other.correct(5)

        assert evening.fund == other.fund == SUBSIDY
        assert evening.account("pending") == other.account("pending") == 0

    def test_goes_by_what_was_asked_for_where_no_bands_are_stated(self):
        evening = Evening(text=a_contract_text())

        evening.correct(11)

        assert (evening.account("pending"), evening.fund) == (0, SUBSIDY)

    def test_says_why_in_both_languages(self, evening):
        evening.correct(9)

        entries = [e for e in evening.ledger.entries.values() if "correction_id" in e.reason]
        assert len(entries) == 2
        for entry in entries:
            assert entry.reason["why"] == {
                "en": "Subsidy clawed back, 9 checked in: Tickets were copied",
                "zh": "追回补贴，更正为签到 9 人：签到票系复制",
            }


class TestAgain:
    def test_the_same_correction_changes_nothing(self, evening):
        first = evening.correct(9)
        once, events = dict(evening.ledger.balances), len(evening.files.corrections.events)

        assert evening.correct(9) == first
        assert dict(evening.ledger.balances) == once
        assert len(evening.files.corrections.events) == events == 1

    def test_the_same_after_a_lower_one_changes_nothing_either(self, evening):
        first = evening.correct(9)
        evening.correct(0)
        once = dict(evening.ledger.balances)

        assert evening.correct(9) == first
        assert dict(evening.ledger.balances) == once

    def test_booked_as_a_debt_it_stays_one_when_money_is_there_later(self, evening):
        evening.free()
        evening.spend(SUBSIDY)
        found = evening.correct(9)
        evening.ledger.balances[f"org:{HOST}:available"] += 99_999

        book_correction(found, files=evening.files, ledger=evening.ledger)

        assert (evening.account("debt"), evening.account("available")) == (-40_000, 99_999)

    def test_of_two_at_once_the_second_must_see_the_first(self, evening):
        stale = evening.kept.settlements.get(evening.settlement.id)
        decide(evening.files, evening.settlement.id, 9)

        with pytest.raises(Conflict):
            evening.kept.settlements.put(stale)


class TestWithinABand:
    def test_a_correction_is_told_and_moves_nothing(self, evening):
        done = evening.correct(12)

        assert (done.clawed_back.minor, done.state) == (0, CorrectionState.BOOKED)
        assert dict(evening.ledger.balances) == evening.start
        (fact,) = evening.files.corrections.events
        assert (fact.checked_in, fact.clawed_back.minor) == (12, 0)


class TestRefusal:
    @pytest.mark.parametrize("checked_in", [16, 17])
    def test_of_as_many_as_were_settled_by_or_more(self, evening, checked_in):
        with pytest.raises(OutcomeNotLower) as refusal:
            decide(evening.files, evening.settlement.id, checked_in)

        assert refusal.value.members == {"checked_in": 16}
        assert not evening.files.corrections.by_id

    def test_of_more_than_an_earlier_correction_says(self, evening):
        evening.correct(5)

        with pytest.raises(OutcomeNotLower):
            decide(evening.files, evening.settlement.id, 9)

        assert evening.fund == SUBSIDY

    def test_while_the_settlement_is_being_booked(self, evening):
        held = evening.kept.settlements.get(evening.settlement.id)
        evening.kept.settlements.put(replace(held, state=SettlementState.PLANNED))

        with pytest.raises(SettlementNotBooked):
            decide(evening.files, held.id, 9)

        assert not evening.files.intentions.open

    def test_of_a_settlement_that_never_was(self, evening):
        with pytest.raises(SettlementNotFound):
            decide(evening.files, an_id("stl"), 9)
