"""Codes are signed, verified with the published keys, and drawn as sheet, table and page."""

import csv
import io
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from xml.etree import ElementTree as ET

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from chassis.signer import public_half, signed
from services.catalog.codes.adapters import (
    PIECE,
    SignedCodes,
    code_table,
    page,
    scan_table,
    sheet,
    to_text,
    verified,
)
from services.catalog.codes.domain import CodeInvalid, CodeKeyUnknown
from services.catalog.codes.engine.spelling import CodeKind, Spelled, spell, to_payload, unspell
from services.catalog.codes.use_cases import Seen
from tests.unit.catalog.codes.fakes import FakeSigner, a_batch
from tests.unit.catalog.fakes import HOST, NOW, an_id

LOT = an_id("lot")
ORIGIN = "https://codes.teahouse.example"
SIGNER = FakeSigner()
CODE = a_batch().code(3)
TEXT = to_text(CODE, SIGNER.current())


def part(plain: bytes) -> str:
    return urlsafe_b64encode(plain).rstrip(b"=").decode()


class TestCode:
    def test_is_verified_with_nothing_but_the_published_key(self):
        key = OKPKey.import_key(json.loads(json.dumps(public_half(SIGNER.current()))))

        reading = verified(TEXT, lambda start: [key] if key.kid.startswith(start) else [])

        assert (reading.code, reading.key_id) == (CODE, key.kid)

    def test_is_verified_by_any_jose_library_as_the_format_says(self):
        published = public_half(SIGNER.current())
        spelled = unspell(TEXT)
        header = f'{{"alg":"Ed25519","typ":"teahouse-code","kid":"{published["kid"]}"}}'
        token = f"{part(header.encode())}.{part(spelled.payload)}.{part(spelled.signature)}"

        read = jws.deserialize_compact(token, OKPKey.import_key(published), algorithms=["Ed25519"])

        assert read.payload == to_payload(CODE)

    def test_is_the_same_each_time(self):
        assert to_text(CODE, SIGNER.current()) == TEXT

    def test_does_not_survive_a_change_of_any_letter(self):
        for place, letter in enumerate(TEXT):
            other = "A" if letter != "A" else "B"

            with pytest.raises((CodeInvalid, CodeKeyUnknown)):
                SignedCodes(SIGNER).read(TEXT[:place] + other + TEXT[place + 1 :])

    def test_forged_with_a_key_of_ones_own_is_signed_by_an_unknown_key(self):
        with pytest.raises(CodeKeyUnknown):
            SignedCodes(SIGNER).read(to_text(CODE, FakeSigner().current()))

    def test_forged_under_the_name_of_our_key_is_invalid(self):
        forged = unspell(to_text(CODE, FakeSigner().current()))
        ours = unspell(TEXT).key_start

        with pytest.raises(CodeInvalid):
            SignedCodes(SIGNER).read(spell(Spelled(forged.payload, ours, forged.signature)))

    def test_is_no_token_of_another_type_that_the_same_key_signed(self):
        token = signed(to_payload(CODE), type="teahouse-door", key=SIGNER.current())
        signature = urlsafe_b64decode(token.rpartition(".")[2] + "==")
        spelled = unspell(TEXT)

        with pytest.raises(CodeInvalid):
            SignedCodes(SIGNER).read(spell(Spelled(spelled.payload, spelled.key_start, signature)))


class TestRotation:
    def test_leaves_old_codes_valid_and_signs_new_ones_anew(self):
        signer = FakeSigner()
        keys = SignedCodes(signer)
        old_key, (old,) = keys.key_id(), keys.write([CODE], keys.key_id())

        signer.rotate()

        (new,) = keys.write([CODE], keys.key_id())
        assert keys.read(old) == (CODE, old_key)
        assert keys.read(new) == (CODE, keys.key_id())
        assert keys.key_id() != old_key

    def test_writes_a_batch_with_the_key_it_was_made_with(self):
        signer = FakeSigner()
        keys = SignedCodes(signer)
        key_id, before = keys.key_id(), keys.write([CODE], keys.key_id())

        signer.rotate()

        assert keys.write([CODE], key_id) == before


class TestSheet:
    def test_draws_every_code_with_its_number(self):
        drawn = ET.fromstring(sheet([(25, TEXT), (26, TEXT)], origin=ORIGIN, count=26))

        captions = [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
        assert captions == ["25 / 26", "26 / 26"]
        assert len(list(drawn.iter("{http://www.w3.org/2000/svg}path"))) == 2

    def test_needs_version_9_for_a_pack(self):
        drawn = ET.fromstring(sheet([(1, TEXT)], origin=ORIGIN, count=1))

        (inner,) = (
            one for one in drawn.iter("{http://www.w3.org/2000/svg}svg") if one is not drawn
        )
        (path,) = inner.iter("{http://www.w3.org/2000/svg}path")
        modules = 40 / float(path.attrib["transform"].removeprefix("scale(").rstrip(")"))
        assert round(modules) == 4 + 53 + 4


class TestTable:
    def test_has_a_line_for_each_code(self):
        lines = "".join(code_table([(3, TEXT)], origin=ORIGIN)).splitlines()

        assert lines == ["serial,code,url", f"3,{TEXT},{ORIGIN}/v1/scans/{TEXT}"]

    def test_tells_of_scans_without_reading_ahead(self):
        read = []

        def scans():
            for number in range(10_000):
                read.append(number)
                yield a_scan(serial=number)

        table = scan_table(scans())
        first = next(table)

        assert len(first) < 2 * PIECE
        assert first.count("\n") == len(read) + 1
        assert len(read) < 1_000
        assert (first + "".join(table)).count("\n") == 10_001

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    def test_holds_nothing_that_a_spreadsheet_would_run(self, start):
        (line,) = csv.DictReader(
            io.StringIO("".join(scan_table([a_scan(community_id=f"{start}1")])), newline="")
        )

        assert line["community_id"] == f"'{start}1"

    def test_leaves_open_to_whom_a_scan_is_not_credited(self):
        (line,) = csv.DictReader(io.StringIO("".join(scan_table([a_scan()]))))

        assert (line["lot_id"], line["host_id"]) == (LOT, "")


def a_scan(**changes):
    """A row as it lies in MongoDB; what is not known is absent."""
    known = {"day": "2026-03-01", "at": NOW, "serial": 1, "kind": "pack", "lot_id": LOT}
    return known | changes


class TestPage:
    def test_speaks_both_languages_and_runs_nothing(self):
        batch = a_batch(kind=CodeKind.DOOR, host_id=HOST, community_id=an_id("com"))

        shown = page(Seen(batch.code(2), batch, ""))

        assert "欢迎光临" in shown
        assert "Welcome" in shown
        assert "第 2 号，共 10 个" in shown
        assert "<script" not in shown

    def test_shows_a_title_as_text(self):
        shown = page(Seen(CODE, a_batch(), "<script>alert(1)</script>"))

        assert "<script" not in shown
        assert "&lt;script&gt;" in shown
