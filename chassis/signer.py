"""What a service signs for everybody to verify: compact JWS with Ed25519 (RFC 7515, RFC 9864)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from mongoengine import DateTimeField, DictField, Document, LongField

from chassis.auth import ALGORITHM
from chassis.kernel.time import Clock, system_clock
from chassis.mongo import collection

FIRST = 1
# How long after a rotation another process may go on signing with the key before.
TRUSTED = timedelta(minutes=1)


class SignatureInvalid(Exception):
    """The text is no token of this type, or nobody here signed it."""


class SignerKeyDocument(Document):
    """One key pair as a JWK; the highest number signs, all of them verify."""

    meta = {"collection": "signer_keys", "auto_create_index": False}
    id = LongField(primary_key=True)
    jwk = DictField(required=True)
    made_at = DateTimeField(required=True)


def new_key() -> dict[str, Any]:
    """A new private key as a JWK, named by its thumbprint (RFC 7638)."""
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    return dict(key.as_dict(private=True))


def public_half(key: OKPKey) -> dict[str, Any]:
    """What may be published of a key."""
    return dict(key.as_dict(private=False)) | {"alg": ALGORITHM, "use": "sig"}


def signed(payload: bytes, *, type: str, key: OKPKey) -> str:  # noqa: A002 - JOSE's own word
    """Sign a payload; Ed25519 gives one token for one payload, type and key.

    The type says what the token is for, so that one kind never passes for another.
    """
    header = _header(type, key)
    return jws.serialize_compact(header, payload, key, algorithms=[ALGORITHM])


def header_of(*, type: str, key: OKPKey) -> str:  # noqa: A002 - as above
    """The first part of all tokens of a type and key, for a format that leaves it out."""
    text = json.dumps(_header(type, key), separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def key_id_of(token: str, *, type: str) -> str:  # noqa: A002 - as above
    """Which key claims to have signed a token; raise ``SignatureInvalid`` for any other text."""
    try:
        header = jws.extract_compact(token.encode()).protected
    except (JoseError, ValueError) as error:
        raise SignatureInvalid("not a token") from error
    if header.get("typ") != type or header.get("alg") != ALGORITHM:
        raise SignatureInvalid("a token of another type")
    return str(header.get("kid"))


def payload_of(token: str, key: OKPKey) -> bytes:
    """What was signed; raise ``SignatureInvalid`` unless this key signed it."""
    try:
        return bytes(jws.deserialize_compact(token, key, algorithms=[ALGORITHM]).payload)
    except (JoseError, ValueError) as error:
        raise SignatureInvalid("the signature does not fit") from error


def _header(type: str, key: OKPKey) -> dict[str, Any]:  # noqa: A002 - as above
    return {"alg": ALGORITHM, "typ": type, "kid": key.kid}


class Signer:
    """The key pairs that a service signs with, kept in ``signer_keys``.

    The first key is made when it is first needed; whoever comes second finds it there.
    """

    def __init__(self, clock: Clock = system_clock) -> None:
        self._clock = clock
        self._known: dict[int, OKPKey] = {}
        self._read_at: datetime | None = None

    def ensure(self) -> None:
        """Make the first key unless there is one; two processes may try at once."""
        wanted = {"jwk": new_key(), "made_at": self._clock()}
        collection("signer_keys").update_one({"_id": FIRST}, {"$setOnInsert": wanted}, upsert=True)

    def rotate(self) -> None:
        """Sign with a fresh key from now on; what was signed before stays valid for ever.

        Other processes follow within ``TRUSTED``. Belongs in a transaction, where two at
        once come one after the other.
        """
        number = max(self._fresh()) + 1
        row = {"_id": number, "jwk": new_key(), "made_at": self._clock()}
        collection("signer_keys").insert_one(row)
        # Not remembered: the transaction that makes it may still be undone.
        self._known = {}

    def current(self) -> OKPKey:
        """The key that signs now."""
        keys = self._known if self._is_trusted() else self._fresh()
        return keys[max(keys)]

    def named(self, start: str) -> list[OKPKey]:
        """The keys whose id begins like this, of all that ever signed; none for a foreign one."""
        return _named(start, self._known) or _named(start, self._fresh())

    def published(self) -> dict[str, Any]:
        """The public keys as a JWKS (RFC 7517).

        Not remembered: after ``rotate`` they hold one that may still be undone.
        """
        keys = self._stored() or self._fresh()
        return {"keys": [public_half(key) for key in keys.values()]}

    def _is_trusted(self) -> bool:
        return bool(self._known and self._read_at and self._clock() < self._read_at + TRUSTED)

    def _fresh(self) -> dict[int, OKPKey]:
        """All keys by number, as they are stored now; the first is made if there is none."""
        found = self._stored()
        if found:
            self._known, self._read_at = found, self._clock()
            return found
        # Not remembered, as in ``rotate``.
        self.ensure()
        return self._stored()

    def _stored(self) -> dict[int, OKPKey]:
        rows = collection("signer_keys").find().sort("_id", 1)
        return {row["_id"]: OKPKey.import_key(row["jwk"]) for row in rows}


def _named(start: str, keys: dict[int, OKPKey]) -> list[OKPKey]:
    return [key for key in keys.values() if str(key.kid).startswith(start)]
