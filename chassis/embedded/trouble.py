"""What keeps a process from starting, said with the exact fix in English and Chinese."""

from __future__ import annotations


class CannotStart(Exception):
    """A process cannot be started; ``fix`` is what the operator has to do about it."""

    def __init__(self, message: str, *, code: str, fix: str, chinese: str) -> None:
        super().__init__(message)
        self.code = code
        self.fix = fix
        self.chinese = chinese

    def __str__(self) -> str:
        return f"{self.args[0]}\n  Fix: {self.fix}\n  {self.chinese}"

    @property
    def message(self) -> str:
        """What is wrong, without the fix."""
        return str(self.args[0])


def port_taken(name: str, port: int) -> CannotStart:
    """Another program already listens where ``name`` should."""
    return CannotStart(
        f"{name} cannot start: port {port} on 127.0.0.1 is taken by another program",
        code="port-taken",
        fix=(
            f"see who has it with `ss -ltnp 'sport = :{port}'` and stop it, or move every "
            "port with `teahouse up --port-base 20000`"
        ),
        chinese=(
            f"{name} 无法启动：端口 {port} 已被占用。请停止占用该端口的程序，"
            "或用 `teahouse up --port-base 20000` 更换全部端口。"
        ),
    )
