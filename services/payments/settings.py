"""What payments reads from its environment beyond what every service does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from chassis.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsSettings(Settings):
    """Payments' knobs. ``market`` names the log: one region with its currencies."""

    market: str = "main"
    intents_seconds: float = 0.2
    projection_seconds: float = 0.2
    history_seconds: float = 1.0
    hold_expiry_seconds: float = 5.0
    api_internal_host: str = "127.0.0.1"

    @property
    def outbox_keep(self) -> timedelta | None:
        """Keep what the books said for ever."""
        return None

    @property
    def own_internal_url(self) -> str:
        """Where other payments processes reach this one."""
        return f"http://{self.api_internal_host}:{self.api_internal_port}"
