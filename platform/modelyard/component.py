"""The base of every component: its token, its children's names and options."""

from typing import Any, ClassVar

import pulumi


class Component(pulumi.ComponentResource):
    """A group of resources that is provisioned as one.

    A subclass sets `token`, makes its children with the names and options that `child` gives, and ends its constructor
    with `register_outputs`.
    """

    token: ClassVar[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(self.token, name, None, opts)
        self._component_name = name

    def child(self, suffix: str, **options: Any) -> tuple[str, pulumi.ResourceOptions]:
        """Name a child after this component and make it its parent.

        Args:
            suffix: the child's own word; it is its identity, so changing it replaces the child.
            options: further resource options.
        """
        return f"{self._component_name}-{suffix}", pulumi.ResourceOptions(parent=self, **options)
