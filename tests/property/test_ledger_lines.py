"""The compiled checks of a bulk call and the schema say the same of any line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.errors import DomainError
from chassis.kernel.ids import from_int, to_int
from services.payments.ledger.adapters import to_json
from services.payments.ledger.domain import EntryRequest, Kind
from services.payments.ledger.repositories.bulk import Call
from services.payments.ledger.repositories.lines import KINDS, by_schema, numbers_of, read
from tests.property.ledger_random import RandomEntries
from tests.unit.payments.ledger.books import MovableClock, SeededIds

SOURCE = RandomEntries(11, MovableClock(), accounts=5)
MOVES = {Kind.PLAIN, Kind.HOLD}
ENTRIES = [entry for entry in SOURCE.batch(800) if entry.legs or entry.kind not in MOVES]
SELDOM = ("effective_at", "linked", "part", "limits")
USUAL = [
    entry
    for entry in ENTRIES
    if entry.kind in KINDS.values()
    and entry.final
    and not any(getattr(entry, name) for name in SELDOM)
]
ID = SeededIds(4)("ent")

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        [
            ID,
            ID.upper(),
            f"{ID}\n",
            f" {ID}",
            ID.replace("ent_0", "ent_8"),
            "plain",
            "hold",
            "expire",
            "gift",
            "settlement",
            "Settlement",
            "a" * 41,
            "",
            "external:provider",
            "petty-cash",
            "CNY",
            "cny",
            "2026-11-23T00:00:00Z",
            "2026-11-23T00:00:00",
            "1969-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "\uff11\uff12",
            12.0,
            1e3,
            -0.0,
            2**53,
            '"',
        ]
    ),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=3),
)
NAMES = ["id", "kind", "code", "legs", "reason", "pending_id", "reference", "expires_at"]
NAMES += [*SELDOM, "final", "more"]
LEG_NAMES = ["account", "minor", "currency", "more"]


def verdict(request: EntryRequest | DomainError) -> object:
    return request if isinstance(request, EntryRequest) else request.code


def by_the_schema(text: bytes) -> object:
    try:
        return verdict(by_schema(text))
    except DomainError as refusal:
        return verdict(refusal)


def by_the_compiled(text: bytes) -> object:
    call = Call([text], read([text]))
    return verdict(call.lines.refused.get(0) or call.request(0))


def written(row: dict[str, Any], **options: Any) -> bytes:
    return json.dumps(row, **options).encode("utf-8", "surrogatepass")


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """An entry with up to two things about it changed."""
    row = to_json(draw(st.sampled_from(ENTRIES)))
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=2)):
        if draw(st.booleans()):
            row.pop(name, None)
        else:
            row[name] = draw(values)
    if isinstance(row.get("legs"), list) and row["legs"] and draw(st.booleans()):
        leg = dict(row["legs"][0]) if isinstance(row["legs"][0], dict) else {}
        leg[draw(st.sampled_from(LEG_NAMES))] = draw(values)
        row["legs"] = [leg, *row["legs"][1:]]
    return row


class TestSameVerdict:
    @given(row=rows(), ascii_only=st.booleans(), spaced=st.booleans())
    def test_of_any_row(self, row, ascii_only, spaced):
        text = written(
            row, ensure_ascii=ascii_only, separators=(" , ", " :\t") if spaced else (",", ":")
        )

        assert by_the_compiled(text) == by_the_schema(text)

    @given(
        row=rows(), place=st.integers(0, 2**16), byte=st.binary(max_size=2), cut=st.integers(0, 3)
    )
    def test_of_any_damaged_text(self, row, place, byte, cut):
        text = written(row, ensure_ascii=False)
        place %= len(text)
        text = text[:place] + byte + text[place + cut :]

        assert by_the_compiled(text) == by_the_schema(text)

    @given(row=rows(), name=st.sampled_from(NAMES[:-1]), value=values, first=st.booleans())
    def test_of_a_name_that_comes_twice(self, row, name, value, first):
        members = written(row)[1:-1]
        again = written({name: value})[1:-1]
        text = b"{%b,%b}" % ((again, members) if first else (members, again))

        assert by_the_compiled(text) == by_the_schema(text)

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b" ",
            b"null",
            b"[]",
            b"{}",
            b'"plain"',
            b"\xef\xbb\xbf{}",
            b"\xff",
            b'{"id":NaN}',
            b"{" * 40,
            b'{"a":' * 4_000,
        ],
    )
    def test_of_what_is_no_entry(self, text):
        assert by_the_compiled(text) == by_the_schema(text) == "entry-malformed"

    @pytest.mark.parametrize(
        "amount",
        [
            "12.5",
            "9007199254740993.0",
            "-9007199254740993.0",
            "1e20",
            "NaN",
            "Infinity",
            "true",
            "null",
            '"12"',
            '"\uff11\uff12"',
            "\uff11\uff12",
            "012",
            "+12",
            "9223372036854775808",
        ],
    )
    def test_of_an_amount_that_is_no_whole_number(self, amount):
        row = to_json(ENTRIES[0])
        leg = {**row["legs"][1], "minor": 424_242}
        text = written({**row, "legs": [row["legs"][0], leg]}, ensure_ascii=False)
        text = text.replace(b"424242", amount.encode())

        assert by_the_compiled(text) == by_the_schema(text) == "entry-malformed"

    @pytest.mark.parametrize("depth", [29, 30, 31, 32])
    def test_of_a_reason_that_is_nested_deep(self, depth):
        reason: Any = {}
        for _ in range(depth):
            reason = {"why": reason}
        text = written(to_json(ENTRIES[0]) | {"reason": reason})

        assert by_the_compiled(text) == by_the_schema(text)


class TestMainPath:
    def test_every_usual_kind_of_entry_takes_it(self):
        texts = [written(to_json(entry)) for entry in USUAL]
        assert {entry.kind for entry in USUAL} == set(KINDS.values())

        lines = read(texts)

        assert not lines.unusual
        assert not lines.refused
        call = Call(texts, lines)
        assert [call.request(position) for position in range(len(texts))] == USUAL

    def test_one_bad_line_hinders_no_other(self):
        texts = [written(to_json(entry)) for entry in USUAL[:9]]
        texts[4] = b"{"

        lines = read(texts)

        assert list(lines.refused) == [4]
        assert [line is None for line in lines.plain] == [at == 4 for at in range(9)]

    @given(numbers=st.lists(st.integers(0, 2**128 - 1), min_size=1, max_size=20))
    def test_numbers_are_those_of_the_kernel(self, numbers):
        made = [from_int("ent", number) for number in numbers]

        found = numbers_of([text.removeprefix("ent_") for text in made])

        assert found.valid.all()
        wide = [int(high) << 64 | int(low) for high, low in zip(*found[:2], strict=True)]
        assert wide == numbers == [to_int(text) for text in made]
