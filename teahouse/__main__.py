"""The door of the command line: ``teahouse`` or ``python -m teahouse``."""

from __future__ import annotations

import sys

from chassis.embedded.trouble import CannotStart
from chassis.settings import SettingsError
from teahouse.cli import app
from teahouse.speech import Exit, complain


def main() -> None:
    """Run a command; what keeps it from working is said with its fix."""
    as_json = "--json" in sys.argv
    try:
        app()
    except CannotStart as trouble:
        complain(trouble, as_json=as_json)
        sys.exit(Exit.CANNOT_START)
    except SettingsError as wrong:
        complain(_of_settings(wrong), as_json=as_json)
        sys.exit(Exit.CANNOT_START)


def _of_settings(wrong: SettingsError) -> CannotStart:
    return CannotStart(
        f"the environment is not right: {wrong}",
        code="settings",
        fix="correct these variables; `teahouse config check` shows all of them",
        chinese="环境变量配置有误，请更正上述变量；用 `teahouse config check` 查看全部。",
    )


if __name__ == "__main__":
    main()
