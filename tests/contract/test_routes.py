"""Who is let in, on every route there is: nobody is forgotten, because none is listed."""

from __future__ import annotations

import re

import pytest

from chassis.settings import SERVICES
from tests.contract.wiring import app_of
from tools.contracts.openapi import callers_of

# Everything that may be asked without a token; a new line here wants a reason.
OPEN_TO_ANYBODY = {
    "GET /.well-known/jwks.json",  # public keys
    "GET /livez",
    "GET /openapi.json",
    "GET /problems/<code>",
    "GET /readyz",
    "GET /v1/cartridges/schema.json",  # the open format
    "GET /v1/venues/<venue_id>/public.ics",  # when a room is free; calendar programs have no token
    "GET /v1/ledger/days",  # roots prove something because everybody has them
    "GET /v1/ledger/days/<day>",
    "GET /v1/photos/<photo_id>",  # pages show them, and an <img> carries no token
    "GET /v1/scans/<code>",  # whoever has the pack in her hand
    "GET /v1/gatherings/<gathering_id>/form",  # what guests, who have no accounts, are asked
    "POST /v1/gatherings/<gathering_id>/ratings",  # guests have tickets, not accounts
    "POST /v1/gatherings/<gathering_id>/registrations",  # by door code
    "POST /v1/gatherings/<gathering_id>/registrations/withdrawals",  # by door code
    "POST /v1/providers/<name>/webhooks",  # by the provider's signature
    "POST /v1/scans/<code>",
    "POST /v1/service-tokens",  # by secret
    "POST /v1/sessions",  # by password
    "POST /v1/sessions/refresh",  # by refresh token
    "POST /v1/users",
}


@pytest.fixture(params=SERVICES)
def app(request):
    return app_of(request.param)


def asked(app, route, headers, *, port):
    method, rule = route.split(" ", 1)
    path = re.sub(r"<[^>]+>", "anything", rule)
    return app.test_client().open(
        path,
        method=method,
        headers={"Idempotency-Key": "1", **headers},
        environ_overrides={"SERVER_PORT": str(port)},
        json={} if method != "GET" else None,
    )


class TestEveryRoute:
    def test_that_anybody_may_call_is_listed_above(self, app):
        found = {route for route, who in callers_of(app) if who == "anybody"}

        assert found <= OPEN_TO_ANYBODY

    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x.y.z"}])
    def test_refuses_a_caller_without_a_token_of_ours(self, app, headers):
        ports = {"other services": app.settings.api_internal_port}
        for route, who in callers_of(app):
            if who in {"anybody", "any process inside"}:
                continue

            answer = asked(app, route, headers, port=ports.get(who, app.settings.api_port))

            assert (route, answer.status_code) == (route, 401)
            assert answer.content_type == "application/problem+json"

    def test_for_services_is_not_there_on_the_public_port(self, app):
        for route, who in callers_of(app):
            if who in {"other services", "any process inside"}:
                answer = asked(app, route, {}, port=app.settings.api_port)

                assert (route, answer.status_code) == (route, 404)

    def test_takes_no_field_that_it_does_not_describe(self, app):
        document = app.api.spec.to_dict()
        for path, operations in document["paths"].items():
            for operation in operations.values():
                body = operation.get("requestBody", {}) if isinstance(operation, dict) else {}
                schema = body.get("content", {}).get("application/json", {}).get("schema")
                if schema and "$ref" in schema:
                    described = document["components"]["schemas"][schema["$ref"].split("/")[-1]]
                    assert (path, described["additionalProperties"]) == (path, False)
