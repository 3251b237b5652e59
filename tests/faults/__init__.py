"""Injection of faults at random moments: commands are killed, run out of memory or disk, or run twice at once.

    python -m tests.faults                    100 injections, under two minutes of two processors
    python -m tests.faults --full --write     900, and the table in results/reliability/faults.md
    python -m tests.faults --full --log FILE  continue after the injections in FILE, and repeat the failed ones

Every command that writes meets every fault. The command runs in a child that is forked from a warm process, so that an
injection takes a second, or in a fresh interpreter where the fault needs one. After each injection

1. the exit code is one that the fault allows, and the message is one sentence without a traceback;
2. the final name has the complete result, with the bits of an undisturbed run, or the earlier result, or no file;
3. the record of an unfinished run is readable, and is the beginning of the undisturbed run;
4. the same command, given again, ends with the undisturbed result and leaves no other file behind.

A fault counts only with proof that it fired: the child was alive at the fault, or reported the fault.
"""
