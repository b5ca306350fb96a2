"""A kit says what its brands sign, and its price is shared out whole."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.money import Money
from services.catalog.kits.domain import (
    KitClosedAlready,
    KitLine,
    KitNotFound,
    KitState,
    LineRepeated,
    OtherTermsSigned,
    VenueNeed,
)
from services.catalog.offers.domain import TermsIncomplete
from tests.unit.catalog.fakes import AUTHOR, BRAND, HOST, NOW, OTHER_BRAND, OTHER_HOST, an_id
from tests.unit.catalog.kits.fakes import a_kit, kit_terms


def signed_by(kit, *brands):
    """The kit after these brands signed it, and all that was published."""
    events = []
    for brand_id in brands:
        kit, more, _ = kit.sign(brand_id, kit.terms_digest, at=NOW)
        events += more
    return kit, events


class TestDraft:
    def test_of_a_host_waits_for_every_brand(self):
        drafted, events, _ = a_kit().draft(at=NOW)

        assert (drafted.state, drafted.signed, events) == (KitState.DRAFTED, (), ())

    def test_of_a_brand_is_signed_by_it(self):
        drafted, events, _ = a_kit(drafted_by=BRAND).draft(at=NOW)

        assert (drafted.state, drafted.signed, events) == (KitState.DRAFTED, (BRAND,), ())

    def test_of_a_brand_with_no_other_is_published(self):
        lines = (KitLine(an_id("lot"), BRAND, 1, 6000),)

        drafted, (fact,), _ = a_kit(drafted_by=BRAND, lines=lines).draft(at=NOW)

        assert drafted.state is KitState.PUBLISHED
        assert fact.brand_ids == (BRAND,)

    @pytest.mark.parametrize(
        "terms", [kit_terms(host=1999), kit_terms(host=2001), {"host": 4000}, kit_terms(guest=0)]
    )
    def test_refuses_shares_that_make_no_whole(self, terms):
        with pytest.raises(TermsIncomplete):
            a_kit(terms=terms).draft(at=NOW)

    def test_refuses_a_lot_twice(self):
        line = KitLine(an_id("lot"), BRAND, 1, 3000)

        with pytest.raises(LineRepeated):
            a_kit(lines=(line, line)).draft(at=NOW)


class TestSign:
    def test_publishes_with_the_last_brand(self):
        kit, events = signed_by(a_kit(), BRAND)
        assert (kit.state, events) == (KitState.DRAFTED, [])

        kit, (fact,) = signed_by(kit, OTHER_BRAND)

        assert kit.state is KitState.PUBLISHED
        assert fact.terms_digest == kit.terms_digest
        assert fact.packs == {line.lot_id: line.packs for line in kit.lines}

    def test_again_changes_nothing(self):
        kit, _ = signed_by(a_kit(), BRAND, OTHER_BRAND)

        assert kit.sign(BRAND, kit.terms_digest, at=NOW) == (kit, (), ())

    def test_is_done_once_by_a_brand_with_two_lines(self):
        lines = tuple(KitLine(an_id("lot"), BRAND, 1, 3000) for _ in range(2))

        kit, events = signed_by(a_kit(lines=lines), BRAND)

        assert (kit.state, len(events)) == (KitState.PUBLISHED, 1)

    def test_refuses_other_terms(self):
        with pytest.raises(OtherTermsSigned):
            a_kit().sign(BRAND, "sha256:" + "0" * 64, at=NOW)

    @pytest.mark.parametrize("stranger", [HOST, AUTHOR, an_id("org")])
    def test_is_for_its_brands(self, stranger):
        kit = a_kit()

        with pytest.raises(KitNotFound):
            kit.sign(stranger, kit.terms_digest, at=NOW)

    def test_of_what_was_withdrawn_is_refused(self):
        kit = a_kit().withdraw(HOST, at=NOW).state

        with pytest.raises(KitClosedAlready):
            kit.sign(BRAND, kit.terms_digest, at=NOW)


class TestDigest:
    @pytest.mark.parametrize(
        "changes",
        [
            {"title": "Another"},
            {"venue": VenueNeed(25, ("stove",))},
            {"venue": VenueNeed(24, ())},
            {"cartridge_digest": "sha256:" + "0" * 64},
            {"author_id": BRAND},
            {"price": Money(100_000, "CNY")},
            {"terms": kit_terms(host=1999, venue=1001)},
            {"lines": (KitLine(an_id("lot"), BRAND, 2, 6000),)},
            {"id": an_id("kit")},
        ],
    )
    def test_is_of_all_that_is_agreed(self, changes):
        kit = a_kit()

        assert replace(kit, **changes).terms_digest != kit.terms_digest

    def test_stays_while_brands_sign(self):
        kit = a_kit()

        assert signed_by(kit, BRAND, OTHER_BRAND)[0].terms_digest == kit.terms_digest


class TestWithdraw:
    @pytest.mark.parametrize("who", [HOST, BRAND, OTHER_BRAND])
    def test_closes_what_was_published_and_says_so(self, who):
        kit, _ = signed_by(a_kit(), BRAND, OTHER_BRAND)

        closed, (fact,), _ = kit.withdraw(who, at=NOW)

        assert closed.state is KitState.CLOSED
        assert (fact.kit_id, fact.reason) == (kit.id, "withdrawn")

    def test_of_a_draft_concerns_nobody_else(self):
        closed, events, _ = a_kit().withdraw(BRAND, at=NOW)

        assert (closed.state, events) == (KitState.CLOSED, ())

    def test_is_done_once(self):
        closed = a_kit().withdraw(BRAND, at=NOW).state

        with pytest.raises(KitClosedAlready):
            closed.withdraw(HOST, at=NOW)

    def test_is_for_who_has_a_part_in_it(self):
        with pytest.raises(KitNotFound):
            a_kit().withdraw(OTHER_HOST, at=NOW)


class TestSeen:
    def test_is_a_draft_by_who_has_a_part_in_it(self):
        kit = a_kit()

        assert [kit.is_seen_by(who) for who in (HOST, BRAND, OTHER_BRAND)] == [True] * 3
        assert not kit.is_seen_by(OTHER_HOST)

    def test_is_by_everybody_what_was_ever_published(self):
        kit, _ = signed_by(a_kit(), BRAND, OTHER_BRAND)

        assert kit.is_seen_by(OTHER_HOST)
        assert kit.withdraw(BRAND, at=NOW).state.is_seen_by(OTHER_HOST)


class TestShares:
    def test_name_every_party_and_what_it_gets(self):
        kit = a_kit()

        shares = kit.shares()

        found = [(one.role, one.party_id, one.basis_points, one.amount.minor) for one in shares]
        assert found == [
            ("brand", BRAND, 3000, 30_001),  # the one fen left over
            ("brand", OTHER_BRAND, 3000, 30_000),
            ("host", None, 2000, 20_000),
            ("venue", None, 1000, 10_000),
            ("author", AUTHOR, 500, 5_000),
            ("platform", None, 500, 5_000),
        ]

    def test_divide_the_authors_as_the_cartridges_royalty_is(self):
        kit = a_kit(royalties={AUTHOR: 7_000, OTHER_HOST: 3_000})

        authors = [one for one in kit.shares() if one.role == "author"]

        assert [(one.party_id, one.part_basis_points, one.amount.minor) for one in authors] == [
            (AUTHOR, 7_000, 3_500),
            (OTHER_HOST, 3_000, 1_500),
        ]
        assert kit.terms_digest != a_kit().terms_digest

    @given(minor=st.integers(1, 10**12), host=st.integers(0, 4000))
    def test_add_up_to_the_price(self, minor, host):
        terms = {"host": host, "venue": 4000 - host, "author": 0, "platform": 0}
        kit = a_kit(price=Money(minor, "CNY"), terms=terms)

        shares = kit.shares()

        assert sum(one.amount.minor for one in shares) == minor
        assert all(one.amount.minor == 0 for one in shares if one.basis_points == 0)
