"""Kernels written from formulas have the values of JAX, and formulas without a kernel are refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from langevin import manifolds, potentials
from langevin.errors import NumericalError, UsageError
from langevin.experiment.own_landscape import content_hash
from langevin.landscapes.evaluate import evaluate

PLACES = np.random.default_rng(1).uniform(0.2, 1.2, (20, 3))
MATRIX = jnp.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.0], [0.1, 0.0, 3.0]])

FUNCTIONS = {
    "indices and powers": lambda x: x[0] ** 4 - 2.0 * x[1] ** 2 * x[2] + x[-1] ** -3,
    "a quadratic form": lambda x: x @ MATRIX @ x,
    "a network": lambda x: jnp.sum(jnp.tanh(MATRIX @ x + 0.1) ** 2) + jax.nn.softplus(x[0]),
    "norms and slices": lambda x: jnp.linalg.norm(x[:2]) ** 3 + jnp.prod(x) + jnp.sum(jnp.roll(x, 1) * x),
    "branches": lambda x: jnp.where(x[0] > x[1], x[2] ** 2, jnp.exp(x[0])) + jnp.max(x) + jnp.clip(x[0], 0.4, 0.9) ** 2,
    "elementary functions": lambda x: jnp.sum(
        jnp.log1p(x) * jnp.cos(x) + jnp.sqrt(x) * jnp.sinh(x) + jnp.arctan2(x[0], x[1]) + jnp.arcsin(x / 2.0)
    ) + jax.scipy.special.erf(x[0]) + jax.nn.sigmoid(x[1]) + 1.0 / jnp.sqrt(x[2]) + x[0] ** 1.5 + x[1] ** x[2],
    "a loop over parts": lambda x: sum((x[i] - x[i + 1]) ** 2 for i in range(2)) + jnp.stack([x, x**2]).sum(),
    "no coordinate but one": lambda x: 3.0 * x[1] + jnp.arange(3.0).sum(),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_kernels_compute_what_jax_computes(name):
    """To round-off: sums are taken in another order."""
    function = FUNCTIONS[name]
    made = potentials.from_jax(function, 3, start=np.ones(3), target=distance)
    with jax.enable_x64(True):
        values = np.array([function(jnp.asarray(place)) for place in PLACES])
        slopes = np.array([jax.grad(function)(jnp.asarray(place)) for place in PLACES])
    np.testing.assert_allclose(evaluate(made, "value", PLACES), values, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(evaluate(made, "gradient", PLACES), slopes, rtol=1e-12, atol=1e-12)


def distance(x, out, parameters):
    """The distance to a target far away, so that no minimum is searched."""
    for lane in range(x.shape[1]):
        out[lane] = 100.0 - x[0, lane]


def test_a_formula_is_the_built_in_landscape():
    well = potentials.from_expression("h * ((x / b)**2 - 1)**2", h=2.0, b=1.5)
    built_in = potentials.double_well(2.0, 1.5)
    x = np.linspace(-2.0, 2.0, 9)[:, None]
    for kernel in ("value", "gradient"):
        np.testing.assert_allclose(
            evaluate(well, kernel, x), evaluate(built_in, kernel, x), rtol=1e-13, atol=1e-14
        )
    assert well.dials == {"expression": "h * ((x / b)**2 - 1)**2", "b": 1.5, "h": 2.0}
    uniforms = np.full((2, 1), 0.5)
    np.testing.assert_array_equal(well.start(uniforms, 0.1), built_in.start(uniforms, 0.1))
    out = np.empty(3)
    well.target(np.array([[0.0, 1.5, 0.75]]), out, well.parameters)
    np.testing.assert_allclose(
        out, [0.75, -0.75, 0.0], atol=1e-12
    )  # a ball of radius 3/4 around the other minimum


def test_surfaces_are_made_of_equations():
    curve = manifolds.from_expression("x**2/a**2 + y**2 + z**2 - 1", "z - x*y", a=2.0)
    place = curve.start(np.zeros((1, 3)), 0.1)[0]
    assert curve.codim == 2
    assert abs(evaluate(curve, "residual", place)).max() < 1e-12
    x, y, z = place
    np.testing.assert_allclose(
        evaluate(curve, "jacobian", place), [[x / 2, 2 * y, 2 * z], [-y, -x, 1.0]], atol=1e-14
    )
    same = manifolds.from_jax(lambda x: jnp.array([x @ x - 4.0]), 3, start=[2.0, 0.0, 0.0])
    np.testing.assert_allclose(evaluate(same, "jacobian", PLACES), 2 * PLACES[:, None], rtol=1e-14)


def test_a_formula_has_one_module_and_one_hash():
    """Another value of a parameter gives the same code; another formula gives other code."""
    one, other = (potentials.from_expression("k*x**2", k=k) for k in (1.0, 2.0))
    assert one.value is other.value
    assert content_hash(one) != content_hash(other)
    assert potentials.from_expression("k*x**4", k=1.0).value is not one.value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("__import__('os').system('true')", "holds|calls|no number"),
        ("x.real", "Attribute"),
        ("x[0]", "Subscript"),
        ("(lambda: 1)()", "Lambda|calls"),
        ("[x for x in (1, 2)]", "ListComp"),
        ("x**y", "exponent"),
        ("x**2**9", "exponent"),
        ("x**999", "exponent"),
        ("x**'a'", "exponent|number"),
        ("9**9**9 * x", "exponent"),
        ("'a' * 100 + x", "no number"),
        ("x +", "read"),
        ("x ^ 2", "BitXor"),
        ("2", "names no coordinate"),
        ("x + x1", "two ways"),
        ("sin(x, y)", "arguments"),
        ("min(x)", "arguments"),
        ("x if x > 0 else 1", "IfExp"),
        ("", "not an expression"),
        ("+".join("x" * 2000), "parts"),
        ("x" * 5000, "not an expression"),
        ("(" * 300 + "x" + ")" * 300, "read"),
        ("1e999 * x", "no number"),
        ("True * x", "no number"),
    ],
)
def test_what_is_no_formula_is_refused(text, words):
    with pytest.raises(UsageError, match=words) as refused:
        potentials.from_expression(text)
    assert refused.value.what


def test_what_no_kernel_is_written_of_is_refused_by_name():
    for function, words in (
        (lambda x: jnp.sort(x)[0], "sort"),
        (lambda x: x[jnp.argmax(x)], "argmax|depends"),
        (lambda x: jax.lax.while_loop(lambda s: s < 10, lambda s: s + 1, x[0]), "while"),
        (lambda x: x, "one number"),
        (lambda x: 1.0 if x[0] > 0 else 2.0, "trace"),
    ):
        with pytest.raises(UsageError, match=words):
            potentials.from_jax(function, 2, start=np.zeros(2), target=distance)


def test_parameters_are_asked_for_and_checked():
    with pytest.raises(UsageError, match="no value for a"):
        potentials.from_expression("a*x**2")
    with pytest.raises(UsageError, match="does not name b"):
        potentials.from_expression("x**2", b=1.0)
    with pytest.raises(UsageError, match="finite"):
        potentials.from_expression("a*x**2", a=float("nan"))
    with pytest.raises(NumericalError, match="no point of the surface"):
        manifolds.from_expression("x**2 + y**2 + 1")


def test_a_floor_of_minima_and_a_slope_without_end_make_no_target():
    for text in ("(x**2 + y**2 - 1)**2", "x + 0*y", "x**2 + y**2"):
        assert potentials.from_expression(text).target is None


def test_too_many_operations_are_refused():
    big = jnp.asarray(np.random.default_rng(0).standard_normal((150, 150)))
    with pytest.raises(UsageError, match="operations"):
        potentials.from_jax(lambda x: jnp.sum(jnp.tanh(big @ x)), 150, start=np.zeros(150), target=distance)
