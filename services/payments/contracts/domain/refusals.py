"""What can be wrong with a share contract or with what is asked of it."""

from __future__ import annotations

from chassis.kernel.errors import Conflict, Forbidden, NotFound, RuleBroken


class ContractNotFound(NotFound):
    """No share contract has that identifier."""

    code = "contract-not-found"
    hint = "Check the identifier; only the parties of a contract can read it."
    chinese = "没有这份分成合约，请核对编号；只有合约各方可以查看。"


class VersionNotFound(NotFound):
    """The contract has no version of that number, or none is in force yet."""

    code = "contract-version-not-found"
    hint = "Read the contract; it lists its versions."
    chinese = "合约没有该版本，或尚无生效版本。"


class TermsInvalid(RuleBroken):
    """The shares of the terms must be whole basis points that add up to 10,000."""

    code = "terms-invalid"
    hint = "Give every role its basis points, zero where it gets none; together 10,000."
    chinese = "各方份额须为整数基点，合计为一万。"


class ContractInvalid(RuleBroken):
    """The contract breaks the rules of the format."""

    code = "contract-invalid"
    hint = "Put right what problems names; each has its place, reason and hint."
    chinese = "合约不符合格式规则，请按 problems 逐项修改。"


class ExampleFails(RuleBroken):
    """An example inside the contract does not come out as it says."""

    code = "contract-example-fails"
    hint = "Correct the terms or the example; differences are told to the fen."
    chinese = "合约内的示例与条款计算结果不符，请按 differences 更正。"


class HostChanged(RuleBroken):
    """Who the host of a claim is cannot be changed by a version of its contract."""

    code = "contract-host-changed"
    hint = "Name the host who made the claim, and nobody else, as host."
    chinese = "认领的主理人不可由合约版本变更，请保留原主理人。"


class SubsidyBrandMissing(RuleBroken):
    """What is earned of a subsidy is agreed with the brands that give it."""

    code = "contract-subsidy-brand-missing"
    hint = "Bind every brand of the claim, or say nothing of the subsidy."
    chinese = "补贴条款须与提供补贴的品牌方约定，请约束该认领的所有品牌方，或不写补贴条款。"


class SignaturesMissing(RuleBroken):
    """Not every party has signed this version."""

    code = "contract-signatures-missing"
    hint = "Let the organisations that missing names sign it."
    chinese = "尚有合约方未签署，请 missing 中的组织签署。"


class OtherVersionSigned(Conflict):
    """The digest is not that of the latest version."""

    code = "contract-digest-differs"
    hint = "Read the latest version and sign its digest if you agree."
    chinese = "摘要与最新版本不符，请重新阅读后签署。"


class NotAParty(Forbidden):
    """Only those whom the contract binds may do this."""

    code = "contract-not-a-party"
    hint = "Ask to be named in the contract."
    chinese = "只有合约所约束的各方可以执行此操作。"


class NobodyForShare(RuleBroken):
    """A share falls to a role that nobody has."""

    code = "contract-nobody-for-share"
    hint = "Name an organisation in present for the role, or bind one in the contract."
    chinese = "有份额落在无人担任的角色上，请在 present 中给出该角色的组织。"


class SimulationTooLarge(RuleBroken):
    """So many refunds, sales, steps and organisations cannot be tried at once."""

    code = "simulation-too-large"
    hint = "Try fewer refunds, or fewer organisations; parts and limit are told in the answer."
    chinese = "一次试算的退款、步骤与组织过多，请减少后重试。"


class TooManyVersions(RuleBroken):
    """The contract has as many versions as it can have."""

    code = "contract-too-many-versions"
    hint = "Draft a new contract."
    chinese = "合约版本数已达上限，请另行起草新合约。"
