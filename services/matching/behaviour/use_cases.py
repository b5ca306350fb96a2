"""How the record of behaviour is written, only ever longer, and counted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from services.matching.behaviour.domain import Deed, Record


class Behaviour(Protocol):
    """The record of behaviour. There is no way to change or delete a line of it."""

    def append(self, records: Iterable[Record]) -> None:
        """Store new lines, in the transaction of the facts they follow from."""
        ...


class Deeds(Protocol):
    """The record of behaviour, counted."""

    def count(self, organization_id: str, deed: Deed) -> int:
        """How often an organisation did this."""
        ...
