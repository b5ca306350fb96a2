"""Photos of lots over HTTP."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from chassis.mongo import collection
from services.catalog.photos.api import LIMIT_BYTES
from tests.integration.catalog.bodies import a_lot_body
from tests.integration.catalog.conftest import everything, in_parallel, outbox_types
from tests.unit.catalog.fakes import HOST, OTHER_BRAND, an_id
from tests.unit.catalog.photos.files import (
    HTML,
    SVG,
    a_photo,
    a_photo_that_tells,
    a_png_that_claims,
)

SAID = {"kind": "actual", "alt_en": "Hair clips in a box", "alt_zh": "一盒发夹"}


@pytest.fixture
def lot(brand) -> dict:
    return brand.post("/v1/lots", a_lot_body()).json


def send(brand, lot, body=None, media_type="image/jpeg", **said):
    return brand.post(
        f"/v1/lots/{lot['id']}/photos",
        query_string=SAID | said,
        data=a_photo() if body is None else body,
        content_type=media_type,
    )


class TestAdd:
    def test_shows_the_photo_on_its_lot(self, brand, calling, lot):
        answer = send(brand, lot)

        assert answer.status_code == 201, answer.json
        (photo,) = answer.json["photos"]
        assert photo["path"] == f"/v1/photos/{photo['id']}"
        assert {name: photo[name] for name in SAID} == SAID
        assert (photo["width"], photo["height"]) == (40, 30)
        assert answer.json["has_actual_photo"] is True
        seen = calling(HOST).get(f"/v1/lots/{lot['id']}")
        assert seen.json == answer.json
        assert seen.headers["ETag"] == answer.headers["ETag"] == '"2"'
        assert outbox_types(lot["id"]) == [
            "catalog.lot.published.v1",
            "catalog.lot.photos-changed.v1",
        ]

    def test_that_shows_goods_like_these_is_no_actual_one(self, brand, lot):
        assert lot["has_actual_photo"] is False
        assert send(brand, lot, kind="stock").json["has_actual_photo"] is False

    def test_again_is_the_same_photo(self, brand, lot):
        first, again = send(brand, lot).json, send(brand, lot).json

        assert again["photos"] == first["photos"]
        assert collection("photos.files").count_documents({}) == 1
        assert outbox_types(lot["id"]).count("catalog.lot.photos-changed.v1") == 1

    def test_of_many_at_once_takes_no_more_than_twelve(self, brand, lot):
        answers = in_parallel(lambda n: send(brand, lot, a_photo(width=n + 1)), 16)

        assert sorted(answer.status_code for answer in answers) == [201] * 12 + [422] * 4
        refused = [answer.json for answer in answers if answer.status_code == 422]
        assert {problem["code"] for problem in refused} == {"too-many-photos"}
        assert len(brand.get(f"/v1/lots/{lot['id']}").json["photos"]) == 12

    @pytest.mark.parametrize(
        ("code", "body", "media_type"),
        [
            ("photo-unreadable", b"", "image/png"),
            ("photo-unreadable", SVG, "image/png"),
            ("photo-unreadable", HTML, "image/jpeg"),
            ("photo-unreadable", a_photo(), "image/webp"),
            ("photo-unreadable", a_photo(width=300)[:400], "image/jpeg"),
            ("photo-too-large", a_png_that_claims(50_000, 50_000), "image/png"),
        ],
    )
    def test_refuses_hostile_files_and_writes_nothing(self, brand, lot, code, body, media_type):
        before = everything()

        answer = send(brand, lot, body, media_type)

        assert (answer.status_code, answer.json["code"]) == (422, code)
        assert answer.json["hint"]
        assert answer.json["title_zh"]
        assert everything() == before

    @pytest.mark.parametrize("media_type", ["image/svg+xml", "image/gif", "application/json"])
    def test_takes_no_other_type(self, brand, lot, media_type):
        before = everything()

        assert send(brand, lot, SVG, media_type).status_code == 415
        assert everything() == before

    def test_takes_ten_mebibytes_and_no_more(self, brand, lot):
        padded = a_photo()
        padded += b"\0" * (LIMIT_BYTES - len(padded))
        before = everything()

        too_much = send(brand, lot, padded + b"\0")

        assert too_much.status_code == 413
        assert everything() == before
        assert send(brand, lot, padded).status_code == 201

    @pytest.mark.parametrize(
        "said",
        [
            {"kind": "drawn"},
            {"kind": ""},
            {"alt_en": ""},
            {"alt_zh": "字" * 201},
            {"size": "large"},
        ],
    )
    def test_wants_to_know_what_it_shows(self, brand, lot, said):
        before = everything()

        answer = send(brand, lot, **said)

        assert answer.status_code == 400
        assert everything() == before

    def test_is_for_the_lots_own_brand(self, brand, calling, lot):
        before = everything()

        other = send(calling(OTHER_BRAND), lot)
        host = send(calling(HOST), lot)
        none = send(brand, {"id": an_id("lot")})

        assert (other.status_code, other.json["code"]) == (404, "lot-not-found")
        assert (host.status_code, host.json["code"]) == (403, "permission-missing")
        assert none.status_code == 404
        assert everything() == before


class TestRead:
    def path(self, brand, lot, body=None) -> str:
        return send(brand, lot, body).json["photos"][0]["path"]

    def test_needs_no_login_and_may_be_kept_for_ever(self, app, brand, lot):
        path = self.path(brand, lot)

        answer = app.test_client().get(path)

        assert (answer.status_code, answer.content_type) == (200, "image/webp")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert Image.open(io.BytesIO(answer.data)).size == (40, 30)

    def test_is_not_sent_to_who_has_it(self, app, brand, lot):
        path = self.path(brand, lot)
        tag = app.test_client().get(path).headers["ETag"]

        answer = app.test_client().get(path, headers={"If-None-Match": tag})

        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"

    def test_tells_nothing_but_what_it_shows(self, app, brand, lot):
        path = self.path(brand, lot, a_photo_that_tells())

        body = app.test_client().get(path).data

        assert b"ecret" not in body
        assert not Image.open(io.BytesIO(body)).getexif()

    def test_knows_no_photo_that_no_lot_shows(self, app):
        for photo_id in (an_id("pho"), "$ne", "x" * 300):
            answer = app.test_client().get(f"/v1/photos/{photo_id}")

            assert (answer.status_code, answer.json["code"]) == (404, "photo-not-found")
            assert answer.headers["Cache-Control"] == "no-store"


class TestRemove:
    def test_takes_it_off(self, app, brand, calling, lot):
        body = a_photo()
        photo = send(brand, lot, body).json["photos"][0]
        path = f"/v1/lots/{lot['id']}/photos/{photo['id']}"

        foreign = calling(OTHER_BRAND).delete(path)
        answer = brand.delete(path)
        again = brand.delete(path)

        assert (foreign.status_code, foreign.json["code"]) == (404, "lot-not-found")
        assert (answer.status_code, answer.json["photos"]) == (200, [])
        assert answer.json["has_actual_photo"] is False
        assert (again.status_code, again.json["code"]) == (404, "photo-not-found")
        assert app.test_client().get(photo["path"]).status_code == 404
        anew = send(brand, lot, body).json["photos"][0]
        assert anew["id"] != photo["id"]
        assert app.test_client().get(anew["path"]).status_code == 200
