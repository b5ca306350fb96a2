"""How the lots found divide."""

from __future__ import annotations

from services.catalog.search.engine.facets import (
    MOST_COUNTED,
    MOST_VALUES,
    BandCount,
    ValueCount,
    facets_of,
)


def a_row(**changes) -> dict:
    given = {
        "brand_id": "org_1",
        "category": "tea",
        "condition": "new",
        "city": "上海",
        "pack_price": 500,
    }
    return given | changes


class TestFacets:
    def test_of_nothing_are_empty(self):
        facets = facets_of([], {})

        assert (facets.counted, facets.more, facets.category, facets.subsidy) == (0, False, (), ())

    def test_name_the_commonest_value_first_and_of_equals_the_first_by_its_letters(self):
        rows = [a_row(category=name) for name in ("tea", "pots", "cups", "tea")]

        assert facets_of(rows, {}).category == (
            ValueCount("tea", 2),
            ValueCount("cups", 1),
            ValueCount("pots", 1),
        )

    def test_put_an_amount_into_the_band_that_begins_with_it(self):
        rows = [a_row(pack_price=fen) for fen in (0, 999, 1_000, 99_999, 100_000)]

        assert facets_of(rows, {}).pack_price == (
            BandCount(0, 999, 2),
            BandCount(1_000, 2_999, 1),
            BandCount(30_000, 99_999, 1),
            BandCount(100_000, None, 1),
        )

    def test_count_brands_without_an_offer_as_paying_nothing(self):
        rows = [a_row(), a_row(brand_id="org_2")]

        assert facets_of(rows, {"org_2": 10_000}).subsidy == (
            BandCount(0, 0, 1),
            BandCount(10_000, 29_999, 1),
        )

    def test_count_a_thousand_and_say_that_there_are_more(self):
        rows = [a_row()] * MOST_COUNTED

        assert (facets_of(rows, {}).counted, facets_of(rows, {}).more) == (1_000, False)
        assert (facets_of([*rows, a_row()], {}).counted, facets_of([*rows, rows[0]], {}).more) == (
            1_000,
            True,
        )

    def test_name_no_more_than_fifty_values(self):
        rows = [a_row(city=f"city {number}") for number in range(60)]

        assert len(facets_of(rows, {}).city) == MOST_VALUES
