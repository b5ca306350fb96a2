"""Facts of the catalog and of claims, read as notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import ValidationError

from chassis.kernel.money import Money
from services.matching.offers.domain import Restrictions
from services.matching.offers.engine.facts import Caps
from services.matching.offers.handlers import handlers
from services.matching.offers.use_cases import (
    Closure,
    Commitment,
    PacksCounted,
    PacksMoved,
    PhotosChanged,
    Turn,
)
from tests.unit.matching.notebook import Notebook, events
from tests.unit.matching.offers.builders import (
    BRAND,
    HOST,
    LOT,
    OFFER,
    an_offer,
    an_offered_lot,
)

CLAIM = "clm_01m80t6qxcevrs0fn3mtvw1bj3"
CNY_500 = {"minor": 50_000, "currency": "CNY"}
PUBLISHED = {
    "lot_id": LOT,
    "brand_id": BRAND,
    "title": "Tea cups",
    "category": "Porcelain",
    "tags": ["tea", "cups"],
    "city": "",
    "condition": "new",
    "unit_price": {"minor": 2_000, "currency": "CNY"},
    "units_per_pack": 5,
    "packs_total": 10,
    "packs_free": 10,
    "max_packs_per_host": 2,
    "min_community_size": 1,
    "best_before": None,
    "closes_at": "2026-03-31T09:00:00.000000Z",
}
OPENED = {
    "offer_id": OFFER,
    "brand_id": BRAND,
    "subsidy": CNY_500,
    "min_checked_in": 10,
    "total_cap": {"minor": 100_000, "currency": "CNY"},
    "terms": {"brand": 6000, "host": 2000, "venue": 1000, "platform": 1000},
    "opens_at": "2026-02-28T09:00:00Z",
    "closes_at": "2026-03-31T17:00:00+08:00",
}
PACKS = {
    "lot_id": LOT,
    "brand_id": BRAND,
    "claim_id": CLAIM,
    "host_id": HOST,
    "packs": 2,
    "packs_free": 8,
    "reservation_id": "rsv_1",
    "reason": "expired",
}


def noted(event_type: str, *data: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    book = Notebook()
    handle = handlers(book)[event_type]
    handle(events(event_type, *data))
    return book.told


class TestLots:
    def test_reads_a_published_lot_with_the_time_of_its_event(self):
        assert noted("catalog.lot.published.v1", PUBLISHED) == [
            ("publish_lots", [an_offered_lot(closes_at=datetime(2026, 3, 31, 9, tzinfo=UTC))])
        ]

    def test_reads_where_its_goods_may_go(self):
        told = {
            "regions": ["suzhou"],
            "channels": ["gathering"],
            "resale_allowed": True,
            "lowest_resale_price": {"minor": 900, "currency": "CNY"},
        }

        ((_, (lot,)),) = noted("catalog.lot.published.v1", PUBLISHED | told)

        assert lot.restrictions == Restrictions(
            regions=("suzhou",),
            channels=("gathering",),
            lowest_resale_price=Money(900, "CNY"),
        )

    def test_notes_whether_a_photo_shows_the_very_goods(self):
        data = {"lot_id": LOT, "brand_id": BRAND, "photo_ids": ["pho_1"], "has_actual_photo": True}

        told = noted("catalog.lot.photos-changed.v1", data)

        assert told == [("change_photos", [PhotosChanged(LOT, has_actual_photo=True)])]

    def test_notes_a_run_of_events_at_once_and_in_order(self):
        data = [PUBLISHED | {"lot_id": f"lot_{number}"} for number in range(3)]

        ((_, lots),) = noted("catalog.lot.published.v1", *data)

        assert [lot.id for lot in lots] == ["lot_0", "lot_1", "lot_2"]

    def test_passes_over_what_later_versions_add(self):
        told = noted("catalog.lot.closed.v1", {"lot_id": LOT, "reason": "withdrawn", "more": 1})

        assert told == [("close_lots", [Closure(LOT, "withdrawn")])]

    def test_refuses_to_guess_what_is_missing(self):
        with pytest.raises(ValidationError):
            noted("catalog.lot.published.v1", {"lot_id": LOT})

    @pytest.mark.parametrize(
        ("fact", "turn"),
        [
            ("reserved", Turn.TAKEN),
            ("shipped", Turn.TAKEN),
            ("released", Turn.GIVEN_BACK),
            ("returned", Turn.RETURNED),
        ],
    )
    def test_follows_packs(self, fact, turn):
        moved = PacksMoved(
            lot_id=LOT, packs_free=8, turn=turn, claim_id=CLAIM, host_id=HOST, packs=2
        )

        assert noted(f"catalog.lot.packs-{fact}.v1", PACKS) == [("move_packs", [moved])]
        kept = PACKS | {"packs_kept": 3}
        told = noted(f"catalog.lot.packs-{fact}.v1", kept)
        assert told == [("move_packs", [replace(moved, packs_kept=3)])]

    def test_believes_a_count(self):
        told = noted("catalog.lot.packs-counted.v1", {"lot_id": LOT, "packs_free": 7})

        assert told == [("count_packs", [PacksCounted(LOT, 7)])]
        kept = {"lot_id": LOT, "packs_free": 7, "packs_kept": 3}
        told = noted("catalog.lot.packs-counted.v1", kept)
        assert told == [("count_packs", [PacksCounted(LOT, 7, 3)])]


class TestOffers:
    def test_reads_an_opened_offer_with_nothing_committed(self):
        assert noted("catalog.offer.opened.v1", OPENED) == [("open_offers", [an_offer()])]

    def test_opens_an_offer_with_its_caps(self):
        limits = {"most_per_host": CNY_500, "most_per_period": CNY_500, "period_days": 30}
        caps = Caps(per_host=50_000, per_period=50_000, period_days=30)

        told = noted("catalog.offer.opened.v1", OPENED | limits)

        assert told == [("open_offers", [an_offer(caps=caps)])]

    def test_closes_an_offer(self):
        told = noted("catalog.offer.closed.v1", {"offer_id": OFFER, "reason": "withdrawn"})

        assert told == [("close_offers", [Closure(OFFER, "withdrawn")])]

    def test_commits_the_subsidy_of_a_confirmed_claim_and_takes_it_back(self):
        data = {"claim_id": CLAIM, "offer_id": OFFER, "subsidy": CNY_500}

        assert noted("matching.claim.confirmed.v1", data) == [
            ("commit_subsidies", [Commitment(OFFER, Money(50_000, "CNY"))])
        ]
        assert noted("matching.claim.cancelled.v1", data) == [
            ("commit_subsidies", [Commitment(OFFER, Money(-50_000, "CNY"))])
        ]
