"""The files that a bank gets are as the standard wants them, and hostile ones are refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sepaxml.validation import try_valid_xml

from chassis.kernel.money import Money
from services.payments.bank.engine.names import is_iban, operation_id, written
from services.payments.bank.engine.statements import SumsDiffer, read_statements
from services.payments.bank.engine.transfers import Account, Transfer, transfer_file
from services.payments.bank.engine.trees import LARGEST_BYTES, Unreadable, read_tree
from tests.builders.payments import an_id
from tests.fakes.bank import ACCOUNT, HOLDER, Booked, FakeBank

DAY, AT = date(2026, 11, 26), datetime(2026, 11, 26, 4, 5, 6, 789, UTC)


def account(currency="CNY", **changes):
    return Account(
        **({"holder": HOLDER, "number": ACCOUNT, "bic": "", "currency": currency} | changes)
    )


def transfers(*minors, currency="CNY", **changes):
    common = {"holder": "Café & Söhne <茶>", "account": "6222020000001234", "remark": an_id("pay")}
    return [
        Transfer(an_id("opn"), Money(minor, currency), **(common | changes)) for minor in minors
    ]


def file_of(payments, ours=None):
    return transfer_file(an_id("bfl"), ours or account(), payments, made_at=AT, on=DAY)


class TestAFile:
    @pytest.mark.parametrize("bic", ["", "DEUTDEFF", "DEUTDEFF500"])
    @pytest.mark.parametrize("number", ["6222020000001234", "DE89370400440532013000"])
    def test_is_valid_by_the_schema_of_the_standard(self, bic, number):
        content = file_of(transfers(1, 31_255, account=number), account(bic=bic))

        try_valid_xml(content, "pain.001.001.09")

    @pytest.mark.parametrize(("currency", "decimals"), [("CNY", 2), ("JPY", 0), ("BHD", 3)])
    def test_has_the_decimals_of_its_currency_and_exact_sums(self, currency, decimals):
        payments = transfers(1, 999, 10**12, currency=currency)
        bank = FakeBank(decimals=decimals, currency=currency)

        content = file_of(payments, account(currency))

        try_valid_xml(content, "pain.001.001.09")
        ids = bank.take(content)
        assert [bank.ordered[own][0] for own in ids] == [1, 999, 10**12]
        total = Decimal(10**12 + 1_000).scaleb(-decimals)
        assert content.count(f"<CtrlSum>{total:f}</CtrlSum>".encode()) == 2

    def test_is_the_same_for_the_same_payments(self):
        payments, own = transfers(5, 6), an_id("bfl")

        first, again = (
            transfer_file(own, account(), payments, made_at=AT, on=DAY) for _ in range(2)
        )

        assert first == again

    def test_holds_a_name_with_what_xml_cannot_carry_and_too_long(self):
        content = file_of(transfers(5, holder="\x00\x1b\ud800" + "茶" * 200))

        try_valid_xml(content, "pain.001.001.09")
        assert "茶" * 140 in content.decode()


class TestNames:
    def test_come_back_as_they_were_whatever_the_bank_does_to_their_letters(self):
        own = an_id("opn")

        assert operation_id(written(own)) == own
        assert operation_id(f" {written(own).upper()} ") == own

    @pytest.mark.parametrize("text", ["", "NOTPROVIDED", "opn-", "opn_" + "0" * 26, "x" * 99])
    def test_that_are_not_ours_are_none(self, text):
        assert operation_id(text) == ""

    def test_tell_an_iban_from_another_number_by_its_check_digits(self):
        assert is_iban("DE89370400440532013000")
        assert not is_iban("DE88370400440532013000")
        assert not is_iban("6222020000001234")


class TestAStatement:
    @pytest.mark.parametrize("version", ["02", "08"])
    def test_tells_every_movement_with_whose_it_is(self, version):
        own = an_id("opn")
        lines = [
            Booked("R1", -500, written(own), "Host & Co"),
            Booked("R2", 700, "", "Brand", text="for <tea>"),
            Booked("R3", 500, written(own), "Host & Co", "AC04"),
        ]

        (told,) = read_statements(FakeBank(opening=-20).statement(lines, DAY, version=version))

        assert (told.opening.minor, told.closing.minor) == (-20, 680)
        assert told.account == ACCOUNT
        assert [
            (m.amount.minor, m.operation_id, m.counterparty, m.text, m.code)
            for m in told.movements
        ] == [
            (-500, own, "Host & Co", "", ""),
            (700, "", "Brand", "for <tea>", ""),
            (500, own, "Host & Co", "", "AC04"),
        ]

    def test_that_books_several_payments_as_one_is_taken_apart(self):
        content = FakeBank().statement([Booked("R1", -500)], DAY).decode()
        parts = "".join(
            f'<TxDtls><Refs><EndToEndId>{written(own)}</EndToEndId></Refs><Amt Ccy="CNY">'
            f"{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls>"
            for own, amount in ((an_id("opn"), "3.50"), (an_id("opn"), "1.50"))
        )
        start, end = content.index("<TxDtls>"), content.index("</NtryDtls>")

        (told,) = read_statements((content[:start] + parts + content[end:]).encode())

        assert [m.amount.minor for m in told.movements] == [-350, -150]
        assert [m.reference for m in told.movements] == ["R1.0", "R1.1"]
        wrong = content[:start] + parts.replace("1.50", "1.51") + content[end:]
        with pytest.raises(SumsDiffer):
            read_statements(wrong.encode())

    def test_leaves_out_what_is_not_booked_yet(self):
        content = FakeBank().statement([Booked("R1", -5), Booked("R2", -7)], DAY, closing=-5)
        first, _, rest = content.decode().partition("R1")
        pending = first + "R1" + rest.replace("BOOK", "PDNG")

        (told,) = read_statements(pending.encode())

        assert [m.amount.minor for m in told.movements] == [-5]

    @pytest.mark.parametrize("wrong", [1, -1, 10**12])
    def test_that_does_not_add_up_is_refused(self, wrong):
        with pytest.raises(SumsDiffer):
            read_statements(FakeBank().statement([Booked("R1", -5)], DAY, closing=wrong))

    @pytest.mark.parametrize(
        ("this", "that"),
        [
            ("<NbOfNtries>1<", "<NbOfNtries>2<"),
            ("<Sum>0.05<", "<Sum>0.06<"),
        ],
    )
    def test_whose_totals_are_wrong_is_refused(self, this, that):
        content = FakeBank().statement([Booked("R1", -5)], DAY).decode()

        assert this in content
        with pytest.raises(SumsDiffer):
            read_statements(content.replace(this, that).encode())

    @pytest.mark.parametrize(
        ("this", "that"),
        [
            ("0.05</Amt>", "0.055</Amt>"),
            ("0.05</Amt>", "5e-2</Amt>"),
            ("0.05</Amt>", "-0.05</Amt>"),
            ("0.05</Amt>", "\uff10.\uff10\uff15</Amt>"),
            ("0.05</Amt>", "NaN</Amt>"),
            ("0.05</Amt>", "999999999999999999.00</Amt>"),
            ('Ccy="CNY"', 'Ccy="XXX"'),
            ("DBIT", "BOTH"),
            ("<Dt>2026-11-26</Dt>", "<Dt>2026-13-26</Dt>"),
            ("<BookgDt><Dt>2026-11-26<", "<BookgDt><Dt>0001-01-01<"),
            ("<Dt>2026-11-26</Dt></Dt></Bal><Tx", "<Dt>9999-12-31</Dt></Dt></Bal><Tx"),
            ("<BookgDt><Dt>2026-11-26<", "<BookgDt><Dt>1969-12-31<"),
            ("<BookgDt><Dt>2026-11-26<", "<BookgDt><Dt>3000-01-01<"),
            ("CLBD", "ITBD"),
            ("camt.053.001.08", "camt.052.001.08"),
            ("camt.053.001.08", "camt.053.001.99"),
            ("<Id>S-2026-11-26</Id>", "<Id> </Id>"),
        ],
    )
    def test_that_says_what_cannot_be_is_refused(self, this, that):
        content = FakeBank().statement([Booked("R1", -5)], DAY).decode()

        assert this in content
        with pytest.raises(Unreadable):
            read_statements(content.replace(this, that).encode())


def _laughs():
    names = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    return f'<!DOCTYPE x [<!ENTITY a0 "ha">{"".join(names)}]><x>&a11;</x>'.encode()


HOSTILE = {
    "entities that grow": _laughs(),
    "one long entity": b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 100_000 + b'">]><x>' + b"&a;" * 100,
    "a file of ours": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "a document type": b'<!DOCTYPE x SYSTEM "http://localhost/x.dtd"><x/>',
    "ten megabytes": b"<x>" + b"a" * 10_000_000 + b"</x>",
    "a long text": b"<x>" + b"a" * 2_500_000 + b"</x>",
    "a long attribute": b'<x a="' + b"a" * 2_500_000 + b'"/>',
    "a long name": b"<" + b"a" * 2_500_000 + b"/>",
    "many elements": b"<x>" + b"<a/>" * 600_000 + b"</x>",
    "as many elements as tags may be": b"<x>" + b"<a></a>" * 79_998 + b"</x>",
    "many elements without an end": b"<x>" + b"<a/>" * 120_000 + b"</x>",
    "many levels": b"<a>" * 1_000_000,
    "many attributes": b"<x " + b" ".join(b'a%d="1"' % n for n in range(300_000)) + b"/>",
    "many comments": b"<x>" + b"<!---->" * 440_000,
    "nothing": b"",
    "no XML": b"\x89PNG\r\n\x1a\n" * 1_000,
    "another encoding": b'<?xml version="1.0" encoding="made-up"?><x/>',
    "half a file": FakeBank().statement([Booked("R1", -5)], DAY)[:-40],
    "zero bytes": b"\x00" * 1_000_000,
}


class TestAHostileFile:
    @pytest.mark.parametrize("kind", HOSTILE)
    def test_is_refused(self, kind):
        with pytest.raises(Unreadable):
            read_statements(HOSTILE[kind])

    def test_is_told_from_an_honest_one_of_the_largest_size(self):
        lines = [Booked(f"R{n}", -n, written(an_id("opn")), "Host & Co") for n in range(1, 3_001)]
        content = FakeBank().statement(lines, DAY)

        (told,) = read_statements(content)

        assert len(content) < LARGEST_BYTES
        assert len(told.movements) == 3_000
        assert read_tree(content).tag.endswith("Document")
