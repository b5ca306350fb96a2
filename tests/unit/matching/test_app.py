"""What matching says when it cannot be put together as it was asked."""

from __future__ import annotations

import sys

import pytest

from chassis import mongo
from chassis.settings import SettingsError
from services.matching.app import create_app
from services.matching.settings import MatchingSettings

COMPILED = "services.matching.offers.engine.compiled"


def test_does_not_start_compiled_without_the_compiler(monkeypatch):
    monkeypatch.setitem(sys.modules, COMPILED, None)
    settings = MatchingSettings(service="matching", compiled_ranking=True)

    try:
        with pytest.raises(SettingsError, match=r"teahouse\[fast\]"):
            create_app(settings)
    finally:
        # It had connected before it looked for the compiler.
        mongo.disconnect()
