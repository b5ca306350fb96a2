"""A saga walks its steps, turns round once, and ends once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from chassis.kernel.decisions import Message
from chassis.saga import Plan, Saga, SagaState, Step
from chassis.saga.steps import answer, begin, cancel, overdue

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SAGA = "sag_01m80t6q0000000000000000aa"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Message):
    type: ClassVar[str] = "catalog.command.anything.v1"
    topic: ClassVar[str] = "teahouse.catalog.commands"
    what: str

    @property
    def key(self):
        return self.correlation_id


def asking(what):
    def ask(saga, message_id, now):
        return Asked(id=message_id, correlation_id=saga.id, occurred_at=now, what=what)

    return ask


def a_step(name, **changes):
    return Step(
        name=name,
        ask=asking(name),
        done=f"catalog.reply.{name}-done.v1",
        refused=f"catalog.reply.{name}-refused.v1",
        undo=asking(f"undo {name}"),
        undone=f"catalog.reply.{name}-undone.v1",
        keep=("kept",),
        **changes,
    )


def a_plan(*steps):
    return Plan(
        kind="claim",
        steps=steps or (a_step("reserve"), a_step("hold")),
        completed=lambda sagas: None,
        failed=lambda sagas: None,
    )


class Walk:
    """Feeds answers to one saga and keeps what it sent."""

    def __init__(self, plan=None):
        self.plan = plan or a_plan()
        self.sent, self.ends, self.resent = [], [], []
        self.saga = Saga(id=SAGA, kind="claim")
        self.take(begin(self.plan, SAGA, {"lot_id": "lot_1"}, now=NOW))

    def take(self, turn):
        if turn is None:
            return
        self.saga = turn.saga
        self.sent += [message.what for message in turn.messages]
        self.resent += [turn.resend] if turn.resend else []
        self.ends += [turn.saga.state] if turn.ended else []

    def hear(self, *words, **data):
        for word in words:
            name = f"catalog.reply.{word}.v1"
            self.take(answer(self.plan, self.saga, name, data, now=NOW))
        return self

    def wait(self, times=1):
        for _ in range(times):
            self.take(overdue(self.plan, self.saga, now=NOW))
        return self


class TestForward:
    def test_asks_one_step_after_the_other_and_completes(self):
        walk = Walk().hear("reserve-done", kept=7).hear("hold-done")

        assert walk.sent == ["reserve", "hold"]
        assert walk.ends == [SagaState.COMPLETED]
        assert walk.saga.data == {"lot_id": "lot_1", "kept": 7}

    def test_ignores_a_duplicate_answer(self):
        walk = Walk().hear("reserve-done", "reserve-done", "hold-done", "hold-done")

        assert walk.sent == ["reserve", "hold"]
        assert walk.ends == [SagaState.COMPLETED]

    def test_ignores_an_answer_out_of_turn(self):
        walk = Walk().hear("hold-done", "hold-undone", "reserve-undone")

        assert walk.sent == ["reserve"]
        assert walk.saga.state is SagaState.RUNNING

    def test_names_the_same_request_the_same_for_ever(self):
        assert Walk().saga.request_id == Walk().saga.request_id


class TestRefusal:
    def test_of_the_first_step_fails_at_once(self):
        walk = Walk().hear("reserve-refused", code="lot-closed", detail="closed")

        assert walk.sent == ["reserve"]
        assert walk.ends == [SagaState.FAILED]
        assert (walk.saga.code, walk.saga.detail) == ("lot-closed", "closed")

    def test_undoes_what_stands_last_first_and_fails_after(self):
        plan = a_plan(a_step("reserve"), a_step("hold"), a_step("book"))
        walk = Walk(plan).hear("reserve-done", "hold-done", "book-refused")
        sent_before_the_answers = list(walk.sent)

        walk.hear("hold-undone", "reserve-undone")

        assert sent_before_the_answers == ["reserve", "hold", "book", "undo hold"]
        assert walk.sent[-1] == "undo reserve"
        assert walk.ends == [SagaState.FAILED]


class TestDeadline:
    def test_asks_again_under_the_same_id(self):
        walk = Walk()
        asked = walk.saga.request_id

        walk.wait(2)

        assert walk.resent == [asked, asked]
        assert walk.sent == ["reserve"]

    def test_turns_round_after_the_last_attempt_and_undoes_the_unknown_step_too(self):
        walk = Walk().hear("reserve-done").wait(3)
        walk.hear("hold-undone", "reserve-undone")

        assert walk.sent == ["reserve", "hold", "undo hold", "undo reserve"]
        assert walk.ends == [SagaState.FAILED]
        assert walk.saga.code == "timed-out"

    def test_never_gives_up_where_attempts_have_no_end(self):
        walk = Walk(a_plan(a_step("settle", attempts=None))).wait(50)

        assert walk.saga.state is SagaState.RUNNING
        assert len(walk.resent) == 50

    def test_asks_for_an_undo_until_it_is_answered(self):
        walk = Walk().wait(3).wait(20)

        assert walk.saga.state is SagaState.COMPENSATING
        assert walk.saga.deadline_at == NOW + timedelta(hours=1)

    def test_means_nothing_after_the_end(self):
        walk = Walk().hear("reserve-refused")

        assert overdue(walk.plan, walk.saga, now=NOW) is None


class TestLateAnswer:
    def test_after_the_end_has_its_step_undone_and_ends_only_once(self):
        walk = Walk().wait(3).hear("reserve-undone")

        walk.hear("reserve-done")
        reopened = walk.saga.state
        walk.hear("reserve-undone")

        assert reopened is SagaState.COMPENSATING
        assert walk.sent == ["reserve", "undo reserve", "undo reserve"]
        assert walk.ends == [SagaState.FAILED]
        assert walk.saga.state is SagaState.FAILED

    def test_while_its_undo_is_under_way_has_it_undone_once_more(self):
        walk = Walk().wait(3)
        first = walk.saga.request_id

        walk.hear("reserve-done", "reserve-undone")

        assert walk.sent == ["reserve", "undo reserve", "undo reserve"]
        assert walk.saga.request_id != first

    def test_for_a_step_still_to_be_undone_changes_nothing(self):
        plan = a_plan(a_step("reserve"), a_step("hold"))
        walk = Walk(plan).hear("reserve-done", "hold-refused")
        before = walk.saga

        turn = answer(plan, before, "catalog.reply.hold-refused.v1", {}, now=NOW)

        assert turn is None


class TestCancel:
    def test_turns_a_running_saga_round(self):
        walk = Walk().hear("reserve-done")

        walk.take(cancel(walk.plan, walk.saga, "changed-mind", "", now=NOW))

        assert walk.sent == ["reserve", "hold", "undo hold"]
        assert walk.saga.state is SagaState.COMPENSATING

    @pytest.mark.parametrize("words", [("reserve-refused",), ("reserve-done", "hold-done")])
    def test_leaves_an_ended_saga_alone(self, words):
        walk = Walk().hear(*words)

        assert cancel(walk.plan, walk.saga, "changed-mind", "", now=NOW) is None
