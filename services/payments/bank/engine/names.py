"""What our operations and files are called in files: letters, digits and hyphens, at most 35."""

from __future__ import annotations

import re

from chassis.kernel.ids import ALPHABET, LENGTH

_OURS = re.compile(rf"(opn|bfl)-([0-7][{ALPHABET}]{{{LENGTH - 1}}})")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_MODULUS, _REMAINDER = 97, 1


def written(identifier: str) -> str:
    """An identifier of ours as it stands in files: banks carry no underscore."""
    return identifier.replace("_", "-")


def operation_id(text: str) -> str:
    """The operation that ``written`` wrote, in letters of any case; empty for anything else."""
    return _read("opn", text)


def file_id(text: str) -> str:
    """The file that ``written`` wrote, in letters of any case; empty for anything else."""
    return _read("bfl", text)


def _read(prefix: str, text: str) -> str:
    found = _OURS.fullmatch(text.strip().lower())
    return f"{prefix}_{found[2]}" if found and found[1] == prefix else ""


def is_iban(account: str) -> bool:
    """Whether this is an account number of ISO 13616, its check digits right."""
    if not _IBAN.fullmatch(account):
        return False
    turned = account[4:] + account[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % _MODULUS == _REMAINDER
