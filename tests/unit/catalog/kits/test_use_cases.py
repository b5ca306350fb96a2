"""A kit is drafted of what can be had, signed by every brand, and withdrawn by any."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.catalog.cartridges.domain import CartridgeNotFound
from services.catalog.kits.domain import (
    KitNotFound,
    KitState,
    ThemeYanked,
    TooManyPacks,
    VenueNeed,
)
from services.catalog.kits.use_cases import (
    DraftKit,
    WantedLine,
    draft_kit,
    seen_kit,
    sign_kit,
    withdraw_kit,
)
from services.catalog.lots.domain import ClosingReason, LotNotFound, LotNotOpen
from tests.unit.catalog.fakes import (
    AUTHOR,
    BRAND,
    HOST,
    NOW,
    OTHER_BRAND,
    OTHER_HOST,
    FakeLots,
    a_lot,
    an_id,
)
from tests.unit.catalog.kits.fakes import A_VERSION, DIGEST, FakeCartridges, FakeKits, kit_terms


class Table:
    """Two brands' lots, one cartridge, no kit yet."""

    def __init__(self):
        self.mine, self.theirs = a_lot(), a_lot(brand_id=OTHER_BRAND)
        self.lots, self.kits = FakeLots(self.mine, self.theirs), FakeKits()
        self.cartridges = FakeCartridges()

    @property
    def ports(self):
        return {"kits": self.kits, "lots": self.lots, "cartridges": self.cartridges}

    def draft(self, *, by=HOST, lines=None, digest=DIGEST, now=NOW):
        wanted = lines or [
            WantedLine(self.mine.id, 2, 3000),
            WantedLine(self.theirs.id, 1, 3000),
        ]
        command = DraftKit(
            organization_id=by,
            title="A good pan and a chef",
            lines=wanted,
            venue=VenueNeed(24),
            cartridge_digest=digest,
            price=Money(100_000, "CNY"),
            terms=kit_terms(),
        )
        return draft_kit(
            command,
            kits=self.kits,
            lots=self.lots,
            cartridges=self.cartridges,
            ids=an_id,
            now=now,
        )


@pytest.fixture
def table():
    return Table()


class TestDraft:
    def test_takes_brands_and_author_from_what_is_published(self, table):
        kit = table.draft()

        assert [line.brand_id for line in kit.lines] == [BRAND, OTHER_BRAND]
        assert kit.author_id == AUTHOR
        assert table.kits.get(kit.id) == kit

    @pytest.mark.parametrize(
        ("lines", "rule"),
        [
            ([WantedLine(an_id("lot"), 1, 6000)], LotNotFound),
            (None, LotNotOpen),
        ],
    )
    def test_refuses_a_lot_that_takes_no_claims(self, table, lines, rule):
        with pytest.raises(rule):
            table.draft(lines=lines, now=NOW + timedelta(days=31))

        assert table.kits.by_id == {}

    def test_refuses_more_packs_than_one_host_may_take(self, table):
        with pytest.raises(TooManyPacks):
            table.draft(lines=[WantedLine(table.mine.id, 6, 6000)])
        assert table.kits.by_id == {}

        table.draft(lines=[WantedLine(table.mine.id, 5, 6000)])

    def test_refuses_a_cartridge_that_was_never_published(self, table):
        with pytest.raises(CartridgeNotFound):
            table.draft(digest="sha256:" + "0" * 64)

        assert table.kits.by_id == {}


class TestSign:
    def test_by_all_publishes(self, table):
        kit = table.draft()

        sign_kit(kit.id, BRAND, kit.terms_digest, **table.ports, now=NOW)
        last = sign_kit(kit.id, OTHER_BRAND, kit.terms_digest, **table.ports, now=NOW)

        assert last.state is KitState.PUBLISHED
        assert len(table.kits.events) == 1

    def test_does_not_publish_what_cannot_be_had_any_more(self, table):
        kit = table.draft()
        sign_kit(kit.id, BRAND, kit.terms_digest, **table.ports, now=NOW)
        shut = table.mine.close(ClosingReason.WITHDRAWN, at=NOW)
        table.lots.by_id[table.mine.id] = shut.state

        with pytest.raises(LotNotOpen):
            sign_kit(kit.id, OTHER_BRAND, kit.terms_digest, **table.ports, now=NOW)

        assert table.kits.get(kit.id).state is KitState.DRAFTED

    def test_does_not_publish_with_a_yanked_cartridge(self, table):
        kit = table.draft()
        sign_kit(kit.id, BRAND, kit.terms_digest, **table.ports, now=NOW)
        table.cartridges.version = replace(A_VERSION, yanked_because="a burnt finger")

        with pytest.raises(ThemeYanked):
            sign_kit(kit.id, OTHER_BRAND, kit.terms_digest, **table.ports, now=NOW)
        with pytest.raises(ThemeYanked):
            table.draft()

        assert table.kits.get(kit.id).state is KitState.DRAFTED

    def test_again_saves_nothing(self, table):
        kit = table.draft()
        once = sign_kit(kit.id, BRAND, kit.terms_digest, **table.ports, now=NOW)

        again = sign_kit(kit.id, BRAND, kit.terms_digest, **table.ports, now=NOW)

        assert again.revision == once.revision


class TestWithdraw:
    def test_closes_for_new_claims(self, table):
        kit = table.draft()

        assert withdraw_kit(kit.id, BRAND, kits=table.kits, now=NOW).state is KitState.CLOSED


class TestSeen:
    def test_draft_of_others_is_unknown(self, table):
        kit = table.draft()

        assert seen_kit(kit.id, BRAND, kits=table.kits) == kit
        with pytest.raises(KitNotFound):
            seen_kit(kit.id, OTHER_HOST, kits=table.kits)
