"""Traces in W3C form; OpenTelemetry does the rest where an endpoint is set."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_tracer: list[Any] = []


def configure(service: str) -> bool:
    """Export spans when ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set; call it after a fork.

    Answers whether spans are exported. Without the ``tracing`` extra, or without the
    endpoint, trace ids still travel and nothing is exported.
    """
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return False
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an extra
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - an extra

    provider = TracerProvider(resource=Resource({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer[:] = [provider.get_tracer("teahouse")]
    return True


@dataclass(frozen=True, slots=True)
class Span:
    """A timed piece of work; ``traceparent`` is what travels on to whatever it causes."""

    traceparent: str
    _recorded: Any = None

    def end(self) -> None:
        """Say that the work is done; exported where an endpoint is set."""
        if self._recorded is not None:
            self._recorded.end()


def start(name: str, given: str | None) -> Span:
    """Begin a span of the trace that came with this traceparent, or of a new one.

    A traceparent that is not of the W3C form counts as none. The caller ends the span.
    """
    given = given if given and TRACEPARENT.match(given) else None
    if not _tracer:
        trace_id = given.split("-")[1] if given else secrets.token_hex(16)
        return Span(f"00-{trace_id}-{secrets.token_hex(8)}-01")
    from opentelemetry.trace import set_span_in_context  # noqa: PLC0415 - an extra
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 - an extra
        TraceContextTextMapPropagator,
    )

    wire = TraceContextTextMapPropagator()
    parent = wire.extract({"traceparent": given} if given else {})
    recorded = _tracer[0].start_span(name, context=parent)
    travels: dict[str, str] = {}
    wire.inject(travels, context=set_span_in_context(recorded))
    return Span(travels["traceparent"], recorded)


@contextmanager
def span(name: str, given: str | None) -> Iterator[Span]:
    """A span that ends with the block; see ``start``."""
    started = start(name, given)
    try:
        yield started
    finally:
        started.end()
