"""The hidden layer of a parity network: its activity, the patterns of its samples, and its pictures over the run."""

import numpy as np

#: Signs of an input that decide its label.
RELEVANT = 2


def hidden_layer(weights, inputs):
    """Activity of the hidden units (samples, units)."""
    return np.maximum(inputs @ weights["hidden"] + weights["hidden bias"], 0)


def pattern(inputs):
    """Number of the pattern, out of 2^k, of the relevant signs of each sample (samples,)."""
    return (inputs[:, :RELEVANT] > 0) @ 2 ** np.arange(RELEVANT)


def pictures(kept, epochs, events, inputs):
    """Hidden weights and hidden layer of one network, by name, at its events, midway and at the end.

    `kept` are its weights at `epochs`, `events` the epochs of memorising and generalising, -1 if an event does not
    occur.
    """
    moments = {"end": epochs[-1]}
    if min(events) >= 0:
        memorised, generalised = events
        midway = (memorised * generalised) ** 0.5
        moments = {"memorised": memorised, "midway": midway, "generalised": generalised, **moments}
    found = {
        f"{name}, epoch {now:.0f}": kept[np.searchsorted(epochs, now - 0.05)] for name, now in moments.items()
    }
    return {name: (one["hidden"], hidden_layer(one, inputs)) for name, one in found.items()}
