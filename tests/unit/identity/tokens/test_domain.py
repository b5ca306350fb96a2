"""Refresh tokens: one head, one successor, and the end of a family that was copied."""

from datetime import timedelta

import pytest

from chassis.testing.clock import START
from services.identity.organizations.domain import NotAMember
from services.identity.tokens.domain import (
    GRACE,
    IDLE,
    LIFE,
    Issuance,
    RefreshTokenUnknown,
    SessionOver,
    begin,
    claims_of_user,
    digest,
    parts_of,
)
from tests.unit.identity.fakes import FOUNDER, ORGANIZATION, an_organization

SECOND = timedelta(seconds=1)


def a_session(secret="first", **changes):
    given = {"user_id": FOUNDER, "organization_id": ORGANIZATION, "family": "f", "now": START}
    return begin("ses_1", secret=secret, **given | changes)


class TestRefresh:
    def test_replaces_the_head_by_its_successor(self):
        rotated, successor = a_session().refresh("first", salt="salt", now=START + SECOND)

        assert rotated.head == digest(successor)
        assert rotated.previous == digest("first")
        assert successor != "first"

    def test_keeps_no_secret_in_the_session(self):
        rotated, successor = a_session().refresh("first", salt="salt", now=START)

        assert "first" not in repr(rotated)
        assert successor not in repr(rotated)

    def test_gives_a_retry_within_the_grace_time_the_same_successor(self):
        rotated, successor = a_session().refresh("first", salt="salt", now=START)

        again, repeated = rotated.refresh("first", salt="another", now=START + GRACE)

        assert repeated == successor
        assert again is rotated

    def test_ends_the_session_when_a_token_comes_back_after_the_grace_time(self):
        rotated, successor = a_session().refresh("first", salt="salt", now=START)

        ended, nothing = rotated.refresh("first", salt="s", now=START + GRACE + SECOND)

        assert nothing is None
        assert ended.ended_by == "replay"
        with pytest.raises(SessionOver):
            ended.refresh(successor, salt="s", now=START + GRACE + SECOND)

    def test_ends_the_session_when_a_token_older_than_the_last_comes_back(self):
        second, first_successor = a_session().refresh("first", salt="a", now=START)
        third, _ = second.refresh(first_successor, salt="b", now=START + SECOND)

        ended, nothing = third.refresh("first", salt="c", now=START + SECOND)

        assert nothing is None
        assert ended.ended_at == START + SECOND

    def test_ends_the_session_for_a_made_up_secret(self):
        ended, nothing = a_session().refresh("made up", salt="s", now=START)

        assert nothing is None
        assert ended.ended_by == "replay"

    def test_takes_no_empty_secret_for_the_missing_predecessor(self):
        _, nothing = a_session().refresh("", salt="s", now=START)

        assert nothing is None

    def test_expires_after_lying_idle(self):
        a_session().refresh("first", salt="s", now=START + IDLE - SECOND)

        with pytest.raises(SessionOver):
            a_session().refresh("first", salt="s", now=START + IDLE)

    def test_expires_for_good_however_often_it_is_used(self):
        session, secret, now = a_session(), "first", START
        while now + IDLE - SECOND < START + LIFE:
            now += IDLE - SECOND
            session, secret = session.refresh(secret, salt="s", now=now)

        with pytest.raises(SessionOver):
            session.refresh(secret, salt="s", now=START + LIFE)


class TestEnd:
    def test_keeps_the_first_reason(self):
        ended = a_session().end("logout", START).state

        again = ended.end("replay", START + SECOND).state

        assert again is ended


class TestPartsOf:
    @pytest.mark.parametrize("token", ["", ".", "family", "family.", ".secret"])
    def test_refuses_what_is_no_refresh_token(self, token):
        with pytest.raises(RefreshTokenUnknown):
            parts_of(token)


class TestClaimsOfUser:
    issuance = Issuance(
        issuer="teahouse-identity", token_id="tok_1", now=START, life=timedelta(minutes=10)
    )

    def test_names_the_user_the_organisation_and_the_role(self):
        claims = claims_of_user(a_session(), an_organization(), self.issuance, ["catalog"])

        issued_at = int(START.timestamp())
        assert claims == {
            "iss": "teahouse-identity",
            "sub": FOUNDER,
            "aud": ["catalog"],
            "client_id": "teahouse",
            "jti": "tok_1",
            "iat": issued_at,
            "exp": issued_at + 600,
            "sid": "ses_1",
            "org": ORGANIZATION,
            "kind": "brand",
            "roles": ["owner"],
        }

    def test_gives_no_role_without_an_organisation(self):
        claims = claims_of_user(a_session(), None, self.issuance, ["catalog"])

        assert not claims.keys() & {"org", "kind", "roles"}

    def test_refuses_an_organisation_of_others(self):
        with pytest.raises(NotAMember):
            claims_of_user(a_session(user_id="usr_stranger"), an_organization(), self.issuance, [])
