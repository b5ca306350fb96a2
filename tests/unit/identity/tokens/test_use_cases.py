"""Logging in, refreshing, acting for another organisation, service tokens."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.testing.clock import START
from services.identity.organizations.domain import NotAMember, OrganizationNotFound
from services.identity.tokens.domain import (
    GRACE,
    RefreshTokenReplayed,
    RefreshTokenUnknown,
    SessionOver,
    WrongServiceSecret,
)
from services.identity.tokens.use_cases import (
    Mint,
    end_session,
    exchange_token,
    grant_service_token,
    refresh_session,
    start_session,
)
from tests.unit.identity.fakes import (
    FOUNDER,
    ORGANIZATION,
    FakeOrganizations,
    FakeSessions,
    OpenSigner,
    an_organization,
    at_once,
    counting_ids,
)


class Desk:
    """Everything a log-in needs, in memory."""

    def __init__(self, *organizations):
        self.sessions = FakeSessions()
        self.organizations = FakeOrganizations(*organizations)
        self.signer = OpenSigner()
        secrets = iter(f"random{number}" for number in range(100))
        self.mint = Mint(
            signer=self.signer,
            ids=counting_ids(),
            random=lambda: next(secrets),
            issuer="teahouse-identity",
            audience=("identity", "catalog"),
            user_life=timedelta(minutes=10),
            service_life=timedelta(minutes=5),
        )

    def ports(self):
        return {
            "sessions": self.sessions,
            "organizations": self.organizations,
            "mint": self.mint,
        }

    def log_in(self, organization_id=None):
        return start_session(FOUNDER, organization_id, now=START, **self.ports())

    def refresh(self, token, organization_id=None, now=START):
        return refresh_session(
            token, organization_id, transaction=at_once, now=now, **self.ports()
        )

    def the_session(self):
        (session,) = self.sessions.by_id.values()
        return session


class TestStartSession:
    def test_acts_for_the_only_organisation(self):
        desk = Desk(an_organization())

        grant = desk.log_in()

        assert grant.organization_id == ORGANIZATION
        assert desk.signer.claims[0]["org"] == ORGANIZATION

    def test_acts_for_none_when_there_is_a_choice(self):
        desk = Desk(an_organization(), second_organization())

        assert desk.log_in().organization_id == ""

    def test_acts_for_the_chosen_one(self):
        desk = Desk(an_organization(), second_organization())

        assert desk.log_in("org_second").organization_id == "org_second"

    @pytest.mark.parametrize(
        ("organization_id", "error"),
        [("org_strangers", NotAMember), ("org_unknown", OrganizationNotFound)],
    )
    def test_refuses_an_organisation_of_others_and_opens_nothing(self, organization_id, error):
        desk = Desk(an_organization(), strangers_organization())

        with pytest.raises(error):
            desk.log_in(organization_id)

        assert desk.sessions.by_id == {}

    def test_shows_no_token_when_printed(self):
        grant = Desk().log_in()

        assert "token-1" not in repr(grant)
        assert grant.refresh_token not in repr(grant)


class TestRefreshSession:
    def test_gives_a_new_pair(self):
        desk = Desk(an_organization())
        first = desk.log_in()

        second = desk.refresh(first.refresh_token)

        assert second.refresh_token != first.refresh_token
        assert second.organization_id == ORGANIZATION
        assert desk.refresh(second.refresh_token).refresh_token not in {
            first.refresh_token,
            second.refresh_token,
        }

    def test_stores_the_end_of_a_replayed_session_and_refuses(self):
        desk = Desk(an_organization())
        first = desk.log_in()
        second = desk.refresh(first.refresh_token)
        late = START + GRACE + timedelta(seconds=1)

        with pytest.raises(RefreshTokenReplayed):
            desk.refresh(first.refresh_token, now=late)

        assert desk.the_session().ended_by == "replay"
        with pytest.raises(SessionOver):
            desk.refresh(second.refresh_token, now=late)

    def test_refuses_a_token_of_no_session(self):
        with pytest.raises(RefreshTokenUnknown):
            Desk().refresh("family.secret")

    def test_may_change_the_organisation_within_the_users_own(self):
        desk = Desk(an_organization(), second_organization(), strangers_organization())
        first = desk.log_in(ORGANIZATION)

        second = desk.refresh(first.refresh_token, "org_second")

        assert second.organization_id == "org_second"
        with pytest.raises(NotAMember):
            desk.refresh(second.refresh_token, "org_strangers")


class TestExchangeToken:
    def test_acts_for_another_organisation_without_a_new_refresh_token(self):
        desk = Desk(an_organization(), second_organization())
        desk.log_in(ORGANIZATION)

        grant = exchange_token(desk.the_session().id, "org_second", now=START, **desk.ports())

        assert (grant.organization_id, grant.refresh_token) == ("org_second", "")

    def test_cannot_widen_what_the_user_may_do(self):
        desk = Desk(an_organization(), strangers_organization())
        desk.log_in(ORGANIZATION)

        with pytest.raises(NotAMember):
            exchange_token(desk.the_session().id, "org_strangers", now=START, **desk.ports())

        assert len(desk.signer.claims) == 1

    def test_refuses_after_log_out(self):
        desk = Desk(an_organization())
        desk.log_in()
        end_session(desk.the_session().id, sessions=desk.sessions, now=START)

        with pytest.raises(SessionOver):
            exchange_token(desk.the_session().id, ORGANIZATION, now=START, **desk.ports())


class TestEndSession:
    def test_stops_the_refresh_token_and_may_be_repeated(self):
        desk = Desk(an_organization())
        grant = desk.log_in()

        end_session(desk.the_session().id, sessions=desk.sessions, now=START)
        end_session(desk.the_session().id, sessions=desk.sessions, now=START)

        with pytest.raises(SessionOver):
            desk.refresh(grant.refresh_token)


class TestGrantServiceToken:
    secrets = {"matching": "matching's own secret", "catalog": ""}

    def grant(self, service, secret):
        desk = Desk()
        grant = grant_service_token(
            service, secret, "payments", secrets=self.secrets, mint=desk.mint, now=START
        )
        return grant, desk.signer.claims[0]

    def test_names_the_service_and_the_one_it_may_call(self):
        grant, claims = self.grant("matching", "matching's own secret")

        assert grant.expires_in == 300
        assert (claims["sub"], claims["aud"], claims["client_id"]) == (
            "service:matching",
            ["payments"],
            "matching",
        )

    @pytest.mark.parametrize(
        ("service", "secret"),
        [("matching", "wrong"), ("catalog", ""), ("payments", "matching's own secret")],
    )
    def test_refuses_a_secret_that_is_not_the_services_own(self, service, secret):
        with pytest.raises(WrongServiceSecret):
            self.grant(service, secret)


def second_organization():
    return replaced("org_second", FOUNDER)


def strangers_organization():
    return replaced("org_strangers", "usr_stranger")


def replaced(organization_id, founder_id):
    return replace(an_organization(founder_id=founder_id), id=organization_id)
