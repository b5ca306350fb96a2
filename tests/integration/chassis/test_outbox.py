"""What an aggregate published is stored with it, or not at all."""

from __future__ import annotations

import json
import socket
import threading

import pytest

from chassis import context, mongo, nudge, outbox
from chassis.context import Context
from chassis.kernel.decisions import Revision
from chassis.kernel.errors import Conflict
from chassis.mongo import atomically, collection
from chassis.outbox import OutboxRow
from tests.backbone import NOW, Tin, lot, published, reserved


@pytest.fixture
def documents():
    return [Tin, OutboxRow]


@pytest.fixture(autouse=True)
def _named(database):
    outbox.publish_as("/catalog/1")


def rows():
    return list(collection("outbox").find().sort("place", 1))


def a_tin(number=1, count=0):
    return Tin(id=lot(number), count=count)


class TestSave:
    def test_numbers_the_events_of_a_subject_without_a_hole(self):
        revision = outbox.save(a_tin(), Revision(), [published(lot(), 1), published(lot(), 2)])

        again = outbox.save(a_tin(count=3), revision, [published(lot(), 3)])

        assert again == Revision(version=2, last_sequence=3)
        assert [row["sequence"] for row in rows()] == [1, 2, 3]
        stored = collection("test_tins").find_one({"_id": lot()})
        assert (stored["version"], stored["last_sequence"], stored["count"]) == (2, 3, 3)

    def test_stores_messages_beside_without_a_sequence(self):
        outbox.save(a_tin(), Revision(), [], [reserved("msg_1")])

        (row,) = rows()
        assert row["_id"] == "msg_1"
        assert "sequence" not in row
        assert row["topic"] == "teahouse.matching.saga-replies"

    def test_refuses_over_a_version_it_has_not_read_and_stores_nothing(self):
        revision = outbox.save(a_tin(), Revision(), [published(lot(), 1)])
        outbox.save(a_tin(count=1), revision, [published(lot(), 2)])

        with pytest.raises(Conflict):
            outbox.save(a_tin(count=9), revision, [published(lot(), 2)])

        assert len(rows()) == 2
        assert collection("test_tins").find_one({"_id": lot()})["count"] == 1

    def test_refuses_to_make_what_is_there_and_stores_nothing(self):
        outbox.save(a_tin(), Revision(), [published(lot(), 1)])

        with pytest.raises(Conflict):
            outbox.save(a_tin(count=9), Revision(), [published(lot(), 1)])

        assert len(rows()) == 1

    def test_refuses_an_event_of_another_subject(self):
        with pytest.raises(ValueError, match="is of"):
            outbox.save(a_tin(1), Revision(), [published(lot(2), 1)])

        assert rows() == []

    def test_rolls_back_with_the_transaction_around_it(self):
        def work():
            outbox.save(a_tin(), Revision(), [published(lot(), 1)])
            raise KeyError("after all")

        with pytest.raises(KeyError):
            atomically(work)

        assert rows() == []
        assert collection("test_tins").count_documents({}) == 0


class TestSaveAll:
    def test_stores_many_at_once(self):
        changes = [(a_tin(n), Revision(), [published(lot(n), 1)]) for n in range(1, 301)]

        revisions = outbox.save_all(changes)

        assert revisions == [Revision(1, 1)] * 300
        assert len(rows()) == 300

    def test_is_all_or_nothing(self):
        outbox.save(a_tin(2), Revision())

        with pytest.raises(Conflict):
            outbox.save_all([(a_tin(1), Revision()), (a_tin(2), Revision())])

        assert collection("test_tins").count_documents({}) == 1


class TestAppend:
    def test_refuses_a_sequence_that_is_taken(self):
        outbox.append([published(lot(), 1)])

        with pytest.raises(Conflict):
            outbox.append([published(lot(), 2)], last_sequence=0)

        assert len(rows()) == 1

    def test_says_who_acted_and_why(self):
        who = Context(
            "usr_1", "org_1", "sag_1", "evt_9", "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
        )

        with context.bound(who):
            outbox.append([published(lot(), 1)])

        event = json.loads(rows()[0]["event"])
        assert event["actor"] == "usr_1"
        assert event["organization"] == "org_1"
        assert event["correlationid"] == "sag_1"
        assert event["causationid"] == "evt_9"
        assert event["traceparent"] == who.traceparent
        assert event["source"] == "/catalog/1"

    def test_gathers_many_small_ones_into_one_write(self):
        def work():
            with outbox.gathered():
                outbox.append([published(lot(1), 1)])
                outbox.append([published(lot(2), 1)])
                return len(rows())

        before = atomically(work)

        assert before == 0
        assert len(rows()) == 2

    def test_keeps_rows_for_ever_where_that_is_asked(self):
        outbox.append([published(lot(1), 1)])
        outbox.publish_as("/payments/1", keep=None)

        outbox.append([published(lot(2), 1)])

        assert ["expires_at" in row for row in rows()] == [True, False]


class TestReadAfter:
    def test_gives_the_later_events_of_a_subject_in_order(self):
        outbox.append([published(lot(1), number) for number in (1, 2, 3)])
        outbox.append([published(lot(2), 1)])

        found = [json.loads(text) for text in outbox.read_after(lot(1), 1)]

        assert [event["data"]["number"] for event in found] == [2, 3]


class TestSendAgain:
    def test_wakes_only_what_was_sent(self):
        outbox.append(messages=[reserved("msg_1"), reserved("msg_2")])
        collection("outbox").update_one({"_id": "msg_1"}, {"$set": {"state": outbox.SENT}})

        outbox.send_again(["msg_1", "msg_3"])

        assert {row["state"] for row in rows()} == {outbox.PENDING}


class TestRefeed:
    def test_wakes_what_fits_and_nothing_else(self):
        outbox.append([published(lot(1), 1)], [reserved("msg_1")])
        outbox.append([published(lot(2), 1)])
        collection("outbox").update_many({}, {"$set": {"state": outbox.SENT}})

        found = [
            outbox.refeed(subject=lot(1)),
            outbox.refeed(topic="teahouse.catalog.lot"),
            outbox.refeed(since=NOW.replace(year=9999)),
        ]

        assert found == [1, 1, 0]
        assert [row["state"] for row in rows()] == [outbox.PENDING, outbox.SENT, outbox.PENDING]


class TestNudge:
    def test_rings_once_after_the_commit_and_not_before(self):
        nudge.wait(0)

        def work():
            outbox.append([published(lot(1), 1)])
            return nudge.wait(0)

        before = atomically(work)

        assert before is False
        assert nudge.wait(0) is True

    def test_reaches_the_worker_of_another_process_by_datagram(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        stopping = threading.Event()
        listener = threading.Thread(target=nudge.listen, args=(port, stopping))
        listener.start()
        nudge.wait(0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(100):
                sender.sendto(b"outbox", ("127.0.0.1", port))
                if nudge.wait(0.1):
                    rung = True
                    break
            else:
                rung = False
        stopping.set()
        listener.join()

        assert rung

    def test_to_nobody_is_lost_in_silence(self):
        nudge.aim(9)

        nudge.ring()

        nudge.aim(0)
        assert mongo.in_transaction() is False


class TestIndexes:
    def test_let_the_relay_read_what_waits_without_looking_at_the_rest(self):
        outbox.append([published(lot(1), 1)])
        plan = (
            collection("outbox")
            .find({"state": 0, "place": {"$gt": 0}})
            .sort("place", 1)
            .hint("waiting")
            .explain()
        )

        text = json.dumps(plan["queryPlanner"]["winningPlan"])
        assert '"indexName": "waiting"' in text
        assert '"SORT"' not in text
