"""Which tokens are believed."""

from __future__ import annotations

import hmac
import time
from base64 import urlsafe_b64encode

import pytest

from chassis.auth import (
    ALGORITHM,
    JwksCache,
    TokenExpired,
    TokenVerifier,
    Unauthenticated,
)
from chassis.permissions import Permission
from tests.tokens import ISSUER, SigningKeys

ORG = "org_01m80t6qxcevrs0fn3mtvw1bjz"


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def keys():
    return SigningKeys()


@pytest.fixture
def verifier(keys):
    return TokenVerifier(keys, issuer=ISSUER, audience="catalog")


class TestVerify:
    def test_names_the_member_and_the_organisation(self, keys, verifier):
        caller = verifier.verify(keys.member(ORG, "brand", "staff"))

        assert (caller.organization_id, caller.kind, caller.roles) == (ORG, "brand", {"staff"})

    def test_names_a_service(self, keys, verifier):
        assert verifier.verify(keys.service("matching", "catalog")).service == "matching"

    @pytest.mark.parametrize(
        ("header", "claims"),
        [
            ({"typ": "JWT"}, {}),
            ({"kid": "other"}, {}),
            ({}, {"aud": "payments"}),
            ({}, {"iss": "somebody"}),
            ({}, {"kind": "king", "org": ORG}),
            ({}, {"nbf": int(time.time()) + 3600}),
        ],
    )
    def test_refuses_what_was_not_meant_for_it(self, keys, verifier, header, claims):
        with pytest.raises(Unauthenticated):
            verifier.verify(keys.token(header, **claims))

    def test_refuses_a_token_without_an_end(self, keys, verifier):
        with pytest.raises(Unauthenticated):
            verifier.verify(keys.token(exp=None))

    def test_tells_an_expired_token_from_a_bad_one(self, keys, verifier):
        with pytest.raises(TokenExpired):
            verifier.verify(keys.token(exp=int(time.time()) - 3600))

    def test_refuses_another_algorithm_even_over_the_public_key(self, keys, verifier):
        head = encoded(b'{"alg":"HS256","typ":"at+jwt","kid":"test"}')
        _, payload, _ = keys.token().split(".")
        public = keys.key.as_pem(private=False)
        signature = hmac.digest(public, f"{head}.{payload}".encode(), "sha256")
        forged = f"{head}.{payload}.{encoded(signature)}"

        with pytest.raises(Unauthenticated):
            verifier.verify(forged)

    def test_refuses_every_change_of_one_character(self, keys, verifier):
        token = keys.token()

        for place in range(len(token)):
            changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
            with pytest.raises(Unauthenticated):
                verifier.verify(changed)

    @pytest.mark.parametrize("spoil", ["{0} ", " {0}", "{0}.", "{0}.x", "{0}=", ""])
    def test_refuses_a_second_spelling(self, keys, verifier, spoil):
        with pytest.raises(Unauthenticated):
            verifier.verify(spoil.format(keys.token()))

    def test_refuses_a_truncated_token(self, keys, verifier):
        token = keys.token()

        for length in range(len(token)):
            with pytest.raises(Unauthenticated):
                verifier.verify(token[:length])

    def test_refuses_the_unsigned_algorithm(self, keys, verifier):
        _, payload, _ = keys.token().split(".")
        unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0." + payload + "."

        with pytest.raises(Unauthenticated):
            verifier.verify(unsigned)


class TestPermissions:
    def test_let_staff_do_daily_work_and_not_bind_the_organisation(self, keys, verifier):
        staff = verifier.verify(keys.member(ORG, "brand", "staff"))

        assert staff.allows(Permission.CATALOG_LOT_PUBLISH)
        assert not staff.allows(Permission.CATALOG_OFFER_OPEN)

    def test_let_a_host_claim_and_nobody_else(self, keys, verifier):
        owners = {
            kind: verifier.verify(keys.member(ORG, kind, "owner"))
            for kind in ("brand", "host", "venue", "author", "platform")
        }

        allowed = {
            kind for kind, owner in owners.items() if owner.allows(Permission.MATCHING_CLAIM_MAKE)
        }

        assert allowed == {"host"}


class TestJwksCache:
    def test_fetches_once_for_many_unknown_keys(self, keys):
        fetched = []

        def fetch():
            fetched.append(1)
            return {"keys": [keys.key.as_dict(private=False)]}

        cache = JwksCache(fetch)

        assert cache.find("test") is not None
        assert [cache.find(f"unknown-{number}") for number in range(9)] == [None] * 9
        assert len(fetched) == 1

    def test_goes_on_with_the_keys_it_knows_when_the_issuer_is_away(self, keys):
        answers = [{"keys": [keys.key.as_dict(private=False)]}]

        def fetch():
            if not answers:
                raise ConnectionError
            return answers.pop()

        cache = JwksCache(fetch)
        cache.refresh()

        assert cache.refresh() is False
        assert cache.find("test") is not None
        assert keys.key.as_dict(private=False)["alg"] == ALGORITHM
