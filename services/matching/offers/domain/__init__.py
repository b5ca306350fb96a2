"""What is on offer, who asks for it, and what each has to say to the other."""

from __future__ import annotations

from services.matching.offers.domain.conditions import Unmet, are_met, unmet_clauses
from services.matching.offers.domain.explanations import (
    Explanation,
    Weighed,
    as_listed,
    explain,
)
from services.matching.offers.domain.objections import Objection, Remedy
from services.matching.offers.domain.supply import (
    Holding,
    LotNotFound,
    OfferedLot,
    OfferNotFound,
    OffersOfAnotherHost,
    Restrictions,
    SubsidyOffer,
    facts_of,
    host_facts,
)
from services.matching.pictures.domain import Sentence

__all__ = [
    "Explanation",
    "Holding",
    "LotNotFound",
    "Objection",
    "OfferNotFound",
    "OfferedLot",
    "OffersOfAnotherHost",
    "Remedy",
    "Restrictions",
    "Sentence",
    "SubsidyOffer",
    "Unmet",
    "Weighed",
    "are_met",
    "as_listed",
    "explain",
    "facts_of",
    "host_facts",
    "unmet_clauses",
]
