"""Routes that every service has: health, metrics, errors explained, the way for its peers."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import fields, validate

from chassis import clock, inbox, metrics, outbox
from chassis.health import Readiness
from chassis.kernel.errors import Forbidden, NotFound
from chassis.settings import Settings
from chassis.web import problems
from chassis.web.blueprints import Blueprint, internal, keyless, public
from chassis.web.schemas import Request


class ProblemUnknown(NotFound):
    """No error has this code."""

    code = "problem-unknown"
    hint = "Use the code of a problem exactly as it was answered."
    chinese = "没有这个错误码，请使用返回内容中的 code。"


class NotASandbox(Forbidden):
    """Time can be moved only in a sandbox."""

    code = "not-a-sandbox"
    hint = "Start with TEAHOUSE_SANDBOX=1, and never in production."
    chinese = "只有在沙盒环境中才能调整时间。"


class OutboxQuery(Request):
    """Which events a peer is missing."""

    subject = fields.String(required=True)
    after_sequence = fields.Integer(load_default=0, validate=validate.Range(min=0))
    limit = fields.Integer(load_default=500, validate=validate.Range(min=1, max=1000))


class HeadsQuery(Request):
    """Whose events, and where to go on."""

    source = fields.String(required=True)
    after = fields.String(load_default="")


class ClockMove(Request):
    """How far the sandbox's time is to be from real time."""

    offset_seconds = fields.Float(
        required=True, validate=validate.Range(min=0, max=10 * 366 * 86400)
    )


def blueprints(readiness: Readiness, settings: Settings) -> tuple[Blueprint, ...]:
    """The routes of every service."""
    return _open_routes(readiness), _peer_routes(settings)


def _open_routes(readiness: Readiness) -> Blueprint:
    blueprint = Blueprint("system", __name__, description="Health, metrics and errors")

    @blueprint.get("/livez")
    @public
    @blueprint.response(200)
    def live() -> dict[str, str]:
        """Say that this process runs."""
        return {"status": "alive"}

    @blueprint.get("/readyz")
    @public
    @blueprint.response(200)
    def ready() -> Response:
        """Say whether traffic may be sent here, check by check; 503 when not."""
        passes, checks = readiness.report()
        answer = jsonify({"status": "ready" if passes else "not-ready", "checks": checks})
        answer.status_code = 200 if passes else 503
        return answer

    @blueprint.get("/problems/<code>")
    @public
    @blueprint.response(200)
    def explain_problem(code: str) -> dict[str, Any]:
        """Explain an error code: title, status and what to do about it, in both languages."""
        found = problems.catalogue().get(code)
        if found is None:
            raise ProblemUnknown(f"no error has the code {code[:60]}")
        return {"code": code, **found}

    return blueprint


def _peer_routes(settings: Settings) -> Blueprint:
    blueprint = Blueprint("peers", __name__, description="For the other services only")

    @blueprint.get("/metrics")
    @public
    @internal
    @blueprint.response(200, content_type="text/plain")
    def read_metrics() -> Response:
        """Give all metrics of this process in the Prometheus text format."""
        return Response(metrics.exposition(), content_type="text/plain; version=0.0.4")

    @blueprint.get("/internal/outbox")
    @internal
    @blueprint.arguments(OutboxQuery, location="query")
    @blueprint.response(200)
    def read_outbox(query: dict[str, Any]) -> dict[str, Any]:
        """Give the events of one subject after a sequence, as they were published."""
        return {
            "events": outbox.read_after(
                query["subject"], query["after_sequence"], limit=query["limit"]
            )
        }

    @blueprint.get("/internal/inbox/heads")
    @internal
    @blueprint.arguments(HeadsQuery, location="query")
    @blueprint.response(200)
    def read_heads(query: dict[str, Any]) -> dict[str, Any]:
        """Say how far this service has read each subject of a source."""
        return {"heads": inbox.heads_of_source(query["source"], after=query["after"])}

    @blueprint.post("/internal/clock")
    @internal
    @keyless
    @blueprint.arguments(ClockMove)
    @blueprint.response(204)
    def move_clock(body: dict[str, Any]) -> None:
        """Move this service's time; sandbox only."""
        if not settings.sandbox:
            raise NotASandbox
        clock.move(body["offset_seconds"])

    return blueprint
