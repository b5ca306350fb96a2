"""WeChat Pay as a ``Provider``: signed JSON over HTTP, every answer's signature checked."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from chassis.kernel.money import Money
from chassis.kernel.time import Clock, from_rfc3339
from services.payments.providers.adapters import (
    TIMEOUT_SECONDS,
    UNREADABLE,
    heard,
    must_be_private,
)
from services.payments.providers.domain import (
    LONGEST_TEXT,
    OPERATION_ID,
    Capabilities,
    Collect,
    Finish,
    Notification,
    Order,
    PayOut,
    ProviderCannot,
    Refund,
    RegisterParty,
    Result,
    Retry,
    ReturnSplit,
    SettlementLine,
    Split,
    accepted,
    failed,
    succeeded,
    unknown,
)
from services.payments.providers.engine import Forged, Stale
from services.payments.wechat.domain import (
    CURRENCY,
    TERMS,
    party_type,
    read_bill,
    read_finish,
    read_no_answer,
    read_refund,
    read_refusal,
    read_return,
    read_split,
    relation_fields,
    shares_of,
)
from services.payments.wechat.engine import (
    SERIAL,
    Stamp,
    authorization,
    check,
    hide,
    unlock,
)

NAME = "wechat"
DESCRIPTION = "Teahouse"
SUCCESSES, REFUSALS = range(200, 300), range(400, 500)
Read = Callable[[Mapping[str, Any]], Result]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A merchant's account at WeChat Pay.

    ``serial`` is of the certificate of ``key``; ``their_keys`` are WeChat Pay's public keys
    by serial number, of which the first hides names. ``notices_key`` are the 32 bytes that
    open notifications.
    """

    merchant: str
    app: str
    serial: str
    key: RSAPrivateKey = field(repr=False)
    their_keys: Mapping[str, RSAPublicKey]
    notices_key: bytes = field(repr=False)


class WeChatProvider:
    """The ``Provider`` port over WeChat Pay; a call takes at most some ten seconds.

    Buyers pay from their own telephones, so that a collection is the ``Earlier`` whose
    ``reference`` is WeChat Pay's transaction number. An answer whose signature is not
    right leaves it open what happened.
    """

    name = NAME
    webhook_answer = ("application/json", '{"code":"SUCCESS"}')

    def __init__(
        self,
        account: Account,
        clock: Clock,
        *,
        gateway: str,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """Raise ``ValueError`` for a gateway that others could listen to."""
        self._account = account
        self._clock = clock
        self._gateway = must_be_private(gateway)
        self._timeout = timeout

    def capabilities(self) -> Capabilities:
        """The terms of ordinary merchants."""
        return TERMS

    def register_party(self, operation_id: str, order: RegisterParty) -> Result:
        """Add a receiver; its full name travels encrypted."""
        del operation_id  # adding the same receiver again is the same for WeChat Pay
        receiver = order.receiver
        body = {
            "appid": self._account.app,
            "type": party_type(receiver),
            "account": receiver.account,
            **relation_fields(order.relation),
        }
        if receiver.name:
            body["name"] = hide(self._their_key, receiver.name)
        return self._post("/v3/profitsharing/receivers/add", body, lambda _said: succeeded())

    def collect(self, operation_id: str, order: Collect) -> Result:
        """Raise ``ProviderCannot``."""
        raise ProviderCannot(f"{NAME} does not {order.kind} for {operation_id}")

    def split(self, operation_id: str, order: Split) -> Result:
        """Ask for a split; WeChat Pay takes it on and does it later."""
        if order.currency != CURRENCY:
            return failed("amount-invalid", Retry.NEVER)
        body = {
            "appid": self._account.app,
            "transaction_id": order.collection.reference,
            "out_order_no": operation_id,
            "receivers": shares_of(order, DESCRIPTION),
            "unfreeze_unsplit": False,
        }
        return self._post("/v3/profitsharing/orders", body, lambda said: read_split(order, said))

    def finish(self, operation_id: str, order: Finish) -> Result:
        """Free the rest."""
        body = {
            "transaction_id": order.collection.reference,
            "out_order_no": operation_id,
            "description": DESCRIPTION,
        }
        return self._post("/v3/profitsharing/orders/unfreeze", body, read_finish)

    def return_split(self, operation_id: str, order: ReturnSplit) -> Result:
        """Take a share back from a merchant; WeChat Pay refuses it for a person."""
        body = {
            "out_order_no": order.split.id,
            "out_return_no": operation_id,
            "return_mchid": order.receiver.account,
            "amount": order.amount.minor,
            "description": DESCRIPTION,
        }
        return self._post("/v3/profitsharing/return-orders", body, read_return)

    def refund(self, operation_id: str, order: Refund) -> Result:
        """Give the buyer money back; WeChat Pay wants the whole price named with it."""
        if order.amount.currency != CURRENCY:
            return failed("amount-invalid", Retry.NEVER)
        total = self._price(order.collection.reference)
        if isinstance(total, Result):
            return total
        body = {
            "transaction_id": order.collection.reference,
            "out_refund_no": operation_id,
            "reason": order.reason[:LONGEST_TEXT] or DESCRIPTION,
            "amount": {"refund": order.amount.minor, "total": total, "currency": CURRENCY},
        }
        return self._post("/v3/refund/domestic/refunds", body, _read_refund)

    def payout(self, operation_id: str, order: PayOut) -> Result:
        """Raise ``ProviderCannot``."""
        raise ProviderCannot(f"{NAME} does not {order.kind} for {operation_id}")

    def query(self, operation_id: str, order: Order, reference: str = "") -> Result:
        """Ask; whether a receiver is known can only be asked by adding it again."""
        del reference
        own = quote(operation_id, safe="")
        match order:
            case RegisterParty():
                return self.register_party(operation_id, order)
            case Split():
                path, read = _order_path(own, order.collection.reference), _reader(order)
            case Finish():
                path, read = _order_path(own, order.collection.reference), read_finish
            case ReturnSplit():
                asked = urlencode({"out_order_no": order.split.id})
                path, read = f"/v3/profitsharing/return-orders/{own}?{asked}", read_return
            case Refund():
                path, read = f"/v3/refund/domestic/refunds/{own}", _read_refund
            case _:
                raise ProviderCannot(f"{NAME} does not {order.kind}")
        return self._ask("GET", path, "", read)

    def list_settlement(self, day: date) -> Iterator[SettlementLine]:
        """The bill of profit sharing of a day in China, kept there for three months.

        Refunds are on another bill of WeChat Pay, which is not read. Raises
        ``ConnectionError`` when the bill cannot be had, or is not whole by its hash.
        """
        path = f"/v3/profitsharing/bills?bill_date={day.isoformat()}"
        try:
            said = json.loads(self._exchange("GET", path, "").content)
            where = urlsplit(said["download_url"])
            answer = self._send("GET", f"{where.path}?{where.query}", "")
            answer.raise_for_status()
            # WeChat Pay signs the hash and not the bill; SHA-1 is the only one it offers.
            digest = hashlib.sha1(answer.content).hexdigest()  # noqa: S324 - as above
            if digest != said["hash_value"]:
                raise ConnectionError(f"the bill of {day} does not fit its hash")
            lines = list(read_bill(answer.content.decode(), day))
        except (requests.RequestException, Forged, Stale, *UNREADABLE) as trouble:
            raise ConnectionError(f"no bill of {day}: {trouble}") from trouble
        yield from lines

    def parse_webhook(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Notification | None:
        """Check the signature, open the message and read it.

        A message about a split tells of one receiver only, so that it stands for ACCEPTED.
        """
        return heard(
            lambda: check(self._account.their_keys, headers, body, now=now),
            lambda: self._read_notice(json.loads(body)),
        )

    def _read_notice(self, said: Mapping[str, Any]) -> Notification | None:
        inside = said["resource"]
        opened = unlock(
            self._account.notices_key,
            inside["nonce"],
            inside["ciphertext"],
            inside.get("associated_data") or "",
        )
        told = json.loads(opened)
        match inside["original_type"]:
            case "profitsharing":
                own, result = told["out_order_no"], accepted(str(told["order_id"]))
            case "refund":
                own, result = told["out_refund_no"], read_refund(told, told["refund_status"])
            case _:
                return None
        if not OPERATION_ID.fullmatch(own):
            return None
        return Notification(
            id=str(said["id"]),
            operation_id=own,
            result=result,
            sent_at=from_rfc3339(said["create_time"]),
        )

    @property
    def _their_key(self) -> RSAPublicKey:
        return next(iter(self._account.their_keys.values()))

    def _price(self, transaction: str) -> int | Result:
        """What the buyer paid; nothing has been asked for yet when that cannot be had."""
        merchant = urlencode({"mchid": self._account.merchant})
        path = f"/v3/pay/transactions/id/{quote(transaction, safe='')}?{merchant}"
        found = self._ask("GET", path, "", _read_price)
        if found.amount is not None:
            return found.amount.minor
        if found.is_not_received:
            return failed("collection-unknown", Retry.CHANGED)
        return failed("price-not-read", Retry.SOON)

    def _post(self, path: str, body: Mapping[str, Any], read: Read) -> Result:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return self._ask("POST", path, text, read)

    def _ask(self, method: str, path: str, body: str, read: Read) -> Result:
        """One call; whatever does not say what happened is UNKNOWN."""
        try:
            answer = self._exchange(method, path, body)
            if answer.status_code in SUCCESSES:
                return read(json.loads(answer.content))
            if answer.status_code in REFUSALS:
                refused = read_no_answer if method == "GET" else read_refusal
                return refused(json.loads(answer.content))
        except (requests.RequestException, Forged, Stale, *UNREADABLE) as trouble:
            return unknown(f"{type(trouble).__name__}: {trouble}"[:LONGEST_TEXT])
        return unknown(str(answer.status_code))

    def _exchange(self, method: str, path: str, body: str) -> requests.Response:
        """One call whose answer surely is WeChat Pay's; raise ``Forged`` or ``Stale``."""
        answer = self._send(method, path, body)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        check(self._account.their_keys, headers, answer.content, now=self._clock())
        return answer

    def _send(self, method: str, path: str, body: str) -> requests.Response:
        stamp = Stamp(int(self._clock().timestamp()), secrets.token_hex(16))
        account = self._account
        signed = authorization(
            account.key,
            stamp,
            (method, path, body),
            merchant=account.merchant,
            serial=account.serial,
        )
        return requests.request(
            method,
            self._gateway + path,
            data=body.encode() or None,
            headers={
                "Authorization": signed,
                "Accept": "application/json",
                "Content-Type": "application/json",
                SERIAL: next(iter(account.their_keys)),
            },
            timeout=self._timeout,
            allow_redirects=False,
        )


def _order_path(own: str, transaction: str) -> str:
    return f"/v3/profitsharing/orders/{own}?" + urlencode({"transaction_id": transaction})


def _reader(order: Split) -> Read:
    return lambda said: read_split(order, said)


def _read_price(said: Mapping[str, Any]) -> Result:
    return succeeded(amount=Money(int(said["amount"]["total"]), CURRENCY))


def _read_refund(said: Mapping[str, Any]) -> Result:
    return read_refund(said, said["status"])
