"""How a file is to be read: canonical files use the defaults, mappings may say more."""

from dataclasses import dataclass
from typing import Literal

Format = Literal["auto", "csv", "parquet", "jsonl", "json", "document"]


@dataclass(frozen=True)
class ReadOptions:
    """Args:
    format: `auto` goes by content and file name; `document` is JSON with each element whole in a column
    `document`.
    delimiter: one character between fields of a CSV file.
    header: whether the first record of a CSV file names the columns.
    columns: names of the columns of a file without a header.
    """

    format: Format = "auto"
    delimiter: str = ","
    header: bool = True
    columns: tuple[str, ...] = ()
