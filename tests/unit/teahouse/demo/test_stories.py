from __future__ import annotations

from teahouse.demo.journey.stories import (
    BRUSHES,
    CLOISONNE,
    HAIR,
    HAIR_SHARES,
    NAMING_EACH_MINOR,
    SHOES,
    STORIES,
    TERMS,
)


class TestStories:
    def test_hair_ornaments_are_sixteen_people_and_five_thousand_yuan(self):
        assert (HAIR.people, HAIR.takings_fen) == (16, 500_000)

    def test_cloisonne_is_22_people_and_230_000_yuan_one_of_them_over_100_000(self):
        assert (CLOISONNE.people, CLOISONNE.takings_fen) == (22, 23_000_000)
        assert [basket.fen > 10_000_000 for basket in CLOISONNE.baskets].count(True) == 1

    def test_shoes_and_brushes_are_three_a_head(self):
        assert {basket.units for story in (SHOES, BRUSHES) for basket in story.baskets} == {3}

    def test_sell_what_they_cost(self):
        for story in (HAIR, SHOES, BRUSHES):
            assert all(basket.fen == basket.units * story.price_fen for basket in story.baskets)

    def test_have_keys_of_their_own(self):
        assert len({story.key for story in STORIES}) == 4


class TestTerms:
    def test_make_a_whole(self):
        assert sum(TERMS.values()) == 10_000


class TestHairShares:
    def test_share_out_takings_subsidy_and_naming(self):
        total = HAIR.takings_fen + HAIR.subsidy_fen + NAMING_EACH_MINOR

        assert sum(HAIR_SHARES.values()) == total

    def test_follow_from_the_terms(self):
        by_terms = {role: HAIR.takings_fen * points // 10_000 for role, points in TERMS.items()}

        assert HAIR_SHARES["venue"] == by_terms["venue"]
        assert HAIR_SHARES["host"] - by_terms["host"] == 80_000 + 90_000
        assert HAIR_SHARES["platform"] - by_terms["platform"] == 10_000
