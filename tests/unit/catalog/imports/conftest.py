"""Imports and lots in memory."""

from __future__ import annotations

import pytest

from tests.unit.catalog.fakes import FakeLots
from tests.unit.catalog.imports.fakes import FakeImports


@pytest.fixture
def imports():
    return FakeImports()


@pytest.fixture
def lots():
    return FakeLots()
