"""Networks of this repository, one a file: `langevin train models.NAME` from its root.

A file holds `model(**dials) -> langevin.sgld.Model`, whose signature gives the command line the names, types
and defaults of the dials, and `DEFAULTS`, the settings of `langevin.sgld.train` that go with it.
"""
