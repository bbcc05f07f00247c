"""Find which recordings or people belong together, from pairs."""

from collections import defaultdict


class Components:
    """The connected components of a graph, such as of video numbers, whose edges are added one by one."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def join(self, first: str, second: str) -> None:
        """Put two things, and all that is connected with them, into one component."""
        one, other = self._top(first), self._top(second)
        self._parent[max(one, other)] = min(one, other)

    def names(self) -> dict[str, str]:
        """Return the name of the connected component of each thing, as {thing: name}."""
        together = defaultdict(list)
        for thing in self._parent:
            together[self._top(thing)].append(thing)
        return {
            thing: "-".join(sorted(things)) if len(things) <= 3 else f"{min(things)}+{len(things) - 1}"
            for things in together.values()
            for thing in things
        }

    def _top(self, thing: str) -> str:
        self._parent.setdefault(thing, thing)
        while self._parent[thing] != thing:
            self._parent[thing] = self._parent[self._parent[thing]]
            thing = self._parent[thing]
        return thing
