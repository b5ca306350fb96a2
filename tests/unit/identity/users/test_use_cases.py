"""Registering and logging in tell nobody who is known here."""

import pytest

from chassis.testing.clock import START
from services.identity.users.adapters import ACCOUNT_PATIENCE, RecentAttempts
from services.identity.users.domain import PasswordUnfit, TooManyAttempts, WrongCredentials
from services.identity.users.use_cases import Credentials, Register, authenticate, register
from tests.unit.identity.fakes import FakeUsers, PlainHasher, at_once, counting_ids

PASSWORD = "bamboo by the lake"


def registered(users, hasher, **changes):
    given = {"email": "lan@example.com", "name": " Lan ", "password": PASSWORD}
    return register(
        Register(**given | changes),
        users=users,
        hasher=hasher,
        transaction=at_once,
        ids=counting_ids(),
        now=START,
    )


def logged_in(users, hasher, attempts, **changes):
    given = {"email": "lan@example.com", "password": PASSWORD, "origin": "198.51.100.7"}
    return authenticate(
        Credentials(**given | changes),
        users=users,
        hasher=hasher,
        attempts=attempts,
        transaction=at_once,
        now=START,
    )


class TestRegister:
    def test_keeps_a_hash_and_one_spelling_of_the_address(self):
        users = FakeUsers()

        user = registered(users, PlainHasher(), email="Lan@Example.com")

        assert (user.email, user.name, user.password_hash) == (
            "lan@example.com",
            "Lan",
            f"2:{PASSWORD}",
        )
        assert users.by_id == {user.id: user}

    def test_leaves_a_known_user_unchanged_and_takes_the_same_steps(self):
        users, hasher = FakeUsers(), PlainHasher()
        first = registered(users, hasher)

        again = registered(users, hasher, password="another password", name="Mallory")

        assert again == first
        assert list(users.by_id.values()) == [first]
        assert hasher.asked == ["hash", "hash"]
        assert users.writes == 2

    def test_refuses_an_unfit_password_and_keeps_nothing(self):
        users = FakeUsers()

        with pytest.raises(PasswordUnfit):
            registered(users, PlainHasher(), password="password")

        assert users.by_id == {}

    def test_shows_no_password_when_printed(self):
        command = Register(email="lan@example.com", name="Lan", password=PASSWORD)

        assert PASSWORD not in repr(command)


class TestAuthenticate:
    def test_finds_the_user_whatever_the_case_of_the_address(self):
        users, hasher = FakeUsers(), PlainHasher()
        user = registered(users, hasher)

        assert logged_in(users, hasher, RecentAttempts(), email="LAN@example.com") == user

    @pytest.mark.parametrize(
        "wrong", [{"email": "nobody@example.com"}, {"password": "not this one"}]
    )
    def test_refuses_in_the_same_words_and_with_one_verification(self, wrong):
        users, hasher = FakeUsers(), PlainHasher()
        registered(users, hasher)
        hasher.asked.clear()

        with pytest.raises(WrongCredentials) as refusal:
            logged_in(users, hasher, RecentAttempts(), **wrong)

        assert str(refusal.value) == WrongCredentials.title()
        assert hasher.asked == ["verify"]

    def test_renews_a_hash_of_an_older_cost(self):
        users = FakeUsers()
        user = registered(users, PlainHasher(generation=1))

        logged_in(users, PlainHasher(generation=2), RecentAttempts())

        assert users.get(user.id).password_hash == f"2:{PASSWORD}"

    def test_makes_an_account_wait_after_too_many_failures_even_with_the_right_password(self):
        users, hasher, attempts = FakeUsers(), PlainHasher(), RecentAttempts()
        registered(users, hasher)
        for _ in range(ACCOUNT_PATIENCE.failures):
            with pytest.raises(WrongCredentials):
                logged_in(users, hasher, attempts, password="wrong guess")
        hasher.asked.clear()

        with pytest.raises(TooManyAttempts) as refusal:
            logged_in(users, hasher, attempts)

        assert refusal.value.members == {"retry_after_seconds": 15 * 60}
        assert hasher.asked == []

    def test_makes_an_unknown_account_wait_just_the_same(self):
        users, hasher, attempts = FakeUsers(), PlainHasher(), RecentAttempts()
        for _ in range(ACCOUNT_PATIENCE.failures):
            with pytest.raises(WrongCredentials):
                logged_in(users, hasher, attempts, email="nobody@example.com")

        with pytest.raises(TooManyAttempts):
            logged_in(users, hasher, attempts, email="nobody@example.com")

    def test_forgets_failures_after_a_success(self):
        users, hasher, attempts = FakeUsers(), PlainHasher(), RecentAttempts()
        user = registered(users, hasher)
        for _ in range(ACCOUNT_PATIENCE.failures - 1):
            with pytest.raises(WrongCredentials):
                logged_in(users, hasher, attempts, password="wrong guess")
        logged_in(users, hasher, attempts)

        with pytest.raises(WrongCredentials):
            logged_in(users, hasher, attempts, password="wrong guess")

        assert logged_in(users, hasher, attempts) == user
