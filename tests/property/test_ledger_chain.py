"""Whatever is done to a stored log afterwards is found out."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import struct
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.segments import ChainBroken, Segment
from services.payments.ledger.queries import LedgerQueries
from teahouse.ledger.verify import NotAnExport, Report, verify
from tests.property.test_ledger_model import run
from tests.unit.payments.ledger.books import MARKET, MemoryLog

Rows = list[dict[str, Any]]


@cache
def a_log() -> MemoryLog:
    log, _, _ = run(7, 1_500, accounts=6)
    return log


def rows() -> Rows:
    return [json.loads(line) for line in LedgerQueries(MARKET, a_log()).export()]


def check(exported: Rows, path: Path, **options: str) -> Report:
    path.write_text("".join(json.dumps(row) + "\n" for row in exported), encoding="utf-8")
    return verify(path, **options)


def segment_at(exported: Rows, place: int) -> int:
    """Some segment between the first line and the last."""
    return 1 + place % (len(exported) - 2)


def replay(books: Books, segments: list[Segment]) -> None:
    for segment in segments:
        books.apply(segment)


def flipped(text: str, bit: int) -> str:
    stored = bytearray(base64.b64decode(text))
    stored[bit // 8 % len(stored)] ^= 1 << bit % 8
    return base64.b64encode(stored).decode()


def sealed_again(exported: Rows) -> Rows:
    """What a forger would do: link and hash everything after the change anew."""
    previous = bytes.fromhex(exported[0]["genesis"])
    for row in exported[1:-1]:
        row["previous"] = previous.hex()
        running = hashlib.sha256(previous)
        numbers = (row["sequence"], row["at"], row["epoch"], row["entries"], row["legs"])
        running.update(struct.pack("<HQQQII", 1, *numbers))
        for name in sorted(row["columns"]):
            column = base64.b64decode(row["columns"][name])
            running.update(struct.pack("<HI", len(name), len(column)) + name.encode() + column)
        previous = running.digest()
        row["hash"] = previous.hex()
    exported[-1]["head"] = previous.hex()
    return exported


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.ndjson"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledger") / "export.ndjson"


class TestVerify:
    def test_finds_nothing_wrong_with_what_was_written(self, path):
        report = check(rows(), path)

        assert report.ok
        assert report.complete
        assert report.problems == []
        assert set(report.trial_balance.values()) == {0}
        assert report.segments == len(a_log().segments)
        assert report.entries == sum(segment.entry_count for segment in a_log().segments)
        assert report.head == a_log().segments[-1].hash.hex()

    @given(seed=st.integers(0, 2**32), bit=st.integers(0, 2**20))
    def test_finds_any_bit_flipped_in_any_column(self, shared, seed, bit):
        exported = rows()
        row = random.Random(seed).choice(exported[1:-1])
        name = random.Random(seed).choice(sorted(row["columns"]))
        row["columns"][name] = flipped(row["columns"][name], bit)

        assert not check(exported, shared).ok

    @given(
        place=st.integers(1, 20),
        name=st.sampled_from(["sequence", "at", "epoch", "entries", "legs"]),
    )
    def test_finds_any_number_of_the_header_changed(self, shared, place, name):
        exported = rows()
        exported[segment_at(exported, place)][name] += 1

        assert not check(exported, shared).ok

    @given(place=st.integers(1, 20))
    def test_finds_a_segment_dropped(self, shared, place):
        exported = rows()
        del exported[segment_at(exported, place)]

        assert not check(exported, shared).ok

    @given(place=st.integers(0, 20))
    def test_finds_two_segments_swapped(self, shared, place):
        exported = rows()
        first, second = segment_at(exported, place), segment_at(exported, place + 1)
        exported[first], exported[second] = exported[second], exported[first]

        assert not check(exported, shared).ok

    @given(place=st.integers(1, 20))
    def test_finds_a_segment_twice(self, shared, place):
        exported = rows()
        place = segment_at(exported, place)
        exported.insert(place, exported[place])

        assert not check(exported, shared).ok

    @given(kept=st.integers(1, 20))
    def test_finds_the_end_cut_off(self, shared, kept):
        exported = rows()
        report = check(exported[: segment_at(exported, kept)], shared)

        assert not report.ok
        assert report.complete is False

    def test_finds_an_end_cut_off_and_mended_by_the_head_alone(self, path):
        whole = rows()
        head = whole[-1]["head"]
        short = [*whole[:10], whole[-1]]
        short[-1] |= {
            "segments": 9,
            "entries": sum(row["entries"] for row in short[1:-1]),
            "head": short[-2]["hash"],
        }

        assert check(short, path).ok
        assert not check(short, path, head=head).ok
        assert check(rows(), path, head=head).ok

    def test_finds_another_markets_log(self, path):
        exported = rows()
        exported[0]["market"] = "elsewhere"

        assert not check(exported, path).ok

    def test_finds_money_made_even_if_the_chain_is_sealed_again(self, path):
        exported = rows()
        first = next(row["columns"] for row in exported[1:] if "amount" in row["columns"])
        amounts = bytearray(base64.b64decode(first["amount"]))
        amounts[0] ^= 1
        first["amount"] = base64.b64encode(amounts).decode()

        report = check(sealed_again(exported), path)

        assert any("add up to" in problem for problem in report.problems)

    def test_finds_a_floor_lowered_even_if_the_chain_is_sealed_again(self, path):
        exported = rows()
        for row in exported[1:-1]:
            count = len(base64.b64decode(row["columns"].get("accounts", "")).split(b"\n"))
            if "accounts" in row["columns"]:
                floors = struct.pack(f"<{count}q", *[-1000] * count)
                row["columns"]["account_floor"] = base64.b64encode(floors).decode()

        report = check(sealed_again(exported), path)

        assert any("fall below zero" in problem for problem in report.problems)

    @pytest.mark.parametrize("text", ["", "{}\n", "[1]\n", "not json\n", '{"kind": "segment"}\n'])
    def test_says_when_the_file_is_something_else(self, path, text):
        path.write_text(text, encoding="utf-8")

        with pytest.raises(NotAnExport):
            verify(path)

    def test_reads_a_plain_database_export(self, path):
        exported = [
            {
                "_id": {"$numberLong": str(row["sequence"])},
                "format": 1,
                **{
                    name: {"$numberLong": str(row[name])}
                    for name in ("at", "epoch", "entries", "legs")
                },
                **{
                    name: _binary(base64.b64encode(bytes.fromhex(row[name])).decode())
                    for name in ("previous", "hash")
                },
                "columns": {name: _binary(text) for name, text in row["columns"].items()},
            }
            for row in rows()[1:-1]
        ]

        report = check(exported, path, market=MARKET)

        assert report.ok
        assert report.complete is None
        assert report.head == a_log().segments[-1].hash.hex()


class TestReplay:
    @given(seed=st.integers(0, 2**32), bit=st.integers(0, 2**20))
    def test_stops_at_any_bit_flipped(self, seed, bit):
        segments = list(a_log().segments)
        place = random.Random(seed).randrange(len(segments))
        name = random.Random(seed).choice(sorted(segments[place].columns))
        columns = dict(segments[place].columns)
        stored = bytearray(columns[name])
        stored[bit // 8 % len(stored)] ^= 1 << bit % 8
        segments[place] = Segment(
            **{**_parts(segments[place]), "columns": {**columns, name: bytes(stored)}}
        )
        books = Books(MARKET, segments.__getitem__)

        with pytest.raises(ChainBroken):
            replay(books, segments)

        assert books.next_sequence == place


def _binary(text: str) -> dict[str, Any]:
    return {"$binary": {"base64": text, "subType": "00"}}


def _parts(segment: Segment) -> dict[str, Any]:
    names = ("sequence", "at", "epoch", "entry_count", "leg_count", "previous", "hash", "columns")
    return {name: getattr(segment, name) for name in names}
