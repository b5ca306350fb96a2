"""WeChat Pay's version 3 signatures: SHA256 with RSA over lines, and AES-256-GCM inside.

Source: WeChat Pay merchant documentation, "signature generation", "signature
verification", "encryption of sensitive fields" and "decryption of notifications".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1

from services.payments.providers.engine import Forged, is_signed, must_be_fresh, sign

SCHEME = "WECHATPAY2-SHA256-RSA2048"
TIMESTAMP, NONCE, SIGNATURE, SERIAL = (
    "wechatpay-timestamp",
    "wechatpay-nonce",
    "wechatpay-signature",
    "wechatpay-serial",
)
SECONDS_DIGITS = 11  # beyond which a year has five digits


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something is signed, in whole seconds, and a word that is never used twice."""

    seconds: int
    nonce: str


def message(*lines: str) -> bytes:
    """What is signed: lines that each end with a line feed."""
    return "".join(f"{line}\n" for line in lines).encode()


def authorization(
    key: RSAPrivateKey, stamp: Stamp, call: tuple[str, str, str], *, merchant: str, serial: str
) -> str:
    """The header of a request; ``call`` is its method, its path with the query, its body."""
    signed = message(call[0], call[1], str(stamp.seconds), stamp.nonce, call[2])
    fields = {
        "mchid": merchant,
        "nonce_str": stamp.nonce,
        "timestamp": str(stamp.seconds),
        "serial_no": serial,
        "signature": sign(key, signed),
    }
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in fields.items())


def seal(key: RSAPrivateKey, stamp: Stamp, body: bytes, *, serial: str) -> dict[str, str]:
    """The headers of an answer or a notification, with names in lower case."""
    text = body.decode()
    return {
        TIMESTAMP: str(stamp.seconds),
        NONCE: stamp.nonce,
        SIGNATURE: sign(key, message(str(stamp.seconds), stamp.nonce, text)),
        SERIAL: serial,
    }


def check(
    keys: Mapping[str, RSAPublicKey], headers: Mapping[str, str], body: bytes, *, now: datetime
) -> None:
    """Raise ``Forged`` or ``Stale`` unless WeChat Pay signed the body a short time ago.

    ``keys`` are its public keys by serial number, more than one while it changes them.
    Header names are in lower case.
    """
    key, seconds = keys.get(headers.get(SERIAL, "")), headers.get(TIMESTAMP, "")
    if key is None or not (seconds.isascii() and seconds.isdigit()):
        raise Forged
    lines = message(seconds, headers.get(NONCE, ""), body.decode(errors="replace"))
    if not is_signed(key, headers.get(SIGNATURE, ""), lines) or len(seconds) > SECONDS_DIGITS:
        raise Forged
    must_be_fresh(datetime.fromtimestamp(int(seconds), UTC), now=now)


def hide(key: RSAPublicKey, text: str) -> str:
    """A sensitive field as only WeChat Pay can read it (RSA with OAEP)."""
    return base64.b64encode(key.encrypt(text.encode(), _padding())).decode()


def reveal(key: RSAPrivateKey, hidden: str) -> str:
    """What ``hide`` hid; raise ``ValueError``."""
    return key.decrypt(base64.b64decode(hidden, validate=True), _padding()).decode()


def lock(key: bytes, nonce: str, data: bytes, associated: str) -> str:
    """The ciphertext of a notification's resource, in base64."""
    sealed = AESGCM(key).encrypt(nonce.encode(), data, associated.encode())
    return base64.b64encode(sealed).decode()


def unlock(key: bytes, nonce: str, ciphertext: str, associated: str) -> bytes:
    """What ``lock`` locked; raise ``ValueError`` when anything of it is not as it was."""
    try:
        sealed = base64.b64decode(ciphertext, validate=True)
        return AESGCM(key).decrypt(nonce.encode(), sealed, associated.encode())
    except InvalidTag:
        raise ValueError("the ciphertext is not of this key") from None


def _padding() -> OAEP:
    # WeChat Pay prescribes SHA-1 here, where no collision is of any use.
    return OAEP(mgf=MGF1(algorithm=SHA1()), algorithm=SHA1(), label=None)  # noqa: S303 - as above
