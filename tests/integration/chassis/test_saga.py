"""Sagas in MongoDB: every transition is one transaction, every end is told once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import pytest

from chassis import mongo, outbox
from chassis.consumer.applier import Applier
from chassis.envelope import message_json
from chassis.kernel.decisions import Message
from chassis.kernel.errors import Conflict
from chassis.kernel.ids import from_int
from chassis.mongo import collection
from chassis.saga import Plan, Sagas, SagaState, Step
from chassis.testing.clock import FakeClock
from tests.backbone import QUICK, REPLIES, as_letter, stamp

SAGA = from_int("sag", 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Message):
    type: ClassVar[str] = "catalog.command.reserve-packs.v1"
    topic: ClassVar[str] = "teahouse.catalog.commands"
    what: str

    @property
    def key(self):
        return self.correlation_id


def asking(what):
    return lambda saga, message_id, now: Asked(
        id=message_id, correlation_id=saga.id, occurred_at=now, what=what
    )


class Desk:
    """A service that keeps two-step sagas and notes how they end."""

    def __init__(self):
        self.clock = FakeClock()
        steps = (
            Step(
                name="reserve",
                ask=asking("reserve"),
                done="catalog.reply.packs-reserved.v1",
                refused="catalog.reply.packs-refused.v1",
                undo=asking("release"),
                undone="catalog.reply.packs-released.v1",
                keep=("reservation_id",),
            ),
            Step(
                name="hold",
                ask=asking("hold"),
                done="payments.reply.hold-placed.v1",
                refused="payments.reply.hold-refused.v1",
            ),
        )
        plan = Plan(
            kind="claim",
            steps=steps,
            completed=lambda sagas: self.note("completed", sagas),
            failed=lambda sagas: self.note("failed", sagas),
        )
        self.plan = plan
        self.sagas = Sagas([plan], self.clock)
        self.applier = Applier("matching.saga", self.sagas.handlers(), QUICK)
        self.heard = 0

    def note(self, end, sagas):
        collection("ends").insert_many([{"saga": saga.id, "end": end} for saga in sagas])

    def hear(self, *types, saga=SAGA, **data):
        """Take replies in one batch, each a message of its own."""
        letters = []
        for name in types:
            self.heard += 1

            @dataclass(frozen=True, slots=True, kw_only=True)
            class Reply(Message):
                type: ClassVar[str] = name
                topic: ClassVar[str] = REPLIES
                code: str = data.get("code", "")
                reservation_id: str = data.get("reservation_id", "")

                @property
                def key(self):
                    return self.correlation_id

            reply = Reply(id=f"msg_{self.heard}", correlation_id=saga, occurred_at=self.clock())
            letters.append(as_letter(message_json(reply, stamp=stamp()), topic=REPLIES))
        self.applier.take(letters)
        return letters


@pytest.fixture
def desk(database):
    mongo.database().create_collection("ends")
    return Desk()


def sent():
    rows = collection("outbox").find().sort("place", 1)
    return [row["event"].split('"what":"')[1].split('"')[0] for row in rows]


def ends():
    return [row["end"] for row in collection("ends").find()]


class TestSagas:
    def test_walk_to_their_end_reply_by_reply(self, desk):
        desk.sagas.start("claim", SAGA, {"lot_id": "lot_1"})

        desk.hear("catalog.reply.packs-reserved.v1", reservation_id="rsv_1")
        desk.hear("payments.reply.hold-placed.v1")

        saga = desk.sagas.get(SAGA)
        assert saga.state is SagaState.COMPLETED
        assert saga.data == {"lot_id": "lot_1", "reservation_id": "rsv_1"}
        assert sent() == ["reserve", "hold"]
        assert ends() == ["completed"]

    def test_take_several_replies_of_one_saga_in_one_batch(self, desk):
        desk.sagas.start("claim", SAGA, {})

        desk.hear("catalog.reply.packs-reserved.v1", "payments.reply.hold-placed.v1")

        assert desk.sagas.get(SAGA).state is SagaState.COMPLETED
        assert ends() == ["completed"]

    def test_take_replies_of_many_sagas_in_one_batch(self, desk):
        names = [from_int("sag", number) for number in range(1, 31)]
        desk.sagas.start_all("claim", [(name, {}) for name in names])

        for name in names:
            desk.hear("catalog.reply.packs-reserved.v1", saga=name)

        assert sent() == ["reserve"] * 30 + ["hold"] * 30

    def test_do_nothing_twice(self, desk):
        desk.sagas.start("claim", SAGA, {})
        letters = desk.hear("catalog.reply.packs-reserved.v1", "payments.reply.hold-placed.v1")

        desk.applier.take(letters)
        desk.hear("payments.reply.hold-placed.v1")

        assert sent() == ["reserve", "hold"]
        assert ends() == ["completed"]

    def test_refuse_to_start_twice_and_send_nothing(self, desk):
        desk.sagas.start("claim", SAGA, {})

        with pytest.raises(Conflict):
            desk.sagas.start("claim", SAGA, {})

        assert sent() == ["reserve"]

    def test_compensate_and_end_once_with_the_reason(self, desk):
        desk.sagas.start("claim", SAGA, {})

        desk.hear("catalog.reply.packs-reserved.v1")
        desk.hear("payments.reply.hold-refused.v1", code="not-enough-funds")
        before = ends()
        desk.hear("catalog.reply.packs-released.v1")

        saga = desk.sagas.get(SAGA)
        assert before == []
        assert (saga.state, saga.code) == (SagaState.FAILED, "not-enough-funds")
        assert sent() == ["reserve", "hold", "release"]
        assert ends() == ["failed"]

    def test_send_again_and_then_give_up_when_nobody_answers(self, desk):
        desk.sagas.start("claim", SAGA, {})
        states = []
        for _ in range(3):
            collection("outbox").update_many({}, {"$set": {"state": outbox.SENT}})
            desk.clock.advance(seconds=31)
            desk.sagas.sweep()
            states.append([row["state"] for row in collection("outbox").find().sort("place", 1)])

        assert states == [[outbox.PENDING], [outbox.PENDING], [outbox.SENT, outbox.PENDING]]
        assert sent() == ["reserve", "release"]
        assert desk.sagas.get(SAGA).code == "timed-out"

    def test_undo_a_step_that_turns_out_done_after_the_end(self, desk):
        desk.sagas.start("claim", SAGA, {})
        desk.hear("catalog.reply.packs-refused.v1", code="lot-closed")

        desk.hear("catalog.reply.packs-reserved.v1")
        reopened = desk.sagas.get(SAGA).state
        desk.hear("catalog.reply.packs-released.v1")

        assert reopened is SagaState.COMPENSATING
        assert desk.sagas.get(SAGA).state is SagaState.FAILED
        assert sent() == ["reserve", "release"]
        assert ends() == ["failed"]

    def test_leave_those_that_are_in_time_alone(self, desk):
        desk.sagas.start("claim", SAGA, {})
        desk.clock.advance(seconds=29)

        assert desk.sagas.sweep() == 0
        assert sent() == ["reserve"]

    def test_can_be_cancelled_while_they_run(self, desk):
        desk.sagas.start("claim", SAGA, {})

        first = desk.sagas.cancel(SAGA, "changed-mind")
        second = desk.sagas.cancel(SAGA, "changed-mind")

        assert (first, second) == (True, False)
        assert sent() == ["reserve", "release"]

    def test_tell_of_no_end_that_was_rolled_back(self, desk):
        desk.sagas.start("claim", SAGA, {})
        desk.hear("catalog.reply.packs-reserved.v1")

        def explode(sagas):
            raise KeyError("a bug")

        broken = Sagas([replace(desk.plan, completed=explode, failed=explode)])
        desk.applier = Applier("matching.saga", broken.handlers(), QUICK)
        desk.hear("payments.reply.hold-placed.v1")

        assert desk.sagas.get(SAGA).state is SagaState.RUNNING
