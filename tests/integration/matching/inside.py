"""The internal port of matching, as the command line meets it."""

from __future__ import annotations

from types import SimpleNamespace

from tests.tokens import bearer


class Peer:
    """A ``ServiceClient`` of one app, without a socket."""

    def __init__(self, app, keys) -> None:
        self._client, self._port = app.test_client(), app.settings.api_internal_port
        self._token = keys.service("matching", "matching")

    def get(self, path, **query):
        return self._sent("GET", path, query_string=query)

    def post(self, path, body):
        return self._sent("POST", path, json=body)

    def send(self, method, path, *, read_seconds, params=None, json=None):
        assert read_seconds > 10  # what is judged or counted takes longer than what is read
        return self._sent(method, path, query_string=params, json=json)

    def _sent(self, method, path, **said):
        answer = self._client.open(
            path,
            method=method,
            headers=bearer(self._token),
            environ_overrides={"SERVER_PORT": str(self._port)},
            **said,
        )
        return SimpleNamespace(
            status_code=answer.status_code, text=answer.text, json=lambda: answer.json
        )
