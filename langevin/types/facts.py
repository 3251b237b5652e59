"""What is known about a landscape in closed form: records that theories, questions and default settings read.

Every entry may be absent. Lengths have the unit of the coordinates, energies the unit of the loss. Times and rates are
given at temperature 1. At temperature theta, times are divided by theta and rates are multiplied by theta.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

from langevin.types.arrays import FloatArray

#: A function of positions along one coordinate: an array to an array of the same shape.
Along = Callable[[FloatArray], FloatArray]
#: Logarithms of the largest and the smallest volume that a double represents with all its digits.
LARGEST, LEAST = math.log(sys.float_info.max), math.log(sys.float_info.min)


@dataclass(frozen=True)
class Moment:
    """A function g of the state, with what is known about its mean.

    Attributes:
        name: of the function, as in "cos phi".
        function: states (walkers, dim) to numbers (walkers,).
        surface: its mean under the surface distribution; in a body, under the uniform distribution.
        gibbs: its mean under det(J J^T)^(-1/2), the limit of soft motion at low temperature (the Gibbs measure).
        soft: its mean under exp(-f / theta), exact at every temperature theta.
        surface_rate: (d E g / dt) / theta at the usual start, for motion whose stationary distribution is the surface
            distribution.
        gibbs_rate: the same for motion whose stationary distribution is det(J J^T)^(-1/2).
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
    """The loss a(x) |y|^2 / 2 around a straight valley floor y = 0: `stiffness` a(x), its `slope` a'(x), its period."""

    stiffness: Along
    slope: Along
    period: float | None = None


@dataclass(frozen=True)
class Wells:
    """Two wells on a line: the points minimum < saddle <= target, and what the Eyring-Kramers law needs.

    Walkers start at `minimum`. `barrier` is the height of the saddle above the minimum; `curvature_minimum` > 0 and
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
    """A pass in the plane: a walker escapes over it along x.

    Attributes:
        free_energy: (positions x, theta) to the free energy of x. The other coordinate is integrated out.
        prefactor: of the Eyring-Kramers law, mean time from well to well = prefactor x exp(barrier / theta).
    """

    free_energy: Callable[[FloatArray, float], FloatArray]
    prefactor: float


@dataclass(frozen=True)
class Channel:
    """The body |y| <= w(x), closed at x = 0: `half_width` w, its `slope` w', and the x at which the target begins."""

    half_width: Along
    slope: Along
    target_place: float


@dataclass(frozen=True)
class Box:
    """Two opposite corners of a box with sides along the axes.

    The box contains the body, or the part of a loss that walkers reach. `grid` is a length. The distances between the
    walls of the body are multiples of it. `filled` is true if the body is the whole box.
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    grid: float | None = None
    filled: bool = False


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
    """A periodic loss: its `period` along a coordinate, its diffusion coefficient, and the `reference` of the latter.

    `diffusion` is the function theta to D. At long times E |x(t) - x(0)|^2 grows as 2 dim D t.
    """

    period: float
    diffusion: Callable[[float], float]
    reference: str


@dataclass(frozen=True)
class Facts:
    """Closed forms of one landscape.

    Attributes:
        moments: functions with known means.
        covariance: theta to the covariance (dim, dim) of exp(-f / theta), if this is Gaussian around the origin.
        profile: of a straight valley.
        wells: of a loss on a line.
        saddle: the pass of a loss in the plane with two wells.
        channel: of a body along one coordinate.
        box: that contains the relevant part of the landscape, for meshes.
        corner: of the cube.
        chambers: of two joined cubes.
        log_volume: log of the area of a surface, or of the volume of a body.
        decay: rate at which the mean of the coordinates decays: E x(t) = x(0) exp(-decay theta t) in motion on the
            surface.
        barrier: height of the lowest pass to the target above the start.
        target_width: width of the target. A step must be small compared with it.
        arrival_time: mean time from the start to the target of a body.
        relaxation_rate: the slowest relaxation rate of a body: differences between its parts decay at this rate.
        slowest_rate: theta to the slowest relaxation rate of soft motion in a loss.
        spread: of a periodic loss, which does not confine walkers.
        radius: of a sphere around the origin on which both stationary distributions are uniform.
        slope: the constant gradient (dim,) of a linear loss.
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
    radius: float | None = None
    slope: tuple[float, ...] | None = None

    @property
    def volume(self) -> float | None:
        """exp(log_volume); None if it is not known, or if a double cannot represent it (common in many dimensions)."""
        known = self.log_volume is not None and LEAST <= self.log_volume <= LARGEST
        return math.exp(self.log_volume) if known and self.log_volume is not None else None
