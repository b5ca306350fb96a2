"""A digest is 64 hexadecimal figures and nothing after them, wherever a client sends one."""

from __future__ import annotations

import pytest

from chassis.web.schemas import Request
from services.catalog.cartridges.schemas import CartridgeQuery
from services.catalog.copies.schemas import OpenCopyClaimSchema
from services.catalog.kits.schemas import DraftKitSchema, SignKitSchema
from services.matching.gatherings.schemas import AddEvidenceSchema

DIGEST = "sha256:" + "5a" * 32
FIELDS: list[tuple[type[Request], str]] = [
    (CartridgeQuery, "digest"),
    (OpenCopyClaimSchema, "original_digest"),
    (OpenCopyClaimSchema, "accused_digest"),
    (DraftKitSchema, "cartridge_digest"),
    (SignKitSchema, "terms_digest"),
    (AddEvidenceSchema, "digest"),
]


@pytest.mark.parametrize(("schema", "name"), FIELDS)
class TestADigest:
    def test_is_taken_as_it_is(self, schema, name):
        assert schema().validate({name: DIGEST}).get(name) is None

    @pytest.mark.parametrize("wrong", [f"{DIGEST}\n", DIGEST[:-1], DIGEST.upper(), f" {DIGEST}"])
    def test_has_nothing_before_or_after_it(self, schema, name, wrong):
        assert schema().validate({name: wrong})[name] == ["Not a digest: sha256:..."]
