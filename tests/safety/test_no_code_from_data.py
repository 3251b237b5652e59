"""No module of langevin makes code from text or data, except where user-defined Python is loaded."""

import ast
from pathlib import Path

import pytest

import langevin

HOME = Path(langevin.__file__).parent
#: Calls that make code or objects from data, by the last part of their name.
CALLS = {
    *(
        "eval",
        "exec",
        "compile",
        "__import__",
        "import_module",
        "spec_from_file_location",
        "exec_module",
        "run_path",
    ),
    *("run_module", "system", "popen", "literal_eval"),
}
#: Modules that load objects, or read Python files; and `importlib`, which a call above must name.
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "runpy", "code", "imp"}
#: File and call, and the reason why it is allowed.
ALLOWED = {
    ("__init__.py", "import_module"): "names of langevin's own modules, from a table in that file",
    ("theory/__init__.py", "import_module"): "names of langevin's own modules, from a table in that file",
    ("cli/__init__.py", "import_module"): "commands of langevin, from a table in that file",
    ("cli/jobs.py", "import_module"): "one module of langevin, whose name stands there",
    (
        "registry/entries.py",
        "import_module",
    ): "files of langevin's own folders, whose names are their contents",
    ("registry/by_module.py", "import_module"): "module:name, a network or a sim that the reader types",
    ("registry/content.py", "import_module"): "`models` or `sims`, if a module of them is requested",
    ("registry/plugins.py", "import_module"): "a file of a folder that the reader names by --plugins",
    ("store/exported.py", "import_module"): "h5netcdf, whose name stands there",
    (
        "formulas/modules.py",
        "import_module",
    ): "kernels written of a formula that the reader types, by their hash",
    (
        "workers/parcel.py",
        "pickle",
    ): "what a process sends to the workers of an executor that its reader gives",
    (
        "cli/starts.py",
        "numpy.load",
    ): "plain arrays of an npz file, with allow_pickle=False, so that one with objects is refused",
    ("cluster.py", "import_module"): "distributed and dask_jobqueue, whose names stand there",
}


def uses(tree):
    """Names of the calls and imports in a module that make code from data."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if called in CALLS and (called, owner) != ("compile", "re"):
                yield called
            for keyword in node.keywords:
                harmless = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                if keyword.arg in ("shell", "allow_pickle") and not harmless:
                    yield keyword.arg
            if called == "load" and owner in ("np", "numpy"):
                yield "numpy.load"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            )
            yield from (name for name in names if name.partition(".")[0] in MODULES)
        elif isinstance(node, ast.Attribute) and node.attr == "import_module":
            yield "import_module"


def test_only_the_places_of_the_list_load_code():
    found = {
        (str(path.relative_to(HOME)), use)
        for path in HOME.rglob("*.py")
        for use in uses(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set(ALLOWED)


@pytest.mark.parametrize(
    "text",
    [
        "eval(x)", "exec(x)", "compile(x)", "builtins.eval(x)", "import pickle", "from pickle import loads",
        "np.load(f)", "numpy.load(f, allow_pickle=True)", "f(allow_pickle=flag)", "run(x, shell=True)", "os.system(x)",
        "importlib.import_module(x)", "load = importlib.import_module", "__import__(x)", "ast.literal_eval(x)",
    ],
)  # fmt: skip
def test_the_walk_sees_what_it_looks_for(text):
    """Control: each of these is found."""
    assert list(uses(ast.parse(text)))
