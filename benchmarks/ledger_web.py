"""The payments api as it is served, for a benchmark: its own key, and a bare Flask beside."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from flask import Flask
from joserfc.jwk import OKPKey

from benchmarks.serving import KEY_VARIABLE
from services.payments import app

BARE = "/bare"


class OneKey:
    """The ``Keys`` port with the key that the benchmark signs with."""

    def __init__(self, published: str) -> None:
        self._key = OKPKey.import_key(json.loads(published))

    def find(self, kid: str) -> OKPKey | None:
        """The key, by its id."""
        return self._key if kid == self._key.kid else None


def create_app() -> Any:  # noqa: ANN401 - a WSGI application
    """Payments; ``/bare`` is a Flask that does nothing: what any answer at all costs here."""
    served, bare = app.create_app(keys=OneKey(os.environ[KEY_VARIABLE])), Flask("bare")
    bare.add_url_rule(BARE, view_func=lambda: "", methods=["POST"])

    def either(environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI's own
        chosen = bare if environ["PATH_INFO"] == BARE else served
        return chosen(environ, start)

    return either
