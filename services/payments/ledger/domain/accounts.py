"""The chart of accounts: which paths there are, and how low each may fall."""

from __future__ import annotations

import re
from functools import lru_cache

from chassis.kernel.ids import ALPHABET
from services.payments.ledger.domain.refusals import AccountNotInChart
from services.payments.ledger.engine.columns import NO_FLOOR

PROVIDER = "external:provider"
PLATFORM_FEES = "platform:fees"
PLATFORM_DEBT = "platform:debt"
RETURNS_FUND = "platform:returns"
OWED_TO_FUND = "platform:owed"
QUOTA = "QUOTA"
QUOTAS_GIVEN = "external:quota"

_ID = rf"[0-7][{ALPHABET}]{{25}}"
_NAME = r"[a-z][a-z0-9-]{0,30}"
# Eleven thousand million yuan; bounded, so that the books have room for two million who owe.
MOST_OWED = -(1 << 40)

_FAMILIES = {
    "outside": (NO_FLOOR, (rf"external:{_NAME}",)),
    "owing": (MOST_OWED, (r"platform:debt", rf"org:org_{_ID}:(?:debt|owes)")),
    "having": (
        0,
        (
            r"platform:(?:fees|returns|owed)",
            rf"org:org_{_ID}:(?:pending|available|reserve|owed)",
            rf"offer:off_{_ID}:fund",
            rf"claim:clm_{_ID}:escrow",
            rf"gathering:gth_{_ID}:takings",
            rf"naming:nam_{_ID}:deferred",
            rf"copy-claim:cpc_{_ID}:held",
            rf"quota:quo_{_ID}:(?:host|period)",
            rf"cause:{_NAME}",
        ),
    ),
}
CHART = re.compile(
    "|".join(f"(?P<{name}>{'|'.join(paths)})" for name, (_, paths) in _FAMILIES.items())
)


@lru_cache(maxsize=65_536)
def floor_of(path: str) -> int:
    """How low the available balance may fall; raise ``AccountNotInChart``.

    Only the world outside may go below zero, and what somebody owes always is.
    """
    found = CHART.fullmatch(path)
    if found is None:
        raise AccountNotInChart(f"no account {path!r}", account=path)
    floor, _ = _FAMILIES[str(found.lastgroup)]
    return floor


def pending_of(organization_id: str) -> str:
    """Where an organisation's shares wait until they may be paid out."""
    return f"org:{organization_id}:pending"


def available_of(organization_id: str) -> str:
    """Where an organisation has what it may be paid out."""
    return f"org:{organization_id}:available"


def reserve_of(organization_id: str) -> str:
    """What stays behind of an organisation's payouts for a time."""
    return f"org:{organization_id}:reserve"


def debt_of(organization_id: str) -> str:
    """What an organisation owes after refunds, clawbacks and disputes: never above zero."""
    return f"org:{organization_id}:debt"
