"""What the tests of the chassis share."""

from __future__ import annotations

import pytest

from chassis import mongo
from tests.integration.chassis.shelf import Shelf


@pytest.fixture
def shelf(database):
    mongo.database().create_collection("shelf")
    return Shelf()
