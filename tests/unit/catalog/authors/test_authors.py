"""A key belongs to the organisation that showed it can sign with it."""

from __future__ import annotations

import minisign
import pytest

from cartridges.signing import public_key
from services.catalog.authors.domain import (
    KeyNotShown,
    KeyTaken,
    RegisteredKey,
    proof_text,
    register,
)
from tests.unit.catalog.fakes import AUTHOR, NOW, OTHER_AUTHOR


@pytest.fixture(scope="module")
def secret():
    return minisign.KeyPair.generate().secret_key


def proof_by(secret, key: str, organization_id: str) -> str:
    return bytes(secret.sign(proof_text(key, organization_id))).decode()


class TestRegister:
    def test_gives_the_key_to_whoever_can_sign_with_it(self, secret):
        key = public_key(secret).text

        decision = register(key, proof_by(secret, key, AUTHOR), AUTHOR, known=None, at=NOW)

        assert decision.state == RegisteredKey(key, AUTHOR, NOW)

    def test_changes_nothing_the_second_time(self, secret):
        key = public_key(secret).text
        known = RegisteredKey(key, AUTHOR, NOW)

        again = register(key, proof_by(secret, key, AUTHOR), AUTHOR, known=known, at=NOW)

        assert again.state == known

    def test_refuses_a_proof_for_another_organisation(self, secret):
        key = public_key(secret).text

        with pytest.raises(KeyNotShown):
            register(key, proof_by(secret, key, AUTHOR), OTHER_AUTHOR, known=None, at=NOW)

    @pytest.mark.parametrize("proof", ["", "no signature", "a\nb\nc\nd", "\ud800"])
    def test_refuses_what_is_no_signature(self, secret, proof):
        with pytest.raises(KeyNotShown):
            register(public_key(secret).text, proof, AUTHOR, known=None, at=NOW)

    def test_refuses_a_signature_by_another_key(self, secret):
        key = public_key(secret).text
        other = minisign.KeyPair.generate().secret_key

        with pytest.raises(KeyNotShown):
            register(key, proof_by(other, key, AUTHOR), AUTHOR, known=None, at=NOW)

    def test_never_moves_a_key_from_one_to_another(self, secret):
        key = public_key(secret).text
        known = RegisteredKey(key, OTHER_AUTHOR, NOW)

        with pytest.raises(KeyTaken):
            register(key, proof_by(secret, key, AUTHOR), AUTHOR, known=known, at=NOW)
