"""Steps between reading data and training: splits and one length."""

from eugene.preprocess.pad import pad
from eugene.preprocess.split import split

__all__ = ["split", "pad"]
