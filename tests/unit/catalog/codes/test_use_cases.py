"""Codes are made in batches, scanned once a day by each visitor, and withdrawn."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.catalog.codes.adapters import SignedCodes, to_text
from services.catalog.codes.domain import (
    MOST_SCANS_A_DAY,
    CodeBatchNotFound,
    CodeInvalid,
    CodeKindNotForBrands,
    CodeNamesTooLittle,
    CodesWithdrawn,
    PacksNotHeld,
    SheetNotFound,
)
from services.catalog.codes.engine.spelling import CodeKind
from services.catalog.codes.use_cases import (
    MakeCodes,
    ScanCode,
    make_codes,
    scan_code,
    withdraw_codes,
    written,
)
from services.catalog.lots.domain import LotNotFound
from services.catalog.stock.domain import Reservation, ReservationState
from tests.unit.catalog.codes.fakes import (
    OTHER_VISITOR,
    VISITOR,
    FakeCodeBatches,
    FakeScans,
    FakeSigner,
    a_batch,
)
from tests.unit.catalog.fakes import (
    BRAND,
    HOST,
    NOW,
    OTHER_BRAND,
    OTHER_HOST,
    FakeLots,
    FakeStock,
    a_lot,
    an_id,
)

COMMUNITY = an_id("com")


class Workshop:
    """Everything in memory; ``HOST`` holds shipped packs of the brand's one lot."""

    def __init__(self):
        self.lot = a_lot()
        self.lots = FakeLots(self.lot)
        self.stock = FakeStock(self.lots)
        self.hold(HOST, ReservationState.SHIPPED)
        self.signer = FakeSigner()
        self.keys = SignedCodes(self.signer)
        self.batches, self.scans = FakeCodeBatches(), FakeScans()

    def hold(self, host_id, state, **changes):
        held = Reservation(
            id=an_id("rsv"),
            lot_id=self.lot.id,
            claim_id=an_id("clm"),
            state=state,
            host_id=host_id,
            packs=2,
            **changes,
        )
        self.stock.reservations[self.lot.id, held.claim_id] = held

    def make(self, owner_id=BRAND, kind=CodeKind.PACK, count=10, **names):
        is_host = owner_id in {HOST, OTHER_HOST}
        return make_codes(
            MakeCodes(owner_id=owner_id, is_host=is_host, kind=kind, count=count, **names),
            batches=self.batches,
            lots=self.lots,
            stock=self.stock,
            keys=self.keys,
            ids=an_id,
            salt="salt",
            now=NOW,
        )

    def text(self, batch, serial=1):
        ((_, text),) = written(batch, range(serial, serial + 1), keys=self.keys)
        return text

    def scan(self, text, visitor=VISITOR, at=NOW, **options):
        return scan_code(
            ScanCode(text=text, visitor=visitor, **options),
            keys=self.keys,
            batches=self.batches,
            scans=self.scans,
            lots=self.lots,
            now=at,
        )


@pytest.fixture
def workshop():
    return Workshop()


class TestMake:
    def test_credits_a_brands_packs_to_the_lot(self, workshop):
        batch = workshop.make(lot_id=workshop.lot.id)

        assert (batch.lot_id, batch.host_id, batch.count) == (workshop.lot.id, None, 10)
        assert workshop.batches.get(batch.id) == batch

    def test_may_credit_a_host_who_holds_packs(self, workshop):
        batch = workshop.make(lot_id=workshop.lot.id, host_id=HOST)

        assert batch.host_id == HOST

    def test_makes_a_hosts_codes_in_her_own_name(self, workshop):
        batch = workshop.make(HOST, lot_id=workshop.lot.id, host_id=OTHER_HOST)

        assert (batch.owner_id, batch.host_id) == (HOST, HOST)

    @pytest.mark.parametrize(
        ("kind", "names"),
        [
            (CodeKind.INVITATION, {"community_id": COMMUNITY}),
            (CodeKind.DOOR, {}),
            (CodeKind.DOOR, {"community_id": COMMUNITY}),
        ],
    )
    def test_lets_a_host_invite_and_open_her_door(self, workshop, kind, names):
        assert workshop.make(HOST, kind, **names).kind is kind

    @pytest.mark.parametrize(
        ("owner_id", "kind", "names", "rule"),
        [
            (BRAND, CodeKind.PACK, {}, CodeNamesTooLittle),
            (BRAND, CodeKind.DOOR, {}, CodeKindNotForBrands),
            (BRAND, CodeKind.INVITATION, {"community_id": COMMUNITY}, CodeKindNotForBrands),
            (HOST, CodeKind.PACK, {}, CodeNamesTooLittle),
            (HOST, CodeKind.INVITATION, {}, CodeNamesTooLittle),
            (HOST, CodeKind.PACK, {"lot_id": an_id("lot")}, LotNotFound),
        ],
    )
    def test_refuses_what_no_such_code_is(self, workshop, owner_id, kind, names, rule):
        with pytest.raises(rule):
            workshop.make(owner_id, kind, **names)

        assert workshop.batches.by_id == {}

    def test_refuses_another_brands_lot(self, workshop):
        with pytest.raises(LotNotFound):
            workshop.make(OTHER_BRAND, lot_id=workshop.lot.id)

        assert workshop.batches.by_id == {}

    @pytest.mark.parametrize(
        ("state", "changes"),
        [(ReservationState.RESERVED, {}), (ReservationState.SHIPPED, {"returned": 2})],
    )
    def test_refuses_a_host_without_packs_of_a_confirmed_claim(self, workshop, state, changes):
        workshop.hold(OTHER_HOST, state, **changes)

        with pytest.raises(PacksNotHeld):
            workshop.make(OTHER_HOST, lot_id=workshop.lot.id)
        with pytest.raises(PacksNotHeld):
            workshop.make(BRAND, lot_id=workshop.lot.id, host_id=OTHER_HOST)

        assert workshop.batches.by_id == {}


class TestScan:
    def test_is_credited_to_lot_host_and_community(self, workshop):
        batch = workshop.make(HOST, lot_id=workshop.lot.id, community_id=COMMUNITY)

        seen = workshop.scan(workshop.text(batch, 3))

        (scan,) = workshop.scans.by_id.values()
        assert (scan.code.lot_id, scan.code.host_id) == (workshop.lot.id, HOST)
        assert (scan.code.community_id, scan.code.serial) == (COMMUNITY, 3)
        assert (scan.owner_id, scan.day, scan.at) == (HOST, "2026-03-01", NOW)
        assert seen.title == "Hair clips"

    def test_counts_once_a_code_visitor_and_day(self, workshop):
        batch = workshop.make(lot_id=workshop.lot.id)
        first, second = (workshop.text(batch, serial) for serial in (1, 2))

        for _ in range(3):
            workshop.scan(first)
        assert len(workshop.scans.by_id) == 1
        workshop.scan(second)
        assert len(workshop.scans.by_id) == 2
        workshop.scan(first, OTHER_VISITOR)
        assert len(workshop.scans.by_id) == 3
        workshop.scan(first, at=NOW + timedelta(days=1))
        assert len(workshop.scans.by_id) == 4

    def test_does_not_tell_who_it_was_or_where_else_she_was(self, workshop):
        mine = workshop.make(lot_id=workshop.lot.id)
        other = replace(workshop.make(lot_id=workshop.lot.id), salt="pepper")
        workshop.batches.by_id[other.id] = other

        workshop.scan(workshop.text(mine))
        workshop.scan(workshop.text(mine), at=NOW + timedelta(days=1))
        workshop.scan(workshop.text(other))

        marks = {scan.visitor for scan in workshop.scans.by_id.values()}
        assert len(marks) == 3
        assert VISITOR not in "".join(marks)

    def test_that_only_asks_is_not_counted(self, workshop):
        batch = workshop.make(lot_id=workshop.lot.id)

        workshop.scan(workshop.text(batch), is_counted=False)

        assert workshop.scans.by_id == {}

    def test_beyond_the_most_a_day_is_shown_and_not_counted(self, workshop):
        batch = workshop.make(lot_id=workshop.lot.id)
        text = workshop.text(batch)

        for number in range(MOST_SCANS_A_DAY + 2):
            seen = workshop.scan(text, f"{number:032x}")

        assert seen.code.serial == 1
        assert len(workshop.scans.by_id) == MOST_SCANS_A_DAY

    def test_refuses_a_code_that_its_batch_does_not_have(self, workshop):
        batch = workshop.make(lot_id=workshop.lot.id)
        key = workshop.signer.current()
        strange = [
            replace(batch.code(1), serial=11),
            replace(batch.code(1), serial=0),
            replace(batch.code(1), host_id=HOST),
            replace(batch.code(1), lot_id=an_id("lot")),
        ]

        for code in strange:
            with pytest.raises(CodeInvalid):
                workshop.scan(to_text(code, key))
        assert workshop.scans.by_id == {}

    def test_refuses_a_code_of_a_batch_that_never_was(self, workshop):
        code = a_batch().code(1)

        with pytest.raises(CodeBatchNotFound):
            workshop.scan(to_text(code, workshop.signer.current()))

        assert workshop.scans.by_id == {}

    def test_refuses_a_code_that_another_of_our_keys_signed(self, workshop):
        batch = workshop.make(lot_id=workshop.lot.id)
        workshop.signer.rotate()

        with pytest.raises(CodeInvalid):
            workshop.scan(to_text(batch.code(1), workshop.signer.current()))

        assert workshop.scans.by_id == {}
        workshop.scan(workshop.text(batch))
        assert len(workshop.scans.by_id) == 1


class TestWithdraw:
    def test_ends_what_is_counted_and_leaves_what_was(self, workshop):
        batch = workshop.make(lot_id=workshop.lot.id)
        workshop.scan(workshop.text(batch))

        withdraw_codes(batch.id, BRAND, batches=workshop.batches, now=NOW)

        with pytest.raises(CodesWithdrawn):
            workshop.scan(workshop.text(batch), OTHER_VISITOR)
        assert len(workshop.scans.by_id) == 1

    def test_is_done_once(self, workshop):
        batch = workshop.make(lot_id=workshop.lot.id)
        withdraw_codes(batch.id, BRAND, batches=workshop.batches, now=NOW)

        with pytest.raises(CodesWithdrawn):
            withdraw_codes(batch.id, BRAND, batches=workshop.batches, now=NOW + timedelta(1))

        assert workshop.batches.get(batch.id).withdrawn_at == NOW

    def test_of_anothers_batch_is_refused(self, workshop):
        batch = workshop.make(lot_id=workshop.lot.id)

        with pytest.raises(CodeBatchNotFound):
            withdraw_codes(batch.id, OTHER_BRAND, batches=workshop.batches, now=NOW)

        assert workshop.batches.get(batch.id).withdrawn_at is None


class TestSheets:
    @pytest.mark.parametrize(("count", "sheets"), [(1, 1), (24, 1), (25, 2), (10_000, 417)])
    def test_hold_24_codes_each(self, count, sheets):
        assert a_batch(count=count).sheets == sheets

    def test_hold_every_serial_once(self):
        batch = a_batch(count=50)

        serials = [serial for number in (1, 2, 3) for serial in batch.sheet(number)]

        assert serials == list(range(1, 51))

    @pytest.mark.parametrize("number", [0, 3])
    def test_end_with_the_last(self, number):
        with pytest.raises(SheetNotFound):
            a_batch(count=48).sheet(number)
