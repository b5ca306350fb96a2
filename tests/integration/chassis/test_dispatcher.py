"""Recorded intents: carried out once recorded, again after a crash, never by halves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from mongoengine import IntField, StringField

from chassis import dispatcher, outbox
from chassis.dispatcher import Dispatcher, Executor
from chassis.kernel.decisions import NotYet, Revision
from chassis.mongo import AggregateDocument, atomically, collection, ensure_indexes


class Parcel(AggregateDocument):
    meta = {"collection": "parcels", "auto_create_index": False}
    id = StringField(primary_key=True)
    weight = IntField(required=True)


@pytest.fixture(autouse=True)
def parcels(database):
    ensure_indexes([Parcel])


class Carrier:
    """Something outside that is idempotent by id and may fail."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.delivered: list[str] = []

    def executor(self) -> Executor:
        return Executor(lambda body: body["id"], self.submit, self.record)

    def submit(self, parcel: str) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.delivered.append(parcel)
        return "receipt"

    def record(self, parcel: str, receipt: str) -> None:
        outbox.save(Parcel(id=parcel, weight=len(receipt)), Revision())


def intend(about: str) -> bool:
    return atomically(lambda: dispatcher.record("send", about, {"id": about}))


def make_due() -> None:
    collection("intents").update_many({}, {"$set": {"next_at": datetime(2020, 1, 1, tzinfo=UTC)}})


class TestDispatcher:
    def test_carries_out_what_was_recorded_and_no_more(self):
        carrier = Carrier()
        desk = Dispatcher({"send": carrier.executor()})
        intend("tea")

        assert (desk.run_once(), desk.run_once()) == (1, 0)
        assert carrier.delivered == ["tea"]
        assert collection("parcels").count_documents({}) == 1

    def test_intends_a_thing_once(self):
        assert (intend("tea"), intend("tea")) == (True, False)

    def test_forgets_an_intent_whose_transaction_rolled_back(self):
        def fail() -> None:
            dispatcher.record("send", "tea", {"id": "tea"})
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            atomically(fail)

        assert collection("intents").count_documents({}) == 0

    @pytest.mark.parametrize("trouble", [NotYet("wait"), ConnectionError("away"), KeyError("bug")])
    def test_tries_again_later_and_lets_the_others_go_on(self, trouble):
        carrier = Carrier(trouble)
        desk = Dispatcher({"send": carrier.executor()})
        intend("first")
        intend("second")

        assert desk.run_once() == 1
        make_due()
        assert desk.run_once() == 1
        assert sorted(carrier.delivered) == ["first", "second"]

    def test_submits_again_when_it_died_before_recording(self):
        carrier = Carrier()
        dying = Executor(lambda body: body["id"], carrier.submit, lambda *_: 1 / 0)
        intend("tea")
        Dispatcher({"send": dying}).run_once()
        make_due()

        Dispatcher({"send": carrier.executor()}).run_once()

        assert carrier.delivered == ["tea", "tea"]
        assert collection("parcels").count_documents({}) == 1
