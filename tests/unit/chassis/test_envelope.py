"""The envelope keeps what an event says, and lets nothing else in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import pytest

from chassis.context import Context
from chassis.envelope import Stamp, TooLarge, Unreadable, event_json, message_json, parse, plain
from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money
from tests.backbone import NOW, envelope, lot, reserved, stamp


@dataclass(frozen=True, slots=True)
class Leg:
    account: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted(DomainEvent):
    type: ClassVar[str] = "payments.entry.posted.v1"
    entry_id: str
    legs: tuple[Leg, ...] = ()
    held_at: datetime | None = None
    note: str = ""

    @property
    def subject(self):
        return self.entry_id


WHO = Context(
    actor="usr_1",
    organization="org_1",
    correlation_id="sag_1",
    causation_id="evt_0",
    traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01",
)


def posted(**changes):
    event = Posted(occurred_at=NOW, entry_id="ent_1", **changes)
    about = Stamp(source="/payments/2", context=WHO, recorded_at=NOW)
    return event_json(event, event_id="evt_1", sequence=42, stamp=about)


class TestEvent:
    def test_survives_the_journey(self):
        read = parse(posted(legs=(Leg("org:1:available", Money(5, "CNY")),), held_at=NOW))

        assert read.id == "evt_1"
        assert read.type == "payments.entry.posted.v1"
        assert read.source == "/payments/2"
        assert (read.subject, read.key, read.sequence) == ("ent_1", "ent_1", 42)
        assert read.time == NOW
        assert (read.actor, read.organization) == ("usr_1", "org_1")
        assert (read.correlation_id, read.causation_id) == ("sag_1", "evt_0")
        assert read.traceparent == WHO.traceparent
        assert read.data == {
            "entry_id": "ent_1",
            "legs": [{"account": "org:1:available", "amount": {"minor": 5, "currency": "CNY"}}],
            "held_at": "2026-11-22T03:00:00.000000Z",
            "note": "",
        }

    def test_is_cloudevents_without_null_attributes(self):
        document = json.loads(envelope(lot(), 1))

        assert document["specversion"] == "1.0"
        assert document["sequence"] == "0" * 19 + "1"
        assert document["partitionkey"] == lot()
        assert "actor" not in document
        assert None not in document.values()

    def test_keeps_chinese_readable(self):
        assert "茶" in posted(note="茶")

    def test_says_what_follows_from_it_was_caused_by_it(self):
        assert parse(posted()).context.causation_id == "evt_1"

    def test_of_more_than_64_kib_is_refused_when_written(self):
        with pytest.raises(TooLarge):
            posted(note="茶" * 30_000)

    def test_refuses_a_value_json_has_no_word_for(self):
        with pytest.raises(TypeError, match="cannot carry float"):
            plain(1.5)


class TestMessage:
    def test_has_an_id_and_a_saga_but_no_sequence(self):
        read = parse(message_json(reserved("msg_1", "sag_9"), stamp=stamp()))

        assert (read.id, read.correlation_id, read.sequence) == ("msg_1", "sag_9", None)
        assert read.data == {"claim_id": "clm_1"}


class TestParse:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"specversion": "0.3"}, "specversion"),
            ({"id": ""}, "id"),
            ({"id": 7}, "id"),
            ({"type": "Published"}, "type"),
            ({"source": "catalog"}, "source"),
            ({"subject": None}, "subject"),
            ({"time": "yesterday"}, "time"),
            ({"time": "2026-11-22T03:00:00"}, "time"),
            ({"sequence": "7"}, "sequence"),
            ({"sequence": 7}, "sequence"),
            ({"sequence": "0" * 20}, "sequence"),
            ({"organization": "Tea & Co"}, "organization"),
            ({"traceparent": "no"}, "traceparent"),
            ({"data": [1]}, "data"),
        ],
    )
    def test_refuses_what_is_wrong_by_its_name(self, change, reason):
        document = json.loads(envelope(lot(), 1)) | change

        with pytest.raises(Unreadable) as refused:
            parse(json.dumps(document))

        assert refused.value.reason == reason

    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            (None, "empty"),
            (b"", "empty"),
            (b"{", "json"),
            (b"[]", "json"),
            (b"\xff\xfe", "json"),
            (b"[" * 60_000, "json"),
            (b"x" * 1_000_000, "too-large"),
        ],
    )
    def test_refuses_bytes_that_are_no_event(self, raw, reason):
        with pytest.raises(Unreadable) as refused:
            parse(raw)

        assert refused.value.reason == reason
