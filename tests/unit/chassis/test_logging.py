"""A line of log says what it is about, and never a secret."""

from __future__ import annotations

import json
import logging as stdlib_logging

import pytest
import structlog

from chassis import logging
from chassis.context import Context, bound
from chassis.logging import logger, redact

TRACE = "a" * 32
ABOUT = Context(
    actor="usr_1",
    organization="org_1",
    correlation_id="sag_1",
    causation_id="evt_1",
    traceparent=f"00-{TRACE}-{'b' * 16}-01",
)


@pytest.fixture
def said(capsys):
    """Does something in a process that logs, and answers the parsed lines."""
    structlog.contextvars.clear_contextvars()
    before, handlers = structlog.get_config(), stdlib_logging.getLogger().handlers[:]

    def say(work):
        logging.configure("catalog", version="1.2.3")
        work()
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    yield say
    structlog.configure(**before)
    stdlib_logging.getLogger().handlers = handlers


class TestLine:
    def test_names_request_trace_event_and_conversation(self, said):
        with structlog.contextvars.bound_contextvars(request_id="req_1"), bound(ABOUT):
            (line,) = said(lambda: logger("web").info("request", status=200))

        assert line.pop("ts").endswith("Z")
        assert line == {
            "event": "request",
            "level": "info",
            "service": "catalog",
            "version": "1.2.3",
            "part": "web",
            "status": 200,
            "request_id": "req_1",
            "trace_id": TRACE,
            "event_id": "evt_1",
            "correlation_id": "sag_1",
            "organization": "org_1",
        }

    def test_leaves_out_what_it_is_not_about(self, said):
        (line,) = said(lambda: logger("relay").info("started"))

        assert line.keys() == {"event", "level", "service", "version", "part", "ts"}

    def test_of_a_library_is_json_too(self, said):
        (line,) = said(lambda: stdlib_logging.getLogger("somebody").warning("low on disk"))

        assert (line["event"], line["service"]) == ("low on disk", "catalog")


class TestRedact:
    @pytest.mark.parametrize(
        "name", ["password", "client_secret", "access_token", "Authorization"]
    )
    def test_blanks_whatever_is_named_like_a_secret(self, name):
        line = {"event": "login", name: "hunter2", "inner": {name: "hunter2"}}

        assert "hunter2" not in str(redact(None, "info", line))

    def test_leaves_the_rest_alone(self):
        assert redact(None, "info", {"status": 200}) == {"status": 200}
