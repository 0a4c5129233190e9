"""The model: how it is fitted, kept in a file, loaded and asked. It travels with what it saves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn

if TYPE_CHECKING:
    from {{ cookiecutter.__package }}.table import Numbers, Table

FILE = "model.safetensors"
SEED = 20260101
_HIDDEN = 32
_BATCH = 32


class Network(nn.Module):
    """Standardised features and two layers.

    Args:
        features: how many there are.
        classes: how many there are.
    """

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("deviation", torch.ones(features))
        self.layers = nn.Sequential(nn.Linear(features, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, classes))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the logits of each class."""
        return self.layers((rows - self.mean) / self.deviation)


def fit(train: Table, validation: Table | None, parameters: Mapping[str, float]) -> Network:
    """Fit the model; where there are rows to stop by, the weights of the best epoch are kept.

    Args:
        train: rows to learn from.
        validation: rows to stop by.
        parameters: the hyperparameters.
    """
    torch.manual_seed(SEED)
    rows, labels = torch.tensor(train.features, dtype=torch.float32), torch.tensor(train.labels)
    model = Network(rows.shape[1], int(labels.max()) + 1)
    model.mean, model.deviation = rows.mean(dim=0), rows.std(dim=0).clamp(min=1e-6)
    optimizer = torch.optim.Adam(model.parameters(), lr=parameters["learning_rate"])
    best, least = model.state_dict(), float("inf")
    for _ in range(int(parameters["epochs"])):
        for part in torch.randperm(len(rows)).split(_BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(rows[part]), labels[part]).backward()
            optimizer.step()
        loss = _loss(model, validation) if validation else -1.0
        if not validation or loss < least:
            best, least = {name: value.clone() for name, value in model.state_dict().items()}, loss
    model.load_state_dict(best)
    return model.eval()


def _loss(model: Network, table: Table) -> float:
    with torch.no_grad():
        logits = model(torch.tensor(table.features, dtype=torch.float32))
        return float(nn.functional.cross_entropy(logits, torch.tensor(table.labels)))


def save(model: Network, folder: Path) -> None:
    """Write the model's weights as safetensors: data alone, no code, as torch.save's pickle would hold."""
    save_file(model.state_dict(), folder / FILE)


def load(folder: Path) -> Network:
    """Load a model.

    Raises:
        safetensors.SafetensorError: the file is no such model.
    """
    weights = load_file(folder / FILE)
    model = Network(len(weights["mean"]), len(weights["layers.2.bias"]))
    model.load_state_dict(weights)
    return model.eval()


def answer(features: Numbers, model: Network) -> dict[str, list[Any]]:
    """Return each row's class and the probability of each class."""
    with torch.no_grad():
        logits = model(torch.tensor(np.asarray(features), dtype=torch.float32))
        probabilities = torch.softmax(logits, dim=1).numpy()
    return {"predictions": probabilities.argmax(axis=1).tolist(), "probabilities": probabilities.tolist()}
