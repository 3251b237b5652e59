"""`python -m benchmarks`: every table of speed, and its figure, into results/benchmarks/."""

from __future__ import annotations

import argparse
import os
from importlib import import_module
from pathlib import Path

# before any numerical library is imported
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")

#: Threads first, as long as no other library has any.
TABLES = (
    "scaling", "networks", "starts", "speed", "own_kernels", "compilation", "constrained", "shapes", "workers",
    "sweeps", "cost",
)  # fmt: skip


def main():
    from benchmarks import goals  # after the threads are set
    from benchmarks.figure import draw

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", choices=[[], *TABLES], help="all of them if none is named")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.tables or TABLES:
        module = import_module(f"benchmarks.{name}")
        text = f"# {module.__doc__.strip()}\n\n{module.measure()}\n"
        (options.out / f"{name}.md").write_text(text)
        print(text, flush=True)
        if name == "speed":
            draw(text, options.out / "speed.png")
        (options.out / "goals.md").write_text(goals.page(options.out))


if __name__ == "__main__":
    main()
