"""What catalog and matching tell, as it comes from their topics."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Any

from chassis.consumer.applier import Applier
from chassis.consumer.letters import Letter
from chassis.kernel.ids import from_int
from chassis.kernel.time import to_rfc3339
from services.matching.offers.handlers import handlers
from services.matching.offers.repositories import MongoOfferNotes
from tests.backbone import QUICK, as_letter
from tests.unit.matching.offers.builders import BRAND, HOST, NOW, OFFER

MONTH = "2026-03-31T09:00:00.000000Z"


def lot_id(number: int) -> str:
    return from_int("lot", number)


def claim_id(number: int) -> str:
    return from_int("clm", number)


class Told:
    """Numbers each subject's facts and hands them to the inbox of the projection."""

    def __init__(self) -> None:
        self._sequences: Counter[str] = Counter()
        self._applier = Applier("matching.projection", handlers(MongoOfferNotes()), QUICK)

    def take(self, *letters: Letter) -> None:
        self._applier.take(letters)

    def published(self, number: int, at: datetime = NOW, **changes: Any) -> Letter:
        data = {
            "lot_id": lot_id(number),
            "brand_id": BRAND,
            "title": f"Tea cups {number}",
            "category": "Porcelain",
            "tags": ["tea"],
            "city": "",
            "condition": "new",
            "unit_price": {"minor": 2_000, "currency": "CNY"},
            "units_per_pack": 5,
            "packs_total": 10,
            "packs_free": 10,
            "max_packs_per_host": 2,
            "min_community_size": 1,
            "best_before": None,
            "closes_at": MONTH,
        }
        return self._fact("catalog.lot.published.v1", lot_id(number), data | changes, at)

    def closed(self, number: int) -> Letter:
        data = {"lot_id": lot_id(number), "brand_id": BRAND, "reason": "withdrawn"}
        return self._fact("catalog.lot.closed.v1", lot_id(number), data)

    def photographed(self, number: int, *, has_actual_photo: bool) -> Letter:
        data = {
            "lot_id": lot_id(number),
            "brand_id": BRAND,
            "photo_ids": ["pho_1"],
            "has_actual_photo": has_actual_photo,
        }
        return self._fact("catalog.lot.photos-changed.v1", lot_id(number), data)

    def packs(self, verb: str, number: int, claim: int, packs: int, free: int) -> Letter:
        data = {
            "lot_id": lot_id(number),
            "brand_id": BRAND,
            "claim_id": claim_id(claim),
            "host_id": HOST,
            "packs": packs,
            "packs_free": free,
        }
        return self._fact(f"catalog.lot.packs-{verb}.v1", lot_id(number), data)

    def opened(self, offer_id: str = OFFER, **changes: Any) -> Letter:
        data = {
            "offer_id": offer_id,
            "brand_id": BRAND,
            "subsidy": {"minor": 50_000, "currency": "CNY"},
            "min_checked_in": 10,
            "total_cap": {"minor": 100_000, "currency": "CNY"},
            "terms": {"brand": 6000, "host": 4000},
            "opens_at": "2026-02-28T09:00:00.000000Z",
            "closes_at": MONTH,
        }
        return self._fact("catalog.offer.opened.v1", offer_id, data | changes)

    def ended(self, offer_id: str = OFFER) -> Letter:
        data = {"offer_id": offer_id, "brand_id": BRAND, "reason": "withdrawn"}
        return self._fact("catalog.offer.closed.v1", offer_id, data)

    def claim(self, verb: str, claim: int) -> Letter:
        data = {
            "claim_id": claim_id(claim),
            "offer_id": OFFER,
            "brand_id": BRAND,
            "subsidy": {"minor": 50_000, "currency": "CNY"},
        }
        return self._fact(f"matching.claim.{verb}.v1", claim_id(claim), data)

    def _fact(
        self, event_type: str, subject: str, data: dict[str, Any], at: datetime = NOW
    ) -> Letter:
        self._sequences[subject] += 1
        service, aggregate, _ = event_type.split(".", 2)
        envelope = {
            "specversion": "1.0",
            "id": f"evt-{subject}-{self._sequences[subject]}",
            "type": event_type,
            "source": f"/{service}/1",
            "subject": subject,
            "partitionkey": subject,
            "time": to_rfc3339(at),
            "sequence": f"{self._sequences[subject]:020d}",
            "data": data,
        }
        return as_letter(json.dumps(envelope), topic=f"teahouse.{service}.{aggregate}")
