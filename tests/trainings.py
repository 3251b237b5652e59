"""Synthetic trainings whose delay has a known law, as rows of a table."""

from dataclasses import fields

import numpy as np

from langevin.scorecard.cells import Cell
from langevin.scorecard.moments import Outcome
from langevin.types import Seen


def made_up(cells=60, networks=3, task="made-up", scatter=0.05, horizon=np.inf, seed=0, law=None):
    """Rows whose delay is log(norm / 5) / (lr wd), or another law of a row, with lognormal scatter in decades."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(cells):
        dials = {
            "lr": float(f"{10 ** random.uniform(-2, -1):.3g}"),
            "wd": float(f"{10 ** random.uniform(-3, -2):.3g}"),
        }
        cell, norm = Cell(task, number, dials), random.uniform(6, 20)
        for network in range(networks):
            row = {one.name: np.nan for one in fields(Seen) if one.name != "norms"} | {
                "cell": cell.name, "split": cell.split, "network": network, "task": task, "law": "sgd",
                "loss": "hinge", "learning_rate": dials["lr"], "weight_decay": dials["wd"], "temperature": 0.0,
                "label_noise": 0.0, "scale": norm / 5, "samples": 300.0, "width": 100.0, "weights": 1000.0,
                "norm": norm, "start_norm": norm, "memorised_step": 50.0, "norm[hidden]": norm,
            }  # fmt: skip
            mean = (law or norm_law)(row)
            delay = mean * 10 ** (scatter * random.normal())
            rows.append(row | happened(delay, horizon))
    return rows


def norm_law(row):
    """The delay of a norm that decays to 5."""
    return np.log(row["norm"] / 5) / (row["learning_rate"] * row["weight_decay"])


def happened(delay, horizon):
    """Columns of events: recorded at a ratio of 1.05, memorised at step 50."""
    seen = 50 + delay <= horizon
    by = 50 + delay if seen else np.inf
    return {
        "outcome": str(Outcome.DELAYED if seen else Outcome.CENSORED),
        "memorised_after": 48.0, "memorised_by": 50.0,
        "generalised_after": by / 1.05 if seen else horizon, "generalised_by": by,
    }  # fmt: skip
