"""Figures of notebook 03."""

import numpy as np
from matplotlib.figure import Figure

from dfutils.plots.style import CLASS_COLOURS, CLASS_NAMES, new_figure, styled


@styled
def projection(
    points, labels, groups, names=("first principal component", "second principal component")
) -> Figure:
    """Draw clips in two dimensions, coloured by class, each fake tied to its group's middle.

    Args:
        points: float array [N, 2].
        labels: int array [N]; 1 = fake.
        groups: str array [N].
        names: pair of str. The axes' names.

    Returns:
        Figure.
    """
    points, labels, groups = np.asarray(points), np.asarray(labels), np.asarray(groups)
    figure, axis = new_figure(6.4, 4.2)
    for group in np.unique(groups):
        mine = points[groups == group]
        for point in mine:
            axis.plot(*zip(mine.mean(0), point, strict=True), color="#D5DAE1", lw=0.8, zorder=1)
    for label, marker in ((0, "o"), (1, "s")):
        mine = labels == label
        axis.scatter(
            *points[mine].T,
            s=26,
            marker=marker,
            color=CLASS_COLOURS[label],
            edgecolor="white",
            linewidth=0.5,
            label=CLASS_NAMES[label],
            zorder=2,
        )
    axis.set(xlabel=names[0], ylabel=names[1])
    axis.legend(loc="best")
    return figure
