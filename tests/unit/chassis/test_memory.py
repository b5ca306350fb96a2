"""What is held for long is left out of garbage collections, and yet goes when nobody holds it."""

from __future__ import annotations

import gc
import weakref

import pytest

from chassis import memory


class Ring:
    """Something that only a collection can free, for it holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _unsettled():
    yield
    gc.unfreeze()


class TestSettling:
    def test_leaves_what_there_is_out_of_later_collections(self):
        kept = Ring()
        memory.settle()

        assert gc.get_freeze_count() > 0
        assert not any(each is kept for each in gc.get_objects())

    def test_collects_what_was_left_out_once_and_is_held_by_nobody_now(self):
        ring = Ring()
        memory.settle()
        seen = weakref.ref(ring)
        del ring
        gc.collect()
        assert seen() is not None

        memory.settle()

        assert seen() is None
