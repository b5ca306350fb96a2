"""Keys of authors over HTTP, and royalties shared by those who signed."""

from __future__ import annotations

import minisign
import pytest

from cartridges.package import package_of
from cartridges.signing import public_key, signed
from services.catalog.authors.domain import proof_text
from tests.integration.catalog.conftest import everything
from tests.unit.catalog.fakes import AUTHOR, HOST, OTHER_AUTHOR, a_manifest

PACKAGE_TYPE = "application/vnd.teahouse.cartridge"


@pytest.fixture(scope="module")
def secrets() -> list:
    return [minisign.KeyPair.generate().secret_key for _ in range(2)]


def registration(secret, organization_id: str) -> dict:
    key = public_key(secret).text
    return {"key": key, "proof": bytes(secret.sign(proof_text(key, organization_id))).decode()}


def package_by(*secrets) -> bytes:
    parts = (7_000, 3_000)
    authors = [
        {"name": "An", "key": public_key(secret).text, "basis_points": part}
        for secret, part in zip(secrets, parts, strict=True)
    ]
    package = package_of(a_manifest(authors=authors), {})
    for secret in secrets:
        package = signed(package, secret)
    return package.content()


class TestKeys:
    def test_are_registered_once(self, calling, secrets):
        author = calling(AUTHOR)

        first = author.post("/v1/author-keys", registration(secrets[0], AUTHOR))
        again = author.post("/v1/author-keys", registration(secrets[0], AUTHOR))

        assert (first.status_code, again.json) == (201, first.json)
        assert first.json["organization_id"] == AUTHOR
        assert first.json["key_id"] == public_key(secrets[0]).id

    def test_of_others_are_refused(self, calling, secrets):
        calling(AUTHOR).post("/v1/author-keys", registration(secrets[0], AUTHOR))
        before = everything()

        stolen = calling(OTHER_AUTHOR).post("/v1/author-keys", registration(secrets[0], AUTHOR))
        taken = calling(OTHER_AUTHOR).post(
            "/v1/author-keys", registration(secrets[0], OTHER_AUTHOR)
        )

        assert (stolen.status_code, stolen.json["code"]) == (422, "key-not-shown")
        assert (taken.status_code, taken.json["code"]) == (409, "key-taken")
        assert everything() == before

    @pytest.mark.parametrize("body", [{}, {"key": "RW", "proof": "x"}, {"key": 1, "proof": 2}])
    def test_that_are_none_are_refused(self, calling, body):
        assert calling(AUTHOR).post("/v1/author-keys", body).status_code == 400

    def test_are_for_authors_only(self, calling, secrets):
        answer = calling(HOST).post("/v1/author-keys", registration(secrets[0], HOST))

        assert answer.status_code == 403


class TestRoyalties:
    def test_go_to_those_who_signed(self, calling, secrets):
        for organization_id, secret in zip((AUTHOR, OTHER_AUTHOR), secrets, strict=True):
            calling(organization_id).post("/v1/author-keys", registration(secret, organization_id))

        version = calling(AUTHOR).post(
            "/v1/cartridges/packages", data=package_by(*secrets), content_type=PACKAGE_TYPE
        )

        shares = {AUTHOR: 7_000, OTHER_AUTHOR: 3_000}
        assert (version.status_code, version.json["royalties"]) == (201, shares)

    def test_wait_until_every_co_author_can_be_paid(self, calling, secrets):
        calling(AUTHOR).post("/v1/author-keys", registration(secrets[0], AUTHOR))
        before = everything()

        answer = calling(AUTHOR).post(
            "/v1/cartridges/packages", data=package_by(*secrets), content_type=PACKAGE_TYPE
        )

        assert (answer.status_code, answer.json["code"]) == (422, "author-key-unknown")
        assert everything() == before
