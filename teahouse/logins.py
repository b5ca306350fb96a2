"""Whom one may log in as on a suite that runs here: the operator, and people of a kept demo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from chassis.kernel.errors import RuleBroken
from teahouse.programs import OPERATOR_EMAIL
from teahouse.service_secrets import OPERATOR_PASSWORD, load_secrets, write_secret

FILE = "logins.json"


class Role(StrEnum):
    """What a person may be in the market."""

    OPERATOR = "operator"
    BRAND = "brand"
    HOST = "host"
    VENUE = "venue"
    AUTHOR = "author"


class NobodyKept(RuleBroken):
    """No demo has left its people here."""

    code = "nobody-kept"
    hint = "Run `teahouse demo --keep`; without a demo there is only the operator."
    chinese = "此处没有演示留下的人物：请运行 `teahouse demo --keep`；未运行演示时只有平台运营者。"


@dataclass(frozen=True, slots=True)
class Login:
    """How a person proves who she is, and the organisation she acts for ("": her only one)."""

    email: str
    password: str = field(repr=False)
    organization_id: str
    name: str


def keep_logins(var: Path, logins: Mapping[Role, Login]) -> None:
    """Keep them in ``var/logins.json``, readable by the owner alone; those of before are gone."""
    told = {role.value: asdict(login) for role, login in logins.items()}
    write_secret(var / FILE, json.dumps(told, indent=2, ensure_ascii=False))


def forget_logins(var: Path) -> None:
    """Drop what a demo left, as its people are gone. Does no harm twice."""
    (var / FILE).unlink(missing_ok=True)


def login_of(role: Role, var: Path) -> Login:
    """How to log in as this role; raise ``NobodyKept`` where no demo has left one."""
    if role is Role.OPERATOR:
        password = load_secrets(var)[OPERATOR_PASSWORD]
        return Login(OPERATOR_EMAIL, password, organization_id="", name="Platform operator")
    path = var / FILE
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if role not in kept:
        raise NobodyKept(f"{path} tells of no {role}")
    return Login(**kept[role])
