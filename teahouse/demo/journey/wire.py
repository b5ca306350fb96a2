"""HTTP as a careful client speaks it: one key for all retries, patience while parts restart."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from teahouse.demo.trouble import DemoTrouble

AWAY = frozenset({429, 502, 503, 504})
CONFLICT, CHANGED_MEANWHILE = 409, "conflict"
TIMEOUT_SECONDS = (2.0, 15.0)
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 1.0


class Refused(DemoTrouble):
    """A service refused a request; ``code`` is the stable code of its problem."""

    def __init__(self, request: str, status: int, problem: Mapping[str, Any]) -> None:
        detail = problem.get("detail") or problem.get("errors") or problem.get("title", "")
        super().__init__(f"{request}: {status} {problem.get('code', '')} {detail}")
        self.status = status
        self.code = str(problem.get("code", ""))
        self.problem = dict(problem)


class Unreachable(DemoTrouble):
    """A service gave no answer for as long as a patient client waits."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the parsed JSON, or the text where it is something else."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Wire:
    """Speaks to services by name; may be used from many threads.

    A request is repeated with its ``Idempotency-Key`` when the connection fails, when
    nothing comes back in time, on 429, 502, 503 and 504, and when somebody else changed
    the same thing at that moment, until ``patience_seconds`` are over. Repeats are counted
    in ``repeats``.
    """

    def __init__(self, bases: Mapping[str, str], *, patience_seconds: float = 120.0) -> None:
        self._bases = dict(bases)
        self._patience_seconds = patience_seconds
        self._local = threading.local()
        self.repeats = 0

    def ask(
        self,
        method: str,
        service: str,
        path: str,
        *,
        body: object = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; raise ``Refused`` for an error answer, ``Unreachable`` for none."""
        sent = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        sent |= headers or {}
        deadline = time.monotonic() + self._patience_seconds
        pause = FIRST_PAUSE_SECONDS
        while True:
            answer = self._try(method, self._bases[service] + path, body, data, sent)
            if answer is not None and not _asks_to_repeat(answer):
                return _read(f"{method} {service}{path}", answer)
            if time.monotonic() > deadline:
                raise Unreachable(f"{method} {service}{path}: {_last_word(answer)}")
            self.repeats += 1
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _try(
        self,
        method: str,
        url: str,
        body: object,
        data: bytes | None,
        headers: Mapping[str, str],
    ) -> requests.Response | None:
        """One attempt; None when no whole answer came."""
        try:
            return self._session().request(
                method,
                url,
                json=body,
                data=data,
                headers=dict(headers),
                timeout=TIMEOUT_SECONDS,
            )
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
        ):
            return None

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False  # loopback needs no proxy, and looking one up costs time
        return session


def _asks_to_repeat(answer: requests.Response) -> bool:
    if answer.status_code == CONFLICT:
        return bool(answer.json().get("code") == CHANGED_MEANWHILE)
    return answer.status_code in AWAY


def _read(request: str, answer: requests.Response) -> Answer:
    kind = answer.headers.get("Content-Type", "")
    is_json = kind.startswith(("application/json", "application/problem+json"))
    body = answer.json() if is_json and answer.content else answer.text
    if answer.status_code >= requests.codes.bad_request:
        raise Refused(request, answer.status_code, body if isinstance(body, dict) else {})
    return Answer(answer.status_code, body, answer.headers)


def _last_word(answer: requests.Response | None) -> str:
    return "no answer" if answer is None else f"{answer.status_code} {answer.text[:200]}"
