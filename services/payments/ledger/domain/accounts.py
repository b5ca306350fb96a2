"""The chart of accounts: which paths there are, and how low each may fall."""

from __future__ import annotations

import re
from functools import lru_cache

from chassis.kernel.ids import ALPHABET
from services.payments.ledger.domain.refusals import AccountNotInChart
from services.payments.ledger.engine.columns import NO_FLOOR

_ID = rf"[0-7][{ALPHABET}]{{25}}"
_NAME = r"[a-z][a-z0-9-]{0,30}"
_CHART = re.compile(
    "|".join(
        (
            rf"external:{_NAME}",
            r"platform:(?:fees|returns|owed)",
            rf"org:org_{_ID}:(?:pending|available|reserve|debt|owes|owed)",
            rf"offer:off_{_ID}:fund",
            rf"claim:clm_{_ID}:escrow",
            rf"gathering:gth_{_ID}:takings",
            rf"naming:nam_{_ID}:deferred",
            rf"copy-claim:cpc_{_ID}:held",
            rf"cause:{_NAME}",
        )
    )
)


# Eleven thousand million yuan; bounded, so that the books have room for two million who owe.
MOST_OWED = -(1 << 40)


@lru_cache(maxsize=65_536)
def floor_of(path: str) -> int:
    """How low the available balance may fall; raise ``AccountNotInChart``.

    Only the world outside may go below zero, and what an organisation owes always is.
    """
    if not _CHART.fullmatch(path):
        raise AccountNotInChart(f"no account {path!r}", account=path)
    if path.startswith("external:"):
        return NO_FLOOR
    return MOST_OWED if path.endswith((":owes", ":debt")) else 0
