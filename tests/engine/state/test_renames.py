"""Renames in a snapshot: only what refers to the renamed is looked at, and all of it is."""

import time

from engine.state.conftest import thing, urn

from modelyard.engine.embedded.state.crypt import PassphraseCrypter
from modelyard.engine.embedded.state.snapshot import Snapshot


def test_all_that_refers_to_it_follows_wherever_it_stands(tmp_path):
    snapshot = Snapshot([thing("a"), thing("b", dependencies=(urn("a"),))], [], PassphraseCrypter(tmp_path))
    snapshot.apply(snapshot.rename(urn("a"), urn("x")))
    snapshot.apply(snapshot.end(None, put=thing("c", dependencies=(urn("x"),))))
    snapshot.apply(snapshot.end(None, put=thing("d", parent=urn("x"), delete=True)))
    snapshot.apply(snapshot.rename(urn("x"), urn("y")))
    assert [(it.name, sorted(it.needs())) for it in snapshot.resources] == [
        ("c", [urn("y")]),
        ("y", []),
        ("b", [urn("y")]),
        ("d", [urn("y")]),
    ]
    found = snapshot.before(urn("y"))
    assert (found and found.name, snapshot.before(urn("a")), snapshot.index(urn("y"))) == ("y", None, 0)


def test_the_time_of_renames_grows_with_their_number_alone(tmp_path):
    def seconds(number):
        items = [thing(f"t{it}", dependencies=(urn(f"t{it - 1}"),) if it else ()) for it in range(number)]
        snapshot = Snapshot(items, [], PassphraseCrypter(tmp_path))
        began = time.process_time()
        for it in range(number):
            snapshot.apply(snapshot.rename(urn(f"t{it}"), urn(f"r{it}")))
        return time.process_time() - began

    assert seconds(2000) < 0.5  # a look at every entry for each would take half a minute
