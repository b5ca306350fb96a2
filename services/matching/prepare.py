"""What ``teahouse prepare`` makes for matching beside collections and indexes."""

from __future__ import annotations

from chassis.signer import Signer
from services.matching.pictures.repositories import MongoPictures


def prepare() -> None:
    """Make the first key that door codes are signed with, unless there is one.

    Hosts of before there were pictures have theirs drawn by the worker.
    """
    Signer().ensure()
    MongoPictures().mark_undrawn()
