"""A code is spelled one way, and only what was signed is read back."""

import re

import pytest

from chassis.kernel.ids import ALPHABET
from services.catalog.codes.engine.spelling import (
    Code,
    CodeKind,
    CodeUnreadable,
    Spelled,
    spell,
    to_code,
    to_payload,
    unspell,
)
from tests.unit.catalog.fakes import BRAND, HOST, an_id

SIGNATURE = bytes(range(64))


def a_code(**changes) -> Code:
    given = {"kind": CodeKind.PACK, "batch_id": an_id("cbt"), "serial": 7, "lot_id": an_id("lot")}
    return Code(**given | changes)


def spelled(code: Code) -> Spelled:
    return Spelled(to_payload(code), "L1pu", SIGNATURE)


class TestPayload:
    @pytest.mark.parametrize("kind", [*CodeKind])
    @pytest.mark.parametrize("lot_id", [None, an_id("lot")])
    @pytest.mark.parametrize("host_id", [None, HOST])
    @pytest.mark.parametrize("community_id", [None, an_id("com")])
    def test_says_all_that_a_code_is(self, kind, lot_id, host_id, community_id):
        code = a_code(kind=kind, lot_id=lot_id, host_id=host_id, community_id=community_id)

        assert to_code(to_payload(code)) == code

    @pytest.mark.parametrize("serial", [1, 10_000, 65_535])
    def test_counts_as_far_as_two_bytes_do(self, serial):
        assert to_code(to_payload(a_code(serial=serial))).serial == serial

    def test_of_another_kind_with_the_same_ids_differs(self):
        pack, door = (a_code(kind=kind, batch_id=BRAND) for kind in (CodeKind.PACK, CodeKind.DOOR))

        assert to_payload(pack)[0] != to_payload(door)[0]

    @pytest.mark.parametrize("head", [0b00_00_0000, 0b10_00_1000, 0b01_11_1000, 0b01_00_1001])
    def test_of_another_format_is_refused(self, head):
        payload = bytes([head]) + to_payload(a_code())[1:]

        with pytest.raises(CodeUnreadable):
            to_code(payload)

    def test_cut_short_is_refused(self):
        with pytest.raises(CodeUnreadable):
            to_code(to_payload(a_code())[:-1])


class TestSpelling:
    def test_is_read_as_it_was_written(self):
        whole = spelled(a_code(host_id=HOST))

        assert unspell(spell(whole)) == whole

    def test_of_the_shortest_pack_has_164_letters(self):
        assert len(spell(spelled(a_code()))) == 164

    def test_uses_what_a_qr_code_packs_tightest(self):
        assert re.fullmatch("[0-9A-Z]+", spell(spelled(a_code())))

    def test_forgives_small_letters_and_misread_ones(self):
        whole = spelled(a_code())

        assert unspell(spell(whole).lower().replace("0", "o").replace("1", "l")) == whole

    def test_is_the_only_one(self):
        text = spell(spelled(a_code()))
        last = ALPHABET.index(text[-1].lower())

        assert last % 16 == 0  # 816 bits in 164 letters leave four over
        for spare in range(1, 16):
            with pytest.raises(CodeUnreadable):
                unspell(text[:-1] + ALPHABET[last + spare])

    @pytest.mark.parametrize("text", ["", "A", "U" * 164, "茶" * 164, "A" * 164, "0" * 5000, " "])
    def test_is_no_other_text(self, text):
        with pytest.raises(CodeUnreadable):
            unspell(text)
