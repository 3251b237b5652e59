"""What happens to a result when its command is killed, starved or raced: faults injected at random moments.

    python -m tests.faults                    100 injections, under two minutes of two processors
    python -m tests.faults --full --write     900, and the table in results/reliability/faults.md
    python -m tests.faults --full --log FILE  go on from the injections in FILE, and repeat what broke

Every command that writes meets every fault. The command runs in a child that is forked from a warm process, so that an
injection takes a second, or in a fresh interpreter where the fault needs one. After each injection

1. the exit code is one that the fault allows, and what was said is one sentence and no traceback;
2. under the final name is the whole result, to the bits of an undisturbed run, or what was there before, or nothing;
3. what a run left unfinished is readable, and is the beginning of the undisturbed run;
4. the same command, given again, ends with the undisturbed result and leaves no other file behind.

A fault counts only where there is proof that it fired: the child lived when it struck, or said that it met it.
"""
