"""Networks of this repository, one a file: `langevin train models.NAME` from its root.

A file holds `model(**dials) -> langevin.sgld.Model`, whose signature gives the command line the names, types
and defaults of the dials, `DEFAULTS`, the `langevin.sgld.Plan` of its training, and `PRESETS`, plans that give a known
figure, with bands for its numbers: `--preset NAME`. `quick` takes a minute at most on one processor, `full` up to an
hour; the nightly tests check all but the full ones.
"""
