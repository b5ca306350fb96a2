"""Registering, founding, adding members: what is stored and what is published."""

from __future__ import annotations

import json

import pytest

from chassis.mongo import collection
from services.identity.organizations.documents import OrganizationDocument
from services.identity.prepare import prepare
from services.identity.tokens.documents import SessionDocument
from services.identity.users.documents import UserDocument
from tests.integration.identity.conftest import OPERATOR, PASSWORD


def published():
    rows = collection("outbox").find().sort([("subject", 1), ("sequence", 1)])
    return [(row["topic"], row["type"], json.loads(row["event"])["data"]) for row in rows]


class TestFounding:
    def test_publishes_the_organisation_and_its_first_member(self, people):
        collection("outbox").delete_many({})

        _, organization_id, token = people.owner("host")

        me = people.get("/v1/users/me", token).json
        assert published() == [
            (
                "teahouse.identity.organization",
                "identity.organization.registered.v1",
                {
                    "organization_id": organization_id,
                    "kind": "host",
                    "name": "Hairpins",
                    "city": "Beijing",
                },
            ),
            (
                "teahouse.identity.organization",
                "identity.organization.member-joined.v1",
                {"organization_id": organization_id, "user_id": me["id"], "role": "owner"},
            ),
        ]

    def test_publishes_nothing_personal(self, people):
        email, _, _ = people.owner()

        assert email not in json.dumps(published())

    def test_refuses_the_platforms_kind(self, people):
        token = people.log_in(people.register())["access_token"]

        answer = people.post(
            "/v1/organizations", {"kind": "platform", "name": "Not Teahouse"}, token
        )

        assert (answer.status_code, answer.json["code"]) == (403, "kind-reserved")
        assert OrganizationDocument.objects(name="Not Teahouse").count() == 0

    @pytest.mark.parametrize(
        "body",
        [
            {"kind": "shop", "name": "A"},
            {"kind": "brand"},
            {"kind": "brand", "name": "   "},
            {"kind": "brand", "name": "A", "members": []},
            {"kind": "brand", "name": "A", "_id": "org_1"},
            {"kind": {"$ne": ""}, "name": "A"},
            {"kind": "brand", "name": {"$gt": ""}},
            {"kind": "brand", "name": "A" * 121},
        ],
    )
    def test_refuses_a_body_that_is_not_as_described(self, people, body):
        token = people.log_in(people.register())["access_token"]

        answer = people.post("/v1/organizations", body, token)

        assert (answer.status_code, answer.json["code"]) == (400, "invalid-request")
        assert OrganizationDocument.objects(kind__ne="platform").count() == 0


class TestMembers:
    def test_act_for_the_organisation_from_their_next_token(self, people):
        _, organization_id, owner = people.owner()
        email = people.register()

        answer = people.post(
            f"/v1/organizations/{organization_id}/members",
            {"email": email, "role": "staff"},
            owner,
        )

        assert answer.status_code == 201, answer.json
        grant = people.log_in(email)
        assert grant["organization_id"] == organization_id
        rows = people.get(
            f"/v1/organizations/{organization_id}/members", grant["access_token"]
        ).json["items"]
        assert sorted(row["role"] for row in rows) == ["owner", "staff"]

    def test_are_seen_and_added_by_nobody_else(self, people):
        _, theirs, _ = people.owner()
        email, _, mine = people.owner()
        path = f"/v1/organizations/{theirs}/members"

        assert people.get(path, mine).status_code == 403
        answer = people.post(path, {"email": email, "role": "owner"}, mine)

        assert (answer.status_code, answer.json["code"]) == (403, "not-a-member")
        assert len(OrganizationDocument.objects.get(pk=theirs).members) == 1

    def test_of_staff_may_add_nobody(self, people):
        _, organization_id, owner = people.owner()
        email = people.register()
        path = f"/v1/organizations/{organization_id}/members"
        people.post(path, {"email": email, "role": "staff"}, owner)
        staff = people.log_in(email)["access_token"]

        answer = people.post(path, {"email": people.register(), "role": "staff"}, staff)

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")

    def test_are_listed_page_by_page(self, people):
        _, organization_id, owner = people.owner()
        path = f"/v1/organizations/{organization_id}/members"
        for _ in range(4):
            people.post(path, {"email": people.register(), "role": "staff"}, owner)

        first = people.get(f"{path}?limit=3", owner).json
        second = people.get(f"{path}?limit=3&cursor={first['next_cursor']}", owner).json

        seen = [row["user_id"] for row in first["items"] + second["items"]]
        assert len(seen) == len(set(seen)) == 5
        assert second["next_cursor"] is None


class TestOwnOrganizations:
    def test_are_listed_with_the_callers_role(self, people):
        email, first, token = people.owner()
        second = people.found(token, "host", "Tea")
        people.owner()

        rows = people.get("/v1/organizations", people.log_in(email)["access_token"]).json

        assert [(row["id"], row["role"]) for row in rows["items"]] == [
            (first, "owner"),
            (second, "owner"),
        ]


class TestRegister:
    def test_answers_the_same_for_a_known_address_and_keeps_its_password(self, people):
        body = {"email": "Lan@Example.com", "name": "Lan", "password": PASSWORD}
        first = people.post("/v1/users", body)

        again = people.post("/v1/users", body | {"password": "an intruder's choice"})

        assert (again.status_code, again.json) == (first.status_code, first.json)
        people.log_in("lan@example.com")
        assert UserDocument.objects(email="lan@example.com").count() == 1

    def test_stores_no_password_and_no_token_in_the_clear(self, people):
        email = people.register()
        grant = people.log_in(email)

        stored = str(list(collection("users").find()) + list(collection("sessions").find()))

        assert PASSWORD not in stored
        for part in grant["refresh_token"].split("."):
            assert part not in stored


class TestPrepare:
    def test_founds_the_platform_and_the_key_once(self, people, settings):
        prepare(settings)

        assert OrganizationDocument.objects(kind="platform").count() == 1
        assert len(people.app.test_client().get("/.well-known/jwks.json").json["keys"]) == 1

    def test_lets_the_operator_act_for_the_platform(self, people):
        grant = people.log_in(OPERATOR)

        rows = people.get("/v1/organizations", grant["access_token"]).json["items"]
        assert [(row["kind"], row["role"]) for row in rows] == [("platform", "operator")]


class TestIndexes:
    @pytest.mark.parametrize(
        ("document", "filters"),
        [
            (UserDocument, {"email": "lan@example.com"}),
            (SessionDocument, {"family": "x"}),
            (OrganizationDocument, {"members__user_id": "usr_1"}),
        ],
    )
    def test_serve_the_lookups(self, database, document, filters):
        plan = str(document.objects(**filters).explain()["queryPlanner"]["winningPlan"])

        assert "IXSCAN" in plan
