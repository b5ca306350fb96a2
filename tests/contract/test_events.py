"""What is published matches its schema, and every reader reads every example ever published."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from chassis.client import PeerUnavailable
from chassis.envelope import Event, parse
from chassis.inbox import TwoStep
from chassis.kernel.errors import DomainError
from chassis.mongo import atomically
from chassis.settings import SERVICES
from chassis.topics import register
from teahouse.prepare import documents_of
from tests.contract.wiring import worker_of
from tools.contracts.catalogue import CONTRACTS, disagreements, event_classes

EXAMPLES = sorted((CONTRACTS / "examples").glob("*/*.json"))


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


class TestExamples:
    @pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
    def test_match_the_schemas(self, path):
        event = json.loads(path.read_text())
        of_type = json.loads((CONTRACTS / "events" / f"{path.parent.name}.json").read_text())
        envelope = json.loads((CONTRACTS / "events" / "envelope.json").read_text())

        jsonschema.validate(event, envelope, jsonschema.Draft202012Validator)
        jsonschema.validate(event["data"], of_type, jsonschema.Draft202012Validator)

    @pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
    def test_are_envelopes_that_the_chassis_reads(self, path):
        assert parse(path.read_text()).type == path.parent.name

    def test_exist_for_every_published_class(self):
        assert {path.parent.name for path in EXAMPLES} >= event_classes().keys()


class TestRegister:
    def test_names_what_the_classes_publish_and_nothing_else(self):
        assert list(disagreements()) == []


class TestSubscriptions:
    @pytest.mark.parametrize("service", SERVICES)
    def test_are_in_the_register(self, service):
        for subscription in worker_of(service).subscriptions:
            for name in subscription.topics:
                assert subscription.group in register()[name].consumers

    @pytest.mark.parametrize("service", SERVICES)
    def test_handle_only_what_their_topics_carry(self, service):
        for subscription in worker_of(service).subscriptions:
            carried = {kind for name in subscription.topics for kind in register()[name].types}
            assert subscription.handlers.keys() <= carried

    def test_are_all_those_in_the_register(self):
        subscribed = {
            (name, subscription.group)
            for service in SERVICES
            for subscription in worker_of(service).subscriptions
            for name in subscription.topics
        }

        assert subscribed == {
            (topic.name, group) for topic in register().values() for group in topic.consumers
        }

    def test_answer_every_command(self):
        commands = [topic for topic in register().values() if topic.name.endswith(".commands")]
        handled = {
            kind
            for service in SERVICES
            for subscription in worker_of(service).subscriptions
            for kind in subscription.handlers
        }

        assert {kind for topic in commands for kind in topic.types} <= handled


class TestReaders:
    @pytest.fixture
    def documents(self, service):
        return documents_of("chassis", f"services.{service}")

    @pytest.mark.parametrize("service", SERVICES)
    def test_read_every_example_they_handle(self, service, database):
        worker = worker_of(service, database)

        for subscription in worker.subscriptions:
            for path in EXAMPLES:
                handler = subscription.handlers.get(path.parent.name)
                if handler is not None:
                    read(handler, parse(path.read_text()))


def read(handler, event: Event) -> None:
    """Let a handler read an event in a world without history: to refuse is to have read it."""
    try:
        if isinstance(handler, TwoStep):
            handler.submit([event])
        else:
            atomically(lambda: handler([event]))
    except (DomainError, PeerUnavailable):
        pass
