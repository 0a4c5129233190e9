"""The write-ahead log, without a cloud."""

from pathlib import Path

from modelyard.localcloud.state.journal import DOCUMENT, Entry, Journal
from modelyard.localcloud.state.store import Store


def values(journal: Journal, first: int = 0) -> list[object]:
    return [entry.value for entry in journal.entries(first)]


def test_a_snapshot_says_from_where_on_the_log_is_followed(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(DOCUMENT, 1)
    second = journal.rotate()
    journal.append(DOCUMENT, 2)
    assert (values(journal), values(journal, second)) == ([1, 2], [2])
    journal.forget(second)
    assert values(journal) == [2]


def test_half_an_entry_is_none_and_is_never_written_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for value in (1, 2, 3):
        journal.append(DOCUMENT, value)
    (path,) = tmp_path.glob("log.*")
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        after = Journal(tmp_path)
        expected = [1, 2, 3][: cut // (len(whole) // 3)]
        assert values(after) == expected
    after.append(DOCUMENT, 4)
    assert values(after) == [1, 2, 4]
    path.write_bytes(whole[:-2] + b"xx")
    assert values(after) == [1, 2, 4]


def test_documents_come_back_as_they_last_were(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    store = Store(lambda: None, journal)
    jobs = store.collection("us-east-1", "Job")
    jobs.add("a", {"Name": "a", "Status": "InProgress"})
    jobs.add("b", {"Name": "b"})
    jobs.update("a", Status="Completed")
    jobs.remove("b")
    store.put_tags("arn:a", {"k": "1"})
    store.put_tags("arn:b", {"k": "2"})
    store.put_tags("arn:b", {})
    revived = Store(lambda: None)
    for entry in journal.entries(0):
        assert isinstance(entry, Entry)
        revived.replay(entry)
    assert revived.export() == store.export()
    assert revived.collection("us-east-1", "Job").all() == [{"Name": "a", "Status": "Completed"}]
