"""The Flask app every service is: returning commits, raising rolls back."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from http.client import BAD_REQUEST, INTERNAL_SERVER_ERROR
from typing import Any

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    NotFound,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from chassis import auth, context, crash, metrics, nudge, outbox, tracing
from chassis.auth import JwksCache, Keys, PermissionMissing, TokenVerifier, Unauthenticated
from chassis.client import fetch_jwks
from chassis.health import Readiness
from chassis.logging import logger
from chassis.mongo import atomically
from chassis.settings import Settings
from chassis.web import idempotency, problems, system
from chassis.web.blueprints import Blueprint, do_first, mark
from chassis.web.openapi import Api, config

READING = frozenset({"GET", "HEAD", "OPTIONS"})
ANYONE = auth.Principal("anonymous", "", None)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class ServiceApp(Flask):
    """A service over HTTP.

    Each writing request is one transaction: a view that returns commits, one that raises
    rolls back. The caller is known before the view runs; its decorators say who may.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        keys: Keys | None = None,
        unit_of_work: Callable[[Callable[[], Any]], Any] = atomically,
    ) -> None:
        super().__init__(settings.service, static_folder=None)
        self.settings = settings
        self.unit_of_work = unit_of_work
        outbox.publish_as(settings.source, keep=settings.outbox_keep)
        nudge.aim(settings.nudge_port)
        self.readiness = Readiness()
        self.verifier = TokenVerifier(
            keys or self._identity_keys(), issuer=settings.issuer, audience=settings.service
        )
        self.config.update(config(settings.service, settings.version))
        self.config["MAX_CONTENT_LENGTH"] = settings.body_limit_bytes
        self.json.sort_keys = False  # type: ignore[attr-defined] # Flask's default provider has it
        problems.install(self)
        self.api = Api(self)
        self.before_request(self._open)
        self.after_request(self._close)
        self.register(*system.blueprints(self.readiness, settings))

    def register(self, *blueprints: Blueprint) -> None:
        """Serve these routes and describe them in the OpenAPI document."""
        for blueprint in blueprints:
            self.api.register_blueprint(blueprint)

    def dispatch_request(self) -> Any:  # noqa: ANN401 - Flask's own signature
        """Run a writing request as one transaction, once for its Idempotency-Key."""
        view = self.view_functions.get(request.endpoint or "")
        if request.method in READING or view is None or mark(view, "untransacted"):
            return super().dispatch_request()
        do_first(view)
        crash.point("W1")
        answer = self.unit_of_work(lambda: self._written(view))
        crash.point("W4")
        return answer

    def _written(self, view: Callable[..., Any]) -> Response:
        def run() -> Response:
            with outbox.gathered():
                answer = self.make_response(super(ServiceApp, self).dispatch_request())
            crash.point("W2")
            return answer

        if request.method != "POST" or mark(view, "keyless") or mark(view, "keyed"):
            return run()
        return idempotency.once(run, auth.principal())

    def _identity_keys(self) -> JwksCache:
        keys = JwksCache(lambda: fetch_jwks(self.settings))
        self.readiness.add("keys", lambda: keys.is_loaded or keys.refresh())
        return keys

    def _open(self) -> None:
        """Before the view: name the request, find out who asks, check the envelope."""
        g.started = time.perf_counter()
        g.request_id = request.headers.get("X-Request-Id", "")[:64] or secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)
        g.span = tracing.start(f"{request.method} {_route()}", request.headers.get("traceparent"))
        g.context = context.bind(context.Context(traceparent=g.span.traceparent))
        auth.bind(None)
        view = self.view_functions.get(request.endpoint or "")
        if request.routing_exception is not None or view is None:
            return
        self._check_door(view)
        caller = self._caller(view)
        auth.bind(caller)
        context.bind(
            context.Context(
                actor=caller.subject,
                organization=caller.organization_id or None,
                traceparent=g.span.traceparent,
                reason=view.__name__,
            )
        )
        self._check_body(view)

    def _check_door(self, view: Callable[..., Any]) -> None:
        """Keep internal routes off the public port, and public ones off the internal."""
        at_internal = request.environ.get("SERVER_PORT") == str(self.settings.api_internal_port)
        wanted = mark(view, "internal")
        if wanted is not None and bool(wanted) != at_internal:
            raise NotFound

    def _caller(self, view: Callable[..., Any]) -> auth.Principal:
        if mark(view, "public") or mark(view, "operation") is None:
            return ANYONE
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        caller = self.verifier.verify(token)
        permission = mark(view, "permission")
        if mark(view, "internal") and caller.service is None:
            raise PermissionMissing("only another service may ask this")
        if caller.service is not None and not mark(view, "internal"):
            raise PermissionMissing("a service speaks for no user: use the internal routes")
        if permission is not None and not caller.allows(permission):
            raise PermissionMissing(f"needs {permission}", permission=str(permission))
        return caller

    def _check_body(self, view: Callable[..., Any]) -> None:
        if request.method in READING:
            return
        wanted, limit = mark(view, "accepts") or (("application/json",), None)
        if limit is not None:
            request.max_content_length = limit
        # Reading it here finds a body that is too large before anything is done with it.
        if request.content_length and request.content_length > (request.max_content_length or 0):
            raise RequestEntityTooLarge
        if _body() and request.mimetype not in wanted:
            raise UnsupportedMediaType
        if request.method == "POST" and not mark(view, "keyless"):
            idempotency.check_key()

    def _close(self, answer: Response) -> Response:
        """After the view: headers, metrics, one line of log."""
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers["X-Request-Id"] = g.get("request_id", "")
        if "etag" in g and answer.status_code < BAD_REQUEST:
            answer.headers["ETag"] = g.etag
        self._measure(answer)
        if "span" in g:
            g.span.end()
            context.unbind(g.pop("context"))
        return answer

    def _measure(self, answer: Response) -> None:
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        route = _route()
        metrics.REQUESTS.labels(route, request.method, answer.status_code).observe(seconds)
        if route.startswith("/v1") or answer.status_code >= INTERNAL_SERVER_ERROR:
            logger("web").info(
                "request",
                method=request.method,
                path=request.path,
                status=answer.status_code,
                ms=round(seconds * 1000, 1),
            )


def _route() -> str:
    """The pattern that the request's address fits."""
    return request.url_rule.rule if request.url_rule else "none"


def _body() -> bytes:
    """The whole body; what the client broke off or chunked wrongly is a bad request.

    A body without a length is cut where the limit is: one that gets there is too large.
    """
    try:
        body = request.get_data()
    except HTTPException:
        raise
    except Exception:  # noqa: BLE001 - each server has its own words for a body that is broken
        raise BadRequest from None
    if request.content_length is None and len(body) >= (request.max_content_length or 0) > 0:
        raise RequestEntityTooLarge
    return body
