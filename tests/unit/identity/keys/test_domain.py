"""The key ring: one key signs, the retired ones are trusted a token's life longer."""

from datetime import timedelta

import pytest

from chassis.testing.clock import START
from services.identity.keys.domain import KeyRing, NoSigningKey
from services.identity.keys.use_cases import ensure_key, rotate_keys
from tests.unit.identity.fakes import FakeRings, NumberedKeys

LIFE = timedelta(minutes=10)
SECOND = timedelta(seconds=1)


def names(keys):
    return [key.id for key in keys]


class TestKeyRing:
    def test_has_nothing_to_sign_with_at_first(self):
        with pytest.raises(NoSigningKey):
            _ = KeyRing().active

    def test_signs_with_the_fresh_key_and_trusts_the_last_for_a_tokens_life(self):
        maker = NumberedKeys()
        ring = KeyRing().rotate(maker.make(START), START, life=LIFE).state

        rotated = ring.rotate(maker.make(START), START + SECOND, life=LIFE).state

        assert rotated.active.id == "key-2"
        retired = START + SECOND + LIFE
        assert names(rotated.published(retired - SECOND, life=LIFE)) == ["key-2", "key-1"]
        assert names(rotated.published(retired, life=LIFE)) == ["key-2"]

    def test_drops_keys_nobody_trusts_any_more(self):
        maker = NumberedKeys()
        ring = KeyRing()
        for step in range(3):
            ring = ring.rotate(maker.make(START), START + step * LIFE, life=LIFE).state

        again = ring.rotate(maker.make(START), START + 9 * LIFE, life=LIFE).state

        assert names(again.keys) == ["key-4", "key-3"]

    def test_does_not_retire_a_key_twice(self):
        maker = NumberedKeys()
        ring = KeyRing().rotate(maker.make(START), START, life=LIFE).state
        ring = ring.rotate(maker.make(START), START + SECOND, life=LIFE).state

        ring = ring.rotate(maker.make(START), START + 2 * SECOND, life=LIFE).state

        assert [key.retired_at for key in ring.keys] == [
            None,
            START + 2 * SECOND,
            START + SECOND,
        ]


class TestEnsureKey:
    def test_makes_the_first_key_only(self):
        rings, maker = FakeRings(), NumberedKeys()

        for _ in range(3):
            ensure_key(rings=rings, maker=maker, life=LIFE, now=START)

        assert names(rings.get().keys) == ["key-1"]
        assert rings.writes == 1


class TestRotateKeys:
    def test_stores_the_new_ring(self):
        rings, maker = FakeRings(), NumberedKeys()
        ensure_key(rings=rings, maker=maker, life=LIFE, now=START)

        rotate_keys(rings=rings, maker=maker, life=LIFE, now=START)

        assert rings.get().active.id == "key-2"
