"""The broker forgets everything, or is away: MongoDB remembers."""

from __future__ import annotations

import threading
import time

import pytest
from kafka import KafkaConsumer

from chassis.cluster import Cluster
from chassis.settings import Settings
from tests.backbone import LOTS

AFTER_WIPE_SECONDS = 60
DRAINED_A_SECOND = 1_500
AWAY_SECONDS, AWAY_SECONDS_FULL = 6, 600


def begin(pair):
    pair.start("catalog")
    pair.start("matching")
    pair.warm_up()
    pair.publish(range(1, 9), range(1, 6))


def test_wiped_while_idle(pair):
    begin(pair)
    pair.settle()

    pair.broker.wipe()
    pair.publish(range(1, 9), range(6, 9))

    pair.settle(within_seconds=AFTER_WIPE_SECONDS)


def test_wiped_under_load(pair):
    begin(pair)

    wiping = threading.Thread(target=pair.broker.wipe)
    wiping.start()
    pair.publish_until(lambda: not wiping.is_alive())
    pair.publish(range(1, 9), range(6, 13))

    pair.settle(within_seconds=AFTER_WIPE_SECONDS)


def test_wiped_during_a_rebalance(pair):
    begin(pair)
    pair.start("matching")
    leaver = pair.workers[1]

    leaver.kill()
    pair.broker.wipe()
    pair.publish(range(1, 9), range(6, 9))

    pair.settle(within_seconds=AFTER_WIPE_SECONDS)


def test_wiped_again_and_again(pair, full):
    begin(pair)

    for round_ in range(5 if full else 2):
        pair.broker.wipe()
        start = 6 + 3 * round_
        pair.publish(range(1, 9), range(start, start + 3))

    pair.settle(within_seconds=AFTER_WIPE_SECONDS + 30)


def test_wiped_while_every_worker_was_dead(pair):
    begin(pair)
    pair.settle()
    for worker in pair.workers:
        worker.kill()

    pair.broker.wipe()
    pair.publish(range(1, 9), range(6, 9))
    pair.start("catalog")
    pair.start("matching")

    pair.settle(within_seconds=AFTER_WIPE_SECONDS)


def test_away_while_writes_go_on(pair, full):
    begin(pair)
    pair.settle()
    before = sum(pair.acknowledged.values())

    pair.broker.kill()
    until = time.monotonic() + (AWAY_SECONDS_FULL if full else AWAY_SECONDS)
    while time.monotonic() < until:
        pair.publish([77], [pair.count(77) + 1])
    written = sum(pair.acknowledged.values()) - before
    pair.broker.start()

    assert pair.refused == 0
    assert written > 0
    pair.settle(within_seconds=AFTER_WIPE_SECONDS + written / DRAINED_A_SECOND)


@pytest.mark.parametrize("partitions", [3, 4])
def test_topic_made_anew_under_it_with_partitions(pair, partitions):
    begin(pair)
    pair.settle()
    stranger = Cluster(
        Settings(
            service="catalog",
            kafka_brokers=pair.broker.address,
            topic_prefix=f"pair-{pair.name}",
            topic_partitions=partitions,
        )
    )

    stranger._delete([LOTS])
    stranger._create([LOTS])
    stranger.close()
    pair.publish(range(1, 9), range(6, 9))

    pair.settle()


@pytest.mark.full
def test_group_that_lets_nobody_in(pair):
    pair.start("catalog")
    pair.start("matching").kill()
    wedge(pair, "matching.projection", LOTS)
    pair.start("matching")

    pair.publish(range(1, 9), range(1, 6))

    pair.settle()


def wedge(pair, group, topic):
    """Leave a group before it assigned anything, which locks it on the embedded broker."""
    prefix = f"pair-{pair.name}"
    settings = Settings(service="matching", kafka_brokers=pair.broker.address, topic_prefix=prefix)
    cluster = Cluster(settings)
    cluster.ensure([topic], mend=False)
    consumer = KafkaConsumer(
        cluster.on_wire(topic),
        bootstrap_servers=pair.broker.address,
        group_id=cluster.group_on_wire(group),
        enable_auto_commit=False,
        allow_auto_create_topics=False,
    )
    consumer.poll(50)
    consumer.close()
    cluster.close()


@pytest.mark.parametrize("seconds", [8])
def test_paused_and_resumed(pair, seconds):
    begin(pair)

    pair.broker.process.pause()
    pair.publish(range(1, 5), range(6, 9))
    time.sleep(seconds)
    pair.broker.process.resume()
    pair.publish(range(5, 9), range(6, 9))

    pair.settle()
