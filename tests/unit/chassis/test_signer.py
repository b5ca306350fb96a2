"""Tokens that a service signs."""

import base64

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from chassis.signer import SignatureInvalid, key_id_of, new_key, payload_of, public_half, signed

KEY = OKPKey.import_key(new_key())
TYPE = "teahouse-test"


def part(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


class TestToken:
    def test_is_the_same_each_time(self):
        assert signed(b"tea", type=TYPE, key=KEY) == signed(b"tea", type=TYPE, key=KEY)

    def test_is_verified_with_nothing_but_the_published_key(self):
        published = OKPKey.import_key(public_half(KEY))

        assert payload_of(signed(b"tea", type=TYPE, key=KEY), published) == b"tea"

    def test_names_its_key(self):
        assert key_id_of(signed(b"tea", type=TYPE, key=KEY), type=TYPE) == KEY.kid

    def test_of_another_type_is_refused(self):
        with pytest.raises(SignatureInvalid):
            key_id_of(signed(b"tea", type="teahouse-other", key=KEY), type=TYPE)

    def test_of_another_key_is_refused(self):
        token = signed(b"tea", type=TYPE, key=OKPKey.import_key(new_key()))

        with pytest.raises(SignatureInvalid):
            payload_of(token, KEY)

    def test_does_not_survive_a_change(self):
        header, _, signature = signed(b"tea", type=TYPE, key=KEY).split(".")

        with pytest.raises(SignatureInvalid):
            payload_of(f"{header}.{part(b'tee')}.{signature}", KEY)

    @pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "tea" * 300, "茶.茶.茶"])
    def test_is_no_other_text(self, text):
        with pytest.raises(SignatureInvalid):
            key_id_of(text, type=TYPE)

    def test_is_no_access_token_with_the_same_key(self):
        header = {"alg": "Ed25519", "typ": "at+jwt", "kid": KEY.kid}
        token = jwt.encode(header, {"sub": "usr"}, KEY, algorithms=["Ed25519"])

        with pytest.raises(SignatureInvalid):
            key_id_of(token, type=TYPE)

    def test_is_not_signed_by_nobody(self):
        header = f'{{"alg":"none","typ":"{TYPE}","kid":"{KEY.kid}"}}'

        with pytest.raises(SignatureInvalid):
            key_id_of(f"{part(header.encode())}.{part(b'tea')}.", type=TYPE)


class TestPublishedKey:
    def test_keeps_the_private_half_at_home(self):
        assert set(public_half(KEY)) == {"kty", "crv", "x", "kid", "alg", "use"}
