"""What a hostile client tries, refused in words, with everything left as it was."""

from __future__ import annotations

import base64
import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.security.door import refused, token_of

LINE = {
    "sku": "T",
    "name": "Tea",
    "units": 1,
    "unit_price": {"minor": 1, "currency": "CNY"},
    "condition": "new",
}
LOT = {
    "title": "Tea",
    "category": "tea",
    "manifest": [LINE],
    "units_per_pack": 1,
    "closes_at": "2030-01-01T00:00:00Z",
}


def priced(minor: str, currency: str = "CNY") -> bytes:
    """A lot whose price is this JSON text."""
    text = json.dumps(LOT)
    return text.replace(
        '"minor": 1, "currency": "CNY"', f'"minor": {minor}, "currency": "{currency}"'
    ).encode()


def lots_of(scene) -> list[dict]:
    return scene.brand.every("catalog", "/v1/lots")


def stock_of(scene) -> dict:
    return scene.brand.get("catalog", f"/v1/lots/{scene.lot_id}")


def standing(scene) -> list:
    """All that an attack on the gathering could change."""
    return [
        scene.host.get("matching", scene.gathering),
        scene.host.get("matching", scene.sale),
        scene.host.get("matching", f"/v1/claims/{scene.claim_id}"),
        scene.host.get("matching", f"{scene.gathering}/attendance"),
    ]


class TestBodies:
    @pytest.mark.parametrize(
        "raw",
        [
            *map(priced, ["-1", "1.5", '"1"', "[1]", '{"$ne": ""}', "9223372036854775808"]),
            *map(priced, ["NaN", "Infinity", "1e400", "null", "true", '"\uff11\uff12"']),
            priced("1", "USD"),
            json.dumps(LOT | {"owner": "me"}).encode(),
            json.dumps(LOT | {"title": "a\0b"}).encode(),
            json.dumps(LOT | {"title": "half \ud800"}).encode(),
            json.dumps(LOT | {"title": "x" * 10_000}).encode(),
            json.dumps(LOT | {"title": {"$ne": ""}}).encode(),
            json.dumps(LOT | {"closes_at": "0001-01-01T00:00:00+14:00"}).encode(),
            json.dumps(LOT | {"closes_at": "9999-12-31T23:59:59-14:00"}).encode(),
            json.dumps(LOT | {"title": "a\nb"}).encode(),
            json.dumps(LOT).replace('"title"', '"title": "twice", "title"').encode(),
            json.dumps([LOT]).encode(),
            json.dumps(LOT).encode("utf-16"),
            b"[" * 50_000 + b"]" * 50_000,
            b'{"title": ' * 40 + b"1" + b"}" * 40,
            b"{",
            b"\xff",
        ],
        ids=lambda raw: repr(raw[-60:]),
    )
    def test_refuses_what_is_no_lot(self, door, scene, raw):
        before = lots_of(scene)

        answer = door.knock("POST", "catalog", "/v1/lots", party=scene.brand, data=raw)

        assert refused(answer, 400, "invalid-request")["errors"]
        assert lots_of(scene) == before

    @pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
    def test_refuses_a_body_that_is_too_large(self, door, scene, chunked):
        before = lots_of(scene)
        body = json.dumps(LOT).encode() + b" " * 1_100_000

        sent = iter([body]) if chunked else body
        answer = door.knock("POST", "catalog", "/v1/lots", party=scene.brand, data=sent)

        refused(answer, 413, "body-too-large")
        assert lots_of(scene) == before

    def test_refuses_a_lot_past_its_date(self, door, scene):
        before = lots_of(scene)
        body = LOT | {"closes_at": "2020-01-01T00:00:00Z"}

        answer = door.knock("POST", "catalog", "/v1/lots", party=scene.brand, body=body)

        assert answer.status_code == 422
        refused(answer, 422, answer.json()["code"])
        assert lots_of(scene) == before

    @pytest.mark.parametrize("change", [{"version": "one"}, {"surprise": 1}, {"people": []}])
    def test_refuses_a_manifest_that_fails_its_schema(self, door, scene, change):
        before = scene.author.every("catalog", "/v1/cartridges?mine=true")
        body = {"manifest": scene.theme | change}

        answer = door.knock("POST", "catalog", "/v1/cartridges", party=scene.author, body=body)

        refused(answer, answer.status_code, answer.json()["code"])
        assert answer.status_code in (400, 422)
        assert scene.author.every("catalog", "/v1/cartridges?mine=true") == before

    @pytest.mark.parametrize(
        "sheet",
        [b"", b"\0\0", b"a,b\n1,2\n", b'sku,title\n"open', b"\xff\xfe\x00", b"<b>bold</b>"],
    )
    def test_refuses_a_sheet_that_is_none(self, door, scene, sheet):
        before = scene.brand.every("catalog", "/v1/imports")

        answer = door.knock(
            "POST",
            "catalog",
            "/v1/imports",
            party=scene.brand,
            data=sheet,
            Content_Type="text/csv",
        )

        refused(answer, answer.status_code, answer.json()["code"])
        assert answer.status_code in (400, 422)
        assert scene.brand.every("catalog", "/v1/imports") == before


class TestQueries:
    @pytest.mark.parametrize("text", ["9" * 300, "9" * 19, "-1", "x", "٣"])
    def test_refuses_a_cursor_of_another_list(self, door, scene, text):
        cursor = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
        path = f"/v1/lots/{scene.lot_id}/stock-entries?cursor={cursor}"

        answer = door.knock("GET", "catalog", path, party=scene.brand)

        refused(answer, 422, "cursor-malformed")

    @pytest.mark.parametrize("query", ["foo=1", "limit=0", "limit=x", "limit=101", "cursor[]=a"])
    def test_refuses_a_query_that_no_list_takes(self, door, scene, query):
        answer = door.knock("GET", "catalog", f"/v1/lots?{query}", party=scene.brand)

        assert refused(answer, 400, "invalid-request")["errors"]

    def test_answers_half_an_account_path_as_somebody_elses(self, door, scene):
        answer = door.knock("GET", "payments", "/v1/accounts/org", party=scene.host)

        refused(answer, 403, "account-hidden")


class TestTokens:
    @pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256"])
    def test_refuses_another_algorithm(self, door, scene, algorithm):
        head, body, signature = token_of(scene.host).split(".")
        head = base64.urlsafe_b64encode(
            json.dumps({"typ": "at+jwt", "alg": algorithm, "kid": "x"}).encode()
        ).decode()

        answer = door.knock(
            "GET", "matching", "/v1/claims", token=f"{head.rstrip('=')}.{body}.{signature}"
        )

        refused(answer, 401, "unauthenticated")

    def test_refuses_every_change_of_a_signature(self, door, scene):
        token = token_of(scene.host)
        for changed in (token[:-1], token + "A", token + ".x", token[:-2] + "__", "a.b.c", "é"):
            answer = door.knock("GET", "matching", "/v1/claims", token=changed)

            refused(answer, 401, "unauthenticated")


class TestKeys:
    def test_refuses_a_key_used_for_another_body(self, door, scene):
        key = uuid.uuid4().hex
        send = {"party": scene.brand, "Idempotency_Key": key}
        assert door.knock("POST", "catalog", "/v1/lots", body=LOT, **send).status_code == 201
        before = lots_of(scene)

        answer = door.knock("POST", "catalog", "/v1/lots", body=LOT | {"title": "B"}, **send)

        refused(answer, 422, "idempotency-key-reused")
        assert lots_of(scene) == before

    def test_does_once_what_comes_four_times_at_once(self, door, scene):
        before, key = lots_of(scene), uuid.uuid4().hex
        token = token_of(scene.brand)

        def publish(_: int) -> str:
            return door.knock(
                "POST", "catalog", "/v1/lots", token=token, body=LOT, Idempotency_Key=key
            ).text

        with ThreadPoolExecutor(4) as pool:
            answers = set(pool.map(publish, range(4)))

        assert len(answers) == 1
        assert len(lots_of(scene)) == len(before) + 1

    def test_gives_no_organisation_anothers_answer(self, door, scene, parties):
        key = uuid.uuid4().hex
        mine = door.knock(
            "POST", "catalog", "/v1/lots", party=scene.brand, body=LOT, Idempotency_Key=key
        )
        theirs = door.knock(
            "POST", "catalog", "/v1/lots", party=parties["brand"], body=LOT, Idempotency_Key=key
        )

        assert theirs.json()["id"] != mine.json()["id"]
        assert theirs.json()["brand_id"] == parties["brand"].id


class TestSteps:
    @pytest.mark.parametrize("kind", ["brand", "venue", "author", "platform", "nobody"])
    def test_lets_nobody_claim_but_hosts(self, door, scene, parties, kind):
        before = stock_of(scene)
        body = {
            "lot_id": scene.lot_id,
            "offer_id": scene.offer_id,
            "community_id": scene.community_id,
            "packs": 1,
        }

        answer = door.knock("POST", "matching", "/v1/claims", party=parties[kind], body=body)

        refused(answer, 403, "hosts-only")
        assert stock_of(scene) == before

    @pytest.mark.parametrize(
        ("who", "step", "body"),
        [
            ("host", "/approvals", None),  # one's own
            ("brand", "/approvals", None),  # before it is held
            ("brand", "/disputes", {"why": "none"}),
            ("host", "/ratings", {"ticket_id": "tkt_" + "0" * 26, "stars": 5}),
            ("host", "/check-ins", {"code": "made.up.code"}),
            ("host", "/sales/sal_x/refunds", {"amount": {"minor": 1, "currency": "CNY"}}),
        ],
    )
    def test_skips_no_step(self, door, scene, who, step, body):
        before = standing(scene)

        answer = door.knock(
            "POST", "matching", scene.gathering + step, party=getattr(scene, who), body=body
        )

        refused(answer, answer.status_code, answer.json()["code"])
        assert 400 <= answer.status_code < 500
        assert standing(scene) == before

    def test_refunds_no_more_than_was_paid(self, door, scene):
        before = standing(scene)
        body = {"amount": {"minor": 1_001, "currency": "CNY"}}

        answer = door.knock(
            "POST", "matching", f"{scene.sale}/refunds", party=scene.host, body=body
        )

        refused(answer, 422, answer.json()["code"])
        assert standing(scene) == before

    @pytest.mark.parametrize("kind", ["brand", "host", "venue", "author", "nobody"])
    @pytest.mark.parametrize(
        ("step", "body"),
        [
            ("/cancellations", {"why": "mine now"}),
            ("/holdings", None),
            ("/approvals", None),
            ("/sales", {"units": 1, "amount": {"minor": 1, "currency": "CNY"}}),
        ],
    )
    def test_lets_no_stranger_touch_a_gathering(self, door, scene, parties, kind, step, body):
        before = standing(scene)

        answer = door.knock(
            "POST", "matching", scene.gathering + step, party=parties[kind], body=body
        )

        refused(answer, answer.status_code, answer.json()["code"])
        assert answer.status_code in (403, 404)
        assert standing(scene) == before

    def test_lends_a_slot_once(self, door, scene):
        before = scene.venue.every("catalog", f"/v1/venues/{scene.plan['venue_id']}/slots")
        path = f"/v1/venues/{scene.plan['venue_id']}/slots"

        answer = door.knock("POST", "catalog", path, party=scene.venue, body=scene.hours)

        refused(answer, answer.status_code, answer.json()["code"])
        assert answer.status_code in (409, 422)
        assert scene.venue.every("catalog", path) == before

    @pytest.mark.parametrize("step", ["closures", "adjustments"])
    def test_lets_no_other_brand_touch_a_lot(self, door, scene, parties, step):
        before = stock_of(scene)
        body = {"packs": -1, "why": "gone"} if step == "adjustments" else None

        answer = door.knock(
            "POST",
            "catalog",
            f"/v1/lots/{scene.lot_id}/{step}",
            party=parties["brand"],
            body=body,
        )

        refused(answer, answer.status_code, answer.json()["code"])
        assert answer.status_code in (403, 404)
        assert stock_of(scene) == before
