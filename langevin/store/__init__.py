"""Run files: the only package that uses HDF5.

One finished run is one HDF5 file, with named dimensions (HDF5 dimension scales), so that h5py and
`xarray.open_datatree(path, engine="h5netcdf")` show the same arrays. Schema, version 2:

    /trajectory      states       (chain, draw, dim)  float   positions, or the sketch of a network's weights
                     time         (draw,)             float64 time = dt x step
                     step         (draw,)             int64
    /observables     NAME         (chain, draw)       each a function of the state
                     time, step   (draw,)             as above
    /events          status       (chain,)            codes of `langevin.types.Status`
                     step, time   (chain,)            end of the walker
                     NAME         (chain,)            labels, such as `samples`
    /theory          (comparison,) each; theory, point, measured, error, n, estimator, mixed, note,
                     predicted, remainder, in_range, z, ratio, verdict; absent without comparisons
    /state           NAME         one to three axes   from which a run is continued
    /weights         stepwise     (chain, kept step, weight)  of networks; steps (kept step,)
                     memorised, generalised, arrived  (chain, weight)
    /meta            attributes, every entry of the run's `meta`: texts and numbers as they are, all else as JSON texts,
                     whose names the attribute `structured` lists; and schema_version, creator, creator_version,
                     created (UTC)

Files of version 1 can be read: all attributes of /meta are JSON texts there, and /observables lacks time and step.

Every group contains separate index coordinates `chain`, `draw`, `dim` or `comparison`: 0, 1, 2 ...
A chain is a walker or a seed. Arrays are little-endian booleans, integers, floats or fixed-length UTF-8
text. Chunks contain a checksum (fletcher32). Chunks of whole numbers and texts are shuffled and gzipped. The metadata
contains checksums of HDF5.

A file appears completely or not at all: it is written under a hidden name in the same folder, block by block, flushed
to the disk, and only then renamed (`langevin.store.sink`). An existing file is never replaced without `force`. An
unfinished run is kept in the folder PATH.partial: a training as segments of the same schema, cut along `draw`
(`append_segment`), a toy as walks (`journal`). `load(PATH)` reads the records that exist.

A file of any size can be opened: numeric states, observables and events stay in the file until they are used, and the
file is open only while it is read (`langevin.store.stored`). If the file is replaced, changed or removed in between,
the next use raises an error.

Reading checks everything: only hard links, no external or virtual data, no object types, no filters except the three
named ones, no size beyond the capacity of the file and `max_bytes`, and at most 128 MiB read at once when it is opened
(`langevin.store.layout` contains the bounds). The HDF5 library itself parses the file, so open only files whose origin
you know.
"""

from langevin.arguments import check_calls_of
from langevin.store.atomic import check_writable
from langevin.store.claims import claimed
from langevin.store.exported import export, to_xarray
from langevin.store.files import append_segment, check_data, discard, load, load_theory, merge, save
from langevin.store.journal import Walks

__all__ = [
    "Walks",
    "append_segment",
    "check_data",
    "check_writable",
    "claimed",
    "discard",
    "export",
    "load",
    "load_theory",
    "merge",
    "save",
    "to_xarray",
]

check_calls_of(__name__)
