"""Somebody who asks matching over HTTP."""

from __future__ import annotations

from tests.tokens import bearer
from tests.unit.matching.offers.builders import HOST


class Caller:
    """Speaks to matching for one organisation."""

    def __init__(self, app, keys, organization_id=HOST, kind="host", role="owner") -> None:
        self._client = app.test_client()
        self._token = keys.member(organization_id, kind, role)

    def found(self, **changes):
        body = {"name": "Tea friends", "city": "Suzhou", "size": 60, "tags": {"tea": 80}}
        answer = self._client.post(
            "/v1/communities", json=body | changes, headers=bearer(self._token, "one key")
        )
        assert answer.status_code == 201, answer.json
        return answer.json

    def offers(self, host_id=HOST, **query):
        return self._client.get(
            f"/v1/hosts/{host_id}/offers", query_string=query, headers=bearer(self._token)
        )

    def why_not(self, lot, host_id=HOST):
        return self._client.get(
            f"/v1/hosts/{host_id}/offers/{lot}/why-not", headers=bearer(self._token)
        )

    def offer(self, lot, host_id=HOST):
        return self._client.get(f"/v1/hosts/{host_id}/offers/{lot}", headers=bearer(self._token))

    def get(self, path, **query):
        return self._client.get(path, query_string=query, headers=bearer(self._token))

    def post(self, path, body):
        return self._client.post(path, json=body, headers=bearer(self._token, "one key"))
