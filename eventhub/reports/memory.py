"""What is costly and the same as before is not worked out again: kept per process, under a name that says all it depends on.

Layouts and centralities go by the network's own content. The ledger goes by ``marks``; small networks are read every
time, since that costs less than anybody notices.
"""

import gc
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")

KEPT = 24  # results of each kind
LARGE = 400  # partnerships; fewer are read every time
READY = 100  # partnerships; from so many on a process makes its report pages ready before somebody waits for them


class Memory:
    """The last results of one kind, by name."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def remember(self, name: Hashable, make: Callable[[], T]) -> T:
        """What was made under this name, else what ``make`` makes. Two at once may both make it: it is the same."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        made = make()
        with self._lock:
            self._kept[name] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


@contextmanager
def unhindered() -> Iterator[None]:
    """Without looking for cycles in between: tens of thousands of plain rows and words, none of them in a cycle, and
    looking through them again and again would take a good part of the time that a page takes. Not where records are
    read, which are in cycles: they would stay until the end."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
