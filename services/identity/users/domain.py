"""A person who can log in, and what a password must be. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from chassis.auth import Unauthenticated
from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound, RuleBroken

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 128

# Chosen far too often to protect anything, whatever a rule on characters would say.
_OFTEN = (
    "password password1 password12 password123 passw0rd p@ssw0rd p@ssword 12345678 123456789 "
    "1234567890 87654321 11111111 00000000 88888888 66666666 12341234 123123123 12344321 "
    "1q2w3e4r 1q2w3e4r5t 1qaz2wsx qwertyui qwertyuiop qwerty123 qwerty12 asdfghjk asdfghjkl "
    "zxcvbnm1 abcd1234 abc12345 a1234567 a12345678 aa123456 woaini1314 woaini520 5201314520 "
    "iloveyou iloveyou1 sunshine princess football baseball superman trustno1 welcome1 "
    "letmein1 administrator admin123 admin1234 changeme changeme1 default1 secret12 "
    "computer internet whatever starwars michelle jennifer"
)
TOO_COMMON = frozenset(_OFTEN.split())


class UserNotFound(NotFound):
    """No user has registered with this address."""

    code = "user-not-found"
    hint = "Ask the person to register first, with exactly this address."
    chinese = "没有使用该邮箱注册的用户，请先请对方注册。"


class WrongCredentials(Unauthenticated):
    """The e-mail address and the password do not belong together."""

    code = "wrong-credentials"
    hint = "Check both; after ten failures in a quarter of an hour the address has to wait."
    chinese = "邮箱或密码不正确。"


class PasswordUnfit(RuleBroken):
    """A password like this would protect nobody."""

    code = "password-unfit"
    hint = "Use 8 to 128 characters of any kind, no common password, not your name or address."
    chinese = "密码不安全：请使用 8 至 128 个字符，不要用常见密码、姓名或邮箱。"


class TooManyAttempts(RuleBroken):
    """Too many failed attempts to log in."""

    code = "too-many-attempts"
    hint = "Wait for the seconds named in retry_after_seconds."
    chinese = "登录失败次数过多，请稍后再试。"


@dataclass(frozen=True, slots=True)
class User:
    """A person. ``email`` is kept as ``address_of`` writes it; it names nobody to others."""

    id: str
    email: str
    name: str
    password_hash: str = field(repr=False)
    registered_at: datetime
    revision: Revision = Revision()

    def rehashed(self, password_hash: str) -> Decision[User]:
        """Keep the same password under today's cost."""
        return Decision(replace(self, password_hash=password_hash))


def address_of(email: str) -> str:
    """The one spelling under which an e-mail address is known here."""
    return email.strip().lower()


def check_password(password: str, *, email: str, name: str) -> None:
    """Raise ``PasswordUnfit`` for a password that is short, long, common or guessable."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise PasswordUnfit(f"{len(password)} characters", reason="length")
    lowered = password.lower()
    if lowered in TOO_COMMON or _is_monotonous(lowered):
        raise PasswordUnfit("chosen too often by others", reason="common")
    known = {email, email.partition("@")[0], name.strip().lower(), "teahouse"}
    if lowered.strip("0123456789!._- ") in known or lowered in known:
        raise PasswordUnfit("guessable from what is known of you", reason="guessable")


def _is_monotonous(text: str) -> bool:
    """One character over and over, or a plain run such as ``abcdefgh``."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


@dataclass(frozen=True, slots=True)
class Patience:
    """How many failures are borne within a window before an attempt has to wait."""

    failures: int
    window: timedelta

    def wait_seconds(self, failed_at: tuple[datetime, ...], now: datetime) -> int:
        """How long to wait after these failures, oldest first; 0 when it is not needed."""
        recent = [moment for moment in failed_at if now - moment < self.window]
        if len(recent) < self.failures:
            return 0
        return max(1, round((recent[-self.failures] + self.window - now).total_seconds()))
