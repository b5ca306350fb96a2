"""What can be wrong with a cartridge: every code, with what to do about it in both languages."""

from __future__ import annotations

from dataclasses import dataclass

MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right; ``path`` is a JSON pointer (RFC 6901) into the manifest."""

    path: str
    code: str
    reason: str
    hint: str
    chinese: str


class CartridgeRefused(Exception):
    """Something is wrong; ``problems`` says what, and nothing was written."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{each.path or '/'} {each.code}" for each in problems[:3]))
        self.problems = problems


def problem(path: str, code: str, reason: str) -> Problem:
    """A problem of a code of ``ADVICE``, with the advice that belongs to it."""
    hint, chinese = ADVICE[code]
    return Problem(path, code, reason, hint, chinese)


def in_order(problems: list[Problem]) -> list[Problem]:
    """By place, at most ``MOST_PROBLEMS``."""
    return sorted(problems, key=lambda each: (each.path, each.code))[:MOST_PROBLEMS]


# Code: what to do, in English and Chinese. The specification lists the codes; a test compares.
ADVICE = {
    # The file
    "file-too-large": ("Shorten it.", "文件过大，请精简。"),
    "not-utf-8": ("Save the file as UTF-8.", "文件须以 UTF-8 编码保存。"),
    "not-yaml": (
        "Correct the line; indent with spaces; quote what begins with a sign or has a colon.",
        "YAML 语法错误，请更正：用空格缩进；以符号开头或含冒号的文字须加双引号。",
    ),
    "yaml-alias": (
        "Write the value out where it is needed.",
        "不允许锚点与别名，请直接写出内容。",
    ),
    "yaml-tag": (
        "Put a rule that begins with ! in double quotes; values need no tags.",
        "不允许 YAML 标签；以 ! 开头的规则须加双引号。",
    ),
    "too-deep": ("Nest less.", "嵌套过深，请减少层级。"),
    "name-twice": ("Keep one of the two.", "同一字段出现两次，请保留一个。"),
    # The form of a value
    "missing": ("Add the field.", "缺少必填字段，请补充。"),
    "unknown-field": (
        "Remove the field or correct its name; a text with a comma inside { } needs quotes.",
        "未知字段，请删除或更正名称；花括号内含逗号的文字须加引号。",
    ),
    "wrong-type": (
        "Write texts as { zh: ..., en: ... }, whole numbers, true or false, versions as 0.1.0.",
        "类型不正确：文字写作 { zh: ..., en: ... }，数字须为整数，版本号写作 0.1.0。",
    ),
    "wrong-value": ("Use exactly the value of this edition.", "须填写本版规定的值。"),
    "not-listed": ("Choose one of the values listed.", "须从允许的值中选择。"),
    "wrong-form": (
        "Write it in the form described.",
        "格式不正确，请按规范中的写法填写。",
    ),
    "too-short": (
        "Write more.",
        "内容过短，请补充。",
    ),
    "too-long": (
        "Write less.",
        "内容过长，请精简。",
    ),
    "too-small": (
        "Choose a greater number.",
        "数值过小，请改大。",
    ),
    "too-large": (
        "Choose a smaller number.",
        "数值过大，请改小。",
    ),
    "too-few": (
        "Add some.",
        "项目过少，请增加。",
    ),
    "too-many": (
        "Leave some out.",
        "项目过多，请删减。",
    ),
    "twice": (
        "Name each only once.",
        "项目重复，每项只写一次。",
    ),
    # Texts
    "hidden-characters": (
        "Remove the characters that cannot be seen.",
        "含有不可见的控制字符，请删除。",
    ),
    "markup": ("Write plain text without tags.", "只能使用纯文本，请删除标签或脚本。"),
    "translation-missing": (
        "Add the text, or take the language out of languages.",
        "缺少该语言的文本，请补充，或从 languages 中删去该语言。",
    ),
    # The whole manifest
    "machine-unreadable": (
        "Let the range hold at least one version.",
        "版本范围互相矛盾，没有任何版本符合。",
    ),
    "machine-unsupported": (
        "Widen the range, or use an installation of that edition.",
        "本平台的版本不在所要求的范围内。",
    ),
    "people-range": ("Let min be no more than max.", "最少人数不能大于最多人数。"),
    "teams-do-not-fit": ("Let a team be no more than people.min.", "每队人数不能多于最少人数。"),
    "teams-missing": (
        "Say how large a team is, in teams.size.",
        "请在 teams.size 中填写每队人数。",
    ),
    "people-each": (
        "Give people_each with per: people, and only then.",
        "per 为 people 时须填写 people_each，其他情况不得填写。",
    ),
    "id-twice": ("Give each an id of its own.", "编号重复，请使用不同的编号。"),
    "role-unknown": ("Name one of the roles listed under roles.", "引用了未定义的角色。"),
    "role-count": (
        "Give count or people_each, not both.",
        "count 与 people_each 须且只能填写一个。",
    ),
    "programme-overlaps": (
        "List the steps in order and let none start before the last has ended.",
        "节目须按时间先后排列且不得重叠。",
    ),
    "programme-too-long": ("Let it end within 24 hours.", "节目总时长不能超过 24 小时。"),
    "options-missing": ("List at least two options.", "选择题须列出至少两个选项。"),
    "options-unwanted": ("Remove options, or make it a choice.", "只有选择题才有选项。"),
    "shares-sum": ("Make the shares 10000 together.", "各方份额合计须为 10000 个基点。"),
    "royalty-differs": (
        "Let shares.author be royalty_basis_points.",
        "shares.author 须与 royalty_basis_points 相同。",
    ),
    "authors-sum": ("Make the authors' parts 10000 together.", "作者份额合计须为 10000 个基点。"),
    "author-key-twice": ("Give every author a key of her own.", "每位作者须使用自己的密钥。"),
    "author-key-missing": (
        "Give every author a key, so that each can sign her part.",
        "多位作者时，每位都须提供密钥以便签名。",
    ),
    # Conditions
    "condition-unreadable": (
        "Correct the rule; compare with ==, != and >=, join with && and ||.",
        "条件表达式有语法错误，请更正：比较用 ==、!=、>=，连接用 && 和 ||。",
    ),
    "condition-name": (
        "Use only the facts of the specification.",
        "条件中使用了未知的名称，请只用规范列出的事实。",
    ),
    "condition-function": (
        "Use only the operators and functions of the specification.",
        "条件中使用了不允许的函数或运算。",
    ),
    "condition-nested": (
        "Put no all or exists inside another.",
        "条件中的宏不得嵌套，请拆开书写。",
    ),
    "condition-fails": (
        "Let it be true or false for every number of people and every hour.",
        "条件在某些人数或时间下无法得出真或假，请修改。",
    ),
    # Packages
    "package-unreadable": ("Pack it again with the tool.", "卡带文件无法读取，请重新打包。"),
    "package-not-canonical": (
        "Pack it again with the tool; a package has exactly one form.",
        "卡带文件不是规范形式，请用工具重新打包。",
    ),
    "package-too-large": ("Use fewer or smaller files.", "卡带文件过大，请减少或压缩附件。"),
    "file-missing": ("Add the file, or leave it out of files.", "缺少清单中列出的文件。"),
    "file-unlisted": ("Pack it again; `pack` writes the list.", "文件未列入清单，请重新打包。"),
    "file-changed": (
        "Pack it again; `pack` writes the list.",
        "文件与清单中的校验值不符，请重新打包。",
    ),
    "file-refused": (
        "Keep to texts/NAME.md and pictures/NAME.png, .jpg or .webp.",
        "只允许 texts/ 下的 .md 与 pictures/ 下的 .png、.jpg、.webp 文件。",
    ),
    "picture-refused": (
        "Save it as a PNG, JPEG or WebP of at most 4000 by 4000 pixels.",
        "图片须为不超过 4000×4000 像素的 PNG、JPEG 或 WebP。",
    ),
    # Signatures
    "signature-unreadable": ("Sign it again.", "签名无法读取，请重新签名。"),
    "signature-wrong": (
        "Sign it again, after the last change.",
        "签名与内容不符，请在最后一次修改后重新签名。",
    ),
    "signature-missing": (
        "Let every author with a key sign the package.",
        "列出密钥的每位作者都须签名。",
    ),
    "signature-unknown": (
        "Add the key to authors, or leave the signature out.",
        "签名密钥不属于任何一位作者。",
    ),
}
