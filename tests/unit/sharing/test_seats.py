"""Who weighs how much in the takings of a gathering."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing.dividing import Heads, NobodyThere, divide, seats_of
from sharing.terms import WHOLE, by_points

TERMS = {"brand": 6000, "host": 2000, "venue": 800, "co_host": 500, "platform": 500, "author": 200}
PRESENT = {role: (f"org_{role}",) for role in TERMS if role != "platform"}


def parts(present, royalties=None, parties=None) -> dict:
    terms = by_points(TERMS, parties or {}, "CNY")
    shares = divide(terms, seats_of(terms, present, royalties), [WHOLE], Heads())
    return {(share.seat.role, share.seat.organization_id): share.exact for share in shares}


class TestSeats:
    def test_weigh_what_the_terms_say(self):
        who = {role: present[0] for role, present in PRESENT.items()} | {"platform": "platform"}

        assert parts(PRESENT) == {(role, who[role]): TERMS[role] for role in TERMS}

    def test_share_a_role_equally(self):
        found = parts(PRESENT | {"co_host": ("org_a", "org_b", "org_c")})

        assert {found["co_host", f"org_{name}"] for name in "abc"} == {Fraction(500, 3)}
        assert found["brand", "org_brand"] == 6_000

    def test_leave_the_share_of_nobody_to_the_host(self):
        found = parts({role: who for role, who in PRESENT.items() if role != "author"})

        assert found["host", "org_host"] == 2_200

    def test_need_somebody_for_the_share_of_nobody(self):
        with pytest.raises(NobodyThere):
            parts({"brand": ("org_brand",)})

    def test_who_are_bound_take_the_place_of_whoever_is_there(self):
        found = parts(PRESENT, parties={"venue": {"org_hall": 3, "org_garden": 1}})

        assert found["venue", "org_hall"] == 600
        assert found["venue", "org_garden"] == 200
        assert ("venue", "org_venue") not in found

    def test_who_are_authors_share_as_they_have_signed(self):
        royalties = {"org_a": 7_000, "org_b": 3_000}
        found = parts(PRESENT | {"author": tuple(royalties)}, royalties)

        assert found["author", "org_a"] * 3 == found["author", "org_b"] * 7

    @given(
        st.lists(st.integers(1, 500), min_size=1, max_size=12),
        st.integers(0, 5),
    )
    def test_always_make_the_whole(self, points, co_hosts):
        royalties = {f"org_{number}": each for number, each in enumerate(points)}
        royalties["org_rest"] = WHOLE - sum(points)
        present = PRESENT | {
            "author": tuple(royalties),
            "co_host": tuple(f"org_c{number}" for number in range(co_hosts)),
        }

        found = parts(present, royalties)

        assert sum(found.values()) == WHOLE
        for organization_id, each in royalties.items():
            assert found["author", organization_id] * WHOLE == TERMS["author"] * each
