"""Door keys kept in MongoDB."""

from __future__ import annotations

from typing import Any

from joserfc.jwk import OKPKey

from chassis.kernel.time import Clock, system_clock
from chassis.mongo import collection
from services.matching.doors.adapters import (
    key_id_of,
    new_key,
    public_half,
    to_code,
    to_invitation,
)
from services.matching.doors.domain import DoorCodeInvalid, Invitation

FIRST = 1


class MongoDoorKeys:
    """The ``DoorKeys`` port over the ``door_keys`` collection.

    The first key is made when it is first needed; whoever comes second finds it there.
    """

    def __init__(self, clock: Clock = system_clock) -> None:
        self._clock = clock
        self._known: dict[int, OKPKey] = {}

    def ensure(self) -> None:
        """Make the first key unless there is one; two processes may try at once."""
        wanted = {"jwk": new_key(), "made_at": self._clock()}
        collection("door_keys").update_one({"_id": FIRST}, {"$setOnInsert": wanted}, upsert=True)

    def sign(self, invitation: Invitation) -> str:
        keys = self._known or self._fresh()
        return to_code(invitation, keys[max(keys)])

    def read(self, code: str) -> Invitation:
        wanted = key_id_of(code)
        key = _named(wanted, self._known) or _named(wanted, self._fresh())
        if key is None:
            raise DoorCodeInvalid("signed with an unknown key")
        return to_invitation(code, key)

    def published(self) -> dict[str, Any]:
        return {"keys": [public_half(key) for key in self._fresh().values()]}

    def _fresh(self) -> dict[int, OKPKey]:
        """All keys by number, as they are stored now; the first is made if there is none."""
        found = self._stored()
        if found:
            self._known = found
            return found
        # Not remembered: the transaction that makes it may still be undone.
        self.ensure()
        return self._stored()

    def _stored(self) -> dict[int, OKPKey]:
        rows = collection("door_keys").find().sort("_id", 1)
        return {row["_id"]: OKPKey.import_key(row["jwk"]) for row in rows}


def _named(key_id: str, keys: dict[int, OKPKey]) -> OKPKey | None:
    return next((key for key in keys.values() if key.kid == key_id), None)
