"""The history of documents, written in the transaction that changes them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from mongoengine import DateTimeField, IntField, ListField, StringField

from chassis import history, outbox
from chassis.context import Context, bound
from chassis.inbox import acting_on
from chassis.kernel.decisions import Revision
from chassis.kernel.errors import Conflict
from chassis.mongo import AggregateDocument, atomically, collection
from chassis.settings import Settings
from chassis.worker import Task, Worker
from chassis.worker.machine import Machine
from tests.backbone import PUBLISHED, Tin, a_letter, lot, published

TRACE = "0af7651916cd43dd8448eb211c80319c"
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class Crate(AggregateDocument):
    """An aggregate whose history is kept."""

    meta = {
        "collection": "test_crates",
        "auto_create_index": False,
        "owner": "brand_id",
        "volatile": ("count",),
    }
    id = StringField(primary_key=True)
    brand_id = StringField(required=True)
    label = StringField()
    tags = ListField(StringField())
    count = IntField()
    due_at = DateTimeField()


@pytest.fixture(autouse=True)
def crates(database):
    collection("test_crates").database.create_collection("test_crates")
    collection("test_tins").database.create_collection("test_tins")


def a_crate(number=1, **changes) -> Crate:
    return Crate(**{"id": lot(number), "brand_id": "org_1", "label": "tea", **changes})


def kept(number=1) -> list[dict]:
    return history.read(lot(number), below=None, limit=50)


def profiled(work) -> list[dict]:
    """What the database was asked while this ran, in order; commits left out."""
    profile = collection("system.profile")
    profile.database.command("profile", 2)
    work()
    profile.database.command("profile", 0)
    named = {"ns": {"$regex": "[.](test_crates|history)$"}}
    return list(profile.find(named).sort("$natural", 1))


def place(asked: dict) -> str:
    return asked["ns"].partition(".")[2]


class TestRow:
    def test_of_the_first_version_only_points(self):
        outbox.save(a_crate(), Revision())

        (row,) = kept()
        assert (row["subject"], row["version"], row["kind"]) == (lot(), 1, "test_crates")
        assert "before" not in row
        assert "after" not in row

    def test_of_a_change_holds_what_it_was_and_what_it_became(self):
        revision = outbox.save(a_crate(tags=["green"], due_at=NOW), Revision())

        outbox.save(a_crate(tags=["green"], label="coffee", due_at=NOW), revision)

        row, _ = kept()
        assert (row["before"], row["after"]) == ({"label": "tea"}, {"label": "coffee"})

    def test_tells_when_a_field_came_or_went(self):
        revision = outbox.save(a_crate(), Revision())

        outbox.save(a_crate(label=None, due_at=NOW), revision)

        row, _ = kept()
        assert row["before"] == {"label": "tea", "due_at": None}
        assert row["after"] == {"label": None, "due_at": NOW}

    def test_says_who_and_why(self):
        who = Context(
            actor="usr_1",
            organization="org_1",
            causation_id="msg_1",
            traceparent=f"00-{TRACE}-b7ad6b7169203331-01",
            reason="close_lot_view",
        )

        with bound(who):
            outbox.save(a_crate(), Revision(), [published(lot(), 1)])

        (row,) = kept()
        assert (row["actor"], row["organization"]) == ("usr_1", "org_1")
        assert (row["reason"], row["causation_id"]) == ("close_lot_view", "msg_1")
        assert (row["trace_id"], row["facts"]) == (TRACE, [PUBLISHED])

    def test_names_the_message_that_led_to_it(self):
        event = a_letter(lot(), 1).event

        with acting_on([event]):
            outbox.save(a_crate(), Revision())

        (row,) = kept()
        assert (row["reason"], row["causation_id"]) == (event.type, event.id)

    def test_names_what_several_messages_have_in_common(self):
        events = [a_letter(lot(), number).event for number in (1, 2)]

        with acting_on(events):
            outbox.save(a_crate(), Revision())

        (row,) = kept()
        assert row["reason"] == events[0].type
        assert "causation_id" not in row


class Chest(AggregateDocument):
    """An aggregate of the platform's own, with a secret in it."""

    meta = {
        "collection": "test_chests",
        "auto_create_index": False,
        "owner": None,
        "hidden": ("secret",),
    }
    id = StringField(primary_key=True)
    secret = StringField()
    label = StringField()


class TestHidden:
    def test_fields_are_told_to_have_changed_and_never_their_values(self, database):
        collection("test_chests").database.create_collection("test_chests")
        revision = outbox.save(Chest(id=lot(), secret="s3cret-1", label="a"), Revision())
        outbox.save(Chest(id=lot(), secret="s3cret-2", label="b"), revision)

        changed, made = kept()

        assert changed["before"] == {"label": "a", "secret": history.HIDDEN}
        assert changed["after"] == {"label": "b", "secret": history.HIDDEN}
        assert "s3cret" not in str(list(collection("history").find()))
        assert "owner_id" not in made


class TestHistory:
    def test_gives_back_what_a_document_ever_was(self):
        labels = ["tea", "coffee", "cocoa", "tea"]
        revision = Revision()
        for label in labels:
            revision = outbox.save(a_crate(label=label), revision)

        state = dict(collection("test_crates").find_one({"_id": lot()}))
        found = []
        for row in kept():
            found.append(state["label"])
            state |= row.get("before", {})

        assert found[::-1] == labels

    def test_keeps_no_row_where_only_volatile_fields_changed(self):
        revision = outbox.save(a_crate(count=1), Revision())
        revision = outbox.save(a_crate(count=2), revision)

        outbox.save(a_crate(count=3, label="coffee"), revision)

        assert [row["version"] for row in kept()] == [3, 1]
        assert kept()[0]["after"] == {"label": "coffee"}

    def test_is_not_kept_of_what_has_no_owner(self):
        revision = outbox.save(Tin(id=lot(), count=1), Revision())
        outbox.save(Tin(id=lot(), count=2), revision)

        assert kept() == []

    def test_is_of_one_document(self):
        outbox.save_all([(a_crate(1), Revision()), (a_crate(2), Revision())])

        assert [row["subject"] for row in kept(2)] == [lot(2)]

    def test_comes_in_pages(self):
        revision = Revision()
        for number in range(12):
            revision = outbox.save(a_crate(label=str(number)), revision)

        first = history.read(lot(), below=None, limit=5)
        second = history.read(lot(), below=first[-1]["version"], limit=5)

        assert [row["version"] for row in first + second] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]

    def test_is_lost_with_the_change_that_was_refused(self):
        revision = outbox.save(a_crate(), Revision())
        outbox.save(a_crate(label="coffee"), revision)

        with pytest.raises(Conflict):
            outbox.save(a_crate(label="cocoa"), revision)
        with pytest.raises(Conflict):
            outbox.save(a_crate(label="cocoa"), Revision())

        assert [row["version"] for row in kept()] == [2, 1]
        assert kept()[0]["after"] == {"label": "coffee"}

    def test_is_lost_with_its_transaction(self):
        def work():
            outbox.save(a_crate(), Revision())
            raise LookupError

        with pytest.raises(LookupError):
            atomically(work)

        assert kept() == []

    def test_is_found_without_looking_at_others(self):
        for number in range(1, 30):
            outbox.save(a_crate(number), Revision())

        (seen,) = profiled(lambda: kept(7))

        assert (seen["keysExamined"], seen["docsExamined"]) == (1, 1)


class TestCost:
    def test_of_a_change_is_one_insert(self):
        revision = outbox.save(a_crate(), Revision())

        asked = profiled(lambda: outbox.save(a_crate(label="coffee"), revision))

        assert [place(one) for one in asked] == ["test_crates", "history"]

    def test_of_what_something_else_keeps_is_nothing(self):
        revision = outbox.save(a_crate(count=1), Revision())

        asked = profiled(lambda: outbox.save(a_crate(count=2), revision))

        assert [place(one) for one in asked] == ["test_crates"]

    def test_of_many_changes_is_one_read_and_one_insert(self):
        before = outbox.save_all([(a_crate(number), Revision()) for number in range(1, 4)])
        changes = [
            (a_crate(number, label="coffee"), revision)
            for number, revision in enumerate(before, 1)
        ]

        asked = profiled(lambda: outbox.save_all(changes))

        replaced = [one for one in asked if one["op"] == "update"]
        others = [(one["op"], place(one)) for one in asked if one["op"] != "update"]
        assert len(replaced) == 3  # in one round trip
        assert [op for op, where in others if where == "test_crates"] == ["query"]
        assert {op for op, where in others if where == "history"} == {"insert"}


class TestTask:
    def test_acts_as_its_service(self):
        done = []

        def once():
            if not done:
                outbox.save(a_crate(), Revision())
                done.append(True)
                machine.stop()

        settings = Settings(service="catalog")
        task = Task("tidy", 0.001, once)
        machine = Machine(Worker(settings))

        machine._repeat(task)

        (row,) = kept()
        assert (row["actor"], row["reason"]) == ("service:catalog", "task:tidy")
