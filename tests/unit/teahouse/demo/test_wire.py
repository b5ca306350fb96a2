from __future__ import annotations

import json

import pytest
import requests

from teahouse.demo.journey import wire as wire_module
from teahouse.demo.journey.parties import Person
from teahouse.demo.journey.wire import Refused, Unreachable, Wire


def answer(status: int, body: object = None) -> requests.Response:
    found = requests.Response()
    found.status_code = status
    found._content = json.dumps(body or {}).encode()
    found.headers["Content-Type"] = (
        "application/problem+json" if status >= 400 else "application/json"
    )
    return found


class FakeService:
    """Answers in turn what it was given, raising what is an exception."""

    def __init__(self, monkeypatch, *turns):
        self.turns = list(turns)
        self.asked = []
        monkeypatch.setattr(requests.Session, "request", self.request)
        monkeypatch.setattr(wire_module.time, "sleep", lambda _seconds: None)

    def request(self, method, url, **sent):
        self.asked.append((method, url, sent))
        turn = self.turns.pop(0)
        if isinstance(turn, Exception):
            raise turn
        return turn

    @property
    def keys(self):
        return [sent["headers"].get("Idempotency-Key") for _, _, sent in self.asked]


WIRE = {"catalog": "http://catalog", "identity": "http://identity"}


class TestAsk:
    def test_repeats_with_the_same_key_until_there_is_an_answer(self, monkeypatch):
        service = FakeService(
            monkeypatch,
            requests.ConnectionError(),
            requests.Timeout(),
            answer(503),
            answer(201, {"id": 1}),
        )
        wire = Wire(WIRE)

        found = wire.ask("POST", "catalog", "/v1/lots", body={})

        assert found.body == {"id": 1}
        assert wire.repeats == 3
        assert len(set(service.keys)) == 1
        assert service.keys[0]

    def test_takes_a_new_key_for_a_new_request(self, monkeypatch):
        service = FakeService(monkeypatch, answer(201), answer(201))
        wire = Wire(WIRE)

        wire.ask("POST", "catalog", "/v1/lots")
        wire.ask("POST", "catalog", "/v1/lots")

        assert len(set(service.keys)) == 2

    def test_does_not_repeat_a_refusal(self, monkeypatch):
        problem = {"code": "lot-closed", "detail": "closed at noon"}
        service = FakeService(monkeypatch, answer(422, problem))

        with pytest.raises(Refused, match="closed at noon") as refused:
            Wire(WIRE).ask("POST", "catalog", "/v1/lots")

        assert (refused.value.status, refused.value.code) == (422, "lot-closed")
        assert len(service.asked) == 1

    def test_does_not_hide_a_bug(self, monkeypatch):
        FakeService(monkeypatch, answer(500, {"code": "internal-error"}))

        with pytest.raises(Refused, match="internal-error"):
            Wire(WIRE).ask("GET", "catalog", "/v1/lots")

    def test_gives_up_when_patience_is_over(self, monkeypatch):
        FakeService(monkeypatch, answer(503), answer(503))

        with pytest.raises(Unreachable, match="503"):
            Wire(WIRE, patience_seconds=-1).ask("GET", "catalog", "/v1/lots")


def token(text: str, *, lasts_seconds: int = 600) -> dict[str, object]:
    return {"access_token": text, "expires_in": lasts_seconds}


class TestPerson:
    def test_logs_in_again_before_her_tokens_expire(self, monkeypatch):
        service = FakeService(
            monkeypatch,
            answer(201, token("plain", lasts_seconds=10)),
            answer(200, token("old", lasts_seconds=10)),
            answer(200),
            answer(201, token("plain again")),
            answer(200, token("new")),
            answer(200, {"items": []}),
        )
        person = Person(Wire(WIRE), email="li@example.com", password="secret", name="Li")
        person.ask("GET", "catalog", "/v1/lots", organization_id="org_1")

        found = person.ask("GET", "catalog", "/v1/lots", organization_id="org_1")

        assert found.body == {"items": []}
        assert service.asked[-2][2]["headers"]["Authorization"] == "Bearer plain again"
        assert service.asked[-1][2]["headers"]["Authorization"] == "Bearer new"

    def test_gives_up_when_she_may_not_come_in_at_all(self, monkeypatch):
        FakeService(monkeypatch, answer(401, {"code": "wrong-credentials"}))
        person = Person(Wire(WIRE), email="li@example.com", password="secret", name="Li")

        with pytest.raises(Refused, match="wrong-credentials"):
            person.ask("GET", "catalog", "/v1/lots", organization_id="org_1")

    def test_keeps_a_token_for_each_organisation(self, monkeypatch):
        service = FakeService(
            monkeypatch,
            answer(201, token("plain")),
            answer(200, token("one")),
            answer(200),
            answer(200, token("two")),
            answer(200),
            answer(200),
        )
        person = Person(Wire(WIRE), email="li@example.com", password="secret", name="Li")

        for organization_id in ("org_1", "org_2", "org_1"):
            person.ask("GET", "catalog", "/v1/lots", organization_id=organization_id)

        sent = [
            sent["headers"]["Authorization"] for _, url, sent in service.asked if "lots" in url
        ]
        assert sent == ["Bearer one", "Bearer two", "Bearer one"]
