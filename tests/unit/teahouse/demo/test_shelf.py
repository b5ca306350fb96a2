from __future__ import annotations

from types import SimpleNamespace

import pytest

from teahouse.demo.journey.shelf import Found, Shelf, browse


class FakeHost:
    def __init__(self, name: str = "org_1", *pages: list):
        self.id = name
        self.communities = [SimpleNamespace(id=f"com_{name}")]
        self.left = list(pages)
        self.party = SimpleNamespace(get=self.get)

    def get(self, _service, _path):
        items = self.left.pop(0)
        return {"items": items, "next_cursor": "more" if self.left else None}


def found(lot: str = "lot_1", *, brand: str = "brand_1", free: int = 10, most: int = 5) -> Found:
    return Found(lot, brand, "off_1", free, most, 2, 125)


class TestPick:
    def test_takes_the_packs_that_the_units_fill(self):
        wish, lot = Shelf(claims_a_brand=9).pick(FakeHost(), [found()], units=7, purpose="tea")

        assert (wish.packs, wish.lot_id, wish.purpose) == (4, "lot_1", "tea")
        assert lot == found()

    def test_passes_over_a_lot_that_is_taken(self):
        shelf = Shelf(claims_a_brand=9)
        menu = [found(free=5), found("lot_2")]
        shelf.pick(FakeHost("org_1"), menu, units=8, purpose="")

        wish, _ = shelf.pick(FakeHost("org_2"), menu, units=8, purpose="")

        assert wish.lot_id == "lot_2"

    def test_gives_a_host_no_lot_twice(self):
        shelf = Shelf(claims_a_brand=9)

        assert shelf.pick(FakeHost(), [found()], units=2, purpose="") is not None
        assert shelf.pick(FakeHost(), [found()], units=2, purpose="") is None

    def test_keeps_within_what_one_host_may_have(self):
        assert Shelf(claims_a_brand=9).pick(FakeHost(), [found()], units=11, purpose="") is None

    def test_keeps_within_the_brands_fund(self):
        shelf = Shelf(claims_a_brand=1)
        shelf.pick(FakeHost(), [found("lot_1")], units=2, purpose="")

        assert shelf.pick(FakeHost(), [found("lot_2")], units=2, purpose="") is None


class TestBrowse:
    def item(self, *, score: int = 30):
        return {
            "lot_id": "lot_1",
            "brand_id": "org_9",
            "offer_id": "off_1",
            "packs_free": 3,
            "max_packs_per_host": 2,
            "units_per_pack": 4,
            "unit_price": {"minor": 125, "currency": "CNY"},
            "score": score,
            "terms": [{"points": 10}, {"points": 20}],
        }

    def test_reads_what_a_host_needs_to_choose(self):
        (read,) = browse(FakeHost("org_1", [self.item()]), {"org_9"})

        assert (read.most_packs, read.units_per_pack, read.unit_fen) == (2, 4, 125)

    def test_does_not_believe_a_score_that_is_not_explained(self):
        with pytest.raises(AssertionError, match="31"):
            browse(FakeHost("org_1", [self.item(score=31)]), {"org_9"})

    def test_reads_on_past_the_brands_of_others(self):
        others = self.item() | {"brand_id": "org_8"}

        found = browse(FakeHost("org_1", [others, others], [self.item()]), {"org_9"})

        assert [one.brand_id for one in found] == ["org_9"]
