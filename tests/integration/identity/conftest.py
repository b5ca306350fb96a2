"""Identity over HTTP on a real database."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace

import pytest

from services.identity.app import create_app
from services.identity.prepare import prepare
from services.identity.settings import IdentitySettings
from tests.tokens import bearer

PASSWORD = "bamboo by the lake"
OPERATOR = "operator@example.com"


@pytest.fixture
def settings(database) -> IdentitySettings:
    bare = IdentitySettings(
        service="identity",
        mongo_uri=database,
        sandbox=True,
        platform_operator_email=OPERATOR,
        platform_operator_password=PASSWORD,
    )
    return bare.with_secrets()


@pytest.fixture
def app(settings):
    prepare(settings)
    return create_app(settings)


class People:
    """Speaks to identity as people's browsers do."""

    def __init__(self, app) -> None:
        self.app = app
        self._numbers = itertools.count(1)

    def post(self, path, body, token=None):
        key = uuid.uuid4().hex
        headers = bearer(token, key) if token else {"Idempotency-Key": key}
        return self.app.test_client().post(path, json=body, headers=headers)

    def get(self, path, token):
        return self.app.test_client().get(path, headers=bearer(token))

    def register(self, email=None, password=PASSWORD) -> str:
        email = email or f"person{next(self._numbers)}@example.com"
        answer = self.post("/v1/users", {"email": email, "name": "Somebody", "password": password})
        assert answer.status_code == 202, answer.json
        return email

    def log_in(self, email, organization_id=None, password=PASSWORD) -> dict:
        body = {"email": email, "password": password}
        if organization_id:
            body["organization_id"] = organization_id
        answer = self.post("/v1/sessions", body)
        assert answer.status_code == 201, answer.json
        return answer.json

    def found(self, token, kind="brand", name="Hairpins") -> str:
        body = {"kind": kind, "name": name, "city": "Beijing"}
        answer = self.post("/v1/organizations", body, token)
        assert answer.status_code == 201, answer.json
        return answer.json["id"]

    def owner(self, kind="brand") -> tuple[str, str, str]:
        """A fresh user with an organisation: address, organisation, token for it."""
        email = self.register()
        organization_id = self.found(self.log_in(email)["access_token"], kind)
        return email, organization_id, self.log_in(email)["access_token"]


@pytest.fixture
def people(app) -> People:
    return People(app)


@pytest.fixture
def impatient(settings) -> People:
    """The same identity with access tokens that are over before they are given."""
    return People(create_app(replace(settings, access_token_seconds=-100)))
