"""Processes of a sweep."""

from langevin.sweep.pool import processes


def kind_of_lock():
    from tqdm import tqdm

    return type(tqdm.get_lock()).__name__


def test_a_bar_in_a_process_holds_no_semaphore_of_the_system():
    """A semaphore would remain after SIGTERM ends the process, and Python would warn of it after every Ctrl-C."""
    with processes(1) as renewed:
        assert renewed().submit(kind_of_lock).result() == "RLock"
