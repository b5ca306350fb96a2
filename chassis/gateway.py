"""The gunicorn worker: what is too broken to reach a service is answered as a problem too."""

from __future__ import annotations

import json
import socket
from http import HTTPStatus
from typing import Any

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

from chassis.doorstep import (
    ADDRESS_TOO_LONG,
    EXPECTATION_FAILED,
    HEADERS_TOO_LARGE,
    UNREADABLE_REQUEST,
    UNSUPPORTED_TRANSFER_CODING,
    Refusal,
)

_FAULT = Refusal(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal-error",
    "Try again; if it stays, tell the operator the time.",
    "系统内部错误，请重试；若仍出错，请把时间告诉运营人员。",
)
_ANSWERS: dict[type[BaseException], Refusal] = {
    InvalidResponseHeader: _FAULT,
    InvalidResponseHeaderName: _FAULT,
    LimitRequestLine: ADDRESS_TOO_LONG,
    LimitRequestHeaders: HEADERS_TOO_LARGE,
    ExpectationFailed: EXPECTATION_FAILED,
    UnsupportedTransferCoding: UNSUPPORTED_TRANSFER_CODING,
    ParseException: UNREADABLE_REQUEST,
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


def _answer(error: BaseException) -> Refusal:
    found = (answer for kind, answer in _ANSWERS.items() if isinstance(error, kind))
    return next(found, _FAULT)


def _written(answer: Refusal) -> bytes:
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
