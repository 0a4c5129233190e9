"""Programs as data: what a stack is to have, and the ways in which somebody changes that."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

PACKAGE = "cloud"
GROUP = "test:index:Group"


@dataclass(frozen=True)
class Former:
    """What a resource was called before, and which group it was in."""

    name: str
    parent: str


@dataclass(frozen=True)
class Spec:
    """One resource of a program; others are named by their names.

    Args:
        kind: `Named`, `Tagged` or `Plain` in the cloud; `Group`, a component; or `Provider`.
        value: an input that is changed in place.
        fixed: an input whose change is a replacement.
        fixed_first: an input whose change is a replacement that deletes first.
        ref: whose id is an input.
        fixed_ref: whose id is an input whose change is a replacement.
        out_of: whose output is an input.
        within: in which other it is, and with which it is deleted.
        secret: whether it has a secret among its inputs.
        external: whether it is read only, and its id.
        imported: the id of what it is taken from.
    """

    name: str
    kind: str
    value: int = 0
    fixed: int = 0
    fixed_first: int = 0
    ref: str = ""
    fixed_ref: str = ""
    out_of: str = ""
    within: str = ""
    depends_on: tuple[str, ...] = ()
    replace_with: tuple[str, ...] = ()
    parent: str = ""
    provider: str = ""
    protect: bool = False
    retain: bool = False
    ignore: bool = False
    delete_first: bool | None = None
    trigger: int = 0
    secret: bool = False
    external: str = ""
    imported: str = ""
    formerly: tuple[Former, ...] = field(default=())

    @property
    def type(self) -> str:
        """Return its type."""
        if self.kind == "Provider":
            return f"pulumi:providers:{PACKAGE}"
        return GROUP if self.kind == "Group" else f"{PACKAGE}:index:{self.kind}"

    @property
    def custom(self) -> bool:
        """Tell whether the cloud has it."""
        return self.kind not in ("Group", "Provider")

    def properties(self) -> dict[str, str]:
        """Return those that its inputs are made of, by input."""
        found = {"ref": self.ref, "fixed_ref": self.fixed_ref, "made_of": self.out_of, "within": self.within}
        return {key: name for key, name in found.items() if name}

    def needs(self) -> set[str]:
        """Return the names of all that it needs."""
        others = {self.parent, self.provider, *self.depends_on, *self.replace_with, *self.properties().values()}
        return others - {""}


Program = tuple[Spec, ...]


def without(program: Program, name: str) -> Program:
    """Take a resource out of a program, and all that others say of it."""

    def other(spec: Spec) -> Spec:
        gone = {key: "" for key in _NAMES if getattr(spec, key) == name}
        lists = {key: tuple(it for it in getattr(spec, key) if it != name) for key in _LISTS}
        return replace(spec, **gone, **lists)

    return tuple(other(spec) for spec in program if spec.name != name)


def renamed(program: Program, name: str, new: str) -> Program:
    """Give a resource another name, and its old one as an alias."""

    def other(spec: Spec) -> Spec:
        names = {key: new for key in _NAMES if getattr(spec, key) == name}
        lists = {key: tuple(new if it == name else it for it in getattr(spec, key)) for key in _LISTS}
        formerly = tuple(replace(it, parent=new) if it.parent == name else it for it in spec.formerly)
        spec = replace(spec, formerly=formerly, **names, **lists)
        if spec.name == name:
            return replace(spec, name=new, formerly=(*spec.formerly, Former(name, spec.parent)))
        return spec

    return tuple(other(spec) for spec in program)


def moved(program: Program, name: str, parent: str) -> Program:
    """Put a resource into another group, or none, with an alias for where it was."""
    return tuple(
        replace(spec, parent=parent, formerly=(*spec.formerly, Former(spec.name, spec.parent)))
        if spec.name == name
        else spec
        for spec in program
    )


def changed(program: Program, name: str, **values: object) -> Program:
    """Change one resource."""
    return tuple(replace(spec, **values) if spec.name == name else spec for spec in program)  # type: ignore[arg-type]


def dependents(program: Program, names: Iterable[str]) -> set[str]:
    """Return resources, and all that need them."""
    found = set(names)
    for spec in program:
        if spec.needs() & found:
            found.add(spec.name)
    return found


_NAMES = ("ref", "fixed_ref", "out_of", "within", "parent", "provider")
_LISTS = ("depends_on", "replace_with")
