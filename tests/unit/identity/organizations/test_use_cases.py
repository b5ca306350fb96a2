"""Founding organisations, the platform's once, and adding members."""

import pytest

from chassis.permissions import Kind, Role
from chassis.testing.clock import START
from services.identity.organizations.domain import KindReserved
from services.identity.organizations.use_cases import (
    AddMember,
    FoundOrganization,
    add_member,
    found_organization,
    found_platform,
)
from services.identity.users.domain import User, UserNotFound
from tests.unit.identity.fakes import (
    FOUNDER,
    ORGANIZATION,
    FakeOrganizations,
    FakeUsers,
    an_organization,
    counting_ids,
)


class TestFoundOrganization:
    def test_refuses_the_platforms_kind_and_keeps_nothing(self):
        organizations = FakeOrganizations()
        command = FoundOrganization(
            kind=Kind.PLATFORM, name="Not Teahouse", city="", founder_id=FOUNDER
        )

        with pytest.raises(KindReserved):
            found_organization(command, organizations=organizations, ids=counting_ids(), now=START)

        assert organizations.by_id == {}


class TestFoundPlatform:
    def test_founds_it_once(self):
        organizations, ids = FakeOrganizations(), counting_ids()

        first = found_platform(FOUNDER, organizations=organizations, ids=ids, now=START)
        again = found_platform("usr_other", organizations=organizations, ids=ids, now=START)

        assert again == first
        assert first.role_of("usr_other") is None
        assert len(organizations.by_id) == 1


class TestAddMember:
    command = AddMember(
        organization_id=ORGANIZATION,
        email=" Mei@Example.com",
        role=Role.STAFF,
        added_by=FOUNDER,
    )

    def test_finds_the_user_by_address(self):
        organizations = FakeOrganizations(an_organization())
        users = FakeUsers(User("usr_mei", "mei@example.com", "Mei", "hash", START))

        organization = add_member(
            self.command, organizations=organizations, users=users, now=START
        )

        assert organization.role_of("usr_mei") is Role.STAFF
        assert [event.type for event in organizations.events] == [
            "identity.organization.member-joined.v1"
        ]

    def test_refuses_an_address_nobody_registered_with(self):
        organizations = FakeOrganizations(an_organization())

        with pytest.raises(UserNotFound):
            add_member(self.command, organizations=organizations, users=FakeUsers(), now=START)

        assert organizations.events == []
