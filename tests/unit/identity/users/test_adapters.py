"""Password hashing as it is stored."""

import argon2
import pytest

from chassis.testing.clock import START
from services.identity.users.adapters import REMEMBERED, ArgonHasher, RecentAttempts


@pytest.fixture(scope="module")
def hasher():
    return ArgonHasher()


class TestArgonHasher:
    def test_uses_argon2id_at_the_least_cost_that_is_advised(self, hasher):
        assert hasher.hash("bamboo by the lake").startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    def test_tells_right_from_wrong(self, hasher):
        stored = hasher.hash("bamboo by the lake")

        assert hasher.verify(stored, "bamboo by the lake")
        assert not hasher.verify(stored, "Bamboo by the lake")

    def test_takes_what_looks_the_same_for_the_same(self, hasher):
        stored = hasher.hash("café au lait")

        assert hasher.verify(stored, "cafe\u0301 au lait")

    def test_never_accepts_a_password_for_nobody(self, hasher):
        assert not hasher.verify(None, "the password of nobody")

    def test_does_not_choke_on_a_broken_hash(self, hasher):
        assert not hasher.verify("$argon2id$broken", "bamboo by the lake")

    def test_knows_a_hash_of_another_cost(self, hasher):
        cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("bamboo")

        assert hasher.is_outdated(cheap)
        assert not hasher.is_outdated(hasher.hash("bamboo"))


class TestRecentAttempts:
    def test_remembers_no_more_than_it_has_room_for(self):
        attempts = RecentAttempts()

        for number in range(REMEMBERED + 10):
            attempts.failed(f"{number}@example.com", "198.51.100.7", START)

        assert len(attempts._failed_at) == REMEMBERED
