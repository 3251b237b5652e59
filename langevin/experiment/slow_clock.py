"""Steps that are refused to keep a law slow the clock of a run: theories of times are told.

A step that is refused takes time and goes nowhere. Long kicks are refused most. Where the energy error goes as |xi|^3
of the kick xi, as that of MALA at most, diffusion falls by the refused share times E |xi|^5 / E |xi|^3 = 4. Where it
goes as |xi|, as that of kicks along a surface, the factor is E |xi|^3 / E |xi| = 2. A wall that refuses steps stands
where it should, and its step does not call its law exact.
"""

from __future__ import annotations

from langevin.measure.walkers import rejected_share
from langevin.theory.surfaces.stationary import TIGHT
from langevin.types import Setting, Trajectory

#: Largest share by which diffusion falls, over the share of steps that are refused.
KICKS = 4.0


def slowed_share(setting: Setting, trajectory: Trajectory) -> float:
    """The largest share by which times come out too long, 0 of a step whose law is not exact by refusal."""
    law = setting.case.law
    return KICKS * rejected_share(trajectory) if law is not None and law.exact else 0.0


def slow_note(share: float) -> str:
    """What the reader of the answer should know, empty where theories of times stay in range."""
    if share <= TIGHT:
        return ""
    return (
        f"{share / KICKS:.1%} of all steps were refused, which makes times too long by up to {share:.0%}, above "
        f"{TIGHT:.0%}: theories of times are out of range; use a smaller step"
    )
