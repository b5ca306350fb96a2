"""What matching reads from its environment beyond what every service does."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingSettings(Settings):
    """Matching's knobs: how often it looks for what is due, how it ranks and how it clears.

    ``compiled_ranking`` ranks by machine code, in half the time and with the same answers; it
    needs ``teahouse[fast]``, some seconds at the start and 125 MB more in each process.
    ``clearing_settle_seconds`` is longer than any transaction takes; a host may take on
    ``clearing_claims_each`` claims at least; with ``clearing_weekly`` the market is cleared
    once in every week of China's calendar, and with ``clearing_reserve`` lists then leave out
    what others want much more, as far as the evidence allows it. With a ``snapshot_dir`` the
    api keeps its index in a file there each minute, from which the next process starts.
    """

    saga_sweep_seconds: float = 1.0
    approval_sweep_seconds: float = 2.0
    review_sweep_seconds: float = 10.0
    audit_sweep_seconds: float = 60.0
    picture_sweep_seconds: float = 1.0
    compiled_ranking: bool = False
    snapshot_dir: str = ""
    clearing_sweep_seconds: float = 2.0
    clearing_settle_seconds: float = 6.0
    clearing_claims_each: int = 3
    clearing_weekly: bool = False
    clearing_reserve: bool = False
