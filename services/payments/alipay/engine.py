"""Alipay's signatures (RSA2): of requests and messages as forms, of answers as JSON.

Source: Alipay open platform documentation, "signing requests yourself", "verifying
synchronous answers" and "verifying messages".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from chassis.kernel.time import CALENDAR
from services.payments.providers.engine import Forged, is_signed, must_be_fresh, sign

SIGNATURE, SCHEME, RSA2 = "sign", "sign_type", "RSA2"
MOST_FIELDS = 64
MILLISECONDS_DIGITS = 14  # beyond which a year has five digits
_HEAD = re.compile(r'\s*\{\s*"(\w+)"\s*:\s*(?=\{)')
# Alipay writes amounts both as texts and as numbers, and neither may become a float.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str)


def content(fields: Mapping[str, str]) -> bytes:
    """What is signed of a form: its fields by name, ``a=1&b=2``, nothing encoded."""
    return "&".join(f"{name}={value}" for name, value in sorted(fields.items())).encode()


def request(
    key: RSAPrivateKey, app: str, method: str, said: Mapping[str, Any], *, at: datetime
) -> dict[str, str]:
    """The signed form of a call; its time is China's, to the second."""
    fields = {
        "app_id": app,
        "method": method,
        "format": "JSON",
        "charset": "utf-8",
        SCHEME: RSA2,
        "timestamp": at.astimezone(CALENDAR).strftime("%Y-%m-%d %H:%M:%S"),
        "version": "1.0",
        "biz_content": json.dumps(said, ensure_ascii=False, separators=(",", ":")),
    }
    return fields | {SIGNATURE: sign(key, content(fields))}


def node_of(method: str) -> str:
    """Under which name an answer to a method stands."""
    return f"{method.replace('.', '_')}_response"


def opened(key: RSAPublicKey, answer: bytes, method: str) -> Mapping[str, Any]:
    """What an answer to a method says, numbers as texts.

    The signature is over the text of its first member as it stands there. Raises
    ``Forged`` when that is of another method or not signed, and ``ValueError`` for what is
    no JSON.
    """
    text = answer.decode()
    head = _HEAD.match(text)
    if head is None or head[1] not in {node_of(method), "error_response"}:
        raise Forged
    said, end = _DECODER.raw_decode(text, head.end())
    rest = json.loads("{" + text[end:].lstrip().removeprefix(","))
    if not is_signed(key, str(rest.get(SIGNATURE, "")), text[head.end() : end].encode()):
        raise Forged
    found: Mapping[str, Any] = said
    return found


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a message; raise ``Forged`` for what is no form, or names one twice."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Forged from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Forged
    return found


def check(key: RSAPublicKey, app: str, fields: Mapping[str, str], *, now: datetime) -> None:
    """Raise ``Forged`` or ``Stale`` unless Alipay signed this for our app a short time ago.

    A message's signature is neither over itself nor over the name of the scheme, which
    can only be RSA2.
    """
    signed = {name: fields[name] for name in fields if name not in {SIGNATURE, SCHEME}}
    if fields.get(SCHEME) != RSA2 or not is_signed(
        key, fields.get(SIGNATURE, ""), content(signed)
    ):
        raise Forged
    sent, length = fields.get("utc_timestamp", ""), MILLISECONDS_DIGITS
    if fields.get("app_id") != app or not re.fullmatch(rf"[0-9]{{1,{length}}}", sent):
        raise Forged
    must_be_fresh(sent_at(fields), now=now)


def sent_at(fields: Mapping[str, str]) -> datetime:
    """When a message was sent."""
    return datetime.fromtimestamp(int(fields["utc_timestamp"]) / 1000, UTC)


def notice(
    key: RSAPrivateKey, app: str, method: str, said: Mapping[str, Any], *, own: str, at: datetime
) -> dict[str, str]:
    """The signed fields of a message, as Alipay makes them."""
    fields = {
        "notify_id": own,
        "utc_timestamp": str(int(at.timestamp() * 1000)),
        "msg_method": method,
        "app_id": app,
        "version": "1.1",
        "charset": "UTF-8",
        "biz_content": json.dumps(said, ensure_ascii=False),
    }
    return fields | {SIGNATURE: sign(key, content(fields)), SCHEME: RSA2}
