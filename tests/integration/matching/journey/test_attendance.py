"""Invitations, check-ins, ratings and behaviour over HTTP."""

from __future__ import annotations

import threading
from dataclasses import replace
from xml.etree import ElementTree as ET

from joserfc.jwk import KeySet

from chassis.signer import Signer
from services.matching.doors.adapters import SignedDoorCodes, signer_of, to_invitation
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    PLATFORM_ORG,
    STARTS_AT,
    an_id,
)


class TestInvitations:
    def test_are_verified_offline_with_the_published_keys(self, world):
        path = world.gathering()
        (code,) = world.invite(path)

        published = world.app.test_client().get("/.well-known/jwks.json").json
        key = next(key for key in KeySet.import_key_set(published).keys)

        invitation = to_invitation(code, key)
        assert key.kid == signer_of(code)
        assert path.endswith(invitation.gathering_id)
        assert (invitation.community_id, invitation.organization_id) == (an_id("com"), HOST)

    def test_are_drawn_for_the_hosts(self, world):
        path = world.gathering()
        body = {"community_id": an_id("com"), "count": 1}
        invitation_id = world.post(HOST, f"{path}/invitations", body).json["items"][0]["id"]

        drawn = world.get(CO_HOST, f"{path}/invitations/{invitation_id}/qr.svg")

        assert (drawn.status_code, drawn.content_type) == (200, "image/svg+xml")
        assert ET.fromstring(drawn.text).tag.endswith("svg")
        other = world.get(HOST, f"{path}/invitations/{an_id('inv', 9)}/qr.svg")
        assert (other.status_code, other.json["code"]) == (404, "invitation-not-found")

    def test_refuse_a_count_that_makes_no_sense(self, world):
        path = world.gathering()
        before = world.counts()

        answers = [
            world.post(HOST, f"{path}/invitations", {"count": count}).status_code
            for count in (0, -1, 201, 1.5, "1", None)
        ]

        assert answers == [400] * 6
        assert world.counts() == before


class TestCheckIn:
    def test_is_the_same_however_often(self, world, clock):
        path = world.gathering()
        (code,) = world.invite(path)
        clock.set(STARTS_AT)

        first, again = (world.check_in(path, code, who=who) for who in (HOST, CO_HOST))

        assert again.json == first.json
        assert world.get(HOST, path).json["checked_in"] == 1
        assert world.counts()["behaviour"] == 2

    def test_counts_all_who_come_at_once(self, world, clock):
        path = world.gathering()
        codes = world.invite(path, count=6) * 2
        clock.set(STARTS_AT)
        answers = []

        def come(code):
            answers.append(world.check_in(path, code).status_code)

        guests = [threading.Thread(target=come, args=(code,)) for code in codes]
        for guest in guests:
            guest.start()
        for guest in guests:
            guest.join()

        assert answers == [200] * 12
        assert world.get(HOST, path).json["checked_in"] == 6
        assert world.facts(path.rpartition("/")[2])[2:] == ["matching.gathering.checked-in.v1"] * 6

    def test_refuses_forged_and_foreign_codes(self, world, clock):
        path = world.gathering()
        (code,) = world.invite(path)
        door_keys = SignedDoorCodes(Signer())
        foreign = door_keys.sign(replace(door_keys.read(code), gathering_id=an_id("gth", 9)))
        clock.set(STARTS_AT)
        before = world.counts()

        wrong = {
            code[:-4]: "door-code-invalid",
            "tea": "door-code-invalid",
            foreign: "code-of-another-gathering",
        }

        for text, why in wrong.items():
            answer = world.check_in(path, text)
            assert (answer.status_code, answer.json["code"]) == (422, why)
        assert world.check_in(path, "").status_code == 400
        assert world.check_in(path, "x" * 1025).status_code == 400
        assert world.check_in(path, code, who=BRAND).json["code"] == "permission-missing"
        assert world.counts() == before

    def test_tells_who_brought_how_many(self, world, clock):
        path = world.gathering()
        mine, hers = world.invite(path, 2), world.invite(path, 1, CO_HOST, an_id("com", 2))
        clock.set(STARTS_AT)
        tickets = [world.check_in(path, code).json for code in mine + hers]
        world.app.test_client().post(
            f"{path}/ratings", json={"ticket_id": tickets[0]["id"], "stars": 4}
        )

        turnout = world.get(BRAND, f"{path}/attendance").json

        assert turnout == {
            "invited": 3,
            "checked_in": 3,
            "ratings": 1,
            "stars": 4,
            "came_by": [
                {"community_id": an_id("com"), "organization_id": HOST, "guests": 2},
                {"community_id": an_id("com", 2), "organization_id": CO_HOST, "guests": 1},
            ],
        }


class TestRating:
    def test_needs_a_ticket_and_no_account(self, world, clock):
        path = world.gathering()
        (code,) = world.invite(path)
        clock.set(STARTS_AT)
        ticket_id = world.check_in(path, code).json["id"]
        guest = world.app.test_client()

        first = guest.post(f"{path}/ratings", json={"ticket_id": ticket_id, "stars": 5})
        again = guest.post(f"{path}/ratings", json={"ticket_id": ticket_id, "stars": 1})
        absent = guest.post(f"{path}/ratings", json={"ticket_id": an_id("tkt", 9), "stars": 5})
        wild = [
            guest.post(f"{path}/ratings", json={"ticket_id": ticket_id, "stars": stars})
            for stars in (0, 6, 4.5, "5")
        ]

        assert (first.status_code, first.json["stars"]) == (201, 5)
        assert (again.status_code, again.json["code"]) == (409, "rated-already")
        assert (absent.status_code, absent.json["code"]) == (404, "ticket-not-found")
        assert [answer.status_code for answer in wild] == [400] * 4
        assert world.facts(path.rpartition("/")[2])[-1] == "matching.gathering.rated.v1"


class TestBehaviour:
    def test_is_ones_own_to_read(self, world, clock):
        path = world.gathering()
        clock.set(STARTS_AT)
        for code in world.invite(path, 2):
            world.check_in(path, code)

        first = world.get(HOST, "/v1/behaviour", limit=3).json
        rest = world.get(HOST, "/v1/behaviour", limit=3, cursor=first["next_cursor"]).json
        whose = {"organization_id": HOST}

        lines = first["items"] + rest["items"]
        assert (
            sorted(line["deed"] for line in lines) == ["brought-a-friend"] * 2 + ["checked-in"] * 2
        )
        assert world.get(PLATFORM_ORG, "/v1/behaviour", **whose).json["items"] == lines
        lost = world.get(HOST, "/v1/behaviour", cursor="dGVh")
        assert (lost.status_code, lost.json["code"]) == (422, "cursor-malformed")
        other = world.get(BRAND, "/v1/behaviour", **whose)
        assert (other.status_code, other.json["code"]) == (403, "record-of-another")
