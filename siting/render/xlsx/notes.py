"""What stands at the top of the first sheet: how the solve ended, what is synthetic or assumed, what is kept back."""

from __future__ import annotations

from collections import Counter

from siting.language import Label
from siting.results.labels import STATUS_LABELS
from siting.results.publication import NOTE
from siting.results.record import RunRecord
from siting.results.rollout import stage_column
from siting.results.wording import closing_sentence, rollout_sentence

SYNTHETIC = Label(
    en="Candidate sites: real location, synthetic use; whether the land can be had is not known. Some costs are"
    " assumptions. Before any decision replace these by a survey.",
    zh="注意：候选场址位置真实，用途为合成数据，用地是否可得未经核实；部分费用参数为假设。用于决策前须以实测数据替换。",
)
STAGE_NOTE = {
    "year": Label(en="Figures below are those of the last planning year.", zh="下列数据为最后一个规划年的数据。"),
    "case": Label(en="Figures below are those of the last case of demand.", zh="下列数据为最后一种需求情景的数据。"),
}


def opening_notes(run: RunRecord) -> tuple[Label, ...]:
    """The sentences that whoever opens the workbook must read first."""
    closing = closing_sentence(run.solution, run.goals)
    return (closing, *_stage_notes(run), SYNTHETIC, _status_note(run), *_publication_notes(run))


def _stage_notes(run: RunRecord) -> list[Label]:
    if run.rollout is None:
        return []
    costs_cny = [one.cost_cny for one in run.rollout.verifications]
    return [rollout_sentence(run.rollout.stages, costs_cny), STAGE_NOTE[stage_column(run)]]


def _status_note(run: RunRecord) -> Label:
    """How many figures of the config are published, recalled or assumed."""
    counts = Counter(figure.parameter.status for figure in run.figures)
    parts = [(STATUS_LABELS[name], counts[name]) for name in STATUS_LABELS if counts[name]]
    return Label(
        en=f"Figures used: {'; '.join(f'{label.en} {number}' for label, number in parts) or 'none with a source'}.",
        zh=f"所用参数：{'；'.join(f'{label.zh} {number} 项' for label, number in parts) or '均未注明来源'}。",
    )


def _publication_notes(run: RunRecord) -> list[Label]:
    """What a run for the public keeps back, and its approval number."""
    return [] if run.publication is None else [NOTE, run.publication.approval]
