"""Which bases matter: one file a method, and the table of methods."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from seqexplainer.results import Attribution

METHODS = {
    "ism": "seqexplainer.attribute.ism:ism",
    "occlusion": "seqexplainer.attribute.occlusion:occlusion",
    "gradient_x_input": "seqexplainer.attribute.gradients:gradient_x_input",
    "deeplift_shap": "seqexplainer.attribute.deeplift:deeplift_shap",
}
"""Where each method is: ``"module:function"``. Listing them loads none.

All of them are called ``method(predictor, seqs, *, output=None, alphabet=DNA, batch_size=..., ...)`` and
give an `Attribution`; those that draw at random take `rng`.
"""


def load_method(name: str) -> Callable[..., Attribution]:
    """Give the function of a method by its name in `METHODS`.

    Parameters
    ----------
    name
        Name of the method.

    Raises
    ------
    ValueError
        If there is no such method.

    Examples
    --------
    >>> load_method("ism")(lambda seqs: (seqs == ord("G")).sum(axis=1), ["AG"]).prediction
    array([1.])
    """
    if name not in METHODS:
        msg = f"method must be one of {', '.join(METHODS)}; found {name!r}"
        raise ValueError(msg)
    module, function = METHODS[name].split(":")
    method: Callable[..., Attribution] = getattr(importlib.import_module(module), function)
    return method
