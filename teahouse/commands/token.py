"""``teahouse token``: act as the operator, or as one of the people of a demo that was kept."""

from __future__ import annotations

import shlex
from typing import Annotated, Any

import typer
from rich.markup import escape

from chassis.kernel.errors import RuleBroken
from teahouse.demo.journey.wire import Refused, Unreachable, Wire
from teahouse.logins import Login, Role, login_of
from teahouse.run_file import public_addresses
from teahouse.speech import DEFAULT_VAR, Exit, Json, Var, complain, console, emit, not_running

IDENTITY = "identity"
PATIENCE_SECONDS = 20.0

OfRole = Annotated[Role, typer.Argument(help="Whom to act as.", show_default=False)]
Shell = Annotated[
    bool, typer.Option("--shell", help="Print TOKEN=... and ORG=... for the shell's `eval`.")
]

app = typer.Typer(add_completion=False)


class LogInRefused(RuleBroken):
    """Identity does not know this person, or not by this password."""

    code = "log-in-refused"
    hint = (
        "The data here are not those it was kept with; `teahouse demo --keep` makes people anew."
    )
    chinese = "登录被拒绝：此处数据与所留登录信息不符；`teahouse demo --keep` 会重新生成人物。"


@app.command()
def token(
    role: OfRole, *, shell: Shell = False, var: Var = DEFAULT_VAR, as_json: Json = False
) -> None:
    """Print an access token of ten minutes, to act as the operator or a person of the demo.

    There is an operator whenever a suite runs, and a brand, a host, a venue's owner and an
    author once `teahouse demo --keep` has left them. ORG is the organisation acted for.

    以平台运营者或演示中的品牌、主理人、场地方、作者身份取得十分钟有效的访问令牌。

    Example: `eval "$(teahouse token host --shell)"`
    """
    addresses = public_addresses(var, [IDENTITY])
    if not addresses:
        complain(not_running(var), as_json=as_json)
        raise typer.Exit(Exit.NOT_RUNNING)
    login = login_of(role, var.absolute())
    granted = _log_in(Wire(addresses, patience_seconds=PATIENCE_SECONDS), login)
    access, organization_id = granted["access_token"], granted["organization_id"]
    if as_json:
        emit(
            {
                "role": role.value,
                "name": login.name,
                "organization_id": organization_id,
                "access_token": access,
                "expires_in": granted["expires_in"],
            }
        )
        return
    typer.echo(_assignments(access, organization_id) if shell else access)
    minutes = granted["expires_in"] // 60
    told = f"{escape(login.name)}, {organization_id}, for {minutes} minutes {minutes} 分钟内有效"
    console.print(told, soft_wrap=True)


def _assignments(access: str, organization_id: str) -> str:
    return f"TOKEN={shlex.quote(access)}\nORG={shlex.quote(organization_id)}"


def _log_in(wire: Wire, login: Login) -> Any:  # noqa: ANN401 - JSON
    body = {"email": login.email, "password": login.password}
    if login.organization_id:
        body["organization_id"] = login.organization_id
    try:
        return wire.ask("POST", IDENTITY, "/v1/sessions", body=body).body
    except Refused as refused:
        raise LogInRefused(str(refused)) from None
    except Unreachable as silence:
        raise ConnectionError(str(silence)) from None
