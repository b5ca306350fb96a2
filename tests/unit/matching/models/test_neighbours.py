"""Brands are alike as far as the same hosts claimed from them; no host tells on herself."""

from __future__ import annotations

from math import sqrt

from services.matching.models.engine.neighbours import (
    LEAST_HOSTS,
    MOST_THINGS,
    NEAREST,
    SHRINKAGE,
    Circle,
    Neighbours,
)
from services.matching.offers.engine.kinships import Kinships
from services.matching.offers.engine.points import MILLION
from services.matching.pictures.domain import Claimed


def likenesses(*hosts):
    return Neighbours(each.split() for each in hosts).likenesses()


class TestTwoBrands:
    def test_are_alike_by_the_cosine_of_who_claimed_from_them_shrunk(self):
        found = likenesses(*["tea cups"] * 6, *["tea"] * 3, *["cups"] * 10)

        expected = int(MILLION * 6 / (sqrt(9 * 16) + SHRINKAGE))
        assert found == {"tea": {"cups": expected}, "cups": {"tea": expected}}

    def test_are_the_more_alike_the_more_hosts_show_it(self):
        few, many = likenesses(*["tea cups"] * 3), likenesses(*["tea cups"] * 300)

        assert few["tea"]["cups"] < many["tea"]["cups"] < MILLION

    def test_are_the_less_alike_the_more_claim_from_one_of_them_anyway(self):
        found = likenesses(*["tea cups"] * 5, *["tea hair"] * 5, *["hair"] * 50)

        assert found["tea"]["hair"] < found["tea"]["cups"]

    def test_are_not_alike_by_what_fewer_than_three_hosts_did(self):
        assert likenesses(*["tea cups"] * (LEAST_HOSTS - 1)) == {}
        assert likenesses(*["tea cups"] * LEAST_HOSTS)

    def test_are_counted_once_a_host_in_whatever_order(self):
        assert likenesses(*["tea cups tea"] * 4) == likenesses(*["cups tea"] * 4)


class TestWithoutAHost:
    HOSTS = (*["tea cups toys"] * 4, *["tea cups"] * 2, *["cups toys"] * 3, "hair")

    def test_everything_is_as_if_she_had_never_been_there(self):
        hosts = [each.split() for each in self.HOSTS]
        for number, mine in enumerate(hosts):
            others = Neighbours(hosts[:number] + hosts[number + 1 :]).likenesses()

            found = Neighbours(hosts).without(mine)

            assert found == {one: near for one, near in others.items() if one in mine}

    def test_what_only_she_made_three_of_is_not_alike(self):
        assert Neighbours([["tea", "cups"]] * 3).without(["tea", "cups"]) == {}


class TestWhatIsKept:
    def test_are_the_nearest_of_each(self):
        """One brand that is claimed with each of many others, by more and more hosts."""
        hosts = [f"tea with-{n}" for n in range(NEAREST + 5) for _ in range(3 + n)]
        # The far ones have nearer ones of their own, so that nothing else keeps the pair.
        crowds = [f"with-{n} {n}-{m}" for n in range(5) for m in range(NEAREST) for _ in "12345"]

        near = likenesses(*hosts, *crowds)["tea"]

        assert sorted(near) == sorted(f"with-{n}" for n in range(5, NEAREST + 5))

    def test_are_of_the_brands_that_most_hosts_claimed_from(self):
        rare = [f"{n:04d} {n:04d}-too" for n in range(MOST_THINGS) for _ in range(3)]

        found = likenesses(*rare, *["tea cups"] * 4)

        assert len(found) == MOST_THINGS
        assert found["tea"]

    def test_is_the_same_in_whatever_order_hosts_come(self):
        hosts = [["tea", "cups"], ["toys", "tea"], ["cups", "toys", "hair"]] * 4

        assert Neighbours(hosts).likenesses() == Neighbours(hosts[::-1]).likenesses()


class TestACircle:
    CLAIMED = {
        f"org_{n}": Claimed(frozenset({"org_a", "org_b"}), frozenset({"tea", "cups"}))
        for n in range(4)
    }

    def test_tells_brands_and_categories_apart(self):
        circle = Circle(self.CLAIMED)

        kinships = circle.kinships()

        assert (len(circle), len(kinships)) == (4, 2)
        assert list(kinships.brands["org_a"]) == ["org_b"]
        assert list(kinships.categories["tea"]) == ["cups"]

    def test_knows_nothing_for_a_host_who_claimed_nothing(self):
        assert Circle(self.CLAIMED).without("org_another") == Kinships()

    def test_of_nobody_finds_nothing(self):
        assert Circle({}).kinships() == Kinships()
