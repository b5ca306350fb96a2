"""Door codes can be verified offline with the published key."""

import base64
import json

import pytest
from joserfc.jwk import OKPKey

from chassis.signer import new_key, public_half, signed
from services.matching.doors.adapters import TYPE, signer_of, to_code, to_invitation
from services.matching.doors.domain import DoorCodeInvalid
from tests.builders.matching import an_id, an_invitation

KEY = OKPKey.import_key(new_key())


class TestCode:
    @pytest.mark.parametrize("community_id", [an_id("com"), None])
    def test_says_what_was_signed(self, community_id):
        invitation = an_invitation(community_id=community_id)

        code = to_code(invitation, KEY)

        assert to_invitation(code, KEY) == invitation
        assert signer_of(code) == KEY.kid

    def test_is_the_same_each_time(self):
        assert to_code(an_invitation(), KEY) == to_code(an_invitation(), KEY)

    def test_is_verified_with_nothing_but_the_published_key(self):
        published = OKPKey.import_key(public_half(KEY))

        assert to_invitation(to_code(an_invitation(), KEY), published) == an_invitation()

    def test_of_another_key_is_refused(self):
        other = OKPKey.import_key(new_key())

        with pytest.raises(DoorCodeInvalid):
            to_invitation(to_code(an_invitation(), other), KEY)

    def test_does_not_survive_a_change(self):
        header, payload, signature = to_code(an_invitation(), KEY).split(".")
        said = json.loads(base64.urlsafe_b64decode(payload + "=="))
        said["gth"] = an_id("gth", 2)
        forged = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()

        with pytest.raises(DoorCodeInvalid):
            to_invitation(f"{header}.{forged}.{signature}", KEY)

    @pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "tea" * 300, "茶.茶.茶"])
    def test_is_no_other_text(self, text):
        with pytest.raises(DoorCodeInvalid):
            signer_of(text)

    def test_is_no_token_of_another_kind_with_the_same_key(self):
        with pytest.raises(DoorCodeInvalid):
            signer_of(signed(b"{}", type="at+jwt", key=KEY))

    def test_must_hold_an_invitation(self):
        with pytest.raises(DoorCodeInvalid):
            to_invitation(signed(b'{"com": 1}', type=TYPE, key=KEY), KEY)
