"""Organisations: founders, members, and who may appoint whom."""

import pytest

from chassis.permissions import Kind, Role
from chassis.testing.clock import START
from services.identity.organizations.domain import (
    MOST_MEMBERS,
    AlreadyAMember,
    NotAMember,
    OrganizationFull,
    RoleNotYours,
    RoleUnfit,
    found,
)
from services.identity.organizations.events import MemberJoined, OrganizationRegistered
from tests.unit.identity.fakes import FOUNDER, ORGANIZATION, an_organization


def with_member(role: Role):
    return an_organization().add("usr_second", role, by=FOUNDER, at=START).state


class TestFound:
    def test_makes_the_founder_owner_and_says_so(self):
        organization, events, _ = found(
            ORGANIZATION,
            kind=Kind.HOST,
            name="晨读茶会",
            city="上海",
            founder_id=FOUNDER,
            at=START,
        )

        assert organization.role_of(FOUNDER) is Role.OWNER
        assert events == (
            OrganizationRegistered(
                organization_id=ORGANIZATION,
                kind="host",
                name="晨读茶会",
                city="上海",
                occurred_at=START,
            ),
            MemberJoined(
                organization_id=ORGANIZATION, user_id=FOUNDER, role="owner", occurred_at=START
            ),
        )

    def test_makes_the_platforms_founder_an_operator(self):
        assert an_organization(kind=Kind.PLATFORM).role_of(FOUNDER) is Role.OPERATOR


class TestAdd:
    def test_adds_and_announces_the_member(self):
        organization, events, _ = an_organization().add(
            "usr_second", Role.STAFF, by=FOUNDER, at=START
        )

        assert organization.role_of("usr_second") is Role.STAFF
        assert events == (
            MemberJoined(
                organization_id=ORGANIZATION,
                user_id="usr_second",
                role="staff",
                occurred_at=START,
            ),
        )

    @pytest.mark.parametrize("role", [Role.OWNER, Role.MANAGER])
    def test_lets_a_manager_appoint_nobody_above_staff(self, role):
        organization = with_member(Role.MANAGER)

        with pytest.raises(RoleNotYours):
            organization.add("usr_third", role, by="usr_second", at=START)

        organization.add("usr_third", Role.STAFF, by="usr_second", at=START)

    def test_lets_staff_appoint_nobody(self):
        with pytest.raises(RoleNotYours):
            with_member(Role.STAFF).add("usr_third", Role.STAFF, by="usr_second", at=START)

    def test_refuses_a_stranger_as_appointer(self):
        with pytest.raises(NotAMember):
            an_organization().add("usr_third", Role.STAFF, by="usr_stranger", at=START)

    def test_refuses_a_role_that_the_kind_has_not(self):
        with pytest.raises(RoleUnfit):
            an_organization().add("usr_second", Role.OPERATOR, by=FOUNDER, at=START)
        with pytest.raises(RoleUnfit):
            an_organization(kind=Kind.PLATFORM).add("usr_second", Role.OWNER, by=FOUNDER, at=START)

    def test_refuses_who_belongs_already(self):
        with pytest.raises(AlreadyAMember):
            an_organization().add(FOUNDER, Role.STAFF, by=FOUNDER, at=START)

    def test_refuses_more_members_than_fit(self):
        organization = an_organization()
        for number in range(MOST_MEMBERS - 1):
            organization = organization.add(
                f"usr_{number}", Role.STAFF, by=FOUNDER, at=START
            ).state

        with pytest.raises(OrganizationFull):
            organization.add("usr_last", Role.STAFF, by=FOUNDER, at=START)
