"""PyTorch by hand: a plain training loop, one thread, single precision."""

from __future__ import annotations

from benchmarks.contenders import need


def begin():
    """PyTorch on one thread."""
    (torch,) = need("torch")
    torch.set_num_threads(1)
    return torch


def training_set(model, torch):
    return tuple(torch.tensor(part, dtype=torch.float32) for part in model.train)


def parity(model, law, steps):
    """Linear layers and the SGD of PyTorch, whose weight decay is coupled; every epoch is shuffled."""
    torch = begin()
    inputs, targets = training_set(model, torch)
    n, width = model.dials["n"], model.dials["width"]

    def run(seed):
        torch.manual_seed(seed)
        network = torch.nn.Sequential(
            torch.nn.Linear(n, width), torch.nn.ReLU(), torch.nn.Linear(width, 1, bias=False)
        )
        optimiser = torch.optim.SGD(network.parameters(), lr=law.learning_rate, weight_decay=law.weight_decay)
        done = 0
        while done < steps:
            for index in torch.randperm(len(targets)).split(law.batch):
                optimiser.zero_grad()
                torch.relu(1 - targets[index] * network(inputs[index])).mean().backward()
                optimiser.step()
                done += 1
        with torch.no_grad():
            return torch.relu(1 - targets * network(inputs)).mean().item()

    return run


def parity_by_hand(model, law, steps):
    """The same without autograd: derivatives written down, weights changed in place."""
    torch = begin()
    inputs, targets = training_set(model, torch)
    keep = 1 - law.learning_rate * law.weight_decay

    def step(weights, x, y):
        first, bias, last = weights
        hidden = torch.addmm(bias, x, first.T)
        active = hidden.clamp_min(0)
        missing = 1 - y[:, 0] * (active @ last)
        pull = torch.where(missing > 0, -y[:, 0], 0) / len(y)
        back = torch.outer(pull, last) * (hidden > 0)
        slope, rate = active.T @ pull, law.learning_rate
        first.mul_(keep).addmm_(back.T, x, alpha=-rate)
        bias.mul_(keep).sub_(back.sum(0), alpha=rate)
        last.mul_(keep).sub_(slope, alpha=rate)

    return _shuffled(torch, model, law, steps, inputs, targets, step)


def parity_compiled(model, law, steps):
    """The same with derivatives by autograd, compiled by `torch.compile` before the clock runs."""
    torch = begin()
    inputs, targets = training_set(model, torch)
    keep = 1 - law.learning_rate * law.weight_decay

    def loss(weights, x, y):
        first, bias, last = weights
        outputs = torch.relu(torch.addmm(bias, x, first.T)) @ last
        return torch.relu(1 - y[:, 0] * outputs).mean()

    slopes = torch.compile(torch.func.grad(loss), dynamic=False)

    def step(weights, x, y):
        for weight, slope in zip(weights, slopes(weights, x, y), strict=True):
            weight.mul_(keep).sub_(slope, alpha=law.learning_rate)

    run = _shuffled(torch, model, law, steps, inputs, targets, step)
    _shuffled(torch, model, law, len(targets) // law.batch + 1, inputs, targets, step)(0)  # compiles
    return run


def _shuffled(torch, model, law, steps, inputs, targets, step):
    """`run(seed)`: `steps` steps over shuffled epochs, and the loss at the end."""
    n, width = model.dials["n"], model.dials["width"]

    def run(seed):
        torch.manual_seed(seed)
        first = torch.nn.Linear(n, width)
        last = torch.nn.Linear(width, 1, bias=False)
        weights = [first.weight.data, first.bias.data, last.weight.data[0]]
        done = 0
        with torch.no_grad():
            while done < steps:
                for index in torch.randperm(len(targets)).split(law.batch)[: steps - done]:
                    step(weights, inputs[index], targets[index])
                    done += 1
            outputs = torch.relu(torch.addmm(weights[1], inputs, weights[0].T)) @ weights[2]
            return torch.relu(1 - targets[:, 0] * outputs).mean().item()

    return run


def modular(model, law, steps, look_up=False):
    """Two tables of embeddings, a square, an output; the noise is added in place.

    A table is multiplied by one-hot tokens, or its rows are looked up.
    """
    torch = begin()
    inputs, targets = training_set(model, torch)
    p, width, scale = (model.dials[name] for name in ("p", "width", "scale"))
    tokens = inputs.long().T
    one_hot = torch.eye(p)[tokens]
    embedding = torch.nn.functional.embedding
    rate = law.learning_rate
    sd = (2 * rate * law.temperature) ** 0.5

    def run(seed):
        torch.manual_seed(seed)
        shapes = ((p, width), (p, width), (width, p))
        weights = [(scale * torch.randn(shape)).requires_grad_() for shape in shapes]

        def loss():
            first, second, output = weights
            if look_up:
                hidden = embedding(tokens[0], first) + embedding(tokens[1], second)
            else:
                hidden = one_hot[0] @ first + one_hot[1] @ second
            outputs = hidden**2 @ output
            return ((outputs - targets) ** 2).sum(1).mean() / 2

        for _ in range(steps):
            slopes = torch.autograd.grad(loss(), weights)
            with torch.no_grad():
                for weight, slope in zip(weights, slopes, strict=True):
                    weight.add_(slope, alpha=-rate).add_(torch.randn_like(weight), alpha=sd)
        return loss().item()

    return run


def modular_looked_up(model, law, steps):
    """The same with rows looked up, as the trainer has them."""
    return modular(model, law, steps, look_up=True)
