"""PyTorch by hand, one thread, double precision, and torchsde with increments without memory."""

from __future__ import annotations

import math

from benchmarks.contenders import Contender, NotExpressible, need


def step(x, z, workload, torch):
    """One step of a state (dim, walkers) with scaled noise z."""
    if workload.kind == "well":
        return x.addcmul(x, x * x - 1.0, value=-4.0 * workload.dt).add_(z)
    if workload.kind == "ring":
        radius = (x * x).sum(0).sqrt_()
        return x.mul(1.0 - workload.dt * workload.stiffness * (1.0 - 1.0 / radius)).add_(z)
    if workload.kind == "cube":
        y = x.add(z).abs_()
        return torch.minimum(y, 2.0 - y)
    y = x + z - (x * z).sum(0) * x
    return y / (y * y).sum(0).sqrt_()


def by_hand(workload):
    (torch,) = need("torch")
    torch.set_num_threads(1)

    def run(seed):
        torch.manual_seed(seed)
        x = torch.tensor(workload.start(workload.walkers).T.copy())
        z = torch.empty_like(x)
        with torch.inference_mode():
            for _ in range(workload.steps):
                x = step(x, z.normal_(std=workload.kick), workload, torch)
        return x.T.numpy()

    return run


def with_torchsde(workload):
    if workload.kind not in ("well", "ring"):
        raise NotExpressible("no walls, no projection")
    torch, torchsde = need("torch", "torchsde")
    torch.set_num_threads(1)
    spread = math.sqrt(2.0 * workload.theta)

    class Langevin(torch.nn.Module):
        noise_type, sde_type = "diagonal", "ito"

        def f(self, t, y):
            if workload.kind == "well":
                return -4.0 * y * (y * y - 1.0)
            return -workload.stiffness * y * (1.0 - 1.0 / torch.linalg.vector_norm(y, dim=1, keepdim=True))

        def g(self, t, y):
            return torch.full_like(y, spread)

    class Memoryless(torchsde.BaseBrownian):
        """Fresh increments for a fixed grid walked forwards once: faster than BrownianInterval."""

        dtype, device = torch.float64, torch.device("cpu")
        levy_area_approximation = "none"

        def __init__(self, shape):
            super().__init__()
            self.shape_ = shape

        shape = property(lambda self: self.shape_)

        def __repr__(self):
            return "Memoryless"

        def __call__(self, ta, tb=None, return_U=False, return_A=False):
            return torch.randn(self.shape_, dtype=self.dtype).mul_(math.sqrt(float(tb - ta)))

    def run(seed):
        torch.manual_seed(seed)
        x = torch.tensor(workload.start(workload.walkers))
        times = torch.tensor([0.0, workload.dt * workload.steps], dtype=torch.float64)
        with torch.inference_mode():
            noise = Memoryless(x.shape)
            return torchsde.sdeint(Langevin(), x, times, bm=noise, method="euler", dt=workload.dt)[-1].numpy()

    return run


CONTENDERS = (
    Contender("torch loop, f64", by_hand, (1.0, 0.1)),
    Contender("torchsde Euler, f64", with_torchsde, (1.0, 0.05)),
)
