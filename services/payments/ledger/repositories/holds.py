"""The holds as they have been projected."""

from __future__ import annotations

from datetime import datetime

from services.payments.ledger.documents import OPEN, HoldDocument


class MongoHolds:
    """The ``DueHolds`` port over the ``ledger_holds`` collection."""

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """See ``DueHolds.due``."""
        found = HoldDocument.objects(state=OPEN, expires_at__lte=now).order_by("expires_at")
        return [hold.id for hold in found.only("id").limit(limit)]
