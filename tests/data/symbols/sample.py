"""Checks."""
import os.path as path
from a import b

LIMIT = 3
first, second = 1, 2
name: str = "x"


class Checker(Base, metaclass=Meta):
    """Checks."""

    width = 80
    kind: int = 1

    def __init__(self, limit):
        self.limit = limit
        local = helper(limit)

    @property
    async def size(self):
        return await self.read(len(self.names))

    class Inner:
        pass


@decorated
def check(name, *rest):
    def nested():
        return Checker(name)

    return [path.join(x) for x in rest if nested()]


type Alias = list[int]
handler = lambda x: check(x)
