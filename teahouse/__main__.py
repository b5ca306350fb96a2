"""The door of the command line: ``teahouse`` or ``python -m teahouse``."""

from __future__ import annotations

import sys

from pymongo.errors import ConnectionFailure

from chassis.embedded.trouble import CannotStart
from chassis.kernel.errors import DomainError
from chassis.settings import SettingsError
from teahouse.cli import app
from teahouse.speech import Exit, complain


def main() -> None:
    """Run a command; what keeps it from working is said with its fix."""
    try:
        app()
    except CannotStart as trouble:
        _end(trouble, Exit.CANNOT_START)
    except SettingsError as wrong:
        _end(_of_settings(wrong), Exit.CANNOT_START)
    except DomainError as refusal:
        _end(_of_refusal(refusal), Exit.WRONG)
    except (ConnectionFailure, ConnectionError) as silence:
        _end(_of_silence(silence), Exit.NOT_RUNNING)


def _end(trouble: CannotStart, code: Exit) -> None:
    complain(trouble, as_json="--json" in sys.argv)
    sys.exit(code)


def _of_settings(wrong: SettingsError) -> CannotStart:
    return CannotStart(
        f"the environment is not right: {wrong}",
        code="settings",
        fix="correct these variables; `teahouse config check` shows all of them",
        chinese="环境变量配置有误，请更正上述变量；用 `teahouse config check` 查看全部。",
    )


def _of_refusal(refusal: DomainError) -> CannotStart:
    """With what a service says to do about it, where one refused (``teahouse.answers``)."""
    own = refusal.members
    return CannotStart(
        str(refusal),
        code=refusal.code,
        fix=str(own.get("hint", refusal.hint)),
        chinese=str(own.get("title_zh", refusal.chinese)),
    )


def _of_silence(silence: Exception) -> CannotStart:
    return CannotStart(
        f"a service or MongoDB does not answer: {str(silence)[:300]}",
        code="no-answer",
        fix="start the suite with `teahouse up`; if it runs, see `teahouse doctor`",
        chinese="服务或 MongoDB 无响应：请先运行 `teahouse up`，或用 `teahouse doctor` 检查。",
    )


if __name__ == "__main__":
    main()
