"""A picture of real faces, their pseudo-fakes and the masks, to look at."""

from pathlib import Path

import cv2
import numpy as np

from dfutils.errors import MissingArtefactError
from dfutils.frames import Sampling, crop_square, read_clip
from dfutils.tables import read_table


def contact_sheet(output: str | Path, *, most: int = 12, side: int = 192, columns: int = 3) -> np.ndarray:
    """Return real faces, their pseudo-fakes and the masks side by side, as one picture.

    Args:
        output: str or Path. A folder that `forge` has written.
        most: int. Largest number of clips. Defaults to 12.
        side: int. Side of a face in pixels. Defaults to 192.
        columns: int. Clips in a row. Defaults to 3.

    Returns:
        uint8 array [rows * side, columns * 3 * side, 3], RGB. Empty places are white.

    Raises:
        MissingArtefactError: If the folder holds no pseudo-fakes.
    """
    folder = Path(output).expanduser()
    if not (folder / "catalog.csv").is_file():
        raise MissingArtefactError(f"There are no pseudo-fakes in {folder}. Make them with `dfutils forge`.")
    table = read_table(folder / "catalog.csv")
    paths = dict(zip(table["clip_id"], table["path"], strict=True))
    fakes = table[table["label"] == 1].head(most)
    tiles = []
    for row in fakes.itertuples():
        pair = [
            read_clip(folder / paths[name], Sampling(frames=3))
            for name in (f"real/{row.source}", row.clip_id)
        ]
        real, fake = (clip.frames[len(clip.frames) // 2] for clip in pair)
        with np.load(folder / "masks" / f"{row.clip_id}.npz") as file:
            mask = file["mask"][len(file["mask"]) // 2]
        mask = cv2.resize(mask, real.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        shown = real // 2 + np.uint8(127) * mask[..., None]
        rows, columns_of = np.nonzero(mask)
        left, right, top, bottom = columns_of.min(), columns_of.max(), rows.min(), rows.max()
        box = np.array([left, top, right - left + 1, bottom - top + 1], float)
        tiles.append(np.hstack([crop_square(one, box, margin=1.6, size=side) for one in (real, fake, shown)]))
    columns = min(columns, len(tiles))
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)])
