"""What catalog reads from its environment beyond what every service does."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogSettings(Settings):
    """Catalog's knobs."""

    code_origin: str = "http://127.0.0.1:8102"
    import_most_lines: int = 100_000
    import_poll_seconds: float = 0.5
    sweep_seconds: float = 5.0
    plan_weeks: int = 8
