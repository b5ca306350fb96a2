"""Stripe's signature of a message: HMAC-SHA256 over its time and its body.

Source: Stripe's documentation of webhooks, "verify webhook signatures manually".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from services.payments.providers.engine import Forged, must_be_fresh

SIGNATURE = "stripe-signature"
TIME, SCHEME = "t", "v1"
SECONDS_DIGITS = 11  # beyond which a year has five digits


def sign(secret: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """The header of a message sent at this moment, its name in lower case."""
    seconds = str(int(at.timestamp()))
    return {SIGNATURE: f"{TIME}={seconds},{SCHEME}={_digest(secret, seconds, body)}"}


def check(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
    """Raise ``Forged`` or ``Stale`` unless Stripe signed the body a short time ago.

    One right signature of several will do: while a secret is changed, Stripe signs with the
    one before too. Signatures of other schemes are not looked at. Compared in constant
    time. Header names are in lower case.
    """
    said = [word.strip().partition("=") for word in headers.get(SIGNATURE, "").split(",")]
    times = [value for name, _, value in said if name == TIME]
    if len(times) != 1 or not _is_time(times[0]):
        raise Forged
    wanted = _digest(secret, times[0], body).encode()
    given = [value.encode() for name, _, value in said if name == SCHEME]
    if not any(hmac.compare_digest(each, wanted) for each in given):
        raise Forged
    must_be_fresh(datetime.fromtimestamp(int(times[0]), UTC), now=now)


def _is_time(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= SECONDS_DIGITS


def _digest(secret: str, seconds: str, body: bytes) -> str:
    signed = seconds.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
