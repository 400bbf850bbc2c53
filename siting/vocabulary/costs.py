"""Terms of the cost of a plan."""

from __future__ import annotations

from siting.language import Label

COST_TERMS = {
    "investment": Label("investment", "建设投资"),
    "land": Label("land", "用地"),
    "closing": Label("closing", "关闭"),
    "fixed_operation": Label("fixed operation", "固定运行"),
    "unit_operation": Label("operation by the tonne", "变动运行"),
    "transport": Label("transport", "运输"),
    "collection": Label("emptying of points", "回收点清运"),
    "access": Label("visits and pick-up", "流动与上门服务"),
    "residue_disposal": Label("disposal of residue", "残渣处置"),
    "product_disposal": Label("disposal of product", "产品处置"),
    "carbon": Label("carbon", "碳成本"),
    "avoided_carbon": Label("avoided carbon", "避免的碳排放"),
    "purchase": Label("purchase of material", "物料收购"),
    "sales": Label("sales of material", "物料销售"),
    "subsidy": Label("subsidies", "补贴"),
    "shortfall_penalty": Label("penalties of missed soft targets, paid by nobody", "软目标未达成的罚项（非实际支出）"),
}
"""Label of each term, in the order in which costs are listed."""

PENALTY = "shortfall_penalty"
"""Term that weighs missed soft targets: it is part of the cost that is minimised, and nobody pays it."""

OPERATION_TERMS = (
    "fixed_operation", "unit_operation", "transport", "collection", "access", "residue_disposal", "product_disposal",
)  # fmt: skip
"""Terms that are paid to operate: no annuities, no carbon price, no trade in material."""
