"""JSON Schemas (2020-12) of what events carry, made from their dataclasses."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any

from chassis.kernel.decisions import Message
from chassis.kernel.money import Money
from tools.contracts.catalogue import Published, form_of, topic_name

DIALECT = "https://json-schema.org/draft/2020-12/schema"
OUTSIDE = frozenset({"occurred_at"})
OUTSIDE_MESSAGES = OUTSIDE | {"id", "correlation_id"}

MONEY: dict[str, Any] = {
    "type": "object",
    "description": "An amount in the smallest unit of its currency.",
    "properties": {
        "minor": {"type": "integer"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
    "required": ["minor", "currency"],
}
_PLAIN: dict[object, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    Money: MONEY,
    Any: {},
    types.NoneType: {"type": "null"},
}


def data_schema(kind: Published) -> dict[str, Any]:
    """The schema of an event's ``data``. Readers must bear fields they do not know."""
    outside = OUTSIDE_MESSAGES if issubclass(kind, Message) else OUTSIDE
    schema = _object(kind, leave_out=outside)
    return {
        "$schema": DIALECT,
        "title": kind.type,
        "description": _first_line(kind),
        "x-form": form_of(kind),
        "x-topic": topic_name(kind),
        **schema,
    }


def envelope_schema() -> dict[str, Any]:
    """The CloudEvents 1.0 envelope that every event travels in."""
    text = {"type": "string", "minLength": 1, "maxLength": 256}
    described = {
        "specversion": {"const": "1.0"},
        "id": text,
        "source": {**text, "pattern": "^/[a-z][a-z0-9_-]*/[0-9]+$"},
        "type": text,
        "subject": text,
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "partitionkey": text,
        "sequence": {
            "type": "string",
            "pattern": "^[0-9]{20}$",
            "description": "Counts the facts of one (source, subject) from 1 without a hole.",
        },
        "correlationid": text,
        "causationid": text,
        "organization": text,
        "actor": text,
        "traceparent": text,
        "recordedtime": {"type": "string", "format": "date-time"},
        "data": {"type": "object"},
    }
    required = ["specversion", "id", "source", "type", "subject", "time", "data"]
    return {
        "$schema": DIALECT,
        "title": "envelope",
        "description": "CloudEvents 1.0 in structured JSON, with our extensions.",
        "type": "object",
        "properties": described,
        "required": required,
    }


def schema_of(hint: object) -> dict[str, Any]:
    """The schema of one type; raise ``TypeError`` for one that events may not carry."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint in _PLAIN:
        schema = dict(_PLAIN[hint])
    elif origin in {typing.Union, types.UnionType}:
        schema = _either(inner)
    elif origin is tuple:
        schema = {"type": "array", "items": schema_of(inner[0])}
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        schema = {"type": "object", "additionalProperties": schema_of(inner[1])}
    elif isinstance(hint, type) and is_dataclass(hint):
        schema = _object(hint)
    else:
        raise TypeError(f"no JSON Schema for {hint!r}")
    return schema


def _object(kind: type, *, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    parts = [part for part in fields(kind) if part.name not in leave_out]
    return {
        "type": "object",
        "properties": {part.name: schema_of(hints[part.name]) for part in parts},
        # A field that was added later has a default, which older events are read with.
        "required": [part.name for part in parts if part.default is MISSING],
    }


def _either(choices: tuple[object, ...]) -> dict[str, Any]:
    schemas = [schema_of(choice) for choice in choices]
    if all(set(schema) == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]}
    return {"anyOf": schemas}


def _first_line(kind: type) -> str:
    return (kind.__doc__ or kind.__name__).strip().splitlines()[0]
