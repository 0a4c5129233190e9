"""Brings a killed cloud back: what its journal holds since the last snapshot, done again in order."""

import logging
from collections.abc import Iterator

from modelyard.localcloud.coverage import our_sagemaker_operations
from modelyard.localcloud.guard import Guard
from modelyard.localcloud.state import requests
from modelyard.localcloud.state.journal import REQUEST, Journal
from modelyard.localcloud.state.store import Store

# These start something besides what they keep; whoever asked has had the answer, or asks again.
_REACHING_OUT = frozenset(
    {
        ("events", "PutEvents"),
        ("lambda", "Invoke"),
        ("sns", "Publish"),
        ("sns", "PublishBatch"),
        ("stepfunctions", "StartExecution"),
    }
)
_ALL_OURS = frozenset({"codebuild"})  # services of which moto answers nothing that changes anything
_log = logging.getLogger(__name__)


def follow(journal: Journal, first: int, store: Store, guard: Guard) -> None:
    """Do again what a journal holds from a file on.

    Documents of ours are put back as they were; moto answers requests again, but for those that start something.
    """

    def is_kept(kept: requests.Kept) -> bool:
        service, name = guard.operation(dict(kept.environ), kept.body)
        ours = service in _ALL_OURS or (service == "sagemaker" and name in our_sagemaker_operations())
        return (service, name) not in _REACHING_OUT and not ours

    def pending() -> Iterator[requests.Kept]:
        for entry in list(journal.entries(first)):
            if entry.kind != REQUEST:
                store.replay(entry)
            elif is_kept(entry.value):
                yield entry.value

    count = requests.replay(pending(), guard.ask)
    if count:
        _log.info("%s requests since the last snapshot were answered again", count)
