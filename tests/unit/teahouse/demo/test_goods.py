from __future__ import annotations

import pytest

from teahouse.demo import goods

from .builders import a_lot, a_product, purchases


class TestMedianPrices:
    def test_is_the_middle_price_of_one_unit_in_fen(self):
        bought = purchases(
            {"quantity": 2, "value": 5.0}, {"value": 1.99}, {"quantity": 4, "value": 12.0}
        )

        assert goods.median_prices(bought) == {7: 250}

    def test_of_two_middles_is_their_mean(self):
        bought = purchases({"value": 1.0}, {"value": 2.0})

        assert goods.median_prices(bought) == {7: 150}

    def test_keeps_products_apart(self):
        bought = purchases({"product": 8, "value": 3.0}, {"product": 7, "value": 1.0})

        assert goods.median_prices(bought) == {7: 100, 8: 300}


class TestUnitsSold:
    def test_counts_the_last_eight_weeks_only(self):
        bought = purchases(
            {"week": 53, "quantity": 2}, {"week": 46, "quantity": 3}, {"week": 45, "quantity": 50}
        )

        assert goods.units_sold(bought) == {7: 5}


class TestPaidFor:
    def test_drops_rows_without_goods_or_money(self):
        bought = purchases({"quantity": 0}, {"value": 0.0}, {"product": 8})

        assert bought.paid_for().product.tolist() == [8]


class TestBestStores:
    def test_is_where_it_sold_most_often(self):
        bought = purchases({"store": 5}, {"store": 4}, {"store": 4}, {"product": 8, "store": 9})

        assert goods.best_stores(bought, [7]) == {7: 4}

    def test_of_equals_is_the_lowest_number(self):
        bought = purchases({"store": 5}, {"store": 4})

        assert goods.best_stores(bought, [7]) == {7: 4}


class TestSurplus:
    def test_makes_a_lot_of_what_sold_lately(self):
        bought = purchases({"quantity": 2, "value": 3.0})

        (lot,) = goods.surplus(bought, [a_product(7), a_product(8)])

        assert (lot.product.id, lot.price_fen, lot.units, lot.store) == (7, 150, 2, None)

    def test_keeps_fresh_goods_where_they_sell(self):
        bought = purchases({"store": 31})

        (lot,) = goods.surplus(bought, [a_product(7, department="PRODUCE")])

        assert lot.store == 31

    @pytest.mark.parametrize(
        "product",
        [a_product(7, department="FUEL"), a_product(7, maker=0)],
        ids=["fuel", "nobody's"],
    )
    def test_leaves_out_what_no_brand_could_offer(self, product):
        assert goods.surplus(purchases({}), [product]) == []

    def test_leaves_out_what_costs_less_than_a_fen(self):
        assert goods.surplus(purchases({"quantity": 1000, "value": 1.0}), [a_product(7)]) == []


class TestPacks:
    @pytest.mark.parametrize(
        ("units", "size", "packs"), [(1, 1, 1), (8, 2, 4), (24, 6, 4), (48, 12, 4), (97, 1, 97)]
    )
    def test_are_small_and_leave_nothing_over(self, units, size, packs):
        lot = a_lot(units=units)

        assert (lot.units_per_pack, lot.packs) == (size, packs)


class TestLargestMakers:
    def test_takes_the_largest_until_there_are_enough_of_both(self):
        lots = [a_lot(i, maker=maker) for i, maker in enumerate([1, 2, 2, 3, 3, 3, 4])]

        assert goods.largest_makers(lots, makers=2, fewest_lots=5) == [3, 2]
        assert goods.largest_makers(lots, makers=2, fewest_lots=6) == [3, 2, 1]
        assert goods.largest_makers(lots, makers=3, fewest_lots=1) == [3, 2, 1]
