"""Build the site and check it, with warnings as errors: python -m docs.site [FOLDER]."""

import os
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from docs.site.assemble import assemble
from docs.site.check import faults
from docs.site.root import ROOT

HERE = Path(__file__).parent


def build(folder):
    """Collect all pages next to `folder`, build the site in it, and return an exit code: 0 without a fault."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    sources, doctrees = folder.with_name(f"{folder.name}-source"), folder.with_name(f"{folder.name}-doctrees")
    assemble(sources)
    # -a: a title that changes stands in the contents of every page
    options = ["-W", "--keep-going", "-q", "-a", "-b", "html", "-c", str(HERE), "-d", str(doctrees)]
    code = build_main([*options, str(sources), str(folder)])
    found = faults(folder)
    print("".join(f"{fault}\n" for fault in found), end="", file=sys.stderr)
    return code or int(bool(found))


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build/site"
    code = build(out.resolve())
    print(f"written: {out / 'index.html'}" if code == 0 else "the site has faults, see above")
    sys.exit(code)
