"""Who acts: a person who logs in, and the organisations she acts for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from teahouse.demo.journey.wire import Answer, Refused, Wire

UNAUTHORIZED = 401


class Person:
    """A user of identity; logs in when first needed and again when a token has expired."""

    def __init__(self, wire: Wire, *, email: str, password: str, name: str) -> None:
        self.wire = wire
        self.email = email
        self._password = password
        self._name = name
        self._lock = threading.Lock()
        self._tokens: dict[str, str] = {}
        self._epoch = 0

    def register(self) -> None:
        """Sign up; a repeat after a lost answer finds the user there and is content."""
        body = {"email": self.email, "password": self._password, "name": self._name}
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

        def send() -> Answer:
            token = self._token(organization_id)
            sent = {"Authorization": f"Bearer {token}", **(headers or {})}
            return self.wire.ask(method, service, path, body=body, data=data, headers=sent)

        known = self._epoch
        try:
            return send()
        except Refused as refused:
            if refused.status != UNAUTHORIZED:
                raise
            self._log_out(known)
            return send()

    def _token(self, organization_id: str) -> str:
        with self._lock:
            if "" not in self._tokens:
                self._tokens[""] = self._log_in()
            if organization_id not in self._tokens:
                self._tokens[organization_id] = self._exchange(organization_id)
            return self._tokens[organization_id]

    def _log_in(self) -> str:
        body = {"email": self.email, "password": self._password}
        answer = self.wire.ask("POST", "identity", "/v1/sessions", body=body)
        return str(answer.body["access_token"])

    def _exchange(self, organization_id: str) -> str:
        answer = self.wire.ask(
            "POST",
            "identity",
            "/v1/sessions/exchange",
            body={"organization_id": organization_id},
            headers={"Authorization": f"Bearer {self._tokens['']}"},
        )
        return str(answer.body["access_token"])

    def _log_out(self, epoch: int) -> None:
        """Forget all tokens, unless another thread has done so since."""
        with self._lock:
            if self._epoch == epoch:
                self._tokens.clear()
                self._epoch += 1


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
