"""What a password must be, and how patient a log-in is."""

from datetime import timedelta

import pytest

from chassis.testing.clock import START
from services.identity.users.domain import PasswordUnfit, Patience, address_of, check_password

WHO = {"email": "lan@example.com", "name": "Lan Wei"}


class TestCheckPassword:
    @pytest.mark.parametrize(
        "password", ["12 chars ok!", "x7-k2-p9", "竹子与茶与大海与月亮", "a b" * 42]
    )
    def test_takes_any_characters_from_8_to_128(self, password):
        check_password(password, **WHO)

    @pytest.mark.parametrize("password", ["", "x7-k2-p", "ab" * 65])
    def test_refuses_shorter_and_longer_ones(self, password):
        with pytest.raises(PasswordUnfit) as refusal:
            check_password(password, **WHO)

        assert refusal.value.members == {"reason": "length"}

    @pytest.mark.parametrize(
        "password", ["password", "Password123", "P@ssw0rd", "aaaaaaaaaa", "abcdefgh", "87654321"]
    )
    def test_refuses_what_everybody_uses(self, password):
        with pytest.raises(PasswordUnfit) as refusal:
            check_password(password, **WHO)

        assert refusal.value.members == {"reason": "common"}

    @pytest.mark.parametrize("password", ["lan@example.com", "LAN WEI 1990", "teahouse2026!"])
    def test_refuses_what_is_known_of_the_user(self, password):
        with pytest.raises(PasswordUnfit) as refusal:
            check_password(password, **WHO)

        assert refusal.value.members == {"reason": "guessable"}


class TestAddressOf:
    def test_gives_one_spelling(self):
        assert address_of("  Lan@Example.COM ") == "lan@example.com"


class TestPatience:
    patience = Patience(3, timedelta(minutes=15))

    def test_bears_fewer_failures_than_the_limit(self):
        assert self.patience.wait_seconds((START, START), START) == 0

    def test_waits_until_the_oldest_counted_failure_has_left_the_window(self):
        failed_at = tuple(START + timedelta(minutes=minute) for minute in (0, 5, 6))

        wait = self.patience.wait_seconds(failed_at, START + timedelta(minutes=10))

        assert wait == 5 * 60

    def test_forgets_failures_that_left_the_window(self):
        failed_at = (START, START, START)

        assert self.patience.wait_seconds(failed_at, START + timedelta(minutes=15)) == 0
