from __future__ import annotations

from teahouse.demo import people

from .builders import a_product, purchases

PRODUCTS = [
    a_product(1, department="GROCERY", category="SOUP"),
    a_product(2, department="GROCERY", category="FROZEN PIZZA"),
    a_product(3, department="PRODUCE", category="BERRIES"),
]


def a_year_of(product: int, *, household: int = 1, value: float = 1.0, baskets: int = 50):
    first = household * 10_000 + product * 1_000
    return [
        {"household": household, "product": product, "basket": first + number, "value": value}
        for number in range(baskets)
    ]


class TestHosts:
    def test_turns_a_household_into_a_community_for_each_taste(self):
        bought = purchases(*a_year_of(1), *a_year_of(3, baskets=60))

        (host,) = people.hosts(bought, PRODUCTS, [3], count=5)

        assert [circle.name for circle in host.circles] == ["Fresh", "Table"]
        assert [circle.size for circle in host.circles] == [360, 300]

    def test_weighs_tags_by_what_was_spent(self):
        bought = purchases(*a_year_of(1, value=2.0), *a_year_of(2, value=0.5))

        (host,) = people.hosts(bought, PRODUCTS, [3], count=5)

        assert host.circles[0].tags == {"soup": 100, "frozen-pizza": 25}

    def test_passes_over_a_household_that_shops_too_seldom(self):
        bought = purchases(*a_year_of(1, baskets=people.FEWEST_BASKETS - 1))

        assert people.hosts(bought, PRODUCTS, [3], count=5) == []

    def test_passes_over_a_household_without_a_taste(self):
        bought = purchases(*a_year_of(1, baskets=people.FEWEST_PURCHASES - 1))

        assert people.hosts(bought, PRODUCTS, [3], count=5) == []

    def test_takes_no_more_than_asked(self):
        rows = [row for number in range(1, 9) for row in a_year_of(1, household=number)]

        assert len(people.hosts(purchases(*rows), PRODUCTS, [3], count=4)) == 4


class TestRegulars:
    def test_are_spread_from_the_busiest_to_the_quietest(self):
        rows = [
            row
            for number in range(1, 6)
            for row in a_year_of(1, household=number, baskets=100 - 10 * number)
        ]

        assert people.regulars(purchases(*rows), 3) == [1, 3, 5]


class TestCityOf:
    def test_gives_neighbouring_stores_different_cities(self):
        stores = [10, 20, 30]

        assert [people.city_of(store, stores) for store in stores] == list(people.CITIES[:3])
