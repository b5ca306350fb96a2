"""Who weighs how much in the takings of a gathering."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.payments.contracts.domain import WHOLE
from tests.builders.payments import TERMS, a_contract

PRESENT = {role: (f"org_{role}",) for role in TERMS}


def parties(present, royalties=None) -> dict:
    found = a_contract().parties(present, royalties or {})
    return {(party.role, party.organization_id): party.weight for party in found}


class TestParties:
    def test_weigh_what_the_terms_say(self):
        assert parties(PRESENT) == {(role, f"org_{role}"): TERMS[role] for role in TERMS}

    def test_share_a_role_equally(self):
        found = parties(PRESENT | {"co_host": ("org_a", "org_b", "org_c")})

        assert {found["co_host", f"org_{name}"] for name in "abc"} == {500}
        assert found["brand", "org_brand"] == 18_000

    def test_leave_the_share_of_nobody_to_the_host(self):
        found = parties({role: who for role, who in PRESENT.items() if role != "author"})

        assert found["host", "org_host"] == 2_200

    def test_who_are_authors_share_as_they_have_signed(self):
        royalties = {"org_a": 7_000, "org_b": 3_000}
        found = parties(PRESENT | {"author": tuple(royalties)}, royalties)

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

        found = parties(present, royalties)

        whole = sum(found.values())
        assert whole % WHOLE == 0
        for organization_id, each in royalties.items():
            share = found["author", organization_id] * WHOLE * WHOLE
            assert share == TERMS["author"] * each * whole
