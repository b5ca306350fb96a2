"""What an index knows of one brand."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.matching.offers.engine.facts import SubsidyFacts
from services.matching.offers.engine.postings import Posting
from services.matching.offers.engine.rules import BrandSubsidy, Reason

_NO_SUBSIDY = BrandSubsidy(None, Reason.OFFER_NOT_OPEN)


@dataclass(slots=True)
class BrandLots:
    """The rows of a brand's lots, its offers, and the one that counts at the moment."""

    rows: Posting = field(default_factory=Posting)
    offers: dict[str, SubsidyFacts] = field(default_factory=dict)
    subsidy: BrandSubsidy = _NO_SUBSIDY
