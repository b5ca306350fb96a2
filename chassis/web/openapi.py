"""The OpenAPI 3.1 document of a service, made from its views and schemas."""

from __future__ import annotations

from typing import Any

import flask_smorest
from apispec import APISpec
from flask import Flask

from chassis.web.schemas import Problem

PROBLEM = "application/problem+json"


class Api(flask_smorest.Api):
    """flask-smorest with problems for errors; the app installs the handlers itself."""

    ERROR_SCHEMA = Problem
    spec: APISpec
    DEFAULT_RESPONSE_CONTENT_TYPE: str = flask_smorest.Api.DEFAULT_RESPONSE_CONTENT_TYPE

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.spec.components.security_scheme(
            "bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        )

    def _register_error_handlers(self) -> None:
        """Leave the errors to ``problems.install``."""

    def _register_responses(self) -> None:
        usual = self.DEFAULT_RESPONSE_CONTENT_TYPE
        self.DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM
        try:
            super()._register_responses()
        finally:
            self.DEFAULT_RESPONSE_CONTENT_TYPE = usual


def config(title: str, version: str) -> dict[str, Any]:
    """The settings flask-smorest wants."""
    return {
        "API_TITLE": f"Teahouse {title}",
        "API_VERSION": version,
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/",
        "OPENAPI_JSON_PATH": "openapi.json",
        "ETAG_DISABLED": True,
    }
