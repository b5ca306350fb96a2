"""Errors on the wire: RFC 9457 for every refusal, fault and bug."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, json, request
from marshmallow import ValidationError
from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    PyMongoError,
    WTimeoutError,
)
from werkzeug.exceptions import HTTPException

from chassis import doorstep
from chassis.auth import Unauthenticated
from chassis.kernel.errors import Conflict, DomainError, Forbidden, NotFound, RuleBroken
from chassis.logging import logger

STATUS: dict[type[DomainError], int] = {
    Unauthenticated: 401,
    NotFound: 404,
    Conflict: 409,
    Forbidden: 403,
    RuleBroken: 422,
}

RETRY_AFTER_SECONDS = "2"

# What the framework itself refuses: code, title, hint, Chinese.
FRAMEWORK: dict[int, tuple[str, str, str, str]] = {
    400: (
        "invalid-request",
        "The request is not valid",
        "Correct the fields named in errors.",
        "请求内容不正确，请修改 errors 中列出的字段。",
    ),
    404: (
        "no-such-page",
        "Nothing is served at this address",
        "Look the path up in /openapi.json.",
        "此地址没有内容，请查阅 /openapi.json。",
    ),
    405: (
        "method-not-allowed",
        "This address does not take this method",
        "Use one of the methods named in Allow.",
        "此地址不支持该方法，请使用 Allow 中列出的方法。",
    ),
    413: (
        "body-too-large",
        "The body is larger than is taken here",
        "Send less at a time.",
        "请求内容过大，请分批发送。",
    ),
    415: (
        "unsupported-media-type",
        "The body is of a type that is not taken here",
        "Send application/json.",
        "不支持此内容类型，请发送 application/json。",
    ),
    500: (
        "internal-error",
        "Something went wrong on our side",
        "Try again; if it stays, tell the operator the request id.",
        "系统内部错误，请重试；若仍出错，请把请求编号告诉运营人员。",
    ),
    503: (
        "unavailable",
        "A part that this needs cannot be reached",
        "Try again in a few seconds with the same Idempotency-Key.",
        "所需组件暂时不可用，请几秒后用同一个 Idempotency-Key 重试。",
    ),
}
# Failures of the way to the database, not of the request.
AWAY = (ConnectionFailure, NetworkTimeout, ExecutionTimeout, WTimeoutError)


def install(app: Flask) -> None:
    """Answer every kind of error of this app as a problem."""
    app.register_error_handler(DomainError, answer_domain_error)
    app.register_error_handler(ValidationError, answer_invalid)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(PyMongoError, answer_database_error)
    app.register_error_handler(RecursionError, answer_too_deep)
    app.register_error_handler(Exception, answer_bug)


def answer_domain_error(error: DomainError) -> Response:
    """Answer a refused request; the docstring of the error is its title."""
    status = _status_of(type(error))
    said = {"detail": str(error), "hint": error.hint, "title_zh": error.chinese}
    answer = problem(status, error.code, type(error).title(), **(error.members | said))
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="teahouse"'
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return answer


def answer_invalid(error: ValidationError) -> Response:
    """Answer a body that a schema does not accept, field by field."""
    return _framework(400, errors=error.messages)


def answer_http_error(error: HTTPException) -> Response:
    """Answer what Flask or webargs refused."""
    if isinstance(error.response, Response):
        return error.response
    status = error.code or 500
    members = _validation(error)
    answer = _framework(status, **members) if status in FRAMEWORK else _other(status, error)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


def answer_database_error(error: PyMongoError) -> Response:
    """Answer 503 when the database cannot be reached in time, 500 otherwise."""
    if isinstance(error, AWAY) or error.timeout:
        logger("web").warning("database away", error=str(error))
        answer = _framework(503)
        answer.headers["Retry-After"] = RETRY_AFTER_SECONDS
        return answer
    return answer_bug(error)


def answer_too_deep(_error: RecursionError) -> Response:
    """Answer a body nested too deep to read."""
    return _framework(400, errors={"json": {"_schema": ["Nested too deep."]}})


def answer_bug(error: Exception) -> Response:
    """Answer a bug: logged once with its trace, no details to the client."""
    logger("web").error("bug", exc_info=error, path=request.path)
    return _framework(500)


def problem(status: int, code: str, title: str, /, **members: object) -> Response:
    """Build an RFC 9457 problem; empty members are left out, none replaces the standard's own."""
    given = {name: value for name, value in members.items() if value not in ("", None)}
    body: dict[str, object] = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "code": code,
        "instance": request.path,
        "request_id": g.get("request_id", ""),
    }
    whole = json.dumps(given | body, default=str)
    return Response(whole, status, content_type="application/problem+json")


def catalogue() -> dict[str, Mapping[str, Any]]:
    """Every error code of the loaded service with its title, status, hint and Chinese."""
    found: dict[str, Mapping[str, Any]] = {
        code: {"status": status, "title": title, "hint": hint, "title_zh": chinese}
        for status, (code, title, hint, chinese) in FRAMEWORK.items()
    }
    for status, code, hint, chinese in doorstep.REFUSALS:
        found[code] = {
            "status": int(status),
            "title": status.phrase,
            "hint": hint,
            "title_zh": chinese,
        }
    for error in _descendants(DomainError):
        found[error.code] = {
            "status": _status_of(error),
            "title": error.title(),
            "hint": error.hint,
            "title_zh": error.chinese,
        }
    return found


def _status_of(error: type[DomainError]) -> int:
    """The status of its kind; one of no kind says that we cannot answer just now."""
    kinds = (status for kind, status in STATUS.items() if issubclass(error, kind))
    return next(kinds, HTTPStatus.SERVICE_UNAVAILABLE)


def _descendants(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)


def _framework(status: int, **members: object) -> Response:
    code, title, hint, chinese = FRAMEWORK[status]
    return problem(status, code, title, hint=hint, title_zh=chinese, **members)


def _other(status: int, error: HTTPException) -> Response:
    name = HTTPStatus(status).phrase
    return problem(status, name.lower().replace(" ", "-"), name, detail=error.description)


def _validation(error: HTTPException) -> dict[str, object]:
    """The errors by field that webargs hangs on its exception."""
    found = getattr(error, "data", None) or {}
    messages = found.get("errors") or found.get("messages")
    return {"errors": messages} if messages else {}
