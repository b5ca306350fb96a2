"""An operation goes only forward, asks later and later, and calls for a person in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from services.payments.providers.domain import (
    Collect,
    Kind,
    Operation,
    OperationNotStuck,
    PartyKind,
    PayOut,
    Retry,
    Ruling,
    Share,
    State,
    Status,
    Terms,
    accepted,
    failed,
    intend,
    intend_plan,
    not_received,
    plan_split,
    succeeded,
    unknown,
)
from services.payments.sandbox.domain import TERMS
from tests.builders.payments import NOW, an_id
from tests.builders.providers import CNY, DAY, Bank, a_receiver

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def an_operation(**changes) -> Operation:
    order = PayOut(receiver=a_receiver(), amount=Money(500, CNY))
    made = intend(order, operation_id=an_id("opn"), provider="sandbox", about=an_id("pay"), at=NOW)
    return replace(made, **changes)


def heard(operation, *results, capabilities=TERMS):
    for result in results:
        operation = operation.hear(result, at=NOW, capabilities=capabilities).state
    return operation


class TestHearing:
    RESULTS = (accepted(), succeeded("r"), failed("returned", Retry.CHANGED), unknown("timeout"))

    @given(st.lists(st.sampled_from(RESULTS), max_size=8), st.randoms())
    def test_ends_the_same_in_any_order_and_however_often(self, results, chance):
        sent = an_operation().send(at=NOW)
        mixed = results * 2
        chance.shuffle(mixed)

        ends = [heard(sent, *results), heard(sent, *mixed)]

        assert ends[0].state is ends[1].state
        assert ends[0].code == ends[1].code

    def test_tells_of_a_failure_that_it_had_succeeded(self):
        paid = heard(an_operation().send(at=NOW), succeeded())

        _, (fact,), _ = paid.hear(failed("returned"), at=NOW, capabilities=TERMS)

        assert fact.type == "payments.provider.failed.v1"
        assert fact.had_succeeded

    def test_of_an_amount_that_was_not_asked_is_not_believed(self):
        sent = an_operation().send(at=NOW)

        after, (fact,), _ = sent.hear(
            succeeded(amount=Money(501, CNY)), at=NOW, capabilities=TERMS
        )

        assert (after.state, after.alarm) == (State.UNKNOWN, "amount-differs")
        assert fact.type == "payments.provider.alarmed.v1"

    def test_that_it_vanished_after_it_succeeded_keeps_it_and_calls_for_a_person(self):
        paid = heard(an_operation().send(at=NOW), succeeded())

        after, (fact,), _ = paid.hear(not_received(), at=NOW, capabilities=TERMS)

        assert (after.state, fact.code) == (State.SUCCEEDED, "vanished")

    def test_that_it_never_came_lets_it_be_sent_again(self):
        sent = an_operation().send(at=NOW)

        after = heard(sent, not_received())

        assert after.state is State.PLANNED
        assert after.id == sent.id

    def test_that_it_never_came_is_too_late_once_keys_are_forgotten(self):
        forgetful = replace(TERMS, keys_kept=DAY)
        sent = an_operation().send(at=NOW - 2 * DAY)

        after = heard(sent, not_received(), capabilities=forgetful)

        assert (after.state, after.alarm) == (State.UNKNOWN, "too-late-to-send-again")


class TestARuling:
    def stuck(self, alarm="too-late-to-send-again"):
        return replace(an_operation().send(at=NOW), alarm=alarm)

    def ruling(self, outcome=State.FAILED, **changes):
        words = {"reason": "never made", "evidence": "letter 7", "by": "usr_1"} | changes
        return Ruling(outcome=outcome, at=NOW + DAY, **words)

    @pytest.mark.parametrize("alarm", ["too-late-to-send-again", "stuck", "vanished"])
    @pytest.mark.parametrize("outcome", [State.SUCCEEDED, State.FAILED])
    def test_ends_what_is_alarmed_and_is_told_like_any_end(self, alarm, outcome):
        ruled, (fact,), _ = self.stuck(alarm).rule(self.ruling(outcome), capabilities=TERMS)

        assert (ruled.state, ruled.alarm, ruled.ended_at) == (outcome, "", NOW + DAY)
        assert fact.type == f"payments.provider.{outcome.value}.v1"
        assert (ruled.ruling.reason, ruled.ruling.evidence) == ("never made", "letter 7")

    def test_again_changes_nothing_whoever_says_it(self):
        ruled = self.stuck().rule(self.ruling(), capabilities=TERMS).state

        again = ruled.rule(replace(self.ruling(), by="usr_2", at=NOW), capabilities=TERMS)

        assert again == (ruled, (), ())

    @pytest.mark.parametrize(
        "other", [{"outcome": State.SUCCEEDED}, {"reason": "another"}, {"evidence": "letter 8"}]
    )
    def test_after_another_is_refused(self, other):
        ruled = self.stuck().rule(self.ruling(), capabilities=TERMS).state

        with pytest.raises(OperationNotStuck):
            ruled.rule(self.ruling(**other), capabilities=TERMS)

    @pytest.mark.parametrize("alarm", ["", "amount-differs"])
    def test_of_what_needs_none_or_moved_another_amount_is_refused(self, alarm):
        with pytest.raises(OperationNotStuck):
            self.stuck(alarm).rule(self.ruling(), capabilities=TERMS)

    def test_of_what_has_ended_is_refused(self):
        ended = heard(self.stuck(), succeeded())

        with pytest.raises(OperationNotStuck):
            ended.rule(self.ruling(), capabilities=TERMS)

    def test_against_which_the_provider_speaks_calls_for_a_person_again(self):
        ruled = self.stuck().rule(self.ruling(), capabilities=TERMS).state

        after, (fact,), _ = ruled.hear(succeeded("x"), at=NOW + 2 * DAY, capabilities=TERMS)

        assert (after.state, after.alarm) == (State.FAILED, "ruled-otherwise")
        assert fact.code == "ruled-otherwise"

    def test_that_it_was_done_stands_though_the_provider_knows_nothing_of_it(self):
        ruled = self.stuck().rule(self.ruling(State.SUCCEEDED), capabilities=TERMS).state

        assert ruled.hear(not_received(), at=NOW + 2 * DAY, capabilities=TERMS) == (ruled, (), ())

    def test_that_it_was_done_is_undone_when_the_money_comes_back(self):
        ruled = self.stuck().rule(self.ruling(State.SUCCEEDED), capabilities=TERMS).state

        _, (fact,), _ = ruled.hear(failed("returned"), at=NOW + 2 * DAY, capabilities=TERMS)

        assert fact.had_succeeded


class TestAsking:
    def test_about_what_is_unknown_comes_after_five_minutes_an_hour_and_then_daily(self):
        waits, operation, at = [], an_operation().send(at=NOW), NOW
        for _ in range(4):
            waits.append(operation.next_at - at)
            at = operation.next_at
            operation = operation.ask(at=at, capabilities=TERMS)

        assert waits == [5 * MINUTE, HOUR, DAY, DAY]

    def test_about_what_was_accepted_comes_after_an_hour_and_then_daily(self):
        operation = heard(an_operation().send(at=NOW), accepted())

        assert operation.next_at - NOW == HOUR
        assert operation.ask(at=NOW, capabilities=TERMS).next_at - NOW == DAY

    def test_about_a_paid_payout_goes_on_while_a_bank_may_send_it_back(self):
        operation, days = heard(an_operation().send(at=NOW), succeeded()), 0
        while operation.next_at is not None:
            days += 1
            operation = operation.ask(at=operation.next_at, capabilities=TERMS)

        assert days == 7

    def test_is_never_needed_about_what_failed(self):
        assert heard(an_operation().send(at=NOW), failed("no")).next_at is None

    def test_calls_for_a_person_once_after_seven_days(self):
        operation = an_operation().send(at=NOW)

        early = operation.check(at=NOW + 7 * DAY - MINUTE)
        late = operation.check(at=NOW + 7 * DAY)
        again = late.state.check(at=NOW + 8 * DAY)

        assert early.events == again.events == ()
        assert [fact.code for fact in late.events] == ["stuck"]


class TestTheDesk:
    def test_stores_that_the_outcome_is_unknown_before_it_sends(self):
        bank = Bank({})
        bank.operations.save(Decision(operation := an_operation()))

        call = bank.desk.take(operation.id, now=NOW)

        assert call is not None
        assert bank.operations.by_id[operation.id].state is State.UNKNOWN
        assert bank.vault.find(operation.id) is None

    def test_asks_about_what_may_have_been_sent_and_sends_it_under_the_same_id(self):
        bank = Bank({})
        account = bank.account_of(an_id("org"))
        order = PayOut(receiver=account.receiver, amount=Money(500, CNY))
        operation = replace(an_operation(), order=order)
        bank.operations.save(Decision(operation))

        bank.desk.take(operation.id, now=bank.clock())  # and dies before the call
        bank.clock.pass_by(5 * MINUTE)
        bank.step(operation.id)
        between = bank.operations.by_id[operation.id].state
        bank.clock.pass_by(MINUTE)
        bank.step(operation.id)

        assert between is State.PLANNED
        assert bank.operations.by_id[operation.id].state is State.ACCEPTED
        assert [each.id for each in bank.vault.entries.values()][-1] == operation.id


class TestAPlanAtTheSandbox:
    @pytest.mark.parametrize("people", [0, 3])
    def test_shares_out_a_collection_without_one_refusal(self, people):
        bank = Bank({})
        payee = a_receiver()
        shares = [Share(payee, 800_000), *(Share(a_receiver(), 1_500) for _ in range(60))]
        shares += [Share(a_receiver(PartyKind.PERSON), 20_000) for _ in range(people)]
        shares.append(Share(a_receiver(), 900_000_000 if people else 1))
        whole = Money(sum(share.minor for share in shares), CNY)
        plan = plan_split(shares, TERMS, Terms(CNY, NOW, NOW + 7 * DAY))
        collected = bank.operations.save(
            Decision(
                intend(
                    Collect(payee=plan.payee, amount=whole, description="an evening"),
                    operation_id=an_id("opn"),
                    provider="sandbox",
                    about=an_id("gth"),
                    at=NOW,
                )
            )
        )
        bank.step(collected.id)
        for operation in intend_plan(plan, collected, at=NOW):
            bank.operations.save(Decision(operation))

        for _ in range(12):
            bank.settle()
            bank.clock.pass_by(DAY)

        assert {each.state for each in bank.operations.by_id.values()} == {State.SUCCEEDED}
        parts = [part for each in bank.operations.by_id.values() for part in each.parts]
        assert {part.status for part in parts} <= {Status.SUCCEEDED}
        planned = sum(share.minor for call in plan.calls for share in call.shares)
        assert sum(part.minor for part in parts) == planned
        finish = next(e for e in bank.operations.by_id.values() if e.kind is Kind.FINISH)
        splits = [e.ended_at for e in bank.operations.by_id.values() if e.kind is Kind.SPLIT]
        assert all(ended <= finish.sent_at for ended in splits)

    def test_is_finished_in_time_even_if_a_split_never_ends(self):
        bank = Bank({})
        plan = plan_split(
            [Share(a_receiver(), 900), Share(a_receiver(), 100)],
            TERMS,
            Terms(CNY, NOW, NOW + 7 * DAY),
        )
        collection = an_operation()
        finish = intend_plan(plan, collection, at=NOW)[-1]
        bank.operations.save(Decision(finish))

        early = bank.desk.take(finish.id, now=NOW + DAY)
        at_last = bank.desk.take(finish.id, now=NOW + timedelta(days=179))

        assert early is None
        assert at_last is not None
        assert at_last.operation.alarm == "stuck", "somebody was told a month before"
