"""Tokens over HTTP: given, refreshed, exchanged, ended, signed with rotating keys."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chassis.mongo import collection
from services.identity.organizations.documents import OrganizationDocument
from services.identity.tokens.documents import SessionDocument
from services.identity.tokens.domain import GRACE, IDLE
from services.identity.users.documents import UserDocument
from tests.integration.identity.conftest import OPERATOR, PASSWORD
from tests.tokens import bearer

MANY = 20


def at_once(work, times=MANY):
    with ThreadPoolExecutor(times) as pool:
        return [done.result() for done in [pool.submit(work) for _ in range(times)]]


def age_sessions(by: timedelta):
    """Let the sessions have been used, and begun, longer ago."""
    for row in collection("sessions").find():
        collection("sessions").update_one(
            {"_id": row["_id"]},
            {"$set": {"used_at": row["used_at"] - by, "started_at": row["started_at"] - by}},
        )


class TestRefresh:
    def test_of_one_token_twenty_times_at_once_grows_one_head(self, people):
        token = people.log_in(people.register())["refresh_token"]

        answers = at_once(lambda: people.post("/v1/sessions/refresh", {"refresh_token": token}))

        assert [answer.status_code for answer in answers] == [200] * MANY
        (successor,) = {answer.json["refresh_token"] for answer in answers}
        assert successor != token
        assert SessionDocument.objects.first().version == 2
        again = people.post("/v1/sessions/refresh", {"refresh_token": successor})
        assert again.status_code == 200

    def test_with_a_used_token_ends_the_session_for_everybody(self, people):
        first = people.log_in(people.register())
        second = people.post("/v1/sessions/refresh", {"refresh_token": first["refresh_token"]})
        age_sessions(GRACE + timedelta(seconds=1))

        replay = people.post("/v1/sessions/refresh", {"refresh_token": first["refresh_token"]})
        honest = people.post(
            "/v1/sessions/refresh", {"refresh_token": second.json["refresh_token"]}
        )

        assert (replay.status_code, replay.json["code"]) == (401, "refresh-token-replayed")
        assert (honest.status_code, honest.json["code"]) == (401, "session-over")
        assert SessionDocument.objects.first().ended_by == "replay"

    def test_is_refused_after_lying_idle(self, people):
        token = people.log_in(people.register())["refresh_token"]
        age_sessions(IDLE)

        answer = people.post("/v1/sessions/refresh", {"refresh_token": token})

        assert (answer.status_code, answer.json["code"]) == (401, "session-over")

    @pytest.mark.parametrize(
        "token", ["x", "a.b", "..", "é" * 20, {"$ne": ""}, ["a.b"], "a" * 300, 7]
    )
    def test_refuses_anything_else(self, people, token):
        answer = people.post("/v1/sessions/refresh", {"refresh_token": token})

        assert answer.status_code in {400, 401}


class TestExchange:
    def test_acts_for_another_of_the_users_organisations(self, people):
        email, first, token = people.owner()
        second = people.found(token, "host", "Tea")
        token = people.log_in(email, first)["access_token"]

        grant = people.post("/v1/sessions/exchange", {"organization_id": second}, token).json

        path = f"/v1/organizations/{second}/members"
        assert people.get(path, grant["access_token"]).status_code == 200
        assert people.get(path, token).status_code == 403

    def test_refuses_an_organisation_of_others(self, people):
        _, theirs, _ = people.owner()
        _, _, token = people.owner()

        answer = people.post("/v1/sessions/exchange", {"organization_id": theirs}, token)

        assert (answer.status_code, answer.json["code"]) == (403, "not-a-member")


class TestLogIn:
    @pytest.mark.parametrize("wrong", [{"email": "nobody@example.com"}, {"password": "wrong"}])
    def test_refuses_alike_whatever_is_wrong(self, people, wrong):
        email = people.register()

        answer = people.post("/v1/sessions", {"email": email, "password": PASSWORD} | wrong)

        answer.json.pop("request_id")
        assert answer.status_code == 401
        assert answer.json["code"] == "wrong-credentials"
        assert (
            answer.json["detail"] == "The e-mail address and the password do not belong together"
        )
        assert SessionDocument.objects.first() is None

    @pytest.mark.parametrize("email", [{"$ne": ""}, ["a@example.com"], None, 7])
    def test_refuses_operators_and_other_types(self, people, email):
        answer = people.post("/v1/sessions", {"email": email, "password": PASSWORD})

        assert (answer.status_code, answer.json["code"]) == (400, "invalid-request")

    def test_believes_no_header_about_where_it_comes_from(self, people):
        email = people.register()
        for number in range(10):
            people.app.test_client().post(
                "/v1/sessions",
                json={"email": email, "password": "wrong"},
                headers={"X-Forwarded-For": f"198.51.100.{number}"},
            )

        answer = people.post("/v1/sessions", {"email": email, "password": PASSWORD})

        assert (answer.status_code, answer.json["code"]) == (422, "too-many-attempts")
        assert 0 < answer.json["retry_after_seconds"] <= 900


class TestLogOut:
    def test_ends_refreshing_and_exchanging(self, people):
        email, organization_id, _ = people.owner()
        grant = people.log_in(email)
        token = grant["access_token"]

        answer = people.app.test_client().delete("/v1/sessions/current", headers=bearer(token))

        assert answer.status_code == 204
        refused = people.post("/v1/sessions/refresh", {"refresh_token": grant["refresh_token"]})
        assert refused.json["code"] == "session-over"
        refused = people.post("/v1/sessions/exchange", {"organization_id": organization_id}, token)
        assert refused.json["code"] == "session-over"


class TestAccessToken:
    def test_that_is_over_is_refused(self, impatient, people):
        token = impatient.log_in(people.register())["access_token"]

        answer = people.get("/v1/users/me", token)

        assert (answer.status_code, answer.json["code"]) == (401, "token-expired")

    def test_outlives_the_rotation_of_its_key(self, people):
        email = people.register()
        token = people.log_in(email)["access_token"]
        operator = people.log_in(OPERATOR)["access_token"]

        rotated = people.post("/v1/keys/rotations", {}, operator)

        assert rotated.status_code == 201, rotated.json
        kids = [key["kid"] for key in rotated.json["keys"]]
        assert len(kids) == 2
        assert people.get("/v1/users/me", token).status_code == 200
        assert people.get("/v1/users/me", people.log_in(email)["access_token"]).status_code == 200

    def test_of_anybody_but_an_operator_rotates_nothing(self, people):
        _, _, token = people.owner()

        answer = people.post("/v1/keys/rotations", {}, token)

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")


class TestServiceToken:
    body = {"service": "matching", "secret": "for-a-sandbox-only", "audience": "identity"}

    def test_speaks_for_the_service_and_for_no_user(self, people):
        grant = people.post("/v1/service-tokens", self.body)

        assert (grant.status_code, grant.json["expires_in"]) == (201, 300)
        token = grant.json["access_token"]
        answer = people.post("/v1/sessions/exchange", {"organization_id": an_id("org")}, token)
        assert answer.status_code == 403
        assert people.post("/v1/organizations", an_organization(), token).status_code == 403
        assert OrganizationDocument.objects(kind="brand").count() == 0

    def test_for_another_service_is_refused_here(self, people):
        grant = people.post("/v1/service-tokens", self.body | {"audience": "payments"})

        answer = people.get("/v1/users/me", grant.json["access_token"])

        assert answer.status_code == 401

    @pytest.mark.parametrize(
        ("change", "status"),
        [({"secret": "wrong"}, 401), ({"service": "bank"}, 400), ({"audience": "bank"}, 400)],
    )
    def test_is_refused_for_a_wrong_secret_or_name(self, people, change, status):
        assert people.post("/v1/service-tokens", self.body | change).status_code == status


class TestRaces:
    def test_of_one_address_registered_at_once_make_one_user(self, people):
        email = f"{uuid.uuid4().hex}@example.com"
        body = {"email": email, "name": "Lan", "password": PASSWORD}

        answers = at_once(lambda: people.post("/v1/users", body), times=8)

        assert [answer.status_code for answer in answers] == [202] * 8
        assert UserDocument.objects(email=email).count() == 1

    def test_of_one_member_added_at_once_add_one(self, people):
        _, organization_id, owner = people.owner()
        body = {"email": people.register(), "role": "staff"}
        path = f"/v1/organizations/{organization_id}/members"

        answers = at_once(lambda: people.post(path, body, owner), times=8)

        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
        assert len(OrganizationDocument.objects.get(pk=organization_id).members) == 2


def an_organization():
    return {"kind": "brand", "name": "A service's own"}


def an_id(prefix):
    return f"{prefix}_01m80t6qxcevrs0fn3mtvw1bjz"
