"""The gunicorn worker: what is too broken to reach a service is answered as a problem too."""

from __future__ import annotations

import json
import socket
from http import HTTPStatus
from typing import Any, NamedTuple

from gunicorn.http.errors import (  # type: ignore[import-untyped] # it has no types
    ExpectationFailed,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped] # as above


class _Answer(NamedTuple):
    status: HTTPStatus
    code: str
    hint: str
    chinese: str


_UNREADABLE = _Answer(
    HTTPStatus.BAD_REQUEST,
    "unreadable-request",
    "Send a request that follows HTTP/1.1 (RFC 9112).",
    "请求不符合 HTTP/1.1 规范。",
)
_FAULT = _Answer(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal-error",
    "Try again; if it stays, tell the operator the time.",
    "系统内部错误，请重试；若仍出错，请把时间告诉运营人员。",
)
_ANSWERS: dict[type[BaseException], _Answer] = {
    InvalidResponseHeader: _FAULT,
    InvalidResponseHeaderName: _FAULT,
    LimitRequestLine: _Answer(
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "address-too-long",
        "Send a shorter address.",
        "请求地址过长。",
    ),
    LimitRequestHeaders: _Answer(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "headers-too-large",
        "Send fewer or shorter headers.",
        "请求头过多或过长。",
    ),
    ExpectationFailed: _Answer(
        HTTPStatus.EXPECTATION_FAILED,
        "expectation-failed",
        "Leave out the Expect header.",
        "请去掉 Expect 请求头。",
    ),
    UnsupportedTransferCoding: _Answer(
        HTTPStatus.NOT_IMPLEMENTED,
        "unsupported-transfer-coding",
        "Send the body with Content-Length, or chunked.",
        "请使用 Content-Length 或分块传输。",
    ),
    ParseException: _UNREADABLE,
}


class GatewayWorker(ThreadWorker):
    """gunicorn's threads, with RFC 9457 in place of its pages of HTML."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:  # noqa: ANN401, ARG002 - gunicorn's own signature
        """Answer what could not be handed to the service, and close the connection."""
        answer = _answer(exc)
        if answer is _FAULT:
            self.log.error("fault before the service", exc_info=exc)
        else:
            self.log.warning("refused a request: %s", type(exc).__name__)
        try:
            client.sendall(_written(answer))
        except OSError:
            self.log.debug("the client had gone")


def _answer(error: BaseException) -> _Answer:
    found = (answer for kind, answer in _ANSWERS.items() if isinstance(error, kind))
    return next(found, _FAULT)


def _written(answer: _Answer) -> bytes:
    status, code, hint, chinese = answer
    body = json.dumps(
        {
            "type": f"/problems/{code}",
            "title": status.phrase,
            "status": int(status),
            "code": code,
            "hint": hint,
            "title_zh": chinese,
        }
    ).encode()
    head = (
        f"HTTP/1.1 {int(status)} {status.phrase}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
