"""The embedded mongod and broker: what survives, what is forgotten, what is refused."""

from __future__ import annotations

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from chassis.embedded.broker import Broker, Tansu
from chassis.embedded.mongod import Mongod
from chassis.embedded.ports import free_port
from chassis.embedded.trouble import CannotStart


class TestMongod:
    def test_keeps_what_was_acknowledged_when_killed(self, own_mongod):
        with own_mongod.client() as client:
            client.test.rows.insert_one({"_id": 1})

        own_mongod.kill()
        own_mongod.start()

        with own_mongod.client() as client:
            assert client.test.rows.count_documents({}) == 1

    def test_runs_transactions(self, own_mongod):
        with own_mongod.client() as client, client.start_session() as session:
            session.with_transaction(
                lambda inside: client.test.rows.insert_one({"_id": 1}, session=inside)
            )
            assert client.test.rows.find_one() == {"_id": 1}

    def test_follows_its_data_to_another_port(self, own_mongod, tmp_path):
        with own_mongod.client() as client:
            client.test.rows.insert_one({"_id": 1})
        own_mongod.stop()
        moved = Mongod(own_mongod.folder, port=free_port(), log=tmp_path / "moved.log")

        moved.start()

        with moved.client() as client:
            assert client.test.rows.find_one() == {"_id": 1}
        moved.kill()

    def test_names_the_port_that_is_taken(self, mongod, tmp_path):
        second = Mongod(tmp_path / "data", port=mongod.port, log=tmp_path / "log")

        with pytest.raises(CannotStart, match=f"port {mongod.port} on") as refusal:
            second.start()

        assert refusal.value.code == "port-taken"
        assert "--port-base" in refusal.value.fix
        assert not second.process.is_alive()


class TestBroker:
    def test_forgets_everything_when_wiped(self, own_broker):
        create_topic(own_broker, "teahouse.test")
        assert topics(own_broker) == ["teahouse.test"]

        own_broker.wipe()

        assert topics(own_broker) == []

    def test_answers_after_a_pause(self, own_broker):
        own_broker.process.pause()
        own_broker.process.resume()

        assert own_broker.is_ready()

    def test_names_the_port_that_is_taken(self, own_broker, tmp_path):
        second = Tansu(port=own_broker.port, log=tmp_path / "log")

        with pytest.raises(CannotStart) as refusal:
            second.start()

        assert refusal.value.code == "port-taken"
        assert not second.process.is_alive()


def create_topic(broker: Broker, name: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=broker.address)
    admin.create_topics([NewTopic(name, num_partitions=3, replication_factor=1)])
    admin.close()


def topics(broker: Broker) -> list[str]:
    admin = KafkaAdminClient(bootstrap_servers=broker.address)
    names = admin.list_topics()
    admin.close()
    return list(names)
