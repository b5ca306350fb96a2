"""Communities over HTTP."""

from __future__ import annotations

import itertools
import json

import pytest

from chassis.mongo import collection
from tests.tokens import bearer
from tests.unit.matching.offers.builders import HOST, OTHER_HOST

BODY = {"name": "Tea friends", "city": "Suzhou", "size": 60, "tags": {"Tea": 80, "C.$up": 5}}
_keys = itertools.count()


class Caller:
    """Speaks to matching for one organisation."""

    def __init__(self, app, keys, organization_id=HOST, kind="host") -> None:
        self._client = app.test_client()
        self._token = keys.member(organization_id, kind)

    def post(self, body=BODY):
        headers = bearer(self._token, f"key {next(_keys)}")
        return self._client.post("/v1/communities", json=body, headers=headers)

    def get(self, path="", **query):
        return self._client.get(
            f"/v1/communities{path}", query_string=query, headers=bearer(self._token)
        )

    def put(self, community_id, body=BODY, if_match=None):
        headers = bearer(self._token) | ({"If-Match": if_match} if if_match else {})
        return self._client.put(f"/v1/communities/{community_id}", json=body, headers=headers)


@pytest.fixture
def host(app, keys) -> Caller:
    return Caller(app, keys)


def told():
    """What the outbox holds: type, sequence and data, in order."""
    rows = collection("outbox").find().sort([("subject", 1), ("sequence", 1)])
    return [(row["type"], row["sequence"], json.loads(row["event"])["data"]) for row in rows]


class TestFounding:
    def test_answers_the_community_with_its_version(self, host):
        answer = host.post()

        assert answer.status_code == 201
        assert answer.headers["ETag"] == '"1"'
        community = answer.json
        assert community.pop("id").startswith("com_")
        assert community.pop("founded_at") == "2026-03-01T09:00:00.000000Z"
        assert community == {
            "host_id": HOST,
            "name": "Tea friends",
            "city": "Suzhou",
            "size": 60,
            "tags": {"tea": 80, "c.$up": 5},
        }

    def test_is_announced(self, host):
        community_id = host.post().json["id"]

        assert told() == [
            (
                "matching.community.founded.v1",
                1,
                {
                    "community_id": community_id,
                    "host_id": HOST,
                    "city": "Suzhou",
                    "size": 60,
                    "tags": {"tea": 80, "c.$up": 5},
                },
            )
        ]

    @pytest.mark.parametrize("kind", ["brand", "venue", "author", "platform"])
    def test_is_for_hosts_only(self, app, keys, kind):
        answer = Caller(app, keys, HOST, kind).post()

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")
        assert collection("communities").find_one() is None

    def test_refuses_a_bad_portrait_and_keeps_nothing(self, host):
        answer = host.post(BODY | {"size": 0})

        assert answer.status_code == 400
        assert list(answer.json["errors"]["json"]) == ["size"]
        assert collection("communities").find_one() is None
        assert told() == []


class TestReading:
    def test_is_open_to_everybody_who_is_logged_in(self, app, keys, host):
        community_id = host.post().json["id"]

        answer = Caller(app, keys, OTHER_HOST, "brand").get(f"/{community_id}")

        assert answer.status_code == 200
        assert answer.json["size"] == 60
        assert answer.headers["ETag"] == '"1"'

    def test_refuses_an_unknown_id_by_name(self, host):
        answer = host.get("/com_nothing")

        assert (answer.status_code, answer.json["code"]) == (404, "community-not-found")

    def test_lists_ones_own_page_by_page(self, app, keys, host):
        own = [host.post(BODY | {"name": f"Circle {number}"}).json["id"] for number in range(3)]
        Caller(app, keys, OTHER_HOST).post()

        first = host.get(limit=2).json
        rest = host.get(limit=2, cursor=first["next_cursor"]).json

        assert [item["id"] for item in first["items"] + rest["items"]] == own
        assert rest["next_cursor"] is None


class TestChanging:
    def test_replaces_the_portrait_and_is_announced(self, host):
        community_id = host.post().json["id"]

        answer = host.put(community_id, BODY | {"size": 61}, if_match='"1"')

        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
        assert answer.json["size"] == 61
        assert host.get(f"/{community_id}").json == answer.json
        assert [(kind, sequence, data["size"]) for kind, sequence, data in told()] == [
            ("matching.community.founded.v1", 1, 60),
            ("matching.community.changed.v1", 2, 61),
        ]

    def test_is_silent_when_nothing_changed(self, host):
        community_id = host.post().json["id"]

        answer = host.put(community_id, if_match='"1"')

        assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
        assert len(told()) == 1

    @pytest.mark.parametrize(
        ("if_match", "status", "code"),
        [(None, 422, "if-match-missing"), ('"7"', 409, "version-changed")],
    )
    def test_asks_which_version_it_is_about(self, host, if_match, status, code):
        community_id = host.post().json["id"]

        answer = host.put(community_id, BODY | {"size": 61}, if_match=if_match)

        assert (answer.status_code, answer.json["code"]) == (status, code)
        assert host.get(f"/{community_id}").json["size"] == 60
        assert len(told()) == 1

    def test_is_for_its_own_host_only(self, app, keys, host):
        community_id = host.post().json["id"]

        answer = Caller(app, keys, OTHER_HOST).put(
            community_id, BODY | {"size": 61}, if_match='"1"'
        )

        assert (answer.status_code, answer.json["code"]) == (403, "community-of-another-host")
        assert host.get(f"/{community_id}").json["size"] == 60
        assert len(told()) == 1
