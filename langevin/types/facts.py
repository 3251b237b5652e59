"""What is known of a landscape in closed form: records that theories, questions and default settings read.

Every entry may be absent. Lengths are those of the coordinates, energies those of the loss; times and rates are at
temperature 1, and go as 1 / theta and theta.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

from langevin.types.arrays import FloatArray

#: A function of places along one coordinate, array to array of the same shape.
Along = Callable[[FloatArray], FloatArray]
#: Logs of the largest and the least volume that a double holds with all its digits.
LARGEST, LEAST = math.log(sys.float_info.max), math.log(sys.float_info.min)


@dataclass(frozen=True)
class Moment:
    """A function g of the state, with what is known of its mean.

    Attributes:
        name: of the function, as in "cos phi".
        function: states (walkers, dim) to numbers (walkers,).
        surface: its mean under the surface measure, in a body under the uniform law.
        gibbs: its mean under det(J J^T)^(-1/2), the limit of soft motion at low temperature.
        soft: its mean under exp(-f / theta), exact at every temperature theta.
        surface_rate: (d E g / dt) / theta at the usual start, for motion that keeps the surface measure.
        gibbs_rate: the same for motion that keeps det(J J^T)^(-1/2).
    """

    name: str
    function: Callable[[FloatArray], FloatArray]
    surface: float | None = None
    gibbs: float | None = None
    soft: Callable[[float], float] | None = None
    surface_rate: float | None = None
    gibbs_rate: float | None = None


@dataclass(frozen=True)
class Profile:
    """The loss a(x) |y|^2 / 2 about a straight valley floor y = 0: `stiffness` a(x), its `slope` a'(x), its period."""

    stiffness: Along
    slope: Along
    period: float | None = None


@dataclass(frozen=True)
class Wells:
    """Two wells on a line: the places minimum < saddle <= target, and what the law of Eyring and Kramers needs.

    Walkers start at `minimum`. `barrier` is the height of the saddle over it; `curvature_minimum` > 0 and
    `curvature_saddle` < 0 are second derivatives of the loss.
    """

    minimum: float
    saddle: float
    target: float
    barrier: float
    curvature_minimum: float
    curvature_saddle: float


@dataclass(frozen=True)
class Pass:
    """A pass in the plane over which an escape leads along x.

    Attributes:
        free_energy: (places x, theta) to the free energy of x, the other coordinate integrated out.
        prefactor: of the law of Eyring and Kramers, mean time = prefactor x exp(barrier / theta), from well to well.
    """

    free_energy: Callable[[FloatArray, float], FloatArray]
    prefactor: float


@dataclass(frozen=True)
class Channel:
    """The body |y| <= w(x), closed at x = 0: `half_width` w, its `slope` w', the place x where the target begins."""

    half_width: Along
    slope: Along
    target_place: float


@dataclass(frozen=True)
class Box:
    """Two corners of a box with sides along the axes that holds the body, or all of the loss that walkers see.

    `grid` is a length of which the distances between the body's walls are multiples.
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    grid: float | None = None


@dataclass(frozen=True)
class Corner:
    """A cube of side `side` in R^dim, `samples` sides shortened to fraction x side, and a corner cube as the target."""

    dim: int
    samples: int
    side: float
    fraction: float

    @property
    def free(self) -> int:
        """Number of sides that are not shortened."""
        return self.dim - self.samples


@dataclass(frozen=True)
class Chambers:
    """Cubes of sides `near` and `far` in R^dim, joined by a channel of square section: its `width` and `length`."""

    dim: int
    near: float
    far: float
    width: float
    length: float


@dataclass(frozen=True)
class Spread:
    """A loss that repeats itself: its `period` along a coordinate, and theta to `diffusion`, with its `reference`.

    In the long run E |x(t) - x(0)|^2 grows as 2 dim D t.
    """

    period: float
    diffusion: Callable[[float], float]
    reference: str


@dataclass(frozen=True)
class Facts:
    """Closed forms of one landscape.

    Attributes:
        moments: functions with known means.
        covariance: theta to the covariance (dim, dim) of exp(-f / theta), where that is Gaussian about the origin.
        profile: of a straight valley.
        wells: of a loss on a line.
        saddle: of a loss in the plane with two wells.
        channel: of a body along one coordinate.
        box: that holds what matters of the landscape, for meshes.
        corner: of the cube.
        chambers: of two joined cubes.
        log_volume: log of the area of a surface, or of the volume of a body.
        decay: rate at which coordinates forget: E x(t) = x(0) exp(-decay theta t) in motion on the surface.
        barrier: height of the lowest pass to the target over the start.
        target_width: width of the target, beside which a step has to be small.
        arrival_time: mean time from the start to the target of a body.
        relaxation_rate: the slowest of a body, at which differences between its parts decay.
        slowest_rate: theta to the slowest rate at which soft motion in a loss forgets its start.
        spread: of a periodic loss, which confines nobody.
    """

    moments: tuple[Moment, ...] = ()
    covariance: Callable[[float], FloatArray] | None = None
    profile: Profile | None = None
    wells: Wells | None = None
    saddle: Pass | None = None
    channel: Channel | None = None
    box: Box | None = None
    corner: Corner | None = None
    chambers: Chambers | None = None
    log_volume: float | None = None
    decay: float | None = None
    barrier: float | None = None
    target_width: float | None = None
    arrival_time: float | None = None
    relaxation_rate: float | None = None
    slowest_rate: Callable[[float], float] | None = None
    spread: Spread | None = None

    @property
    def volume(self) -> float | None:
        """exp(log_volume); None where that is not known, or where no double holds it, as often in many dimensions."""
        known = self.log_volume is not None and LEAST <= self.log_volume <= LARGEST
        return math.exp(self.log_volume) if known and self.log_volume is not None else None
