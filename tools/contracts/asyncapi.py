"""AsyncAPI 3.0 documents: what each service sends and receives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.envelope import CONTENT_TYPE
from chassis.topics import Topic, register
from tools.contracts.catalogue import Published, event_classes, form_of, readers_of


def document(service: str, *, version: str) -> dict[str, Any]:
    """The AsyncAPI document of one service."""
    sent, received = _topics_of(service)
    classes = event_classes()
    used = {topic.name: topic for topic in (*sent, *received)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Teahouse {service}",
            "version": version,
            "description": "Facts, commands and replies over Kafka. Everything may come twice; "
            "facts of one subject come in the order of their sequence.",
        },
        "defaultContentType": CONTENT_TYPE.partition(";")[0],
        "channels": {_name(topic): _channel(topic) for topic in used.values()},
        "operations": {
            **{f"send.{_name(topic)}": _operation("send", topic) for topic in sent},
            **{f"receive.{_name(topic)}": _operation("receive", topic) for topic in received},
        },
        "components": {
            "messages": {
                event_type: _message(classes[event_type])
                for event_type in sorted(kind for topic in used.values() for kind in topic.types)
                if event_type in classes
            }
        },
    }


def _topics_of(service: str) -> tuple[list[Topic], list[Topic]]:
    every = register().values()
    return (
        [topic for topic in every if service in topic.producers],
        [topic for topic in every if service in readers_of(topic)],
    )


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": f"Keyed by {topic.key}. Written by {_list(sorted(topic.producers))}; "
        f"read by {_list(topic.consumers)}.",
        "messages": {
            event_type: {"$ref": f"#/components/messages/{event_type}"}
            for event_type in sorted(topic.types)
        },
        "bindings": {"kafka": {"topic": topic.name}},
    }


def _operation(action: str, topic: Topic) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{_name(topic)}"}}


def _message(kind: Published) -> dict[str, Any]:
    return {
        "name": kind.type,
        "title": (kind.__doc__ or "").strip().splitlines()[0],
        "contentType": CONTENT_TYPE.partition(";")[0],
        "tags": [{"name": form_of(kind)}],
        "payload": {
            "allOf": [
                {"$ref": "../events/envelope.json"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": kind.type},
                        "data": {"$ref": f"../events/{kind.type}.json"},
                    },
                },
            ]
        },
    }


def _name(topic: Topic) -> str:
    return topic.name.removeprefix("teahouse.")


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "nobody yet"
