"""Traces in W3C form; OpenTelemetry does the rest where an endpoint is set."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
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


def start_request(given: str) -> str:
    """The trace of a request that came with this traceparent, or none: continued, or new."""
    trace_id = given.split("-")[1] if TRACEPARENT.match(given) else secrets.token_hex(16)
    return f"00-{trace_id}-{secrets.token_hex(8)}-01"


@contextmanager
def span(name: str, traceparent: str | None) -> Iterator[None]:
    """Time a piece of work as part of a trace that came from elsewhere."""
    if not _tracer:
        yield
        return
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 - an extra
        TraceContextTextMapPropagator,
    )

    carrier = {"traceparent": traceparent} if traceparent else {}
    parent = TraceContextTextMapPropagator().extract(carrier)
    with _tracer[0].start_as_current_span(name, context=parent):
        yield
