"""Alipay as an HTTP server: signed forms in, signed JSON out, its limits, its faults."""

from __future__ import annotations

import io
import json
import time
import zipfile
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cryptography.hazmat.primitives.asymmetric import rsa

from chassis.kernel.currencies import from_decimal
from chassis.kernel.time import CALENDAR, Clock
from services.payments.alipay.engine import content, node_of, notice
from services.payments.providers.engine import is_signed, sign
from tests.fakes import serving
from tests.fakes.serving import PATIENCE_SECONDS, QuietHandler

APP, MERCHANT = "2021000000000001", "2088000000000001"
SPLITTABLE_OF_TEN = 3
HEADS = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
)
HEADS += "账户余额（元）,交易渠道,业务类型,备注"


class Refused(Exception):
    """A request that Alipay refuses, with the codes it answers."""

    def __init__(self, sub: str, code: str = "40004") -> None:
        super().__init__(sub)
        self.said = {"code": code, "msg": "no", "sub_code": sub, "sub_msg": "不行"}


@dataclass
class Trade:
    """What a buyer paid, frozen for sharing out."""

    total: int
    is_finished: bool = False
    given: int = 0
    refunded: int = 0


@dataclass
class FakeAlipay:
    """What Alipay knows. ``faults`` are used up by the next requests that change it.

    A fault is ``lost`` (done, and the connection dies), ``slow`` (done, and no answer in
    ``PATIENCE_SECONDS``), ``error`` (done, and 500), ``open`` (done, and "unknown error"),
    ``unheard`` (not done, and the connection dies), ``busy``, ``unsigned`` (done, and the
    answer is signed by somebody else), or ``mixed`` (done, and the answer to another).
    """

    clock: Clock
    our_key: rsa.RSAPrivateKey
    key: rsa.RSAPrivateKey
    risky: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    trades: dict[str, Trade] = field(default_factory=dict)
    receivers: dict[str, dict[str, str]] = field(default_factory=dict)
    settles: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    transfers: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)
    balance: int = 10**9
    is_busy_to_ask: bool = False
    base: str = ""

    def pay(self, minor: int) -> str:
        """A buyer pays; the trade's number."""
        number = f"20260301220014{len(self.trades):014d}"
        self.trades[number] = Trade(minor)
        return number

    def settle(self) -> None:
        """What was taken on is done."""
        for settled in self.settles.values():
            for line in settled["royalty_detail_list"]:
                if line["state"] == "PROCESSING":
                    self._give(settled, line)
        for transfer in self.transfers.values():
            if transfer["status"] == "DEALING":
                transfer["status"] = "SUCCESS"

    def _give(self, settled: dict[str, Any], line: dict[str, Any]) -> None:
        if line["trans_in"] in self.risky:
            line |= {"state": "FAIL", "error_code": "RECEIVER_HIGH_RISK"}
            self.trades[settled["trade_no"]].given -= fen(line["amount"])
        else:
            line["state"] = "SUCCESS"

    def answer(self, method: str, said: dict[str, Any]) -> dict[str, Any]:
        """What a call leads to; raise ``Refused``."""
        changes = {
            "alipay.trade.royalty.relation.bind": self._bind,
            "alipay.trade.order.settle": self._settle,
            "alipay.trade.refund": self._refund,
            "alipay.fund.trans.uni.transfer": self._transfer,
        }
        if method in changes:
            return changes[method](said)
        if self.is_busy_to_ask:
            raise Refused("isv.app-call-limited", "40005")
        return self._tell(method, said)

    def _tell(self, method: str, said: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "alipay.trade.order.settle.query":
                found = self._found(self.settles, said, "ACQ.SETTLE_NOT_EXIST")
                return {name: found[name] for name in ("out_request_no", "royalty_detail_list")}
            case "alipay.trade.order.onsettle.query":
                trade = self._trade(said)
                left = 0 if trade.is_finished else trade.total - trade.given - trade.refunded
                return {"unsettled_amount": yuan(left)}
            case "alipay.trade.fastpay.refund.query":
                self._trade(said)
                return self.refunds.get(said["out_request_no"], {})
            case "alipay.fund.trans.common.query":
                if said["out_biz_no"] not in self.transfers:
                    raise Refused("ORDER_NOT_EXIST")
                return self.transfers[said["out_biz_no"]]
            case "alipay.data.dataservice.bill.downloadurl.query":
                query = urlencode({"date": said["bill_date"], "type": said["bill_type"]})
                return {"bill_download_url": f"{self.base}/bill?{query}"}
        raise Refused("isv.invalid-method", "40002")

    def _bind(self, said: dict[str, Any]) -> dict[str, Any]:
        for each in said["receiver_list"]:
            if each["type"] != "userId" or not each["account"].startswith("2088"):
                raise Refused("INVALID_PARAMETER")
            self.receivers[each["account"]] = each
        return {"result_code": "SUCCESS"}

    def _settle(self, said: dict[str, Any]) -> dict[str, Any]:
        own, trade = said["out_request_no"], self._trade(said)
        self._once(own, said)
        if own not in self.settles:
            lines = said.get("royalty_parameters", [])
            if lines:
                self._take(trade, lines)
            else:
                trade.is_finished |= said["extend_params"]["royalty_finish"] == "true"
            self.settles[own] = {
                "out_request_no": own,
                "trade_no": said["trade_no"],
                "settle_no": f"202603010025300700{len(self.settles):014d}",
                "royalty_detail_list": [
                    line | {"state": "PROCESSING", "operation_type": "transfer"} for line in lines
                ],
            }
        return {name: self.settles[own][name] for name in ("trade_no", "settle_no")}

    def _take(self, trade: Trade, lines: list[dict[str, Any]]) -> None:
        amounts = [fen(line["amount"]) for line in lines]
        if any(line["trans_in"] not in self.receivers for line in lines):
            raise Refused("ACQ.ROYALTY_RECEIVER_INVALID")
        if trade.is_finished or len(lines) > 50 or min(amounts) < 1:
            raise Refused("ACQ.INVALID_PARAMETER")
        if (trade.given + sum(amounts)) * 10 > trade.total * SPLITTABLE_OF_TEN:
            raise Refused("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR")
        trade.given += sum(amounts)

    def _refund(self, said: dict[str, Any]) -> dict[str, Any]:
        own, trade, minor = said["out_request_no"], self._trade(said), fen(said["refund_amount"])
        self._once(own, said)
        is_new = own not in self.refunds
        if is_new:
            back = [
                self._take_back(said, each) for each in said.get("refund_royalty_parameters", [])
            ]
            if trade.refunded + minor > trade.total:
                raise Refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
            trade.refunded += minor
            told = {"refund_status": "REFUND_SUCCESS", "refund_amount": yuan(minor)}
            made = {"out_request_no": own, "trade_no": said["trade_no"], "refund_royaltys": back}
            self.refunds[own] = made | told
        change = "Y" if is_new and minor else "N"
        told = {"trade_no": said["trade_no"], "fund_change": change}
        return told | {"refund_fee": yuan(trade.refunded)}

    def _take_back(self, said: dict[str, Any], line: dict[str, Any]) -> dict[str, Any]:
        account, minor = line["trans_out"], fen(line["amount"])
        if minor > self.given(account):
            raise Refused("ACQ.ROYALTY_REFUND_AMOUNT_ERROR")
        self.trades[said["trade_no"]].given -= minor
        return {"trans_out": account, "refund_amount": line["amount"], "result_code": "SUCCESS"}

    def given(self, account: str) -> int:
        """What a receiver has of all trades."""
        lines = [line for each in self.settles.values() for line in each["royalty_detail_list"]]
        done = [
            line for line in lines if (line["trans_in"], line["state"]) == (account, "SUCCESS")
        ]
        back = [line for each in self.refunds.values() for line in each["refund_royaltys"]]
        gone = sum(fen(line["refund_amount"]) for line in back if line["trans_out"] == account)
        return sum(fen(line["amount"]) for line in done) - gone

    def _transfer(self, said: dict[str, Any]) -> dict[str, Any]:
        own, minor, payee = said["out_biz_no"], fen(said["trans_amount"]), said["payee_info"]
        if own in self.transfers and self.asked[own] != said:
            raise Refused("PAYMENT_INFO_INCONSISTENCY")
        if own not in self.transfers:
            if minor < 10:
                raise Refused("INVALID_PARAMETER")
            if payee["identity"] not in self.receivers:
                raise Refused("PAYEE_NOT_EXIST")
            if self.receivers[payee["identity"]].get("name") != payee.get("name"):
                raise Refused("PAYEE_USER_INFO_ERROR")
            if minor > self.balance:
                raise Refused("PAYER_BALANCE_NOT_ENOUGH")
            self.balance -= minor
            self.asked[own] = said
            self.transfers[own] = {
                "out_biz_no": own,
                "order_id": f"20260301110070000006{len(self.transfers):012d}",
                "status": "DEALING" if payee["identity"] in self.risky else "SUCCESS",
                "trans_amount": yuan(minor),
                "at": self.clock().astimezone(CALENDAR).isoformat(sep=" ")[:19],
                "payee": payee["identity"],
            }
        told = self.transfers[own]
        return {name: told[name] for name in ("out_biz_no", "order_id", "status")}

    def _trade(self, said: dict[str, Any]) -> Trade:
        if said["trade_no"] not in self.trades:
            raise Refused("ACQ.TRADE_NOT_EXIST")
        return self.trades[said["trade_no"]]

    def _found(self, shelf: dict[str, Any], said: dict[str, Any], missing: str) -> dict[str, Any]:
        self._trade(said)
        found = shelf.get(said["out_request_no"])
        if found is None or found["trade_no"] != said["trade_no"]:
            raise Refused(missing)
        return found

    def _once(self, own: str, said: dict[str, Any]) -> None:
        """The same number is the same request, and another one under it is refused."""
        if own in self.settles | self.refunds and self.asked[own] != said:
            raise Refused("ACQ.DISCORDANT_REPEAT_REQUEST")
        self.asked[own] = said

    def is_ours(self, fields: dict[str, str]) -> bool:
        """Whether our app signed this very request."""
        signed = {name: value for name, value in fields.items() if name != "sign"}
        key = self.our_key.public_key()
        return signed.get("app_id") == APP and is_signed(key, fields["sign"], content(signed))

    def bill(self, day: str) -> bytes:
        """The bill of a day, zipped, and a summary beside it."""
        rows = [each for each in self.transfers.values() if each["at"].startswith(day)]
        lines = ["#支付宝账务明细查询", f"#账号：[{MERCHANT}0156]", HEADS]
        lines += [
            f"9{place}\t,{each['order_id']}\t,{each['out_biz_no']}\t,Teahouse,{each['at']},"
            f"{each['payee']},,-{each['trans_amount']},0.00,,转账,"
            for place, each in enumerate(rows)
            if each["status"] == "SUCCESS"
        ]
        lines += [
            "95\t,20\t,T200P1\t,茶,2026-03-01 12:00:00,2088,100.00,,0.00,,在线支付,",
            "#结束",
        ]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as files:
            files.writestr("2088_20260301_账务明细(汇总).csv", "#汇总\r\n".encode("gb18030"))
            files.writestr("2088_20260301_账务明细.csv", "\r\n".join(lines).encode("gb18030"))
        return packed.getvalue()

    def message(
        self, method: str, told: dict[str, Any], *, at: datetime, app: str = APP, own: str = "n1"
    ) -> tuple[dict[str, str], bytes]:
        """A message as Alipay would send it: no headers that matter, and its body."""
        fields = notice(self.key, app, method, told, own=own, at=at)
        return {}, urlencode(fields).encode()


def fen(told: str) -> int:
    """What an amount in yuan is, exactly."""
    return from_decimal(told, "CNY").minor


def yuan(minor: int) -> str:
    """As Alipay writes amounts."""
    return f"{minor // 100}.{minor % 100:02d}"


class _Handler(QuietHandler):
    """One request."""

    def get(self) -> None:
        path, _, form = self.path.partition("?")
        if path == "/bill":
            day = dict(parse_qsl(form))["date"]
            self.say(200, self.fake.bill(day), {"Content-Type": "application/zip"})
        else:
            self._call(form)

    def post(self) -> None:
        self._call(self.body().decode())

    def _call(self, form: str) -> None:
        fields = dict(parse_qsl(form, keep_blank_values=True))
        faults, method = self.fake.faults, fields["method"]
        fault = faults.pop(0) if faults and not method.endswith("query") else ""
        if fault == "unheard":
            self.close_connection = True
        elif not self.fake.is_ours(fields):
            refused = Refused("isv.invalid-signature", "40002")
            self._tell("error_response", refused.said)
        elif fault == "busy":
            self._tell(node_of(method), Refused("isv.app-call-limited", "40005").said)
        else:
            self._do(fault, method, json.loads(fields["biz_content"]))

    def _do(self, fault: str, method: str, asked: dict[str, Any]) -> None:
        try:
            said = {"code": "10000", "msg": "Success"} | self.fake.answer(method, asked)
        except Refused as refused:
            said = refused.said
        if fault == "lost":
            self.close_connection = True
        elif fault == "slow":
            time.sleep(2 * PATIENCE_SECONDS)
        elif fault == "error":
            self.say(500, b"oh", {})
        elif fault == "open":
            self._tell(node_of(method), Refused("isp.unknow-error", "20000").said)
        elif fault == "mixed":
            told = {"trade_no": "2", "settle_no": "1", "out_biz_no": "3", "status": "SUCCESS"}
            self._tell(node_of(method), {"code": "10000", "order_id": "4"} | told)
        else:
            key = self.fake.our_key if fault == "unsigned" else self.fake.key
            self._tell(node_of(method), said, key)

    def _tell(self, node: str, said: dict[str, Any], key: rsa.RSAPrivateKey | None = None) -> None:
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        signature = sign(key or self.fake.key, text.encode())
        answer = f'{{"{node}":{text},"sign":"{signature}"}}'
        self.say(200, answer.encode(), {"Content-Type": "application/json;charset=utf-8"})


def served(fake: FakeAlipay) -> AbstractContextManager[str]:
    """Run it on a port of loopback; its address."""
    return serving.served(fake, _Handler)
