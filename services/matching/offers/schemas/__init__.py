"""The JSON of offers, and the facts they are known by."""

from __future__ import annotations

from services.matching.offers.schemas.facts import (
    CommitmentRead,
    KitCommitmentsRead,
    LotClosedRead,
    LotPublishedRead,
    OfferClosedRead,
    OfferOpenedRead,
    PacksCountedRead,
    PacksMovedRead,
    PhotosChangedRead,
)
from services.matching.offers.schemas.replies import (
    ExplainedOfferSchema,
    ExplainQuery,
    ListedOfferSchema,
    OfferPage,
    OffersQuery,
    WhyNotSchema,
    explained_offer_reply,
    listed_offer_reply,
    why_not_reply,
    written_offer,
)

__all__ = [
    "CommitmentRead",
    "ExplainQuery",
    "ExplainedOfferSchema",
    "KitCommitmentsRead",
    "ListedOfferSchema",
    "LotClosedRead",
    "LotPublishedRead",
    "OfferClosedRead",
    "OfferOpenedRead",
    "OfferPage",
    "OffersQuery",
    "PacksCountedRead",
    "PacksMovedRead",
    "PhotosChangedRead",
    "WhyNotSchema",
    "explained_offer_reply",
    "listed_offer_reply",
    "why_not_reply",
    "written_offer",
]
