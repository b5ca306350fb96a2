"""Who acts: a person who logs in, and the organisations she acts for."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from teahouse.demo.journey.wire import Answer, Refused, Wire

RENEWED_BEFORE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Token:
    """An access token, and until when (Unix time) it is sure to be taken."""

    text: str
    fresh_until: float


class Person:
    """A user of identity; logs in when first needed, and again before a token expires."""

    def __init__(self, wire: Wire, *, email: str, password: str, name: str) -> None:
        self.wire = wire
        self.email = email
        self.password = password
        self._name = name
        self._lock = threading.Lock()
        self._tokens: dict[str, _Token] = {}

    def register(self) -> None:
        """Sign up; a repeat after a lost answer finds the user there and is content."""
        body = {"email": self.email, "password": self.password, "name": self._name}
        try:
            self.wire.ask("POST", "identity", "/v1/users", body=body)
        except Refused as refused:
            if refused.code != "email-taken":
                raise

    def found(self, kind: str, name: str, city: str) -> Party:
        """Register an organisation and act for it."""
        body = {"kind": kind, "name": name, "city": city}
        answer = self.ask("POST", "identity", "/v1/organizations", organization_id="", body=body)
        return Party(self, answer.body["id"], kind=kind, name=name)

    def ask(
        self,
        method: str,
        service: str,
        path: str,
        *,
        organization_id: str,
        body: object = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request for an organisation ("" for none), with a fresh token if need be."""
        token = self.token(organization_id)
        sent = {"Authorization": f"Bearer {token}", **(headers or {})}
        return self.wire.ask(method, service, path, body=body, data=data, headers=sent)

    def token(self, organization_id: str) -> str:
        """An access token to act for this organisation ("" for none), good for a while yet."""
        with self._lock:
            if self._is_stale(organization_id):
                self._tokens[organization_id] = (
                    self._exchange(organization_id) if organization_id else self._log_in()
                )
            return self._tokens[organization_id].text

    def _is_stale(self, organization_id: str) -> bool:
        token = self._tokens.get(organization_id)
        return token is None or time.time() > token.fresh_until

    def _log_in(self) -> _Token:
        body = {"email": self.email, "password": self.password}
        return _token(self.wire.ask("POST", "identity", "/v1/sessions", body=body))

    def _exchange(self, organization_id: str) -> _Token:
        if self._is_stale(""):
            self._tokens[""] = self._log_in()
        return _token(
            self.wire.ask(
                "POST",
                "identity",
                "/v1/sessions/exchange",
                body={"organization_id": organization_id},
                headers={"Authorization": f"Bearer {self._tokens[''].text}"},
            )
        )


def _token(answer: Answer) -> _Token:
    lasts = float(answer.body["expires_in"]) - RENEWED_BEFORE_SECONDS
    return _Token(str(answer.body["access_token"]), fresh_until=time.time() + lasts)


class Party:
    """An organisation, and the person who acts for it."""

    def __init__(self, person: Person, organization_id: str, *, kind: str, name: str) -> None:
        self.person = person
        self.id = organization_id
        self.kind = kind
        self.name = name

    def post(self, service: str, path: str, body: object = None, **more: Any) -> Any:  # noqa: ANN401 - JSON
        """POST and give the parsed answer."""
        sent = body if more.get("data") is not None else body or {}
        return self.person.ask(
            "POST", service, path, organization_id=self.id, body=sent, **more
        ).body

    def get(self, service: str, path: str) -> Any:  # noqa: ANN401 - JSON
        """GET and give the parsed answer."""
        return self.person.ask("GET", service, path, organization_id=self.id).body

    def every(self, service: str, path: str) -> list[dict[str, Any]]:
        """All items of a list, page by page."""
        joint = "&" if "?" in path else "?"
        items: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(service, f"{path}{joint}cursor={cursor}" if cursor else path)
            items += page["items"]
            cursor = page["next_cursor"]
        return items
