"""What signatures of providers have in common: RSA with SHA-256, keys as text, freshness."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

TOLERANCE = timedelta(minutes=5)
SMALLEST_KEY_BITS = 2048
_PUBLIC_KEY = re.compile(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)


class Forged(Exception):
    """No signature is right, or something of it is missing."""


class Stale(Exception):
    """The signature is right, and its time more than ``TOLERANCE`` away."""


def must_be_fresh(signed_at: datetime, *, now: datetime) -> None:
    """Raise ``Stale`` for what was signed more than ``TOLERANCE`` ago, or will be."""
    if abs(now - signed_at) > TOLERANCE:
        raise Stale


def sign(key: RSAPrivateKey, message: bytes) -> str:
    """The signature in base64: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2)."""
    return base64.b64encode(key.sign(message, PKCS1v15(), SHA256())).decode()


def is_signed(key: RSAPublicKey, signature: str, message: bytes) -> bool:
    """Whether this is the key's signature, made by ``sign``, of this message."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def private_key(pem: str) -> RSAPrivateKey:
    """The RSA key of a text in PEM without a password; raise ``ValueError``, silent about it."""
    try:
        found = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("no private key in PEM without a password") from None
    if not isinstance(found, RSAPrivateKey) or found.key_size < SMALLEST_KEY_BITS:
        raise ValueError(f"no RSA key of at least {SMALLEST_KEY_BITS} bits")
    return found


def public_keys(pem: str) -> list[RSAPublicKey]:
    """The RSA keys of a text in PEM, at least one, in their order; raise ``ValueError``."""
    try:
        found = [load_pem_public_key(each.encode()) for each in _PUBLIC_KEY.findall(pem)]
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("no public key in PEM") from None
    able = [key for key in found if isinstance(key, RSAPublicKey)]
    if not able or able != found or any(key.key_size < SMALLEST_KEY_BITS for key in able):
        raise ValueError(f"no public RSA keys in PEM of at least {SMALLEST_KEY_BITS} bits")
    return able
