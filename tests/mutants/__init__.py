"""Test the tests: small changes of the code, one at a time, each of which some test must detect.

    python -m tests.mutants                      300 mutants, hours of one processor
    python -m tests.mutants --count 60           a quick survey
    python -m tests.mutants --only langevin/theory/scaling/distance_and_steps.py
    python -m tests.mutants --work FOLDER        a folder that is kept between runs, to continue after an interruption
    python -m tests.mutants --write              writes the page results/reliability/mutants.md

A mutant is the package with one comparison, number, operator, condition, statement or returned value changed. It is
drawn by a hash of the seed, the file and the change, so the draw of other mutants does not depend on it. It runs in a
copy of the tree, against the tests of the day that are known to run the changed function, the most likely to fail
first. It is killed if a test fails, crashes, cannot be collected, or takes many times its processor time. It survives
if all tests pass, or if its budget of processor time is used. At a survivor no test would detect a mistake.
"""
