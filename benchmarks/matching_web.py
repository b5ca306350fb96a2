"""The matching api as it is served, for a benchmark: its own key, a hello, a bare Flask."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from benchmarks.ledger_web import BARE, OneKey
from benchmarks.serving import KEY_VARIABLE
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from chassis.web.schemas import Reply
from services.matching import app

HELLO = "/v1/hello"


def create_app() -> Callable[..., Iterable[bytes]]:
    """Matching, a hello that asks for as much of the caller, and a Flask that does nothing."""
    served, bare = app.create_app(keys=OneKey(os.environ[KEY_VARIABLE])), Flask("bare")
    hello = Blueprint("hello", __name__, url_prefix=HELLO)

    @hello.get("")
    @needs(Permission.MATCHING_OFFER_READ)
    @hello.response(200, Reply)
    def hello_view() -> dict[str, Any]:
        """Nothing, for a caller who may read offers."""
        return {}

    served.register(hello)
    bare.add_url_rule(BARE, view_func=lambda: "")

    def either(environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI's own
        chosen = bare if environ["PATH_INFO"] == BARE else served
        return chosen(environ, start)

    return either
