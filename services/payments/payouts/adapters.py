"""How much stays behind, by the terms that everybody was told."""

from __future__ import annotations

from chassis.kernel.time import Clock
from services.payments.releases.domain import terms_at


class TermsReserve:
    """The ``Reserves`` port: the same for everybody, as the payout terms of the day say."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def measure(self, organization_id: str, currency: str) -> int:
        """Minor units that its reserve is to hold."""
        del organization_id, currency
        return terms_at(self._clock()).reserve_minor
