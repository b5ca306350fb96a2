"""Signed messages as Standard Webhooks has them: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from services.payments.providers.engine import Forged, must_be_fresh

ID, TIME, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
VERSION = "v1"
SECONDS_DIGITS = 11  # beyond which a year has five digits


def sign(secret: bytes, message_id: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """The three headers of a message sent at this moment."""
    seconds = str(int(at.timestamp()))
    signature = base64.b64encode(_digest(secret, message_id, seconds, body)).decode()
    return {ID: message_id, TIME: seconds, SIGNATURE: f"{VERSION},{signature}"}


def check(
    secrets: Iterable[bytes], headers: Mapping[str, str], body: bytes, *, now: datetime
) -> str:
    """The id of a message whose signature is right; raise ``Forged`` or ``Stale``.

    Any of ``secrets`` will do, and any of the signatures in the header, so that a secret
    can be changed while messages are on their way. Compared in constant time. Header
    names are in lower case.
    """
    message_id, seconds = headers.get(ID, ""), headers.get(TIME, "")
    given = [_read(word) for word in headers.get(SIGNATURE, "").split()]
    wanted = [_digest(secret, message_id, seconds, body) for secret in secrets]
    matches = [hmac.compare_digest(one, other) for one in given for other in wanted]
    if not message_id or not any(matches):
        raise Forged
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= SECONDS_DIGITS):
        raise Forged
    must_be_fresh(datetime.fromtimestamp(int(seconds), UTC), now=now)
    return message_id


def _digest(secret: bytes, message_id: str, seconds: str, body: bytes) -> bytes:
    signed = b".".join((message_id.encode(), seconds.encode(), body))
    return hmac.new(secret, signed, hashlib.sha256).digest()


def _read(word: str) -> bytes:
    """The bytes of one signature; none for a version we do not know."""
    version, _, text = word.partition(",")
    if version != VERSION:
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
