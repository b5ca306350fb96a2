"""A bank that reads files of payments and writes statements, with code of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
ACCOUNT, HOLDER = "6222020000009999", "茶馆平台有限公司"


@dataclass(frozen=True)
class Booked:
    """One movement of the account; ``minor`` is negative when money left."""

    reference: str
    minor: int
    end_to_end: str = ""
    name: str = ""
    code: str = ""
    text: str = ""
    day: date | None = None


class FakeBank:
    """Amounts of a currency with this many decimals; nothing is booked by itself."""

    def __init__(self, *, decimals: int = 2, currency: str = "CNY", opening: int = 0) -> None:
        self.decimals, self.currency = decimals, currency
        self.opening = opening
        self.ordered: dict[str, tuple[int, str]] = {}
        self.messages: set[str] = set()
        self.number = 0

    def take(self, content: bytes) -> list[str]:
        """Check a file and do what it says, once a message; answer its end-to-end ids."""
        root = fromstring(content)
        assert root.tag == f"{PAIN}Document"
        message = root.findtext(f".//{PAIN}MsgId")
        found = [
            (
                each.findtext(f".//{PAIN}EndToEndId"),
                self._minor(each.findtext(f".//{PAIN}InstdAmt")),
                each.findtext(f"{PAIN}Cdtr/{PAIN}Nm"),
            )
            for each in root.iter(f"{PAIN}CdtTrfTxInf")
        ]
        self._check(root, message, found)
        if message not in self.messages:
            self.messages.add(message)
            assert not {own for own, _, _ in found} & set(self.ordered), "paid twice"
            self.ordered |= {own: (minor, name) for own, minor, name in found}
        return [own for own, _, _ in found]

    def _check(self, root, message, found) -> None:
        for text in [message, *(own for own, _, _ in found)]:
            assert 0 < len(text) <= 35
            assert set(text) <= PLAIN
        assert len({own for own, _, _ in found}) == len(found)
        total = sum(minor for _, minor, _ in found)
        for each in root.iter(f"{PAIN}CtrlSum"):
            assert self._minor(each.text) == total
        for each in root.iter(f"{PAIN}NbOfTxs"):
            assert int(each.text) == len(found)

    def paid(self, own: str, **changes) -> Booked:
        """The payment, as it leaves."""
        minor, name = self.ordered[own]
        self.number += 1
        return replace(Booked(f"N{self.number}", -minor, own, name), **changes)

    def back(self, own: str, code: str = "AC04", **changes) -> Booked:
        """The payment, as another bank sends it back."""
        minor, name = self.ordered[own]
        self.number += 1
        return replace(Booked(f"N{self.number}", minor, own, name, code), **changes)

    def report(
        self,
        *told: tuple[str, str, str],
        message: str,
        group: str = "PART",
        number: str = "R-1",
        version: str = "10",
        day: str = "2026-03-01",
    ) -> bytes:
        """What it says of a file before it books it: end-to-end id, status, reason of each."""
        listed = "".join(self._standing(*each) for each in told)
        batch = f"<OrgnlPmtInfId>{message}</OrgnlPmtInfId>{listed}"
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}">'
            f"<CstmrPmtStsRpt><GrpHdr><MsgId>{number}</MsgId>"
            f"<CreDtTm>{day}T18:00:00+08:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>"
            f"<OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
            f"<GrpSts>{group}</GrpSts></OrgnlGrpInfAndSts>"
            f"<OrgnlPmtInfAndSts>{batch}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
        ).encode()

    def _standing(self, own: str, status: str, reason: str = "") -> str:
        why = f"<Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>no</AddtlInf>" if reason else ""
        minor, _ = self.ordered.get(own, (1, ""))
        amount = f'<InstdAmt Ccy="{self.currency}">{self._decimal(minor)}</InstdAmt>'
        return (
            f"<TxInfAndSts><OrgnlEndToEndId>{own}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
            f"<StsRsnInf>{why}</StsRsnInf><OrgnlTxRef><Amt>{amount}</Amt></OrgnlTxRef>"
            "</TxInfAndSts>"
        )

    def _minor(self, text: str) -> int:
        whole = Decimal(text).scaleb(self.decimals)
        assert whole == int(whole)
        assert len(text.partition(".")[2]) == self.decimals
        return int(whole)

    def _decimal(self, minor: int) -> str:
        return f"{Decimal(abs(minor)).scaleb(-self.decimals):f}"

    def statement(
        self,
        lines: Sequence[Booked],
        day: date,
        *,
        number: str = "",
        version: str = "08",
        closing: int | None = None,
        account: str = ACCOUNT,
    ) -> bytes:
        """The statement of a day; the account goes on from its closing balance."""
        end = self.opening + sum(line.minor for line in lines)
        text = self._written(lines, day, number or f"S-{day}", version, end, closing, account)
        self.opening = end
        return text.encode()

    def _written(self, lines, day, number, version, end, closing, account) -> str:
        entries = "".join(self._entry(line, line.day or day, version) for line in lines)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">'
            "<BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>"
            f"<Stmt><Id>{number}</Id><Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>"
            f"{self._balance('OPBD', self.opening, day)}"
            f"{self._balance('CLBD', end if closing is None else closing, day)}"
            f"{self._summary(lines)}{entries}</Stmt></BkToCstmrStmt></Document>"
        )

    def _amount(self, minor: int) -> str:
        side = "DBIT" if minor < 0 else "CRDT"
        amount = self._decimal(minor)
        return f'<Amt Ccy="{self.currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>'

    def _balance(self, kind: str, minor: int, day: date) -> str:
        told = f"<Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        return f"<Bal>{told}{self._amount(minor)}<Dt><Dt>{day}</Dt></Dt></Bal>"

    def _summary(self, lines: Iterable[Booked]) -> str:
        left = [line.minor for line in lines if line.minor < 0]
        count, total = len(left), self._decimal(sum(left))
        told = f"<NbOfNtries>{count}</NbOfNtries><Sum>{total}</Sum>"
        return f"<TxsSummry><TtlDbtNtries>{told}</TtlDbtNtries></TxsSummry>"

    def _entry(self, line: Booked, day: date, version: str) -> str:
        status = "<Sts>BOOK</Sts>" if version == "02" else "<Sts><Cd>BOOK</Cd></Sts>"
        party = "Cdtr" if line.minor < 0 else "Dbtr"
        name = f"<Nm>{escape(line.name)}</Nm>"
        named = name if version == "02" else f"<Pty>{name}</Pty>"
        own = line.end_to_end or "NOTPROVIDED"
        code = f"<RtrInf><Rsn><Cd>{line.code}</Cd></Rsn></RtrInf>" if line.code else ""
        return (
            f"<Ntry>{self._amount(line.minor)}{status}<BookgDt><Dt>{day}</Dt></BookgDt>"
            f"<AcctSvcrRef>{line.reference}</AcctSvcrRef><NtryDtls><TxDtls>"
            f"<Refs><EndToEndId>{own}</EndToEndId></Refs>"
            f"<RltdPties><{party}>{named}</{party}></RltdPties>"
            f"<RmtInf><Ustrd>{escape(line.text)}</Ustrd></RmtInf>{code}"
            "</TxDtls></NtryDtls></Ntry>"
        )
