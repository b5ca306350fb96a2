"""Who may use which route, for all routes there are."""

from __future__ import annotations

import re

import pytest

from chassis.settings import SERVICES
from tests.security.door import refused
from tests.security.routes import ANYONE, INTERNAL, OPEN, ROUTES

VERBS = {"get", "post", "put", "patch", "delete"}
GUARDED = [
    pytest.param(service, *route.split(" "), may, id=f"{service} {route}")
    for service, routes in ROUTES.items()
    for route, may in routes.items()
    if may not in (OPEN, INTERNAL)
]
HIDDEN = [
    pytest.param(service, *route.split(" "), id=f"{service} {route}")
    for service, routes in ROUTES.items()
    for route, may in routes.items()
    if may == INTERNAL
]


def address(path: str) -> str:
    """The path with an id in it that nothing has."""
    return re.sub(r"\{\w+\}", "none", path)


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_of_the_live_document_is_listed(door, service):
    paths = door.knock("GET", service, "/openapi.json").json()["paths"]

    found = {
        f"{verb.upper()} {path}" for path, on in paths.items() for verb in on if verb in VERBS
    }

    assert found == ROUTES[service].keys()


@pytest.mark.parametrize(("service", "method", "path", "may"), GUARDED)
def test_a_route_opens_only_to_whom_it_is_for(door, parties, service, method, path, may):
    body = None if method == "GET" else {}
    refused(door.knock(method, service, address(path), body=body), 401, "unauthenticated")

    for kind in sorted(ANYONE - may):
        answer = door.knock(method, service, address(path), party=parties[kind], body=body)
        refused(answer, 403, "permission-missing")
    for kind in sorted(may if method == "GET" else ()):
        answer = door.knock(method, service, address(path), party=parties[kind])
        assert answer.status_code < 500, answer.text
        assert "permission-missing" not in answer.text


@pytest.mark.parametrize(("service", "method", "path"), HIDDEN)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:8201"},
        {"X_Forwarded_Port": "8201", "X_Forwarded_For": "127.0.0.1"},
    ],
    ids=["plain", "host", "forwarded"],
)
def test_what_is_for_services_is_not_on_the_public_port(
    door, parties, service, method, path, headers
):
    answer = door.knock(method, service, path, party=parties["platform"], **headers)

    refused(answer, 404, "no-such-page")
