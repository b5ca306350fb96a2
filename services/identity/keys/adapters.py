"""Ed25519 keys: made, sealed for storage, opened to sign, found to verify."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import OKPKey

from chassis.kernel.ids import Ids
from services.identity.keys.domain import SigningKey
from services.identity.keys.use_cases import KeyRings

NONCE_BYTES = 12
CURVE = "Ed25519"


class SealedKeys:
    """The ``KeyMaker`` port: private keys are stored under AES-256-GCM.

    The key that seals comes from a secret outside the database by HKDF; the key's id is
    bound in, so that a sealed key cannot be passed off as another.
    """

    def __init__(self, secret: str, ids: Ids) -> None:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"teahouse signing keys")
        self._seal = AESGCM(derive.derive(secret.encode()))
        self._ids = ids
        self._opened: dict[str, OKPKey] = {}

    def make(self, now: datetime) -> SigningKey:
        key_id = self._ids("key")
        private = Ed25519PrivateKey.generate()
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._seal.encrypt(nonce, private.private_bytes_raw(), key_id.encode())
        return SigningKey(
            id=key_id,
            public=_text(private.public_key().public_bytes_raw()),
            sealed=_text(sealed),
            made_at=now,
        )

    def open(self, key: SigningKey) -> OKPKey:
        """The private key, ready to sign; raise ``InvalidTag`` under another secret."""
        if key.id not in self._opened:
            sealed = urlsafe_b64decode(key.sealed + "=" * (-len(key.sealed) % 4))
            private = self._seal.decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], key.id.encode()
            )
            self._opened[key.id] = OKPKey.import_key(
                {"kty": "OKP", "crv": CURVE, "x": key.public, "d": _text(private), "kid": key.id}
            )
        return self._opened[key.id]


class RingKeys:
    """The ``Keys`` port of the chassis, for identity itself: straight from its own ring."""

    def __init__(self, rings: KeyRings) -> None:
        self._rings = rings
        self._known: dict[str, OKPKey] = {}

    def find(self, kid: str) -> OKPKey | None:
        """The public key of this id, or None for an unknown one."""
        if kid not in self._known:
            self._known = {
                key.id: OKPKey.import_key({"kid": key.id, **public_jwk(key)})
                for key in self._rings.get().keys
            }
        return self._known.get(kid)


def public_jwk(key: SigningKey) -> dict[str, str]:
    """The public half as RFC 8037 writes it, without its id."""
    return {"kty": "OKP", "crv": CURVE, "x": key.public}


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
