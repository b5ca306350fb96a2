"""WeChat Pay's profit sharing as an HTTP server: both signatures, its limits, its faults."""

from __future__ import annotations

import hashlib
import json
import re
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa

from chassis.kernel.time import Clock, to_rfc3339
from services.payments.providers.engine import is_signed
from services.payments.wechat.engine import SCHEME, Stamp, lock, message, reveal, seal
from tests.fakes import serving
from tests.fakes.serving import PATIENCE_SECONDS, QuietHandler

MERCHANT, APP, NOTICES_KEY = (
    "1900000001",
    "wx0000000000000001",
    b"thirty-two bytes that open news!",
)
OUR_SERIAL, THEIR_SERIAL = "5157F09EFDC096DE15EB", "PUB_KEY_ID_0119000000012026"
FIELD = re.compile(r'(\w+)="([^"]*)"')
SPLITTABLE_OF_TEN = 3
HEADS = "分账时间,分账发起方,分账方,微信订单号,微信分账/回退单号,分账明细单号,商户分账/回退单号,"
HEADS += "订单金额,分账接收方,分账金额,业务类型,处理状态,分账描述,备注"


class Refused(Exception):
    """A request that WeChat Pay refuses, with the status and the code it answers."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass
class Paid:
    """A payment whose money is frozen for splitting."""

    total: int
    is_finished: bool = False
    given: int = 0
    refunded: int = 0


@dataclass
class FakeWeChat:
    """What WeChat Pay knows. ``faults`` are used up by the next requests that change it.

    A fault is ``lost`` (done, and the connection dies), ``slow`` (done, and no answer in
    ``PATIENCE_SECONDS``), ``error`` (done, and 500),
    ``unheard`` (not done, and the connection dies), ``busy``, or ``unsigned`` (done, and
    the answer is signed by somebody else).
    """

    clock: Clock
    our_key: rsa.RSAPrivateKey
    key: rsa.RSAPrivateKey
    risky: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    paid: dict[str, Paid] = field(default_factory=dict)
    receivers: dict[str, dict[str, str]] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    returns: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)
    is_busy_to_ask: bool = False

    def pay(self, minor: int) -> str:
        """A buyer pays; the transaction number."""
        number = f"42000{len(self.paid):023d}"
        self.paid[number] = Paid(minor)
        return number

    def settle(self) -> None:
        """What was taken on is done."""
        for order in self.orders.values():
            order["state"] = "FINISHED"
            for line in order["receivers"]:
                if line["result"] == "PENDING":
                    self._give(order, line)
        for refund in self.refunds.values():
            refund["status"] = "SUCCESS"

    def _give(self, order: dict[str, Any], line: dict[str, Any]) -> None:
        if line["account"] in self.risky:
            line |= {"result": "CLOSED", "fail_reason": "RECEIVER_HIGH_RISK"}
            self.paid[order["transaction_id"]].given -= line["amount"]
        else:
            line["result"] = "SUCCESS"

    def answer(self, method: str, target: str, body: bytes) -> dict[str, Any]:
        """What a request leads to; raise ``Refused``."""
        where = urlsplit(target)
        path = where.path.removeprefix("/v3/")
        if method == "GET":
            return self._tell(path, dict(parse_qsl(where.query)))
        said = json.loads(body)
        if path == "profitsharing/receivers/add":
            return self._add(said)
        shelves = {
            "profitsharing/orders": (self.orders, "out_order_no", self._split),
            "profitsharing/orders/unfreeze": (self.orders, "out_order_no", self._unfreeze),
            "profitsharing/return-orders": (self.returns, "out_return_no", self._return),
            "refund/domestic/refunds": (self.refunds, "out_refund_no", self._refund),
        }
        if path not in shelves:
            raise Refused(404, "NOT_FOUND")
        shelf, name, make = shelves[path]
        return self._once(shelf, said[name], said, make)

    def _tell(self, path: str, asked: dict[str, str]) -> dict[str, Any]:
        if path == "profitsharing/bills":
            day = asked["bill_date"]
            digest = hashlib.sha1(self.bill(day)).hexdigest()
            url = f"https://api.mch.weixin.qq.com/v3/billdownload/file?date={day}"
            return {"hash_type": "SHA1", "hash_value": digest, "download_url": url}
        kind, _, own = path.rpartition("/")
        if kind == "pay/transactions/id":
            return {"transaction_id": own, "amount": {"total": self._paid(own).total}}
        shelves = {
            "profitsharing/orders": self.orders,
            "profitsharing/return-orders": self.returns,
            "refund/domestic/refunds": self.refunds,
        }
        return self._found(shelves[kind], own)

    def bill(self, day: str) -> bytes:
        """The shares and returns of a day, then a summary."""
        rows = [
            (order, line["detail_id"], line["amount"], "分账", own)
            for own, order in self.orders.items()
            for line in order["receivers"]
            if line["result"] == "SUCCESS"
        ]
        rows += [(each, "", each["amount"], "分账回退", own) for own, each in self.returns.items()]
        lines = [HEADS]
        for each, detail, fen, kind, own in rows:
            if not each["at"].startswith(day):
                continue
            given = each.get("return_id") or each["order_id"]
            number, yuan = each.get("transaction_id", ""), f"{fen // 100}.{fen % 100:02d}"
            values = (
                each["at"],
                MERCHANT,
                MERCHANT,
                number,
                given,
                detail,
                own,
                "0.00",
                "x",
                yuan,
            )
            lines.append(",".join(f"`{value}" for value in (*values, kind, "成功", "", "")))
        return "\r\n".join([*lines, "分账笔数,分账金额", f"`{len(rows)},`0.00"]).encode()

    def _paid(self, number: str) -> Paid:
        if number not in self.paid:
            raise Refused(404, "RESOURCE_NOT_EXISTS")
        return self.paid[number]

    def _found(self, shelf: dict[str, dict[str, Any]], own: str) -> dict[str, Any]:
        if own not in shelf:
            raise Refused(404, "RESOURCE_NOT_EXISTS")
        return shelf[own]

    def _once(self, shelf: Any, own: str, said: Any, make: Any) -> dict[str, Any]:
        """The same number is the same request, and another request under it is refused."""
        if own in shelf:
            if self.asked[own] != said:
                raise Refused(400, "INVALID_REQUEST")
            return shelf[own]
        shelf[own] = make(said) | {"at": to_rfc3339(self.clock())}
        self.asked[own] = said
        return shelf[own]

    def _add(self, said: dict[str, str]) -> dict[str, str]:
        if said["type"] == "MERCHANT_ID" and "name" not in said:
            raise Refused(400, "PARAM_ERROR")
        if "name" in said:
            said["name"] = reveal(self.key, said["name"])
        self.receivers[said["account"]] = said
        return said

    def _split(self, said: dict[str, Any]) -> dict[str, Any]:
        paid, lines = self._paid(said["transaction_id"]), said["receivers"]
        amount = sum(line["amount"] for line in lines)
        if any(line["account"] not in self.receivers for line in lines):
            raise Refused(403, "NO_AUTH")
        if paid.is_finished or len(lines) > 50 or any(line["amount"] < 1 for line in lines):
            raise Refused(400, "INVALID_REQUEST")
        if (paid.given + amount) * 10 > paid.total * SPLITTABLE_OF_TEN:
            raise Refused(403, "RULE_LIMIT")
        paid.given += amount
        return self._order(said, [line | {"result": "PENDING"} for line in lines])

    def _unfreeze(self, said: dict[str, Any]) -> dict[str, Any]:
        self._paid(said["transaction_id"]).is_finished = True
        return self._order(said, [])

    def _order(self, said: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
        number = f"30000{len(self.orders):023d}"
        for place, line in enumerate(lines):
            line["detail_id"] = f"36{number}{place:03d}"
        named = {name: said[name] for name in ("transaction_id", "out_order_no")}
        return named | {"order_id": number, "state": "PROCESSING", "receivers": lines}

    def _return(self, said: dict[str, Any]) -> dict[str, Any]:
        order = self._found(self.orders, said["out_order_no"])
        wanted = ("MERCHANT_ID", said["return_mchid"], "SUCCESS")
        lines = [(each["type"], each["account"], each["result"]) for each in order["receivers"]]
        if order["state"] != "FINISHED" or wanted not in lines:
            raise Refused(400, "INVALID_REQUEST")
        return said | {"return_id": f"31000{len(self.returns):023d}", "result": "SUCCESS"}

    def _refund(self, said: dict[str, Any]) -> dict[str, Any]:
        paid, amount = self._paid(said["transaction_id"]), said["amount"]
        if amount["total"] != paid.total or paid.refunded + amount["refund"] > paid.total:
            raise Refused(403, "NOT_ENOUGH")
        paid.refunded += amount["refund"]
        return said | {"refund_id": f"50000{len(self.refunds):023d}", "status": "PROCESSING"}

    def is_ours(self, header: str, method: str, target: str, body: bytes) -> bool:
        """Whether the merchant's key signed this very request."""
        said = dict(FIELD.findall(header.removeprefix(SCHEME)))
        if (said.get("mchid"), said.get("serial_no")) != (MERCHANT, OUR_SERIAL):
            return False
        lines = message(method, target, said["timestamp"], said["nonce_str"], body.decode())
        return is_signed(self.our_key.public_key(), said["signature"], lines)

    def notice(
        self, kind: str, told: dict[str, Any], *, at: datetime
    ) -> tuple[dict[str, str], bytes]:
        """A notification as WeChat Pay would send it: its headers and its body."""
        inside = json.dumps(told).encode()
        resource = {
            "algorithm": "AEAD_AES_256_GCM",
            "original_type": kind,
            "nonce": "fdasflkja484",
            "associated_data": kind,
            "ciphertext": lock(NOTICES_KEY, "fdasflkja484", inside, kind),
        }
        body = {"id": "EV-1", "create_time": to_rfc3339(at), "resource_type": "encrypt-resource"}
        text = json.dumps(body | {"event_type": "TRANSACTION.SUCCESS", "resource": resource})
        stamp = Stamp(int(at.timestamp()), "5K8264ILTKCH16CQ2502SI8ZNMTM67VS")
        return seal(self.key, stamp, text.encode(), serial=THEIR_SERIAL), text.encode()


class _Handler(QuietHandler):
    """One request."""

    fake: FakeWeChat

    def get(self) -> None:
        self._serve("busy" if self.fake.is_busy_to_ask else "")

    def post(self) -> None:
        faults = self.fake.faults
        self._serve(faults.pop(0) if faults else "")

    def _serve(self, fault: str) -> None:
        body = self.body()
        header = self.headers.get("Authorization", "")
        if fault == "unheard":
            self.close_connection = True
        elif not self.fake.is_ours(header, self.command, self.path, body):
            self._say(401, b'{"code":"SIGN_ERROR"}')
        elif fault == "busy":
            self._say(429, b'{"code":"FREQUENCY_LIMITED"}')
        elif self.path.startswith("/v3/billdownload/"):
            self._say(200, self.fake.bill(self.path.split("=")[1]))
        else:
            self._do(fault, body)

    def _do(self, fault: str, body: bytes) -> None:
        try:
            said = json.dumps(self.fake.answer(self.command, self.path, body)).encode()
            status = 200
        except Refused as refused:
            said, status = json.dumps({"code": refused.code}).encode(), refused.status
        if fault == "lost":
            self.close_connection = True
        elif fault == "slow":
            time.sleep(2 * PATIENCE_SECONDS)
        elif fault == "error":
            self._say(500, b'{"code":"SYSTEM_ERROR"}')
        else:
            self._say(status, said, self.fake.our_key if fault == "unsigned" else self.fake.key)

    def _say(self, status: int, said: bytes, key: rsa.RSAPrivateKey | None = None) -> None:
        stamp = Stamp(int(self.fake.clock().timestamp()), "c5ac7061fccab6bf3e254dcf98995b8c")
        self.say(status, said, seal(key or self.fake.key, stamp, said, serial=THEIR_SERIAL))


def served(fake: FakeWeChat) -> AbstractContextManager[str]:
    """Run it on a port of loopback; its address."""
    return serving.served(fake, _Handler)
