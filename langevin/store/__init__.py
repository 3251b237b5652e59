"""Run files: the only part that knows HDF5.

One finished run is one HDF5 file, with named dimensions (HDF5 dimension scales), so that h5py and
`xarray.open_datatree(path, engine="h5netcdf")` show the same arrays. Schema, version 1:

    /trajectory      states       (chain, draw, dim)  float   positions, or the sketch of a network's weights
                     time         (draw,)             float64 time = dt x step
                     step         (draw,)             int64
    /observables     NAME         (chain, draw)       each a function of the state
    /events          status       (chain,)            codes of `langevin.types.Status`
                     step, time   (chain,)            end of the walker
                     NAME         (chain,)            labels, such as `samples`
    /theory          (comparison,) each; theory, point, measured, error, n, estimator, mixed, note,
                     predicted, remainder, in_range, z, ratio, verdict; absent without comparisons
    /meta            attributes, each a JSON text: every entry of the run's `meta`, and
                     schema_version, creator, creator_version, created (UTC)

Every group carries its own index coordinates `chain`, `draw`, `dim` or `comparison`: 0, 1, 2 ...
A chain is a walker or a seed. Arrays are little-endian booleans, integers, floats or fixed-length UTF-8
text; chunks are shuffled, gzipped and carry a checksum (fletcher32), and the metadata carries HDF5's own.

A file appears whole or not at all: it is built in memory, written beside its final name, flushed to the
disk, and only then given its name. An existing file is never replaced without `force`. A run that is still
going keeps its records as small files of this same schema, PATH.partial/00000.h5 onwards, cut along `draw` (of a toy
one file, written anew); `load(PATH)` reads those that are there, and `merge` turns them into the one file.

A file of any size opens: states, observables and events that are numbers stay in it until they are used, and the file
is open only while it is read (`langevin.store.stored`). A file that is replaced, changed or removed in between is an
error at the next use.

Reading trusts nothing: no link but hard links, no external or virtual data, no object types, no filter
but the three named, no size beyond what the file can hold and `max_bytes`, and at most 128 MiB read at once when it is
opened (`langevin.store.layout` has the bounds). The HDF5 library itself parses the file, so open only files whose
origin you know.
"""

from langevin.doors import open_doors
from langevin.store.atomic import check_writable
from langevin.store.claims import claimed
from langevin.store.files import check_data, load, load_theory, save
from langevin.store.segments import append_segment, discard, merge, write_so_far

__all__ = [
    "append_segment",
    "check_data",
    "check_writable",
    "claimed",
    "discard",
    "load",
    "load_theory",
    "merge",
    "save",
    "write_so_far",
]

open_doors(__name__)
