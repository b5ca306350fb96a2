"""What signs and reads the codes that guests show."""

from __future__ import annotations

from typing import Protocol

from services.matching.doors.domain import Invitation


class DoorKeys(Protocol):
    """The keys of the doors. The public halves are published, so anyone can verify."""

    def sign(self, invitation: Invitation) -> str:
        """The code of an invitation: the same one each time while the key is the same."""
        ...

    def read(self, code: str) -> Invitation:
        """What a code says; raise ``DoorCodeInvalid`` unless one of our keys signed it."""
        ...
