"""Where a mean curve of networks bends: its inflections against the epoch, its corners against the log of the epoch."""

import numpy as np

from langevin.measure import bootstrap_walkers

#: Standard deviation, in epochs, of the Gaussian that smooths a curve before its slope is computed.
SMOOTH = 2.0
#: Standard deviation, in ln(epoch), of the Gaussian that smooths a curve before its corners are found. Its width at
#: half height is ln 2: corners have to be known to a factor 2, and finer details of the curve are no corners.
BLUR = 0.3


def inflections(norms, epochs, times):
    """Both inflections of the mean curve, where its second derivative by the epoch is 0, placed as `placed` says.

    The second is the steepest decline after memorising, the first the slowest decline before that.
    """
    from scipy.ndimage import gaussian_filter1d

    after, ahead = epochs >= times[:, 0].mean(), epochs > SMOOTH

    def slopes(curves):
        smooth = gaussian_filter1d(curves, SMOOTH / (epochs[1] - epochs[0]), axis=-1, mode="nearest")
        return np.gradient(smooth, epochs, axis=-1)

    def second(curves):
        return epochs[np.where(after, slopes(curves), np.inf).argmin(axis=-1)]

    def first(curves):
        before = ahead & (epochs < second(curves)[..., None])
        return epochs[np.where(before, slopes(curves), -np.inf).argmax(axis=-1)]

    return placed(norms, times, {"first inflection": first, "second inflection": second})


def corners(norms, epochs, times):
    """Both corners of the mean curve, placed as `placed` says: extremes of its second derivative by log epoch.

    At the first it bends down most, at the second up most.
    """
    from scipy.ndimage import gaussian_filter1d

    logs, each = np.log(epochs[1:]), BLUR / 30
    fine = np.arange(logs[0], logs[-1], each)
    # beyond its ends the curve keeps its slope: a change of the slope would make a corner there
    ends = {"pad_width": 120, "mode": "reflect", "reflect_type": "odd"}
    curves = [np.pad(np.interp(fine, logs, norm[1:]), **ends) for norm in norms]
    bent = gaussian_filter1d(curves, BLUR / each, order=2, axis=-1)[:, 120:-120]
    # at earlier epochs the frames are further apart than BLUR
    bent, at = np.where(np.exp(fine) > epochs[1] / BLUR, bent, 0.0), np.exp(fine)
    find = {"down": lambda means: at[means.argmin(axis=-1)], "up": lambda means: at[means.argmax(axis=-1)]}
    return placed(bent, times, {f"corner {name}": one for name, one in find.items()})


def placed(curves, times, finders):
    """Two epochs that `finders` find on the mean of curves (networks, points), and each over its event's mean epoch.

    The finders are by name. The first belongs to memorising, the second to generalising.
    """
    both = np.concatenate([curves, times], axis=1)
    bends = [bootstrap_walkers(curves, find, name) for name, find in finders.items()]
    parts = [
        bootstrap_walkers(both, lambda means, find=find, at=at: find(means[:, :-2]) / means[:, at], name)
        for at, (name, find) in zip((-2, -1), finders.items())
    ]
    return bends, parts
