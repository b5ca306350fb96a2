"""Alipay's signatures, held against a client that others wrote and use."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from alipay import AliPay
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1

from services.payments.alipay.engine import check, content, fields_of, notice, opened, request
from services.payments.providers.engine import Forged, Stale, sign
from tests.builders.houses import pem, public_pem, rsa_keys
from tests.builders.payments import NOW

APP, METHOD = "2021000000000001", "alipay.trade.refund"
SAID = {"trade_no": "2026", "refund_amount": "1.00", "refund_reason": "茶 & 花=好"}
OURS, THEIRS = rsa_keys()


def their_client(ours=OURS, theirs=THEIRS):
    """The other client, as if it were ours, or Alipay's with the keys the other way round."""
    return AliPay(
        appid=APP,
        app_private_key_string=pem(ours),
        alipay_public_key_string=public_pem(theirs),
        sign_type="RSA2",
    )


def test_a_request_is_signed_as_the_other_client_signs_it():
    ours = request(OURS, APP, METHOD, SAID, at=NOW)
    unsigned = {name: value for name, value in ours.items() if name != "sign"}

    theirs = dict(parse_qsl(their_client().sign_data(dict(unsigned))))

    assert theirs == ours


def test_a_request_says_the_time_in_china():
    assert request(OURS, APP, METHOD, SAID, at=NOW)["timestamp"] == "2026-03-01 20:00:00"


def test_a_message_is_signed_as_the_other_client_checks_it():
    fields = notice(THEIRS, APP, "some.notify", SAID, own="n1", at=NOW)
    signature = fields.pop("sign")

    assert their_client().verify(dict(fields), signature)


class TestAnAnswer:
    def answer(self, node="alipay_trade_refund_response", said='{"code":"10000"}', key=THEIRS):
        return f'{{"{node}":{said},"sign":"{sign(key, said.encode())}"}}'.encode()

    def test_is_read_as_it_stands_and_numbers_stay_texts(self):
        said = '{"code":"10000", "refund_fee": 10.10, "n": 3, "url":"https:\\/\\/a{}\\"}"}'

        assert opened(THEIRS.public_key(), self.answer(said=said), METHOD) == {
            "code": "10000",
            "refund_fee": "10.10",
            "n": "3",
            "url": 'https://a{}"}',
        }

    @pytest.mark.parametrize(
        "change",
        [
            lambda text: text.replace(b"10000", b"10001"),
            lambda text: text.replace(b'{"code"', b'{ "code"'),
            lambda text: text.replace(b"trade_refund", b"trade_close"),
            lambda text: text.replace(b'"sign"', b'"sing"'),
            lambda text: text.replace(b'"sign"', b'"alipay_trade_refund_response":{},"sign"', 1)[
                :-2
            ],
            lambda text: b"[]",
            lambda text: b"<html>",
            lambda text: b"\xff",
        ],
    )
    def test_of_which_anything_is_changed_is_not_read(self, change):
        with pytest.raises((Forged, ValueError)):
            opened(THEIRS.public_key(), change(self.answer()), METHOD)

    def test_signed_by_somebody_else_is_not_read(self):
        with pytest.raises(Forged):
            opened(THEIRS.public_key(), self.answer(key=OURS), METHOD)

    def test_that_refuses_the_whole_request_is_read_when_it_is_signed(self):
        said = opened(THEIRS.public_key(), self.answer(node="error_response"), METHOD)

        assert said["code"] == "10000"


class TestAMessage:
    def fields(self, **changes):
        made = notice(THEIRS, APP, "some.notify", SAID, own="n1", at=NOW)
        return made | changes

    def check(self, fields, *, now=NOW, app=APP):
        check(THEIRS.public_key(), app, fields, now=now)

    def test_reads_as_it_was_written(self):
        read = fields_of(urlencode(self.fields()).encode())

        self.check(read)
        assert json.loads(read["biz_content"]) == SAID

    @pytest.mark.parametrize("away", [timedelta(minutes=5), -timedelta(minutes=5)])
    def test_is_good_for_five_minutes_either_way(self, away):
        self.check(self.fields(), now=NOW + away)

        with pytest.raises(Stale):
            self.check(self.fields(), now=NOW + away * 1.01)

    def test_to_another_app_is_none_of_ours(self):
        with pytest.raises(Forged):
            self.check(self.fields(), app="2021000000000002")

    def test_signed_with_the_older_scheme_is_refused(self):
        fields = self.fields()
        signed = {name: fields[name] for name in fields if name not in {"sign", "sign_type"}}
        weak = THEIRS.sign(content(signed), PKCS1v15(), SHA1())

        for scheme in ("RSA", "RSA2"):
            with pytest.raises(Forged):
                self.check(fields | {"sign": base64.b64encode(weak).decode(), "sign_type": scheme})

    @pytest.mark.parametrize("changes", [{"utc_timestamp": ""}, {"utc_timestamp": "1" * 20}])
    def test_without_a_time_is_refused(self, changes):
        fields = self.fields() | changes
        signed = {name: fields[name] for name in fields if name not in {"sign", "sign_type"}}

        with pytest.raises(Forged):
            self.check(fields | {"sign": sign(THEIRS, content(signed))})

    @pytest.mark.parametrize("body", [b"a=1&a=2", b"a", b"a=%ff", "a=茶".encode()])
    def test_that_is_no_form_or_names_a_field_twice_is_refused(self, body):
        with pytest.raises(Forged):
            fields_of(body)
