"""Messages signed as Standard Webhooks has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.payments.providers.engine import Forged, Stale
from services.payments.sandbox.engine import check, sign

SECRET = b"thirty-two bytes of shared secret"
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
BODY = '{"status":"succeeded","why":"中文"}'.encode()


class TestASignature:
    def test_is_what_another_implementation_of_the_standard_makes(self):
        headers = sign(SECRET, "msg_01", BODY, at=AT)

        assert headers == {
            "webhook-id": "msg_01",
            "webhook-timestamp": "1772355600",
            "webhook-signature": "v1,xssSyFPC5NaxP5GFNVQYpmJ3/ABtNUgUgT3KJru5ME8=",
        }

    def test_is_found_among_others_and_by_either_secret(self):
        headers = sign(SECRET, "msg_01", BODY, at=AT)
        headers["webhook-signature"] = f"v1a,xx v1,bad! {headers['webhook-signature']}"

        assert check([b"the next one", SECRET], headers, BODY, now=AT) == "msg_01"

    @pytest.mark.parametrize("part", ["webhook-id", "webhook-timestamp", "webhook-signature"])
    def test_is_forged_when_anything_it_covers_is_missing_or_changed(self, part):
        signed = sign(SECRET, "msg_01", BODY, at=AT)
        missing = {name: value for name, value in signed.items() if name != part}

        for headers in (missing, signed | {part: "1" + signed[part]}, signed | {part: "é"}):
            with pytest.raises(Forged):
                check([SECRET], headers, BODY, now=AT)
        with pytest.raises(Forged):
            check([SECRET], signed, BODY + b" ", now=AT)

    @pytest.mark.parametrize("seconds", [-301, 301])
    def test_is_stale_more_than_five_minutes_away(self, seconds):
        headers = sign(SECRET, "msg_01", BODY, at=AT)

        check([SECRET], headers, BODY, now=AT + timedelta(seconds=300))
        with pytest.raises(Stale):
            check([SECRET], headers, BODY, now=AT + timedelta(seconds=seconds))
