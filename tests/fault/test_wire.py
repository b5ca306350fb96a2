"""What the wire may do to events: repeat, shuffle, lose, poison. The effect stays the same."""

from __future__ import annotations

import json
import random
import time

import pytest
from kafka import KafkaProducer

from chassis import outbox
from chassis.mongo import collection
from chassis.outbox import PENDING, SENT
from chassis.testing.patience import eventually
from tests.backbone import envelope, lot, published

TIMES, WINDOW = 10, 50
REPAIR_SECONDS = 45
OTHERS_WAIT_SECONDS = 2
BUSY_MACHINE_SECONDS = 25


def begin(pair):
    pair.start("catalog")
    pair.start("matching")
    pair.warm_up()


class Wire:
    """Writes to matching's topic past the relay."""

    def __init__(self, pair):
        self._topic = f"pair-{pair.name}.catalog.lot"
        self._producer = KafkaProducer(
            bootstrap_servers=pair.broker.address,
            enable_idempotence=False,
            max_in_flight_requests_per_connection=1,
            allow_auto_create_topics=False,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._producer.close()

    def send(self, raw, *, key=b"key", partition=None):
        self._producer.send(self._topic, raw, key=key, partition=partition).get(timeout=20)


def test_everything_delivered_ten_times_over(pair):
    begin(pair)
    pair.publish(range(1, 9), range(1, 6))
    pair.settle()
    before = pair.tallies(), len(pair.read("catalog", "notes"))

    for _ in range(TIMES):
        resend_everything(pair)
    pair.publish([5], [6])
    pair.settle()

    assert pair.tallies() == before[0] | {lot(5): [*range(1, 7)]}
    assert len(pair.read("catalog", "notes")) == before[1] + 1


def resend_everything(pair):
    """Have catalog's facts and matching's commands sent again, and wait until they are."""
    with pair.mongod.client() as client:
        outboxes = [client[f"{name}_{pair.name}"]["outbox"] for name in ("catalog", "matching")]
        for outbox_rows in outboxes:
            outbox_rows.update_many({}, {"$set": {"state": PENDING}})
        eventually(
            lambda: not any(rows.count_documents({"state": PENDING}) for rows in outboxes),
            within_seconds=pair.patience_seconds,
        )


def test_delivery_in_any_order_within_a_window(pair_with_desk):
    pair = pair_with_desk
    begin(pair)
    whole = [(lot(number), sequence) for sequence in range(1, 13) for number in range(1, 11)]
    for subject, sequence in whole:
        outbox.append([published(subject, sequence)], last_sequence=sequence - 1)
        pair.acknowledged[subject] = sequence
    collection("outbox").delete_many({"state": PENDING})
    chance = random.Random(11)
    for start in range(0, len(whole), WINDOW):
        part = whole[start : start + WINDOW]
        chance.shuffle(part)
        whole[start : start + WINDOW] = part

    with Wire(pair) as wire:
        for subject, sequence in whole:
            wire.send(envelope(subject, sequence).encode(), key=subject.encode())

    pair.settle()


def test_one_event_that_never_arrives_is_pulled_from_its_producer(pair_with_desk):
    pair = pair_with_desk
    begin(pair)
    pair.publish([1], [1])
    pair.settle()
    sent = eventually(lambda: collection("outbox").find_one({"subject": lot(1), "state": SENT}))

    # The relay believes the second one sent; nobody ever saw it.
    outbox.append([published(lot(1), 2)], last_sequence=1)
    collection("outbox").update_one(
        {"subject": lot(1), "sequence": 2},
        {"$set": {"state": SENT, "incarnation": sent["incarnation"]}},
    )
    pair.acknowledged[lot(1)] = 2
    pair.publish([1], [3])
    pair.publish([2], [1])

    assert pair.settle() < REPAIR_SECONDS


def bad_envelope(**changes):
    return json.dumps(json.loads(envelope(lot(50), 1)) | changes).encode()


POISON = {
    "bad json": (b'{"specversion":', "json"),
    "wrong schema": (bad_envelope(data={"number": "many"}), "TypeError"),
    "unknown version": (bad_envelope(type="catalog.lot.published.v9"), "unknown-version"),
    "a megabyte": (b"x" * 1_000_000, "too-large"),
    "wrong organization": (bad_envelope(organization="Tea & Co"), "organization"),
    "wrong source": (bad_envelope(source="/payments/1"), "source"),
}


@pytest.mark.parametrize("what", POISON)
def test_poison_is_set_aside_and_others_flow(pair, what):
    raw, reason = POISON[what]
    begin(pair)

    with Wire(pair) as wire:
        for partition in range(3):
            wire.send(raw, partition=partition)
    pair.publish(range(1, 9), [1])
    poisoned_at = time.monotonic()

    eventually(
        lambda: set(map(lot, range(1, 9))) <= set(pair.tallies()),
        within_seconds=OTHERS_WAIT_SECONDS + BUSY_MACHINE_SECONDS,
    )
    assert time.monotonic() - poisoned_at < OTHERS_WAIT_SECONDS + BUSY_MACHINE_SECONDS
    (dead,) = pair.read("matching", "dead_letters")
    assert (dead["reason"], dead["state"]) == (reason, "open")
    pair.settle()


def test_an_unknown_type_is_passed_over(pair):
    begin(pair)

    with Wire(pair) as wire:
        wire.send(bad_envelope(type="catalog.lot.admired.v1"))
    pair.publish(range(1, 5), [1])

    pair.settle()
    assert pair.read("matching", "dead_letters") == []
