"""Would the tests see a mistake? Small changes of the code, one at a time, each of which some test must catch.

    python -m tests.mutants                      300 mutants, hours of one processor
    python -m tests.mutants --count 60           a look at the weak places
    python -m tests.mutants --only langevin/theory/scaling/distance_and_steps.py
    python -m tests.mutants --work FOLDER        kept between runs: goes on where it was interrupted
    python -m tests.mutants --write              and the page results/reliability/mutants.md

A mutant is the package with one comparison, number, operator, condition, statement or returned value changed. It is
drawn by a hash of the seed, the file and the change, so that others stay drawn when other code changes. It runs in a
copy of the tree, against the tests of the day that are known to run the changed function, the likeliest to fail first.
It is killed when a test fails, crashes, cannot be collected, or takes many times its processor time; it survives when
all pass, or when its budget of processor time is spent. What survives is a place where a mistake would go unseen.
"""
