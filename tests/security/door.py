"""Raw requests to a running suite, and what every refusal must be."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

import requests

from teahouse.demo.journey.parties import Party
from teahouse.suite import Suite

PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Scene:
    """Whose things they are, and where."""

    brand: Party
    offer_id: str
    host: Party
    community_id: str
    lot_id: str
    claim_id: str
    plan: dict[str, Any]
    venue: Party
    hours: dict[str, str]
    author: Party
    theme: dict[str, Any]
    gathering: str
    sale: str


class Door:
    """Sends exactly what it is told."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    def knock(
        self,
        method: str,
        service: str,
        path: str,
        *,
        party: Party | None = None,
        token: str | None = None,
        body: object = None,
        data: Any = None,
        **headers: str,
    ) -> requests.Response:
        """One request; ``headers`` have underscores for hyphens."""
        sent = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        if party is not None:
            token = token_of(party)
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            data = json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        # One connection a request: on a kept one the server may just have hung up.
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method, self._suite.public_url(service) + path, headers=sent, data=data, timeout=20
            )


def token_of(party: Party) -> str:
    """The access token this party acts with."""
    return party.person.token(party.id)


def refused(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    """The problem, after looking that it is one: its kind, its code and what to do."""
    assert answer.headers["Content-Type"] == PROBLEM, answer.text
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert problem["hint"], problem
    assert "Traceback" not in answer.text
    assert "<html" not in answer.text.lower()
    return dict(problem)
