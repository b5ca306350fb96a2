"""The file an index starts from: it comes back as it was, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import fields, make_dataclass

import pytest
from msgspec.structs import replace

from services.matching.offers.adapters import snapshots
from services.matching.offers.adapters.snapshots import NAME, Snapshot, Snapshots, origin_of
from services.matching.offers.engine.facts import Caps, Demand, LotFacts, SubsidyFacts
from services.matching.offers.engine.ramp import Ramp, Step
from tests.unit.matching.offers.builders import BRAND, HOST, NOW, a_hold, a_subsidy, some_lot

ORIGIN = origin_of({"offers": "a", "subsidy_offers": "b"})
TOKEN = {"_data": "8263"}
FULL_LOT = LotFacts(
    lot_id="lot_1",
    brand_id=BRAND,
    tags=("tea", "茶"),
    city="suzhou",
    min_community_size=20,
    pack_price=10**12,
    packs_free=3,
    claims=2,
    published_at=NOW,
    best_before=NOW.replace(microsecond=123_000),
    ends_at=NOW,
    is_closed=True,
    capped_hosts=frozenset((HOST,)),
    regions=frozenset(("suzhou", "beijing")),
    packs_kept=1,
    kept_until=NOW,
    held=(a_hold(is_newcomer=True),),
    demand=Demand(points=7_000, last_day=739_000),
)
FULL_SUBSIDY = SubsidyFacts(
    offer_id="off_1",
    brand_id=BRAND,
    subsidy=50_000,
    opens_at=NOW,
    closes_at=NOW,
    is_exhausted=True,
    ramp=Ramp((Step(3, 1_000),), most=90_000),
    left=10**12,
    caps=Caps(per_host=1, per_period=2, period_days=7),
)


def a_snapshot(lots=1_500):
    return Snapshot(TOKEN, [a_subsidy()], [some_lot(number) for number in range(lots)])


@pytest.fixture
def kept(tmp_path):
    return Snapshots(tmp_path / "made by the first who writes")


def path_of(kept):
    return kept._folder / NAME


class TestKeeping:
    def test_gives_back_every_field_of_every_fact(self, kept):
        snapshot = Snapshot(TOKEN, [FULL_SUBSIDY, a_subsidy()], [FULL_LOT, some_lot(2)])
        kept.keep(ORIGIN, snapshot)

        assert kept.read(ORIGIN) == snapshot

    @pytest.mark.parametrize(
        ("full", "plain"), [(FULL_LOT, some_lot()), (FULL_SUBSIDY, a_subsidy())]
    )
    def test_no_field_of_the_example_is_as_usual(self, full, plain):
        for each in fields(full):
            if each.name not in {"brand_id", "published_at", "subsidy"}:
                assert getattr(full, each.name) != getattr(plain, each.name), each.name

    @pytest.mark.parametrize("lots", [0, 1, 1_000, 2_001])
    def test_of_any_size(self, kept, lots):
        kept.keep(ORIGIN, a_snapshot(lots))

        assert kept.read(ORIGIN) == a_snapshot(lots)

    def test_the_last_writer_counts(self, kept):
        for lots in (5, 3):
            kept.keep(ORIGIN, a_snapshot(lots))

        assert len(kept.read(ORIGIN).lots) == 3

    def test_nobody_else_may_read_it(self, kept):
        kept.keep(ORIGIN, a_snapshot())

        assert path_of(kept).stat().st_mode & 0o077 == 0

    def test_words_that_many_lots_share_are_kept_once(self, kept):
        kept.keep(ORIGIN, a_snapshot(2))
        first, second = kept.read(ORIGIN).lots

        assert first.tags[0] is second.tags[0]
        assert first.brand_id is second.brand_id

    def test_a_disk_that_takes_nothing_leaves_the_one_before(self, kept, monkeypatch):
        def fail(_):
            raise OSError("no space left")

        kept.keep(ORIGIN, a_snapshot(1))
        monkeypatch.setattr(os, "fsync", fail)
        kept.keep_soon(ORIGIN, a_snapshot(2))
        kept.close()

        assert len(kept.read(ORIGIN).lots) == 1
        assert [each.name for each in kept._folder.iterdir()] == [NAME]


class TestDoubts:
    def test_there_is_none(self, kept):
        assert kept.read(ORIGIN) is None

    def test_of_other_collections_is_not_used(self, kept):
        kept.keep(ORIGIN, a_snapshot())

        assert kept.read(origin_of({"offers": "a", "subsidy_offers": "c"})) is None

    def test_of_another_format_is_not_used(self, kept, monkeypatch):
        kept.keep(ORIGIN, a_snapshot())
        monkeypatch.setattr(snapshots, "FORMAT", snapshots.FORMAT + 1)

        assert kept.read(origin_of({"offers": "a", "subsidy_offers": "b"})) is None

    @pytest.mark.parametrize("field", [("packs", str), ("boxes", int)])
    def test_of_other_fields_even_inside_of_others_is_not_used(self, kept, field):
        def shape_with(inside):
            held = make_dataclass("Held", [inside])
            return snapshots._shape([make_dataclass("LotFacts", [("held", tuple[held, ...])])])

        kept.keep(replace(ORIGIN, shape=shape_with(("packs", int))), a_snapshot(1))

        assert kept.read(replace(ORIGIN, shape=shape_with(field))) is None
        assert kept.read(replace(ORIGIN, shape=shape_with(("packs", int)))) == a_snapshot(1)

    def test_any_octet_that_is_another_is_noticed(self, kept):
        kept.keep(ORIGIN, a_snapshot(40))
        whole = path_of(kept).read_bytes()

        for place in range(0, len(whole), 37):
            path_of(kept).write_bytes(
                whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :]
            )
            assert kept.read(ORIGIN) is None, place

    def test_one_that_ends_too_soon_or_too_late_is_not_used(self, kept):
        kept.keep(ORIGIN, a_snapshot(40))
        whole = path_of(kept).read_bytes()

        for octets in (b"", whole[:3], whole[:200], whole[:-1], whole + b"\0", b"\xff" * 900):
            path_of(kept).write_bytes(octets)
            assert kept.read(ORIGIN) is None


WRITES_AND_STOPS_HALF_WAY = """
import sys, time
from pathlib import Path
from tests.unit.matching.offers.test_snapshots import ORIGIN, TOKEN, Snapshot, Snapshots, some_lot

class Stops(list):
    def __getitem__(self, part):
        if part.start:
            print("half", flush=True)
            time.sleep(60)
        return super().__getitem__(part)

Snapshots(Path(sys.argv[1])).keep(
    ORIGIN, Snapshot(TOKEN, [], Stops(some_lot(each) for each in range(1_001)))
)
"""


class TestKilled:
    def test_while_writing_leaves_the_one_before(self, kept, monkeypatch):
        kept.keep(ORIGIN, a_snapshot(7))
        command = [sys.executable, "-c", WRITES_AND_STOPS_HALF_WAY, str(kept._folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout.readline() == b"half\n"
            child.send_signal(signal.SIGKILL)

        assert len(kept.read(ORIGIN).lots) == 7
        assert len(list(kept._folder.iterdir())) == 2

        monkeypatch.setattr(snapshots, "ABANDONED_SECONDS", -1)
        kept.keep(ORIGIN, a_snapshot(8))

        assert [each.name for each in kept._folder.iterdir()] == [NAME]


class TestWhen:
    def test_not_before_its_time(self, kept):
        assert not kept.is_due(TOKEN)

    def test_once_a_minute_has_passed_unless_another_process_has_just_kept_one(
        self, kept, monkeypatch
    ):
        now = time.monotonic() + 2 * snapshots.EVERY_SECONDS
        monkeypatch.setattr(time, "monotonic", lambda: now)

        assert kept.is_due(TOKEN)
        assert not kept.is_due(TOKEN)

        now += 2 * snapshots.EVERY_SECONDS
        kept.keep(ORIGIN, a_snapshot(1))
        assert not kept.is_due(TOKEN)

    def test_of_the_same_place_is_not_kept_twice(self, kept, monkeypatch):
        monkeypatch.setattr(snapshots, "EVERY_SECONDS", 0)
        assert kept.is_due(TOKEN)

        kept.keep_soon(ORIGIN, a_snapshot(1))
        kept.close()

        assert not kept.is_due(TOKEN)
        assert kept.is_due({"_data": "8264"})
