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
