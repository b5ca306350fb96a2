"""How a manifest is read: the part of YAML that says what JSON can say."""

from __future__ import annotations

import pytest

from cartridges.problems import CartridgeRefused
from cartridges.reading import MOST_BYTES, read_manifest


def code(content: bytes) -> str:
    with pytest.raises(CartridgeRefused) as refused:
        read_manifest(content)
    (problem,) = refused.value.problems
    return problem.code


class TestScalars:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("no", "no"),
            ("Yes", "Yes"),
            ("on", "on"),
            ("true", True),
            ("null", None),
            ("~", None),
            ("12", 12),
            ("-3", -3),
            ("012", "012"),
            ("0x1f", "0x1f"),
            ("1_000", "1_000"),
            ("1:30", "1:30"),
            ("2026-11-26", "2026-11-26"),
            ("1.50", 1.5),
            ("1e3", 1000.0),
            ('"12"', "12"),
            ("'true'", "true"),
            ("1.0.0", "1.0.0"),
            ("茶", "茶"),
        ],
    )
    def test_are_those_of_json(self, text, value):
        read = read_manifest(f"a: {text}\n".encode()).manifest["a"]

        assert read == value
        assert type(read) is type(value)


class TestReading:
    def test_takes_json_as_it_is(self):
        assert read_manifest(b'{"a": [1, {"b": null}]}').manifest == {"a": [1, {"b": None}]}

    def test_takes_a_byte_order_mark(self):
        assert read_manifest(b"\xef\xbb\xbfa: 1\n").manifest == {"a": 1}

    def test_knows_where_everything_stands(self):
        source = read_manifest(b"a: 1\nlist:\n  - x\n  - { y/z: 2 }\n")

        assert source.place("/list/1/y~1z") == (4, 7)
        assert source.place("/list/1/nothing") == (4, 5)
        assert source.place("") == (1, 1)

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"a: &x 1\nb: *x\n", "yaml-alias"),
            (b"a: !!str 1\n", "yaml-tag"),
            (b"a: 1\na: 2\n", "name-twice"),
            (b"[1]: 2\n", "not-yaml"),
            (b"a: [1\n", "not-yaml"),
            (b"a: \x00\n", "not-yaml"),
            (b"\xff", "not-utf-8"),
            (b"x" * (MOST_BYTES + 1), "file-too-large"),
            (b"[" * 100_000, "too-deep"),
            (b"- " * 5_000, "too-deep"),
        ],
    )
    def test_refuses_what_could_surprise(self, content, expected):
        assert code(content) == expected

    def test_names_the_line_and_the_column(self):
        with pytest.raises(CartridgeRefused) as refused:
            read_manifest(b"a: 1\nb: !x 2\n")

        assert refused.value.problems[0].reason == "line 2, column 4: the tag !x"
