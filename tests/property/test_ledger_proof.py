"""Signed roots: whatever is done to a log of several days is found out (P13)."""

from __future__ import annotations

import base64
import json
import random
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from chassis.signer import public_half, signed
from services.payments.ledger.repositories.writer import Writer
from services.payments.proofs.domain import TYPE
from teahouse.ledger.proof import check_days, read_keys
from teahouse.ledger.verify import verify
from tests.property.ledger_random import RandomEntries
from tests.property.test_ledger_chain import flipped, sealed_again
from tests.unit.payments.ledger.books import MARKET, MemoryLog, MovableClock
from tests.unit.payments.proofs.sealing import JWKS, MemoryDays, a_sealer, exported

ZONE = ZoneInfo("Asia/Shanghai")


@cache
def lines():
    """An export of a random log of a week, sealed."""
    log, clock, days = MemoryLog(), MovableClock(), MemoryDays()
    writer = Writer(MARKET, log, clock)
    source = RandomEntries(11, clock, accounts=6)
    sealer = a_sealer(log, days, ZONE)
    for _ in range(24):
        writer.book(source.batch(8))
        clock.forward(hours=7)
        sealer.run(clock.now)
    return exported(log, days)


def rows():
    return [json.loads(line) for line in lines()]


def segments(found):
    return [place for place, row in enumerate(found) if row["kind"] == "segment"]


def check(found, path, trusted=None):
    """Whether books and proof both hold; trusting the keys that were there before."""
    path.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")
    books, proof = verify(path), check_days(path, read_keys(trusted or JWKS))
    return books.ok and proof.ok


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("proof") / "export.ndjson"


class TestProof:
    def test_holds_for_what_was_written(self, path):
        assert check(rows(), path)

        proof = check_days(path)
        assert proof.ok
        assert proof.days >= 6
        assert 0 < proof.covered <= len(segments(rows()))

    @given(seed=st.integers(0, 2**32), bit=st.integers(0, 2**20))
    def test_finds_a_bit_flipped_even_if_the_chain_is_sealed_again(self, path, seed, bit):
        found = rows()
        last = check_days_covered(path)
        row = found[segments(found)[random.Random(seed).randrange(last)]]
        name = random.Random(seed).choice(sorted(row["columns"]))
        row["columns"][name] = flipped(row["columns"][name], bit)

        assert not check(resealed(found), path)

    @given(place=st.integers(0, 10**6))
    def test_finds_a_segment_dropped_even_if_the_chain_is_sealed_again(self, path, place):
        found = rows()
        del found[segments(found)[place % check_days_covered(path)]]
        for number, at in enumerate(segments(found)):
            found[at]["sequence"] = number

        assert not check(resealed(found), path)

    @given(place=st.integers(0, 10**6))
    def test_finds_neighbours_swapped_even_if_the_chain_is_sealed_again(self, path, place):
        found = rows()
        where = segments(found)
        first = where[place % (check_days_covered(path) - 1)]
        found[first], found[first + 1] = found[first + 1], found[first]
        for number, at in enumerate(where):
            found[at]["sequence"] = number

        assert not check(resealed(found), path)

    @given(kept=st.integers(1, 10**6))
    def test_finds_the_end_cut_off_and_mended(self, path, kept):
        found = rows()
        where = segments(found)
        keep = where[kept % check_days_covered(path)]
        short = [*found[:keep], found[-1]]

        assert not check(resealed(short), path)

    def test_finds_a_day_left_out(self, path):
        found = rows()
        days = [place for place, row in enumerate(found) if row["kind"] == "day"]
        for place in days[:-1]:
            assert not check([*found[:place], *found[place + 1 :]], path)

    @given(seed=st.integers(0, 2**32), bit=st.integers(0, 2**20))
    def test_finds_any_bit_of_a_token_flipped(self, path, seed, bit):
        found = rows()
        row = random.Random(seed).choice([row for row in found if row["kind"] == "day"])
        parts = row["token"].split(".")
        part = random.Random(seed).randrange(3)
        raw = bytearray(base64.urlsafe_b64decode(parts[part] + "=="))
        raw[bit // 8 % len(raw)] ^= 1 << bit % 8
        parts[part] = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        row["token"] = ".".join(parts)

        assert not check(found, path)

    def test_finds_days_signed_by_somebody_else(self, path):
        forger = OKPKey.generate_key("Ed25519", auto_kid=True)
        found = rows()
        for row in found:
            if row["kind"] == "day":
                payload = base64.urlsafe_b64decode(row["token"].split(".")[1] + "==")
                row["token"] = signed(payload, type=TYPE, key=forger)

        assert not check(found, path)
        assert check(found, path, trusted={"keys": [public_half(forger)]})

    def test_finds_a_token_that_was_made_for_something_else(self, path):
        found = rows()
        for row in found:
            if row["kind"] == "day":
                row["token"] = f"{row['token']}x"

        assert not check(found, path)

    def test_needs_no_days_at_all(self, path):
        assert check([row for row in rows() if row["kind"] not in {"day", "keys"}], path)


def check_days_covered(path):
    path.write_text("".join(lines()), encoding="utf-8")
    return _covered(str(path))


@cache
def _covered(path):
    return check_days(path).covered


def resealed(found):
    """What a forger would do who has everything but the signing key."""
    head = [row for row in found if row["kind"] in {"keys", "day"}]
    chain = sealed_again([row for row in found if row["kind"] not in {"keys", "day"}])
    chain[-1] |= {
        "segments": len(chain) - 2,
        "entries": sum(row["entries"] for row in chain[1:-1]),
    }
    return [chain[0], *head, *chain[1:]]
