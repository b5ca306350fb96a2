"""Who is a host is what identity says."""

import pytest
from marshmallow import ValidationError

from chassis.envelope import Event
from services.matching.organizations.domain import Organization
from services.matching.organizations.handlers import organization_handlers
from tests.builders.matching import BRAND, HOST, NOW

REGISTERED = "identity.organization.registered.v1"


class FakeOrganizations:
    def __init__(self) -> None:
        self.put = []

    def put_all(self, organizations):
        self.put += organizations


def registered(**data):
    return Event(
        id="evt_1",
        type=REGISTERED,
        source="/identity/1",
        subject=HOST,
        time=NOW,
        key=HOST,
        sequence=1,
        data=data,
    )


class TestRegistered:
    def test_is_remembered_by_kind(self):
        organizations = FakeOrganizations()

        organization_handlers(organizations)[REGISTERED](
            [
                registered(organization_id=HOST, kind="host", name="Tea friends", city="Beijing"),
                registered(organization_id=BRAND, kind="brand", later="unknown"),
            ]
        )

        assert organizations.put == [
            Organization(id=HOST, kind="host"),
            Organization(id=BRAND, kind="brand"),
        ]

    def test_without_a_kind_cannot_be_read(self):
        organizations = FakeOrganizations()

        with pytest.raises(ValidationError):
            organization_handlers(organizations)[REGISTERED]([registered(organization_id=HOST)])

        assert organizations.put == []
