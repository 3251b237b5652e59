"""Attacks on the end states of finished runs, by a description of each."""

import h5py
import numpy as np

from tests.safety.hostile import array, instead, meta, said, without

_BRACKETS = b"[" * 50_000
#: Attacks on the state of any finished run that is extended.
ON_ENDS = {
    "no identity": without("state/identity"),
    "an identity of numbers": array("state/identity", (1,), "f8", fill=1.0),
    "an identity of nothing": said(lambda known: {}),
    "an identity of brackets": said(_BRACKETS),
    "an identity of lists": said(lambda known: {"settings": [], "content": 5}),
    "settings of texts": said(lambda known: known | {"settings": dict.fromkeys(known["settings"], "payload")}),
    "content of nothing": said(lambda known: known | {"content": {}}),
    "many identities": array("state/identity", (10**6,), "S8"),
    "chains without end": array("events/status", (10**7,), fill=0),
    "a seed of a text": meta(seed="payload"),
    "a seed beyond numbers": meta(seed=2**70),
    "not finished": meta(complete=False),
    "another kind": meta(kind=["toy"]),
    "a link elsewhere": instead("state/identity", h5py.ExternalLink("secret.h5", "/state/identity")),
    "no state": without("state"),
    "a state of texts": array("state/identity", (1, 1), "S8"),
}  # fmt: skip


def crowd(walkers):
    """An attack that claims this number of walkers, in numbers that compress to very few bytes."""

    def attack(file):
        frames, dim = file["trajectory/states"].shape[1:]
        shapes = {"trajectory/states": (walkers, frames, dim)}
        shapes |= {f"events/{name}": (walkers,) for name in file["events"] if name != "chain"}
        for place, shape in shapes.items():
            array(place, shape)(file)

    return attack


#: Attacks on the end of a landscape run.
ON_WALK_ENDS = ON_ENDS | {
    "a last step below zero": said(lambda known: known["settings"].update({"last step": -1}) or known),
    "a last step beyond numbers": said(
        lambda known: known["settings"].update({"last step": 10**60}) or known
    ),
    "a wrong last step": said(lambda known: known["settings"].update({"last step": 7}) or known),
    "frames at every step": said(lambda known: known["settings"].update({"frames": 1}) or known),
    "frames of a text": said(lambda known: known["settings"].update({"frames": "payload"}) or known),
    "labels of a text": said(lambda known: known["settings"].update({"labels": "payload"}) or known),
    "an end of a text": said(lambda known: known["settings"].update({"end time": "payload"}) or known),
    "no end": said(lambda known: known["settings"].pop("end time") and known),
    "a memory without end": array("state/memory", (20, 10**8)),
    "a memory of another width": array("state/memory", (20, 3), fill=0.0),
    "a memory of texts": array("state/memory", (20,), "S8"),
    "no memory": without("state/memory"),
    "statuses of another world": array("state/status", fill=77),
    "statuses of another type": array("state/status", kind="f8", fill=0.0),
    "walkers of another number": array("state/status", (3,), fill=0),
    "ends after the last step": array("state/stop_step", fill=10**12),
    "wrong targets": array("state/which", fill=5),
    "no targets": without("state/which"),
    "states nowhere": array("trajectory/states", fill=np.nan),
    "frames without end": array("trajectory/states", (20, 10**9, 1)),
    "no frames": array("trajectory/states", (20, 0, 1)),
    "gzipped walkers": crowd(10**7),
    "a first walker of a text": meta(first_walker="payload"),
    "a first walker below zero": meta(first_walker=-5),
}

#: Attacks on the end of a training.
ON_NETWORK_ENDS = ON_ENDS | {
    "no steps": said(lambda known: known["settings"].pop("steps") and known),
    "steps below zero": said(lambda known: known["settings"].update({"steps": -1}) or known),
    "chains beyond numbers": said(lambda known: known["settings"].update({"chains": 10**60}) or known),
    "a step before the first": array("state/at", fill=-1),
    "a step after the last": array("state/at", fill=10**9),
    "a step that is a number": array("state/at", kind="f8", fill=0.5),
    "recorded steps without end": array("state/recorded", (10**9,)),
    "recorded steps that fall": array("state/recorded", fill=3),
    "weights without end": array("state/leaf 0", (2, 10**9)),
    "weights of another shape": array("state/leaf 0", (2, 4), fill=0),
    "weights of another type": array("state/leaf 0", kind="f8", fill=0),
    "weights of texts": array("state/leaf 0", kind="S8"),
    "no weights": without("state/leaf 0"),
    "weights of nothing": array("state/leaf 0", fill=np.nan),
    "a status of another world": array("state/status", fill=77),
    "no losses": without("observables/train_loss"),
    "losses of another type": array("observables/train_loss", kind="i8", fill=0),
}

#: Attacks on the end of rates.
ON_RATE_ENDS = ON_ENDS | {
    "no runs": meta(runs=...),
    "runs without end": meta(runs=[{}] * 10**5),
    "replicas beyond numbers": meta(replicas=2**70),
    "replicas of a text": meta(replicas="payload"),
    "other replicas": meta(replicas=100),
    "fluxes of nothing": array("events/flux", fill=np.nan),
    "fluxes without end": array("events/flux", (10**9,)),
    "shares above one": array("events/probability", fill=2.0),
}
