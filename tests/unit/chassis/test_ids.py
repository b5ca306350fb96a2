"""Identifiers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.kernel.ids import derived_id, from_int, id_maker, made_at, make_id, pattern, to_int

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class TestMakeId:
    def test_is_ordered_by_time(self):
        early = make_id("lot", now=NOON, random=lambda bits: (1 << bits) - 1)
        late = make_id("lot", now=NOON + timedelta(milliseconds=1), random=lambda _bits: 0)

        assert early < late

    def test_is_a_uuid_of_version_7(self):
        number = to_int(make_id("lot", now=NOON, random=lambda _bits: 0))

        assert (number >> 76 & 0xF, number >> 62 & 0b11) == (7, 0b10)
        assert number >> 80 == int(NOON.timestamp() * 1000)

    def test_matches_its_pattern_and_no_other(self):
        lot = id_maker(lambda: NOON)("lot")

        assert pattern("lot").match(lot)
        assert not pattern("org").match(lot)
        assert not pattern("lot").match(lot.upper())


class TestDerivedId:
    def test_is_the_same_for_the_same_reason(self):
        claim = id_maker(lambda: NOON)("clm")

        assert derived_id("ent", claim, "hold") == derived_id("ent", claim, "hold")
        assert derived_id("ent", claim, "hold") != derived_id("ent", claim, "post")

    def test_keeps_the_time_of_what_it_follows_from(self):
        claim = id_maker(lambda: NOON)("clm")

        assert to_int(derived_id("ent", claim, "hold")) >> 80 == to_int(claim) >> 80


class TestMadeAt:
    def test_is_the_millisecond_of_its_making_or_of_its_origin_s(self):
        claim = id_maker(lambda: NOON + timedelta(microseconds=1_999))("clm")

        moment = NOON + timedelta(milliseconds=1)
        assert (made_at(claim), made_at(derived_id("ent", claim, "hold"))) == (moment, moment)


class TestNumbers:
    def test_carry_an_id_there_and_back(self):
        lot = id_maker(lambda: NOON)("lot")

        assert from_int("lot", to_int(lot)) == lot

    @pytest.mark.parametrize("text", ["", "lot_", "lot_01", "lot_" + "u" * 26])
    def test_refuse_what_is_no_id(self, text):
        with pytest.raises(ValueError, match="not an identifier"):
            to_int(text)
