"""What every service promises over HTTP, shown on a small app and a real MongoDB."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from marshmallow import fields
from mongoengine import IntField, StringField

from chassis import mongo, outbox
from chassis.auth import principal
from chassis.kernel.decisions import Revision
from chassis.kernel.errors import RuleBroken
from chassis.mongo import AggregateDocument
from chassis.permissions import Permission
from chassis.settings import Settings
from chassis.web import (
    Blueprint,
    ServiceApp,
    check_if_match,
    etag,
    internal,
    keyless,
    needs,
    public,
)
from chassis.web.idempotency import AnsweredRequest
from chassis.web.schemas import MoneySchema, Reply, Request, StrictInteger
from tests.tokens import SigningKeys, bearer

HOST = "org_01m80t6qxcevrs0fn3mtvw1bjz"
OTHER = "org_01m80t6qxcevrs0fn3mtvw1bj0"


class CupBroken(RuleBroken):
    """The cup is broken."""

    code = "cup-broken"
    hint = "Take another cup."
    chinese = "杯子碎了。"


class Cup(AggregateDocument):
    meta = {"collection": "cups", "auto_create_index": False}
    id = StringField(primary_key=True)
    sips = IntField(required=True)


class CupSchema(Request):
    id = fields.String(required=True)
    sips = StrictInteger(required=True)
    price = fields.Nested(MoneySchema)


class CupReply(Reply):
    id = fields.String()
    sips = fields.Integer()


def cups() -> Blueprint:
    blueprint = Blueprint("cups", __name__, url_prefix="/v1/cups", description="Cups")

    @blueprint.post("")
    @blueprint.arguments(CupSchema)
    @blueprint.response(201, CupReply)
    def fill_cup(body: dict[str, Any]) -> Cup:
        """Fill a cup."""
        cup = Cup(id=body["id"], sips=body["sips"])
        outbox.save(cup, Revision())
        if body["sips"] == 13:
            raise CupBroken("thirteen sips", sips=13, status="cracked")
        if body["sips"] == 14:
            raise ZeroDivisionError
        return cup

    @blueprint.put("/<cup_id>")
    @blueprint.arguments(CupSchema)
    @blueprint.response(200, CupReply)
    def refill_cup(body: dict[str, Any], cup_id: str) -> Cup:
        """Fill it again."""
        cup = Cup.objects.get(pk=cup_id)
        check_if_match(cup.version)
        cup.sips = body["sips"]
        etag(outbox.save(cup, cup.revision()).version)
        return cup

    @blueprint.get("/whoami")
    @blueprint.response(200)
    def whoami() -> dict[str, str]:
        """Say who asks."""
        return {"org": principal().organization_id}

    @blueprint.post("/publishings")
    @keyless
    @needs(Permission.CATALOG_LOT_PUBLISH)
    @blueprint.response(200)
    def publish() -> dict[str, str]:
        """Do what only a brand may."""
        return {}

    @blueprint.get("/peers")
    @internal
    @blueprint.response(200)
    def peers() -> dict[str, str]:
        """Answer a service."""
        return {"from": str(principal().service)}

    @blueprint.get("/open")
    @public
    @blueprint.response(200)
    def open_to_all() -> dict[str, str]:
        """Answer anybody."""
        return {}

    return blueprint


@pytest.fixture
def keys() -> SigningKeys:
    return SigningKeys()


@pytest.fixture
def app(database: object, keys: SigningKeys) -> ServiceApp:
    app = ServiceApp(Settings(service="catalog", api_internal_port=8202), keys=keys)
    app.register(cups())
    mongo.ensure_indexes([Cup, AnsweredRequest])
    return app


@pytest.fixture
def token(keys: SigningKeys) -> str:
    return keys.member(HOST, "host")


def fill(app: ServiceApp, token: str, key: str = "k1", **body: Any) -> Any:
    given = {"id": "a", "sips": 3} | body
    return app.test_client().post("/v1/cups", json=given, headers=bearer(token, key))


class TestTransaction:
    def test_commits_what_a_returning_view_did(self, app, token):
        answer = fill(app, token)

        assert (answer.status_code, answer.json) == (201, {"id": "a", "sips": 3})
        assert mongo.collection("cups").count_documents({}) == 1

    def test_rolls_back_what_a_refusing_view_did(self, app, token):
        answer = fill(app, token, sips=13)

        assert answer.status_code == 422
        assert answer.content_type == "application/problem+json"
        assert answer.json["type"] == "/problems/cup-broken"
        assert answer.json["title"] == "The cup is broken"
        assert answer.json["title_zh"] == "杯子碎了。"
        assert answer.json["detail"] == "thirteen sips"
        assert (answer.json["sips"], answer.json["status"]) == (13, 422)
        assert mongo.collection("cups").count_documents({}) == 0

    def test_rolls_back_on_a_bug_and_tells_no_details(self, app, token):
        answer = fill(app, token, sips=14)

        assert (answer.status_code, answer.json["code"]) == (500, "internal-error")
        assert "Zero" not in answer.text
        assert mongo.collection("cups").count_documents({}) == 0


class TestIdempotencyKey:
    def test_answers_a_retry_the_same_without_doing_it_again(self, app, token):
        first = fill(app, token)

        again = fill(app, token)

        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert mongo.collection("cups").count_documents({}) == 1

    def test_refuses_the_key_for_another_body(self, app, token):
        fill(app, token)

        answer = fill(app, token, id="b")

        assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-reused")
        assert mongo.collection("cups").count_documents({}) == 1

    def test_is_asked_for(self, app, token):
        answer = app.test_client().post(
            "/v1/cups", json={"id": "a", "sips": 3}, headers=bearer(token)
        )

        assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-missing")
        assert mongo.collection("cups").count_documents({}) == 0

    def test_of_another_organisation_is_another_key(self, app, token, keys):
        fill(app, token)

        answer = fill(app, keys.member(OTHER, "host"), id="b")

        assert answer.status_code == 201

    def test_judges_the_retry_of_a_refusal_afresh(self, app, token):
        fill(app, token, sips=13)

        answer = fill(app, token, sips=3)

        assert answer.status_code == 201

    def test_makes_the_loser_of_two_equal_requests_wait_and_replay(self, app, token):
        answers: list[Any] = []
        start = threading.Barrier(8)

        def ask() -> None:
            start.wait()
            answers.append(fill(app, token))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert {(answer.status_code, answer.data) for answer in answers} == {
            (201, answers[0].data)
        }
        assert mongo.collection("cups").count_documents({}) == 1


class TestBadInput:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"id": "a", "sips": 3, "colour": "red"}, "colour"),
            ({"id": "a", "sips": "3"}, "sips"),
            ({"id": "a", "sips": 1.5}, "sips"),
            ({"id": "a", "sips": True}, "sips"),
            ({"id": {"$ne": ""}, "sips": 3}, "id"),
            ({"id": "a", "sips": 3, "price": {"minor": -1, "currency": "CNY"}}, "price"),
            ({"id": "a", "sips": 3, "price": {"minor": 1.5, "currency": "CNY"}}, "price"),
            ({"id": "a", "sips": 3, "price": {"minor": 1, "currency": "USD"}}, "price"),
            ({"id": "a", "sips": 3, "price": {"minor": 2**63, "currency": "CNY"}}, "price"),
        ],
    )
    def test_is_named_by_field_and_changes_nothing(self, app, token, body, field):
        answer = app.test_client().post("/v1/cups", json=body, headers=bearer(token, "k"))

        assert (answer.status_code, answer.json["code"]) == (400, "invalid-request")
        assert field in answer.json["errors"]["json"]
        assert mongo.collection("cups").count_documents({}) == 0

    @pytest.mark.parametrize("raw", ["{", "[1", '{"id": "a", "sips": NaN}', "[" * 100_000])
    def test_that_is_no_json_is_a_400(self, app, token, raw):
        headers = bearer(token, "k") | {"Content-Type": "application/json"}

        answer = app.test_client().post("/v1/cups", data=raw, headers=headers)

        assert (answer.status_code, answer.json["code"]) == (400, "invalid-request")

    def test_of_another_type_is_a_415(self, app, token):
        headers = bearer(token, "k") | {"Content-Type": "text/plain"}

        answer = app.test_client().post("/v1/cups", data="tea", headers=headers)

        assert (answer.status_code, answer.json["code"]) == (415, "unsupported-media-type")

    def test_too_large_is_a_413(self, app, token):
        answer = fill(app, token, id="x" * 1_100_000)

        assert (answer.status_code, answer.json["code"]) == (413, "body-too-large")

    def test_at_no_address_is_a_404(self, app, token):
        answer = app.test_client().get("/v1/saucers", headers=bearer(token))

        assert (answer.status_code, answer.json["code"]) == (404, "no-such-page")

    def test_by_another_method_is_a_405_that_names_the_right_ones(self, app, token):
        answer = app.test_client().delete("/v1/cups", headers=bearer(token))

        assert (answer.status_code, answer.json["code"]) == (405, "method-not-allowed")
        assert "POST" in answer.headers["Allow"]


class TestVersions:
    def test_change_only_over_the_version_that_was_read(self, app, token):
        fill(app, token)
        client, body = app.test_client(), {"id": "a", "sips": 9}

        stale = client.put("/v1/cups/a", json=body, headers=bearer(token) | {"If-Match": '"7"'})
        blind = client.put("/v1/cups/a", json=body, headers=bearer(token))
        right = client.put("/v1/cups/a", json=body, headers=bearer(token) | {"If-Match": '"1"'})

        assert (stale.status_code, stale.json["code"]) == (409, "version-changed")
        assert (blind.status_code, blind.json["code"]) == (422, "if-match-missing")
        assert (right.status_code, right.headers["ETag"]) == (200, '"2"')


class TestCaller:
    def test_is_known_by_the_token(self, app, token):
        answer = app.test_client().get("/v1/cups/whoami", headers=bearer(token))

        assert answer.json == {"org": HOST}

    def test_without_a_token_gets_nowhere_but_to_public_views(self, app):
        client = app.test_client()

        refused, served = client.get("/v1/cups/whoami"), client.get("/v1/cups/open")

        assert (refused.status_code, refused.json["code"]) == (401, "unauthenticated")
        assert "Bearer" in refused.headers["WWW-Authenticate"]
        assert served.status_code == 200

    def test_with_an_expired_token_is_told_so(self, app, keys):
        answer = app.test_client().get(
            "/v1/cups/whoami", headers=bearer(keys.member(HOST, "host", exp=1_000_000))
        )

        assert (answer.status_code, answer.json["code"]) == (401, "token-expired")

    def test_without_the_permission_is_refused_by_its_name(self, app, token):
        answer = app.test_client().post("/v1/cups/publishings", headers=bearer(token))

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")
        assert answer.json["permission"] == "catalog:lot:publish"

    def test_reaches_internal_views_only_as_a_service_and_on_the_internal_port(
        self, app, token, keys
    ):
        client, peer = app.test_client(), keys.service("matching", "catalog")
        inside = {"base_url": "http://localhost:8202"}

        on_public_port = client.get("/v1/cups/peers", headers=bearer(peer))
        as_user = client.get("/v1/cups/peers", headers=bearer(token), **inside)
        as_service = client.get("/v1/cups/peers", headers=bearer(peer), **inside)

        assert on_public_port.status_code == 404
        assert as_user.status_code == 403
        assert as_service.json == {"from": "matching"}


class TestService:
    def test_is_alive_and_ready_without_a_broker(self, app):
        client = app.test_client()

        live, ready = client.get("/livez"), client.get("/readyz")

        assert (live.status_code, ready.status_code) == (200, 200)
        assert ready.json["checks"] == {"mongo": True}

    def test_describes_itself_in_openapi_3_1(self, app):
        document = app.test_client().get("/openapi.json").json

        operation = document["paths"]["/v1/cups"]["post"]
        assert document["openapi"] == "3.1.0"
        assert operation["operationId"] == "fill_cup"
        assert operation["security"] == [{"bearer": []}]
        assert "application/problem+json" in str(document["components"]["responses"])

    def test_explains_each_error_code(self, app):
        answer = app.test_client().get("/problems/cup-broken")

        assert answer.json["title"] == "The cup is broken"

    def test_keeps_its_metrics_on_the_internal_port(self, app):
        client = app.test_client()

        outside = client.get("/metrics")
        inside = client.get("/metrics", base_url="http://localhost:8202")

        assert outside.status_code == 404
        assert b"teahouse_request_seconds" in inside.data
