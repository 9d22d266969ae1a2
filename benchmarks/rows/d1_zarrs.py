"""D1 as before, with the codec pipeline of zarrs."""

from rows import d1_loader

CASES, SIDES, ROUNDS = d1_loader.CASES, d1_loader.SIDES, 2


def _with_zarrs(side):
    def prepared(*arguments):
        import zarr
        import zarrs  # noqa: F401

        zarr.config.set({"codec_pipeline.path": "zarrs.ZarrsCodecPipeline"})
        return side(*arguments)

    return prepared


ours, ours_one_hot, whole_blocks = (
    _with_zarrs(getattr(d1_loader, side)) for side in ("ours", "ours_one_hot", "whole_blocks")
)
