"""Logs: one JSON object a line, bound to the request, the trace and the event."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from chassis import context

BLANKED = "***"
_SECRETS = ("password", "secret", "token", "authorization", "private", "cookie")


def configure(service: str, *, version: str, level: str = "INFO") -> None:
    """Send this process's logs to standard error as JSON; safe to call again."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        about,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        structlog.processors.format_exc_info,
        redact,
    ]
    bound = {"service": service, "version": version}
    render = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    structlog.configure(
        processors=[_adding(bound), *shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=render, foreign_pre_chain=[_adding(bound), *shared]
        )
    )
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelName(level)), force=True)
    logging.getLogger().handlers = [handler]
    # kafka-python reports each lost connection as an error; the relay and consumers decide.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)


def logger(name: str) -> Any:  # noqa: ANN401 - structlog's bound loggers are lazy proxies
    """The log of one part of the service."""
    return structlog.get_logger(part=name)


def about(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Say which trace, event, conversation and organisation a line is about, where there is one.

    Ids only: who is meant by them stands in identity, and nowhere in a log.
    """
    now = context.current()
    found = {
        "trace_id": now.traceparent and now.traceparent.split("-")[1],
        "event_id": now.causation_id,
        "correlation_id": now.correlation_id,
        "organization": now.organization,
    }
    for name, value in found.items():
        if value:
            event.setdefault(name, value)
    return event


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Blank every value whose name says that it is a secret, at any depth."""
    for name, value in event.items():
        if any(word in name.lower() for word in _SECRETS):
            event[name] = BLANKED
        elif isinstance(value, MutableMapping):
            redact(_logger, _method, value)
    return event


def _adding(fields: Mapping[str, str]) -> Any:  # noqa: ANN401 - a structlog processor
    def add(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Any:  # noqa: ANN401 - as above
        event.update(fields)
        return event

    return add
