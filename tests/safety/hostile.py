"""Files made to harm: from good ones, by a list of attacks and by attacks drawn from a seed."""

import json
import shutil
from pathlib import Path

import h5py
import numpy as np

#: What an entry of a meta is replaced by.
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
#: What JSON does not spell, or spells too large.
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
#: What the numbers of an array are replaced by.
NUMBERS = [0.0, -1.0, 7.0, 255.0, 1e9, 1e300, -1e300, np.nan, np.inf]


def text(value):
    """A JSON text as an attribute that langevin writes."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return np.array(content, dtype=h5py.string_dtype("utf-8", max(len(content), 1)))


def meta(**entries):
    """An attack that replaces entries of the meta; `...` removes one."""

    def attack(file):
        for name, value in entries.items():
            if name in file["meta"].attrs:
                del file["meta"].attrs[name]
            if value is not ...:
                file["meta"].attrs.create(name, text(value))

    return attack


def inner(name, **entries):
    """An attack that replaces what an entry of the meta, a table, says."""

    def attack(file):
        meta(**{name: json.loads(file["meta"].attrs[name]) | entries})(file)

    return attack


def array(place, shape=None, kind=None, fill=None, packed=True):
    """An attack that puts an array of this shape and type in the place of another."""

    def attack(file):
        old = file[place]
        new = old.shape if shape is None else shape
        form = old.dtype if kind is None else np.dtype(kind)
        how = (
            {"chunks": tuple(min(side, 2 ** (16 // len(new))) for side in new), "compression": 9}
            if packed and 0 not in new
            else {}
        )
        small = fill is not None and np.prod(new, dtype=float) < 1e6
        values = {"data": np.full(new, fill).astype(form)} if small else {}
        del file[place]
        with np.errstate(all="ignore"):
            file.create_dataset(place, new, dtype=form, **values, **how)

    return attack


def without(place):
    """An attack that removes a group or an array."""

    def attack(file):
        del file[place]

    return attack


def instead(place, other):
    """An attack that puts a link, a type or a group in the place of an array."""

    def attack(file):
        del file[place]
        file[place] = other

    return attack


def theory(rows, **columns):
    """An attack that adds a table of comparisons of so many rows."""
    from langevin.store.layout import COLUMNS, LATER
    from langevin.store.layout import TEXTS as WORDS

    def attack(file):
        file.pop("theory", None)
        group = file.create_group("theory")
        for name in (*COLUMNS, *LATER):
            form = columns.get(name, "S4" if name in WORDS else "f8")
            group.create_dataset(name, (rows,), dtype=form, chunks=(min(rows, 2**16),), compression=9)

    return attack


#: Attacks on the file of a toy's run.
ON_RUNS = {
    "no tallies": meta(tallies=None),
    "tallies of a text": meta(tallies="rejected"),
    "tallies of no event": meta(tallies=["payload"]),
    "tallies of lists": meta(tallies=[["rejected"]]),
    "tallies of times": meta(tallies=["time"]),
    "a landscape that is a module": meta(landscape="payload:attack"),
    "a landscape of the library": meta(landscape="os:abort"),
    "a folder as landscape": meta(landscape="../payload"),
    "a law that is a module": meta(dynamics="payload:attack"),
    "a question that is a module": meta(question="payload:attack"),
    "a kind that is none": meta(kind=["network"]),
    "a network of nothing": meta(kind="network"),
    "its own landscape": meta(own_landscape={"option": "--potential", "factory": "payload:attack", "arguments": {},
                                             "sha256": "0"}),
    "large quadrics": meta(landscape="quadrics", dials={"dim": 2000, "equations": 1999}),
    "a large quadratic": meta(landscape="quadratic", dials={"dim": 10**9}),
    "dials of lists": meta(dials={"dim": [1], "stiffness": {}}),
    "dials of texts": meta(dials={"dim": "1; import os"}),
    "a temperature beyond numbers": meta(temperature=2**70),
    "no numbers": meta(temperature=float("nan"), dt=float("inf")),
    "a step of texts": meta(step="payload"),
    "a law of the step without entries": meta(step={"law": {}}),
    "an end beyond numbers": meta(end_time=2**70, complete=False),
    "samples of texts": meta(samples=["a"], samples_asked={}, complete=False),
    "deep nesting": meta(dials=b'{"a":' * 5000 + b"1" + b"}" * 5000),
    "many brackets": meta(seed=b"[" * 100_000),
    "a very long entry": meta(seed="x" * 2**23),
    "digits without end": meta(seed=b"9" * 100_000),
    "another schema": meta(schema_version=99),
    "a schema of a text": meta(schema_version="1"),
    "no meta": without("meta"),
    "no events": without("events"),
    "no states": without("trajectory/states"),
    "statuses of another world": array("events/status", fill=77),
    "statuses that are real": array("events/status", kind="f8", fill=0.5),
    "events of texts": array("events/step", kind="S8"),
    "states without end": array("trajectory/states", (20, 10**9, 10**3)),
    "walkers without end": array("events/status", (10**10,), "u1"),
    "frames without end": array("trajectory/time", (10**9,)),
    "states of whole numbers": array("trajectory/states", kind="i8", fill=1),
    "states of texts": array("trajectory/states", kind="S8"),
    "states of infinity": array("trajectory/states", fill=np.inf),
    "no walkers": array("trajectory/states", (0, 6, 1)),
    "steps that fall": array("trajectory/step", fill=3),
    "times of nothing": array("trajectory/time", fill=np.nan),
    "a link elsewhere": instead("trajectory/states", h5py.ExternalLink("secret.h5", "/trajectory/states")),
    "a link to itself": instead("events", h5py.SoftLink("/events")),
    "a million comparisons": theory(10**6),
    "comparisons of wrong kinds": theory(3, theory="f8"),
    "comparisons with long texts": theory(5000, note="S100000"),
    "an event named like a command": lambda file: file["events"].create_dataset("\x1b[2J", data=np.zeros(20)),
}  # fmt: skip

#: Attacks on the file of a training.
ON_NETWORKS = {
    "swept by nothing": meta(swept=["payload"]),
    "swept by a text": meta(swept="temperature"),
    "swept by numbers": meta(swept=[1, 2]),
    "swept without settings": meta(swept=["temperature"], temperature=[1.0, 2.0]),
    "a rank that is a text": meta(rank="two"),
    "a rank below zero": meta(rank=-5, temperature=1e300),
    "rates of nothing": meta(learning_rate=[]),
    "a sharpness beyond numbers": meta(sharpness=float("inf"), learning_rate=1e300),
    "a change of texts": meta(after_memorisation={"temperature": "payload"}),
    "a model that is a module": meta(model="payload:attack"),
    "no losses": without("observables/train_loss"),
    "losses of nothing": array("observables/train_loss", fill=np.nan),
    "an arrival of lists": meta(arrival=[1], arrival_loss="low"),
    "a toy": meta(kind="toy"),
    "everything of texts": meta(temperature="hot", law=1, loss=None, batch="all"),
}

#: Attacks on the state of a training.
ON_STATES = {
    "another model in its words": meta(words=["langevin", "train", "payload:attack"]),
    "words that obey": meta(words=["\x1b[2J"]),
    "words without end": meta(words=["x"] * 10**5),
    "no seed": meta(seed=...),
    "a seed of a text": meta(seed="payload"),
    "a seed beyond numbers": meta(seed=2**70),
    "another version": meta(state_version=99),
    "no version": meta(state_version=...),
    "no identity": meta(identity=...),
    "an identity of nothing": meta(identity="{}"),
    "an identity of brackets": meta(identity="[" * 50_000),
    "an identity of lists": meta(identity='{"settings": [], "content": 5}'),
    "a step before the first": array("state/at", fill=-1),
    "a step after the last": array("state/at", fill=10**9),
    "a step that is a number": array("state/at", kind="f8", fill=0.5),
    "many steps": array("state/at", (10**6,)),
    "weights without end": array("state/leaf 0", (2, 10**9)),
    "weights of another shape": array("state/leaf 0", (2, 4), fill=0),
    "weights of another type": array("state/leaf 0", kind="f8", fill=0),
    "weights of texts": array("state/leaf 0", kind="S8"),
    "no weights": without("state/leaf 0"),
    "frames without end": array("state/states", (10**6, 2, 64)),
    "no frames": array("state/states", (0, 2, 64)),
    "a status of another world": array("state/status", fill=77),
    "an end after the last step": array("state/end", fill=10**12),
    "no losses": without("state/values train_loss"),
    "a link elsewhere": instead("state/leaf 0", h5py.ExternalLink("secret.h5", "/state/leaf 0")),
    "no state": without("state"),
    "no meta": without("meta"),
}


def attacked(good, place, attack):
    """A copy of a good file at a place, attacked."""
    shutil.copyfile(good, place)
    with h5py.File(place, "r+", libver=("v110", "v110")) as file:
        attack(file)
    return place


def drawn(good, place, seed):
    """A copy of a good file at a place, attacked in a way that the seed draws."""
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
    """Bytes at a place."""
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
        tables = [name for name in names if isinstance(json.loads(file["meta"].attrs[name]), dict)]
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
