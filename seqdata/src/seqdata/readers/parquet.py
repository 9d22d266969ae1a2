"""Parquet files, read block by block through pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def column_names(path: Path, *, sequence: str) -> list[str]:
    """Give the names of a parquet file's columns, all of which must hold one value a row.

    Parameters
    ----------
    path
        The file.
    sequence
        Name of the column that may hold bytes.

    Raises
    ------
    ModuleNotFoundError
        If pyarrow is not installed.
    ValueError
        If the file is no parquet file or is cut short, or a column holds lists, records or bytes.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.parquet"); pd.DataFrame({"dna": ["A"]}).to_parquet(path)
    >>> column_names(path, sequence="dna")
    ['dna']
    """
    import pyarrow.types as types  # type: ignore[import-untyped,unused-ignore]

    with _opened(path) as file:
        for field in file.schema_arrow:
            if types.is_nested(field.type):
                msg = (
                    f"columns of {path.name} must hold one value a row; found {field.type} in "
                    f"{field.name!r}. Leave it out, or make it several columns"
                )
                raise ValueError(msg)
            if _is_binary(field.type) and field.name != sequence:
                msg = (
                    f"columns of {path.name} must hold text or numbers; found {field.type} in "
                    f"{field.name!r}. Leave it out, or decode it"
                )
                raise ValueError(msg)
        return [str(name) for name in file.schema_arrow.names]


def frames(path: Path, *, rows: int, size: int) -> Iterator[pd.DataFrame]:
    """Give a parquet file's rows in order, some at a time.

    Whole numbers stay whole beside missing values (pandas' Int64), truth values truth values.

    Parameters
    ----------
    path
        The file.
    rows
        Most rows at a time.
    size
        Bytes that the rows given at a time have, about.

    Raises
    ------
    ModuleNotFoundError
        If pyarrow is not installed.
    ValueError
        If the file is no parquet file, or is cut short.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.parquet")
    >>> pd.DataFrame({"dna": ["A", "C", "G"]}).to_parquet(path)
    >>> [frame["dna"].tolist() for frame in frames(path, rows=2, size=9_999)]
    [['A', 'C'], ['G']]
    """
    with _opened(path) as file:
        meta = file.metadata
        groups = [meta.row_group(number) for number in range(meta.num_row_groups)]
        per_row = sum(group.total_byte_size for group in groups) // max(meta.num_rows, 1)
        for batch in file.iter_batches(batch_size=min(rows, max(1, size // max(per_row, 1)))):
            yield batch.to_pandas(types_mapper=_pandas_type)


def _is_binary(kind: Any) -> bool:
    import pyarrow.types as types  # type: ignore[import-untyped,unused-ignore]

    return bool(
        types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
    )


def _pandas_type(kind: Any) -> Any:
    """Type of pandas that keeps whole numbers and truth values what they are beside missing ones."""
    import pandas as pd
    import pyarrow.types as types  # type: ignore[import-untyped,unused-ignore]

    if types.is_boolean(kind):
        return pd.BooleanDtype()
    if types.is_unsigned_integer(kind):
        return pd.UInt64Dtype()
    return pd.Int64Dtype() if types.is_integer(kind) else None


def _opened(path: Path) -> Any:
    try:
        import pyarrow.parquet as parquet  # type: ignore[import-untyped,unused-ignore]
    except ModuleNotFoundError as error:
        msg = f"{path.name} needs pyarrow; install it with: pip install 'eugene-seqdata[parquet]'"
        raise ModuleNotFoundError(msg) from error
    from pyarrow import ArrowInvalid  # type: ignore[import-untyped,unused-ignore]

    try:
        return parquet.ParquetFile(path)
    except ArrowInvalid as error:
        msg = f"{path.name} must be a whole parquet file; {str(error).rstrip('.')}. Copy it again"
        raise ValueError(msg) from None
