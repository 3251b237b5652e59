"""Hostile files, made from good ones by a list of attacks and by attacks drawn from a seed."""

import json
import shutil
from pathlib import Path

import h5py
import numpy as np

#: Values that replace an entry of a meta.
VALUES = [
    *(
        None,
        True,
        0,
        -1,
        10**6,
        2**63,
        2**70,
        -(2**63),
        0.5,
        -1e300,
        1e300,
        5e-324,
        float("nan"),
        float("inf"),
    ),
    *(
        "",
        "payload:attack",
        "timeit:timeit",
        "os:abort",
        "os.abort",
        "../payload",
        "/etc/passwd",
        "\x1b[2J",
        "x" * 5000,
    ),
    *(
        [],
        [[]],
        [0] * 1000,
        ["payload"],
        [1, "a", None],
        {},
        {"payload": "attack"},
        {"dim": 10**9},
        {"a": {"a": [{}]}},
    ),
    *("cube", "quadrics", "network", "projected", "label-noise", "flatness", "optax.adam"),
]
#: Values that JSON does not have, or that are too large.
TEXTS = [
    b"",
    b"{",
    b"[" * 5000,
    b'{"a":' * 5000,
    b"1" * 5000,
    b"\xff\xfe",
    b"nan",
    b'"\\ud800"',
    b"1e999",
    b"{}{}",
]
#: Values that replace the numbers of an array.
NUMBERS = [0.0, -1.0, 7.0, 255.0, 1e9, 1e300, -1e300, np.nan, np.inf]


def text(value):
    """A JSON text as an attribute that langevin writes, and that `structured` names."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return np.array(content, dtype=h5py.string_dtype("utf-8", max(len(content), 1)))


def meta(**entries):
    """An attack that replaces entries of the meta; `...` removes one."""

    def attack(file):
        known = json.loads(file["meta"].attrs["structured"])
        added = [name for name, value in entries.items() if value is not ...]
        for name, value in ({"structured": [*known, *added]} | entries).items():
            if name in file["meta"].attrs:
                del file["meta"].attrs[name]
            if value is not ...:
                file["meta"].attrs.create(name, text(value))

    return attack


def plain(**entries):
    """An attack that replaces entries of the meta by unencoded texts and numbers."""

    def attack(file):
        for name, value in entries.items():
            if name in file["meta"].attrs:
                del file["meta"].attrs[name]
            file["meta"].attrs[name] = value

    return attack


def array(place, shape=None, kind=None, fill=None, packed=True):
    """An attack that replaces an array by one of this shape and type."""

    def attack(file):
        old = file[place]
        new = old.shape if shape is None else shape
        form = old.dtype if kind is None else np.dtype(kind)
        longest = max(1, 2 ** (16 // len(new)) * 8 // max(form.itemsize, 8))  # HDF5 takes chunks below 4 GB
        how = (
            {"chunks": tuple(min(side, longest) for side in new), "compression": 9}
            if packed and 0 not in new
            else {}
        )
        small = fill is not None and np.prod(new, dtype=float) < 1e6
        values = {"data": np.full(new, fill).astype(form)} if small else {}
        del file[place]
        with np.errstate(all="ignore"):
            file.create_dataset(place, new, dtype=form, **values, **how)

    return attack


def said(change):
    """An attack on the identity text of a finished run: bytes, or a function of its table."""

    def attack(file):
        known = file["state/identity"][0]
        content = change if isinstance(change, bytes) else json.dumps(change(json.loads(known))).encode()
        del file["state/identity"]
        file["state"].create_dataset("identity", data=np.array([content]))

    return attack


def without(place):
    """An attack that removes a group or an array."""

    def attack(file):
        del file[place]

    return attack


def instead(place, other):
    """An attack that replaces an array by a link, a type or a group."""

    def attack(file):
        del file[place]
        file[place] = other

    return attack


def theory(rows, **columns):
    """An attack that adds a table of comparisons with this number of rows."""
    from langevin.store.layout import COLUMNS, LATER
    from langevin.store.layout import TEXTS as WORDS

    def attack(file):
        file.pop("theory", None)
        group = file.create_group("theory")
        for name in (*COLUMNS, *LATER):
            form = columns.get(name, "S4" if name in WORDS else "f8")
            group.create_dataset(name, (rows,), dtype=form, chunks=(min(rows, 2**16),), compression=9)

    return attack


def attacked(good, place, attack):
    """A copy of a good file at a path, after an attack."""
    shutil.copyfile(good, place)
    with h5py.File(place, "r+", libver=("v110", "v110")) as file:
        attack(file)
    return place


def drawn(good, place, seed):
    """A copy of a good file at a path, after an attack drawn from the seed."""
    generator = np.random.default_rng(seed)
    content = bytearray(Path(good).read_bytes())
    way = int(generator.integers(6))
    if way == 0:
        for position in generator.integers(0, len(content), int(generator.integers(1, 20))):
            content[position] ^= 1 << int(generator.integers(8))
        return write(place, content)
    if way == 1:
        return write(place, content[: int(generator.integers(len(content)))])
    return attacked(good, place, lambda file: _drawn(file, way, generator))


def write(place, content):
    """Write bytes to a path."""
    Path(place).write_bytes(bytes(content))
    return place


def _drawn(file, way, generator):
    """One attack on an open file."""

    def one(things):
        return things[int(generator.integers(len(things)))]

    names = list(file["meta"].attrs)
    arrays = [f"{group}/{name}" for group in file if group != "meta" for name in file[group]]
    if way == 2:
        meta(**{one(names): one([*VALUES, *TEXTS, ...]) for _ in range(int(generator.integers(1, 4)))})(file)
    elif way == 3:
        known = json.loads(file["meta"].attrs["structured"])
        tables = [name for name in known if isinstance(json.loads(file["meta"].attrs[name]), dict)]
        name = one(tables) if tables else one(names)
        known = json.loads(file["meta"].attrs[name]) if tables else {}
        meta(**{name: known | {one([*known, "payload"]): one(VALUES)}})(file)
    elif way == 4:
        place = one(arrays)
        shape = one(
            [None, (0,), (1,), (3, 3), (10**9,), (10**5, 10**5), (2, 10**6, 10**6), (20, 6), (20, 6, 1)]
        )
        array(place, shape, one([None, "i1", "u8", "f4", "f8", "?", "S4", "S70000"]), one(NUMBERS))(file)
    elif generator.integers(3):
        array(one(arrays), fill=one(NUMBERS))(file)
    else:
        without(one(arrays))(file)
