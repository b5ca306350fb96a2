"""Stripe's signature of a message, held against Stripe's own library."""

from __future__ import annotations

from datetime import timedelta

import pytest
from stripe import WebhookSignature

from services.payments.providers.engine import TOLERANCE, Forged, Stale
from services.payments.stripe.engine import SIGNATURE, check, sign
from tests.builders.payments import NOW

SECRET, BODY = "whsec_one", '{"amount": "一百"}'.encode()


def header(*words):
    return {SIGNATURE: ",".join(words)}


def words(secret=SECRET, body=BODY, at=NOW):
    return sign(secret, body, at=at)[SIGNATURE].split(",")


def test_is_what_stripe_s_library_signs():
    theirs = WebhookSignature.generate_signature_header(
        BODY.decode(), SECRET, int(NOW.timestamp())
    )

    assert sign(SECRET, BODY, at=NOW) == {SIGNATURE: theirs}


@pytest.mark.parametrize("away", [TOLERANCE, -TOLERANCE])
def test_is_good_for_five_minutes_either_way(away):
    check(SECRET, sign(SECRET, BODY, at=NOW), BODY, now=NOW + away)

    with pytest.raises(Stale):
        check(SECRET, sign(SECRET, BODY, at=NOW), BODY, now=NOW + away * 1.01)


def test_of_the_secret_before_may_stand_beside_it():
    seconds, ours = words()
    _, before = words("whsec_before")

    check(SECRET, header(seconds, before, ours), BODY, now=NOW)
    check(SECRET, header(seconds, "v0=abc", ours), BODY, now=NOW)


@pytest.mark.parametrize(
    "forge",
    [
        lambda _t, _v: [],
        lambda t, _v: [t],
        lambda _t, v: [v],
        lambda t, v: [t, t, v],
        lambda t, v: [t, v.replace("v1=", "v0=")],
        lambda t, v: [t, v.upper()],
        lambda t, _v: [t, "v1="],
        lambda t, _v: [t, "v1=é"],
        lambda _t, v: ["t=", v],
        lambda _t, v: ["t=-1", v],
        lambda _t, v: ["t=１７７２３６６４００", v],  # noqa: RUF001 - digits that are not ASCII
        lambda _t, v: ["t=999999999999", v],
        lambda t, _v: [t, words(at=NOW + timedelta(seconds=1))[1]],
        lambda t, _v: [t, words("whsec_other")[1]],
        lambda t, _v: [t, words(body=BODY + b" ")[1]],
    ],
)
def test_that_is_not_whole_or_of_something_else_is_forged(forge):
    with pytest.raises(Forged):
        check(SECRET, header(*forge(*words())), BODY, now=NOW)
