"""One trace from the request that began it, through Kafka, to the last handler."""

from __future__ import annotations

from dataclasses import replace

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import context, tracing
from chassis.inbox import acting_on, each
from tests.backbone import a_letter, lot

GIVEN = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def a_fact(subject, *, traceparent):
    return replace(a_letter(subject, 1).event, traceparent=traceparent)


def trace_of(traceparent):
    return traceparent.split("-")[1]


@pytest.fixture
def exported(monkeypatch):
    """The spans that would have gone to the endpoint."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", [provider.get_tracer("test")])
    return exporter


class TestStart:
    def test_goes_on_with_the_trace_that_was_given(self):
        span = tracing.start("GET /v1/lots", GIVEN)

        assert trace_of(span.traceparent) == "a" * 32
        assert span.traceparent != GIVEN

    @pytest.mark.parametrize("given", [None, "", "00-nonsense-01", "00-" + "a" * 31])
    def test_begins_a_trace_where_none_was_given(self, given):
        span = tracing.start("GET /v1/lots", given)

        assert tracing.TRACEPARENT.match(span.traceparent)
        assert trace_of(span.traceparent) != "a" * 32

    def test_is_exported_as_the_parent_of_what_it_causes(self, exported):
        request = tracing.start("POST /v1/claims", GIVEN)
        handler = tracing.start("matching.claim.requested.v1", request.traceparent)
        handler.end()
        request.end()

        inner, outer = exported.get_finished_spans()
        assert f"{outer.context.trace_id:032x}" == "a" * 32
        assert f"{outer.parent.span_id:016x}" == "b" * 16
        assert inner.parent.span_id == outer.context.span_id


class TestActingOn:
    def test_hands_its_own_span_on_to_what_it_publishes(self, exported):
        with acting_on([a_fact(lot(1), traceparent=GIVEN)]):
            carried = context.current().traceparent

        (span,) = exported.get_finished_spans()
        assert carried == f"00-{'a' * 32}-{span.context.span_id:016x}-01"

    def test_keeps_each_event_in_its_own_trace(self, exported):
        other = "00-" + "c" * 32 + "-" + "d" * 16 + "-01"
        seen = []
        handler = each(lambda _event: seen.append(trace_of(context.current().traceparent)))

        handler([a_fact(lot(1), traceparent=GIVEN), a_fact(lot(2), traceparent=other)])

        assert seen == ["a" * 32, "c" * 32]
        assert len(exported.get_finished_spans()) == 2


class TestConfigure:
    def test_exports_nothing_without_an_endpoint(self, monkeypatch):
        monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)

        assert not tracing.configure("catalog")
