"""What is turned away before a service sees it: the request itself is broken."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple


class Refusal(NamedTuple):
    """What a client is told."""

    status: HTTPStatus
    code: str
    hint: str
    chinese: str


UNREADABLE_REQUEST = Refusal(
    HTTPStatus.BAD_REQUEST,
    "unreadable-request",
    "Send a request that follows HTTP/1.1 (RFC 9112).",
    "请求不符合 HTTP/1.1 规范。",
)
ADDRESS_TOO_LONG = Refusal(
    HTTPStatus.REQUEST_URI_TOO_LONG,
    "address-too-long",
    "Send a shorter address.",
    "请求地址过长。",
)
HEADERS_TOO_LARGE = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "headers-too-large",
    "Send fewer or shorter headers.",
    "请求头过多或过长。",
)
EXPECTATION_FAILED = Refusal(
    HTTPStatus.EXPECTATION_FAILED,
    "expectation-failed",
    "Leave out the Expect header.",
    "请去掉 Expect 请求头。",
)
UNSUPPORTED_TRANSFER_CODING = Refusal(
    HTTPStatus.NOT_IMPLEMENTED,
    "unsupported-transfer-coding",
    "Send the body with Content-Length, or chunked.",
    "请使用 Content-Length 或分块传输。",
)
REFUSALS = (
    UNREADABLE_REQUEST,
    ADDRESS_TOO_LONG,
    HEADERS_TOO_LARGE,
    EXPECTATION_FAILED,
    UNSUPPORTED_TRANSFER_CODING,
)
"""Each is explained at ``/problems/<code>`` like any other."""
