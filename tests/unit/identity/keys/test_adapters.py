"""Private keys lie sealed, and sign what the published key verifies."""

import itertools
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag
from joserfc import jwt

from chassis.auth import ALGORITHM
from chassis.testing.clock import START
from services.identity.keys.adapters import RingKeys, SealedKeys
from services.identity.keys.domain import KeyRing
from services.identity.tokens.adapters import JwtSigner
from tests.unit.identity.fakes import FakeRings


def sealed_keys(secret="a secret of the house"):
    numbers = itertools.count(1)
    return SealedKeys(secret, lambda prefix: f"{prefix}_{next(numbers)}")


class TestSealedKeys:
    def test_opens_what_it_sealed(self):
        key = sealed_keys().make(START)

        assert sealed_keys().open(key).as_dict(private=False)["x"] == key.public

    def test_opens_nothing_under_another_secret(self):
        key = sealed_keys().make(START)

        with pytest.raises(InvalidTag):
            sealed_keys("another secret").open(key)

    def test_opens_no_key_under_the_name_of_another(self):
        key = sealed_keys().make(START)

        with pytest.raises(InvalidTag):
            sealed_keys().open(replace(key, id="key_2"))

    def test_shows_nothing_private_when_printed(self):
        key = sealed_keys().make(START)

        assert key.sealed not in repr(key)


class TestJwtSigner:
    def test_signs_what_the_ring_verifies(self):
        keys = sealed_keys()
        rings = FakeRings(KeyRing((keys.make(START),)))

        token = JwtSigner(rings, keys).sign({"sub": "usr_1"})

        found = RingKeys(rings).find("key_1")
        decoded = jwt.decode(token, found, algorithms=[ALGORITHM])
        assert decoded.claims == {"sub": "usr_1"}
        assert decoded.header == {"alg": ALGORITHM, "typ": "at+jwt", "kid": "key_1"}

    def test_signs_with_the_newest_key_at_once(self):
        keys = sealed_keys()
        rings = FakeRings(KeyRing((keys.make(START),)))
        verifier = RingKeys(rings)
        assert verifier.find("key_2") is None
        rings.ring = KeyRing((keys.make(START), *rings.ring.keys))

        JwtSigner(rings, keys).sign({"sub": "usr_1"})

        assert verifier.find("key_2") is not None
