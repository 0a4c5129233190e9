"""Budgets: updates, tags and notifications that moto lacks."""

from typing import TYPE_CHECKING

import moto.budgets.urls

from modelyard.localcloud.services.budgets.operations import BudgetOperations

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud


def install(cloud: "LocalCloud") -> None:
    """Route the requests of AWS Budgets through our operations."""
    answer = type("Budgets", (BudgetOperations,), {"cloud": cloud})
    for path in moto.budgets.urls.url_paths:
        moto.budgets.urls.url_paths[path] = answer.dispatch  # type: ignore[attr-defined]
