"""What matching reads from its environment beyond what every service does."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingSettings(Settings):
    """Matching's knobs: how often it looks for what is due."""

    saga_sweep_seconds: float = 1.0
    approval_sweep_seconds: float = 2.0
    review_sweep_seconds: float = 10.0
    picture_sweep_seconds: float = 1.0
