"""The second axis: what entries moved that take effect before they were booked."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from services.payments.ledger.engine.columns import Entries, movements

COLUMNS = ("kind", "leg_count", "effective_at", "account", "amount")
"""All that this reads of a segment; the others may be left out of what is unpacked."""


def backdated(entries: Entries, accounts: Collection[int], *, until: int) -> dict[int, int]:
    """By account what entries with a time of effect of their own, up to ``until``, posted.

    ``until`` is in milliseconds since 1970 and inclusive; accounts that none of them moved
    are not told. Only the posted balance has this axis: what is set aside counts from when
    that was booked, whatever the entry that ends it says.
    """
    chosen = (entries.effective_at != 0) & (entries.effective_at <= until)
    legs = np.repeat(chosen, entries.leg_count) & np.isin(entries.account, list(accounts))
    posted, _ = movements(entries)
    sums: dict[int, int] = {}
    for account, minor in zip(entries.account[legs].tolist(), posted[legs].tolist(), strict=True):
        sums[account] = sums.get(account, 0) + minor
    return sums
