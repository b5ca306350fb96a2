"""Bulk calls and past balances over HTTP: who may, what is told, what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.kernel.money import Money
from chassis.settings import Settings
from chassis.web import ServiceApp
from services.payments.ledger.adapters import to_json
from services.payments.ledger.api import bulk_blueprint, ledger_blueprint
from services.payments.ledger.domain import transfer
from services.payments.ledger.queries import LedgerQueries
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer
from tests.tokens import SigningKeys, bearer
from tests.unit.payments.ledger.books import MARKET, MovableClock, SeededIds

IDS = SeededIds(13)
HOST, PLATFORM = IDS("org"), IDS("org")
PENDING = f"org:{HOST}:pending"
PATH = "/v1/entries/bulk"
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def sequencer(database: str, clock: MovableClock) -> Iterator[Sequencer]:
    sequencer = Sequencer(lambda: Writer(MARKET, MongoLog(), clock))
    yield sequencer
    sequencer.close()


@pytest.fixture
def keys() -> SigningKeys:
    return SigningKeys()


@pytest.fixture
def web(sequencer: Sequencer, keys: SigningKeys, clock: MovableClock) -> FlaskClient:
    app = ServiceApp(Settings.from_env("payments", {}), keys=keys)
    app.register(
        ledger_blueprint(LedgerQueries(MARKET, MongoLog(), clock)), bulk_blueprint(sequencer)
    )
    return app.test_client()


@pytest.fixture
def platform(keys: SigningKeys) -> dict[str, str]:
    return bearer(keys.member(PLATFORM, "platform", "operator")) | NDJSON


def a_line(minor: int = 5) -> dict[str, Any]:
    return to_json(
        transfer(IDS("ent"), "external:provider", PENDING, Money(minor, "CNY"), "deposit")
    )


def written(*rows: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def told(answer: TestResponse) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.data.splitlines()]


class TestBulk:
    def test_answers_a_line_for_each_and_one_for_all(self, web, platform):
        good, poor = a_line(), a_line() | {"code": "Not Kebab"}

        answer = web.post(PATH, data=written(good, poor, good), headers=platform)

        assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
        place = {"segment": 0, "index": 0}
        first, second, third, end = told(answer)
        assert first == {"id": good["id"], "status": "posted", **place}
        assert (second["id"], second["status"]) == (poor["id"], "refused")
        assert (second["code"], second["detail"]) == ("entry-malformed", "code: 'Not Kebab'")
        assert third == first
        assert end == {"lines": 3, "answered": 3, "resume": None}

    def test_never_rounds_what_a_line_says(self, web, platform):
        line = written(a_line(7)).replace(b"7,", b"9007199254740990.6,")
        assert line.count(b"740990.6") == 2

        refused, _ = told(web.post(PATH, data=line, headers=platform))

        assert (refused["status"], refused["code"]) == ("refused", "entry-malformed")
        assert not MongoLog().has(0)

    def test_the_same_body_is_answered_byte_for_byte_the_same(self, web, platform, clock):
        body = written(a_line(), a_line() | {"code": "Not Kebab"}, a_line())

        first = web.post(PATH, data=body, headers=platform)
        clock.forward(hours=1)

        assert web.post(PATH, data=body, headers=platform).data == first.data

    def test_a_linked_line_refuses_all_of_the_body(self, web, platform):
        body = written(a_line(), a_line() | {"linked": True}, a_line())

        answer = web.post(PATH, data=body, headers=platform)

        assert (answer.status_code, answer.json["code"]) == (422, "bad-chain")
        assert not MongoLog().has(0)

    def test_a_taken_id_is_shown_the_difference(self, web, platform):
        line = a_line()
        other = line | {"reference": IDS("gth")}

        answer = web.post(PATH, data=written(line, other), headers=platform)

        assert told(answer)[1]["code"] == "id-conflict"
        assert told(answer)[1]["difference"]["reference"]["asked"] == other["reference"]

    def test_nothing_at_all_is_nothing(self, web, platform):
        answer = web.post(PATH, data=b"", headers=platform)

        assert told(answer) == [{"lines": 0, "answered": 0, "resume": None}]

    @pytest.mark.parametrize(
        ("kind", "roles"),
        [("host", ("owner",)), ("brand", ("owner",)), ("platform", ("staff",))],
    )
    def test_is_not_for_everybody(self, web, keys, kind, roles):
        headers = bearer(keys.member(HOST, kind, *roles)) | NDJSON

        answer = web.post(PATH, data=written(a_line()), headers=headers)

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")
        assert not MongoLog().has(0)

    @pytest.mark.parametrize(
        ("query", "change", "status", "code"),
        [
            ({"resume": "AAAA"}, {}, 422, "resume-token-invalid"),
            ({"resume": "x" * 121}, {}, 400, "invalid-request"),
            ({"surprise": 1}, {}, 400, "invalid-request"),
            ({}, {"Content-Type": "application/json"}, 415, "unsupported-media-type"),
            ({}, {"Authorization": ""}, 401, "unauthenticated"),
        ],
    )
    def test_a_wrong_envelope_books_nothing(self, web, platform, query, change, status, code):
        answer = web.post(
            PATH, data=written(a_line()), headers=platform | change, query_string=query
        )

        assert (answer.status_code, answer.json["code"]) == (status, code)
        assert not MongoLog().has(0)

    def test_more_than_ten_thousand_lines_are_refused_whole(self, web, platform):
        answer = web.post(PATH, data=b"{}\n" * 10_001, headers=platform)

        assert (answer.status_code, answer.json["code"]) == (422, "too-many-entries")


class TestPastBalances:
    def test_are_read_by_their_owner(self, web, keys, platform, clock):
        then = clock()
        web.post(PATH, data=written(a_line(5)), headers=platform)
        clock.forward(hours=1)
        web.post(PATH, data=written(a_line(7)), headers=platform)
        host = bearer(keys.member(HOST, "host"))

        answer = web.get(
            f"/v1/accounts/{PENDING}", query_string={"booked_at": then.isoformat()}, headers=host
        )

        assert answer.status_code == 200
        (balance,) = answer.json["balances"]
        assert balance["posted"] == balance["available"] == {"minor": 5, "currency": "CNY"}
        assert "entries" not in balance
        assert (answer.json["segment"], answer.json["final"]) == (0, True)

    def test_of_another_are_hidden_and_of_the_future_refused(self, web, keys, platform):
        host = bearer(keys.member(HOST, "host"))

        hidden = web.get("/v1/accounts/platform:fees?booked_at=2026-01-01T00:00:00Z", headers=host)
        future = web.get(f"/v1/accounts/{PENDING}?booked_at=2999-01-01T00:00:00Z", headers=host)

        assert (hidden.status_code, hidden.json["code"]) == (403, "account-hidden")
        assert (future.status_code, future.json["code"]) == (422, "time-not-over")

    def test_by_the_time_of_effect_are_what_is_posted_by_then(self, web, keys, platform, clock):
        then = clock()
        web.post(PATH, data=written(a_line(5)), headers=platform)
        clock.forward(hours=1)
        late = a_line(7) | {"effective_at": then.isoformat()}
        web.post(PATH, data=written(late), headers=platform)
        clock.forward(hours=1)
        host, times = bearer(keys.member(HOST, "host")), {"effective_at": then.isoformat()}

        now = web.get(f"/v1/accounts/{PENDING}", query_string=times, headers=host)
        times["booked_at"] = times["effective_at"]
        known = web.get(f"/v1/accounts/{PENDING}", query_string=times, headers=host)

        assert now.json["balances"] == [
            {"currency": "CNY", "posted": {"minor": 12, "currency": "CNY"}}
        ]
        assert known.json["balances"][0]["posted"]["minor"] == 5
        assert (known.json["segment"], known.json["final"]) == (0, True)
