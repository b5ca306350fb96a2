"""The HTTP client that services use on each other: short timeouts, few retries, a token."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from typing import Any

import requests
from requests import Response

from chassis import context
from chassis.breaker import Breaker
from chassis.settings import Settings

CONNECT_SECONDS, READ_SECONDS = 1.0, 3.0
RETRIES = 2
RENEW_AT = 0.8
BUSY = frozenset({502, 503, 504})


class PeerUnavailable(ConnectionError):
    """A peer service did not answer in time; try again later."""


class ServiceClient:
    """Calls one peer's internal port in this service's own name.

    Every call is retried up to twice on a lost connection or a 503, so it must be
    idempotent: a GET, or a POST whose body carries its own id. Raises
    ``PeerUnavailable`` (a ``ConnectionError``) when that did not help. Safe to use from
    several threads.
    """

    def __init__(self, settings: Settings, target: str) -> None:
        self._settings = settings
        self._base = settings.internal_url(target)
        self._token = ServiceToken(settings, target)
        self._breaker = Breaker()
        self._local = threading.local()

    def get(self, path: str, **query: object) -> Response:
        """Read; the answer may have any status."""
        return self.send("GET", path, params=query)

    def post(self, path: str, body: object) -> Response:
        """Submit something that carries its own id."""
        return self.send("POST", path, json=body)

    def send(
        self,
        method: str,
        path: str,
        *,
        base: str | None = None,
        read_seconds: float = READ_SECONDS,
        **body: Any,  # noqa: ANN401 - requests' own
    ) -> Response:
        """Send with token, trace and retries, to ``base`` if another process is meant.

        ``read_seconds`` is how long the peer may work before it answers.
        """
        url, seconds = (base or self._base) + path, (CONNECT_SECONDS, read_seconds)
        return self._breaker.call(lambda: self._patiently(method, url, seconds, body))

    def _patiently(
        self, method: str, url: str, seconds: tuple[float, float], body: Mapping[str, Any]
    ) -> Response:
        trouble = ""
        for attempt in range(RETRIES + 1):
            if attempt:
                time.sleep(random.uniform(0, 0.1 * 2**attempt))  # noqa: S311 - jitter
            try:
                answer = self._session().request(
                    method,
                    url,
                    headers=self._headers(),
                    timeout=seconds,
                    **body,
                )
            except requests.RequestException as error:
                trouble = str(error)
                continue
            if answer.status_code not in BUSY:
                return answer
            trouble = f"{answer.status_code} from {url}"
        raise PeerUnavailable(trouble)

    def _session(self) -> requests.Session:
        # A session is not safe across threads; its kept connection is worth one each.
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        session: requests.Session = self._local.session
        return session

    def _headers(self) -> dict[str, str]:
        found = {"Authorization": f"Bearer {self._token.current()}"}
        traceparent = context.current().traceparent
        if traceparent:
            found["traceparent"] = traceparent
        return found


class ServiceToken:
    """A service's token for one peer, renewed when four fifths of its life are over."""

    def __init__(self, settings: Settings, audience: str) -> None:
        self._settings = settings
        self._audience = audience
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = float("-inf")

    def current(self) -> str:
        """The token; raises ``requests.RequestException`` when identity gives none."""
        with self._lock:
            if time.monotonic() >= self._renew_at:
                self._renew()
            return self._token

    def _renew(self) -> None:
        answer = requests.post(
            f"{self._settings.identity_url}/v1/service-tokens",
            json={
                "service": self._settings.service,
                "secret": self._settings.client_secret,
                "audience": self._audience,
            },
            timeout=(CONNECT_SECONDS, READ_SECONDS),
        )
        answer.raise_for_status()
        given = answer.json()
        self._token = given["access_token"]
        self._renew_at = time.monotonic() + RENEW_AT * given["expires_in"]


def fetch_jwks(settings: Settings) -> Mapping[str, Any]:
    """Identity's published keys; raises ``OSError`` when it does not answer."""
    url = f"{settings.identity_url}/.well-known/jwks.json"
    answer = requests.get(url, timeout=(CONNECT_SECONDS, READ_SECONDS))
    answer.raise_for_status()
    found: Mapping[str, Any] = answer.json()
    return found
