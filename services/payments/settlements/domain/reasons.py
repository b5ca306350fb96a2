"""What the entry of a settlement or refund says of itself and of each leg. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.payments.ledger.domain import fits
from sharing.explaining import Reason


def told(about: Mapping[str, Any], legs: Sequence[Reason]) -> dict[str, Any]:
    """The reason of an entry, never longer than an entry's may be.

    Each leg has its whole reason; where these are too long together, what it is in both
    languages; and where there are too many for that, ``about`` alone is said. What is left out
    is told by the settlement, which derives it anew whenever it is read.
    """
    for texts in ([leg.told() for leg in legs], [leg.in_brief() for leg in legs]):
        whole = {**about, "legs": texts}
        if fits(whole):
            return whole
    return dict(about)
