"""Schemas and examples made from the dataclasses of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import jsonschema
import pytest

from chassis.envelope import parse
from chassis.kernel.decisions import DomainEvent, Message
from chassis.kernel.money import Money
from tools.contracts.catalogue import form_of
from tools.contracts.examples import examples_of
from tools.contracts.schemas import data_schema, schema_of


@dataclass(frozen=True, slots=True)
class Portion:
    """A part within an event."""

    organization_id: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TeaPoured(DomainEvent):
    """Tea was poured."""

    type: ClassVar[str] = "tea.pot.poured.v1"
    lot_id: str
    units: int
    best_before: datetime | None
    parties: Mapping[str, tuple[str, ...]]
    shares: tuple[Portion, ...]

    @property
    def subject(self) -> str:
        return self.lot_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PourTea(Message):
    """Pour tea."""

    type: ClassVar[str] = "tea.command.pour.v1"
    topic: ClassVar[str] = "teahouse.tea.commands"
    lot_id: str

    @property
    def key(self) -> str:
        return self.lot_id


class TestSchemaOf:
    @pytest.mark.parametrize(
        ("hint", "schema"),
        [
            (str, {"type": "string"}),
            (int | None, {"type": ["integer", "null"]}),
            (tuple[str, ...], {"type": "array", "items": {"type": "string"}}),
            (
                Mapping[str, int],
                {"type": "object", "additionalProperties": {"type": "integer"}},
            ),
        ],
    )
    def test_describes_what_events_carry(self, hint, schema):
        assert schema_of(hint) == schema

    @pytest.mark.parametrize("hint", [float, bytes, object])
    def test_refuses_what_they_may_not_carry(self, hint):
        with pytest.raises(TypeError):
            schema_of(hint)


class TestDataSchema:
    def test_leaves_out_what_travels_in_the_envelope(self):
        assert data_schema(PourTea)["required"] == ["lot_id"]
        assert "occurred_at" not in data_schema(TeaPoured)["properties"]

    def test_bears_fields_that_come_later(self):
        data = parse(examples_of(TeaPoured)[0]).data

        jsonschema.validate({**data, "later": 1}, data_schema(TeaPoured))

    def test_refuses_an_event_without_one_of_its_fields(self):
        data = dict(parse(examples_of(TeaPoured)[0]).data)
        del data["units"]

        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(data, data_schema(TeaPoured))


class TestExamplesOf:
    def test_are_the_same_each_time(self):
        assert examples_of(TeaPoured) == examples_of(TeaPoured)

    def test_name_ids_by_their_prefix(self):
        event = parse(examples_of(PourTea)[0])

        assert event.subject.startswith("lot_")
        assert (event.source, event.sequence) == ("/matching/1", None)


class TestFormOf:
    def test_tells_facts_from_commands(self):
        assert (form_of(TeaPoured), form_of(PourTea)) == ("fact", "command")
