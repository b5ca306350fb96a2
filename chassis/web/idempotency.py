"""One effect for one ``Idempotency-Key``, stored in the transaction that has the effect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import BAD_REQUEST

from flask import Response, request
from mongoengine import BinaryField, DateTimeField, DictField, Document, IntField, StringField
from werkzeug.exceptions import HTTPException

from chassis import metrics
from chassis.auth import Principal, principal
from chassis.kernel.errors import IdempotencyKeyReused, RuleBroken
from chassis.kernel.ids import named_id
from chassis.mongo import collection
from chassis.web.blueprints import KEY_HEADER

KEPT_SECONDS = 48 * 3600
LONGEST_KEY = 255
_NO_TIME = datetime.fromtimestamp(0, UTC)
REPLAYED_HEADERS = ("Content-Type", "ETag", "Location")


class IdempotencyKeyMissing(RuleBroken):
    """A request that creates or moves something must carry an Idempotency-Key."""

    code = "idempotency-key-missing"
    hint = "Send a fresh UUID as Idempotency-Key, and the same one again when you retry."
    chinese = "此请求必须带 Idempotency-Key，重试时请使用同一个值。"


class AnsweredRequest(Document):
    """A request that was answered, and its answer."""

    meta = {
        "collection": "answered_requests",
        "auto_create_index": False,
        "indexes": [{"fields": ["at"], "expireAfterSeconds": KEPT_SECONDS}],
    }
    id = StringField(primary_key=True)
    fingerprint = StringField(required=True)
    status = IntField(required=True)
    headers = DictField()
    body = BinaryField()
    at = DateTimeField(required=True)


def check_key() -> None:
    """Raise unless the request carries a usable key."""
    if not 0 < len(request.headers.get(KEY_HEADER, "")) <= LONGEST_KEY:
        raise IdempotencyKeyMissing


def id_by_key(prefix: str) -> str:
    """The id of what this request makes: one for ever for its caller, route and key.

    For views that are ``@keyed``. It tells no time, for a retry may come at any.
    """
    return named_id(prefix, _NO_TIME, _name(principal()))


def once(run: Callable[[], Response], caller: Principal) -> Response:
    """Run the request, or answer again what it was answered before.

    Belongs inside the request's transaction. Of two equal requests at once the later
    one to commit collides, runs again and finds the answer. Only answers that committed
    are kept: a refusal leaves nothing behind, its retry is judged afresh. Raises
    ``IdempotencyKeyReused`` when the key came with another body.
    """
    name = _name(caller)
    fingerprint = hashlib.sha256(request.query_string + b"\n" + request.get_data()).hexdigest()
    known = collection("answered_requests").find_one({"_id": name})
    if known is not None:
        if known["fingerprint"] != fingerprint:
            raise IdempotencyKeyReused
        metrics.IDEMPOTENT_REPLAYS.inc()
        return Response(known["body"], known["status"], headers=known["headers"])
    answer = run()
    _remember(name, fingerprint, answer)
    return answer


def _name(caller: Principal) -> str:
    who = caller.organization_id or caller.subject
    return f"{who}|{request.method}|{request.path}|{request.headers[KEY_HEADER]}"


def _remember(name: str, fingerprint: str, answer: Response) -> None:
    if answer.status_code >= BAD_REQUEST:
        raise _Refused(answer)
    collection("answered_requests").insert_one(
        {
            "_id": name,
            "fingerprint": fingerprint,
            "status": answer.status_code,
            "headers": {h: answer.headers[h] for h in REPLAYED_HEADERS if h in answer.headers},
            "body": answer.get_data(),
            "at": datetime.now(UTC),
        }
    )


class _Refused(HTTPException):
    """An error answer that a view returned instead of raising: roll back, then send it."""

    def __init__(self, answer: Response) -> None:
        super().__init__(response=answer)
