"""How much stays behind of a payout: what everybody was told, and what the policy adds."""

from __future__ import annotations

from chassis.kernel.time import Clock
from services.payments.payouts.domain import Measure
from services.payments.releases.domain import terms_at
from services.payments.releases.use_cases import CompletedReleases
from services.payments.reserves.use_cases import ReserveBook, slices_of


class PolicyReserve:
    """The ``Reserves`` port of payouts: the terms of the day, and each organisation's policy.

    As the time of a slice is over the measure falls, and the next payout frees it.
    """

    def __init__(self, book: ReserveBook, releases: CompletedReleases, clock: Clock) -> None:
        self._book = book
        self._releases = releases
        self._clock = clock

    def measure(self, organization_id: str, currency: str) -> Measure:
        """What its reserve is to hold, and why: by the latest policy that keeps anything."""
        now, reserve = self._clock(), self._book.of(organization_id)
        slices = slices_of(reserve, currency, releases=self._releases, now=now)
        minor = terms_at(now).reserve_minor + sum(part.minor for part in slices)
        policies = [*reserve.policies[-1:], *(part.policy for part in slices[-1:])]
        if not policies:
            return Measure(minor)
        return Measure(minor, policies[-1].why_en, policies[-1].why_zh)
