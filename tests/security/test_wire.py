"""HTTP that no service ever sees: answered as a problem, with no page of HTML."""

from __future__ import annotations

import json
import socket

import pytest
import requests

from tests.security.door import PROBLEM

BROKEN_CHUNK = (
    b"POST /v1/lots HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n"
)


def send(suite, raw: bytes) -> tuple[int, str, dict]:
    """Status, media type and JSON of the answer to these bytes at catalog's public port."""
    with socket.create_connection(("127.0.0.1", suite.ports.public("catalog")), 10) as line:
        line.sendall(raw)
        text = b""
        while part := line.recv(65_536):
            text += part
    head, _, body = text.partition(b"\r\n\r\n")
    status, *headers = head.decode().split("\r\n")
    named = dict(header.lower().split(": ", 1) for header in headers)
    return int(status.split()[1]), named["content-type"], json.loads(body)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n", 417),
        (BROKEN_CHUNK, 401),
        (b"TRACE /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
        (b"GET /metrics HTTP/1.1\r\nSCRIPT_NAME: /x\r\nConnection: close\r\n\r\n", 404),
        (b"GET /none HTTP/1.1\r\nPATH_INFO: /livez\r\nConnection: close\r\n\r\n", 404),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else str(value),
)
def test_what_is_no_request_is_answered_as_a_problem(suite, raw, status):
    code, media, problem = send(suite, raw)

    assert (code, media) == (status, PROBLEM)
    assert problem["hint"]
    page = requests.get(suite.public_url("catalog") + problem["type"], timeout=10)
    assert problem["code"] in page.text
    assert page.ok
