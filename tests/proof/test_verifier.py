"""The verifier says what is wrong and where, and takes nothing for granted that a file tells."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from journal.seal import verifier
from journal.seal.notes import Signer, checkpoint, note
from journal.seal.pack import Pack, Proven
from journal.seal.tiles import root_of
from journal.seal.verifier import Invalid, leaf_of, verify
from tests.proof.growing import consistency_proof, inclusion_proof

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Lines = list[dict[str, Any]]

SIZE = 600
ORIGIN = "example.com/log"
SIGNER = Signer.make(ORIGIN)


def _entry(position: int, text: str = "") -> bytes:
    """Frame an entry as the journal does, as far as the verifier reads it."""
    body = text.encode() or b"Note %d" % position
    framed = b"\0\0\0\x11farshore/event/v1\0\0\0\x10" + bytes(16)
    return (
        framed + len(body).to_bytes(4, "big") + body + b"\0\0\0\x08" + position.to_bytes(8, "big")
    )


ENTRIES = [_entry(position) for position in range(1, SIZE + 2)]
LEAVES = [leaf_of(entry) for entry in ENTRIES]


def _head(size: int, signers: tuple[Signer, ...] = (SIGNER,), *more: str) -> str:
    return note(checkpoint(ORIGIN, size, root_of(LEAVES[:size]), more), signers)


def _lines(size: int = SIZE, chosen: tuple[int, ...] | None = None) -> Lines:
    """Give the events of a pack: all, or some with their proofs."""
    over = LEAVES[:size]
    return [
        json.loads(Proven(at, ENTRIES[at - 1], LEAVES[at - 1], proof).line())
        for at in chosen or range(1, size + 1)
        for proof in [inclusion_proof(at - 1, over) if chosen else None]
    ]


def _pack(path: Path, lines: Lines, head: str, rows: tuple[int, ...] = (), **more: Any) -> Path:
    tiles = [root_of(LEAVES[at : at + 256]).hex() for at in range(0, SIZE - 255, 256)]
    told = {"complete": True, "size": SIZE, "tiles": tiles, "checkpoint": head, "successions": []}
    row = more.pop("row", {"positions": rows} if rows else None)
    with path.open("wb") as file:
        pack = Pack(file)
        pack.add("rows.ndjson", json.dumps(row).encode() if row is not None else b"")
        pack.add("events.ndjson", b"".join(json.dumps(one).encode() + b"\n" for one in lines))
        pack.close(told | more)
    return path


def _check(*files: Path) -> list[str]:
    return list(verify([SIGNER.key], files))


# ── a broken export ──────────────────────────────────────────────────────────────────────────────


def _changed(lines: Lines, at: int) -> None:
    lines[at - 1]["entry"] = _lines()[at % SIZE]["entry"]


def _changed_with_its_leaf(lines: Lines, at: int) -> None:
    line = Proven(at, other := _entry(at, "Other"), leaf_of(other), None).line()
    lines[at - 1] = json.loads(line)


def _removed(lines: Lines, at: int) -> None:
    del lines[at - 1]


def _all_behind_removed(lines: Lines, at: int) -> None:
    del lines[at - 1 :]


def _doubled(lines: Lines, at: int) -> None:
    lines.insert(at - 1, lines[at - 2])


def _swapped_with_the_last(lines: Lines, at: int) -> None:
    lines[at - 1], lines[-1] = lines[-1], lines[at - 1]


def _moved_to_another_place(lines: Lines, at: int) -> None:
    lines[at - 1] = lines[0] | {"position": at}


def _leaf_changed(lines: Lines, at: int) -> None:
    lines[at - 1]["leaf"] = "00" * 32


@pytest.mark.parametrize("at", [2, 256, 257, 512, 513, SIZE - 1])
@pytest.mark.parametrize(
    ("breaking", "said"),
    [
        (_changed, "its content is not what was sealed; it was changed"),
        (_removed, "it is missing, or not in its place"),
        (_all_behind_removed, "it and all behind it are missing"),
        (_doubled, "it is missing, or not in its place"),
        (_swapped_with_the_last, "it is missing, or not in its place"),
        (_moved_to_another_place, "its content says that it is 1"),
        (_leaf_changed, "its content is not what was sealed; it was changed"),
    ],
)
def test_a_broken_export_names_the_first_wrong_position(
    tmp_path: Path, breaking: Callable[[Lines, int], None], said: str, at: int
) -> None:
    """Whatever was done to it, and a second time further on; the control is the pack as it was."""
    file = tmp_path / "journal.zip"
    assert len(_check(_pack(file, _lines(), _head(SIZE)))) == 2
    lines = _lines()
    if at < SIZE - 1 and breaking is not _all_behind_removed:
        breaking(lines, SIZE - 1)
    breaking(lines, at)
    with pytest.raises(Invalid) as fault:
        _check(_pack(file, lines, _head(SIZE)))
    assert str(fault.value) == f"{file}: position {at}: {said}"


@pytest.mark.parametrize(
    ("at", "where"), [(1, "1 to 256"), (256, "1 to 256"), (257, "257 to 512"), (600, "513 to 600")]
)
def test_where_an_event_and_its_leaf_were_changed_the_tile_is_named(
    tmp_path: Path, at: int, where: str
) -> None:
    """What is told of the event fits together: the first tile that does not fit is named."""
    lines = _lines()
    for position in {at, SIZE}:
        _changed_with_its_leaf(lines, position)
    with pytest.raises(Invalid, match=f"positions {where}: they are not what was sealed"):
        _check(_pack(tmp_path / "journal.zip", lines, _head(SIZE)))


def test_a_whole_journal_ends_where_its_head_does(tmp_path: Path) -> None:
    """An event behind the head is proven by nothing, and is not passed off as proven."""
    file = _pack(tmp_path / "journal.zip", _lines(SIZE + 1), _head(SIZE), size=SIZE + 1)
    with pytest.raises(Invalid, match=f"position {SIZE + 1}: it is missing, or not in its place"):
        _check(file)


@pytest.mark.parametrize("at", [0, 1])
def test_an_event_with_a_false_proof_is_named(tmp_path: Path, at: int) -> None:
    """In a pack of some events, whose control it passes."""
    file, lines = tmp_path / "some.zip", _lines(SIZE, (7, 300))
    assert len(_check(_pack(file, lines, _head(SIZE), (7, 300), complete=False))) == 2
    lines[at]["proof"] = lines[1 - at]["proof"]
    with pytest.raises(Invalid, match=f"position {(7, 300)[at]}: its proof does not lead"):
        _check(_pack(file, lines, _head(SIZE), (7, 300), complete=False))


def test_an_event_behind_a_row_must_be_there(tmp_path: Path) -> None:
    """Rows whose events are not in the pack are rows without evidence."""
    file = _pack(tmp_path / "some.zip", _lines(SIZE, (7,)), _head(SIZE), (7, 300), complete=False)
    with pytest.raises(Invalid, match="position 300: the event behind a row is missing"):
        _check(file)


@pytest.mark.parametrize("row", [{}, {"positions": [7], "parts": [{"a": {"positions": [300]}}]}])
def test_a_row_that_is_not_all_proven_is_no_evidence(tmp_path: Path, row: dict[str, Any]) -> None:
    """One that names no events; one with an event further in that is not in the pack."""
    lines = _lines(SIZE, (7,))
    file = _pack(tmp_path / "some.zip", lines, _head(SIZE), complete=False, row=row)
    with pytest.raises(Invalid, match="position"):
        _check(file)


def test_an_event_behind_what_is_told_beside_the_rows_must_be_there(tmp_path: Path) -> None:
    """The manifest holds a part of the answer, too; the control has the event."""
    beside = {"totals": [{"positions": [300]}]}
    for chosen in ((7, 300), (7,)):
        lines = _lines(SIZE, chosen)
        file = _pack(tmp_path / "some.zip", lines, _head(SIZE), (7,), complete=False, beside=beside)
        if 300 in chosen:
            assert len(_check(file)) == 2
    with pytest.raises(Invalid, match="position 300: the event behind a row is missing"):
        _check(file)


def test_a_damaged_pack_is_named_whichever_bit_of_it_is_another(tmp_path: Path) -> None:
    """What its reader makes of that is never a trace, and never a pack that tells another thing."""
    good = _pack(tmp_path / "good.zip", _lines(SIZE, (7,)), _head(SIZE), (7,), complete=False)
    raw, file, faults = good.read_bytes(), tmp_path / "bad.zip", list[str]()
    for at in range(0, len(raw), 3):
        file.write_bytes(raw[:at] + bytes([raw[at] ^ 1 << at % 8]) + raw[at + 1 :])
        try:
            _check(file)
        except Invalid as fault:
            faults.append(str(fault))
        else:
            assert _content(file) == _content(good)
    assert len(faults) > len(raw) // 6
    assert all(fault.startswith(f"{file}: ") for fault in faults)


def _content(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def test_a_file_is_in_a_pack_but_once(tmp_path: Path) -> None:
    """A person's program might show the other one of that name."""
    file = _pack(tmp_path / "some.zip", _lines(), _head(SIZE))
    with zipfile.ZipFile(file, "a") as pack, pytest.warns(UserWarning, match="Duplicate"):
        pack.writestr("rows.ndjson", pack.read("rows.ndjson"))
    with pytest.raises(Invalid, match="its files are not those of which the manifest tells"):
        _check(file)


# ── several files ────────────────────────────────────────────────────────────────────────────────


def _receipt(path: Path, size: int, head: str, *successions: str) -> Path:
    proof = [one.hex() for one in inclusion_proof(6, LEAVES[:size])]
    told = {**_lines(size, (7,))[0], "size": size, "proof": proof, "checkpoint": head}
    path.write_text(json.dumps({**told, "successions": successions}))
    return path


def _growth(path: Path, old: int, size: int, head: str, *successions: str) -> Path:
    proof = [one.hex() for one in consistency_proof(old, LEAVES[:size])] if old else []
    told = {"from": old, "to": size, "proof": proof, "checkpoint": head}
    path.write_text(json.dumps({**told, "successions": successions}))
    return path


@pytest.mark.parametrize("order", [1, -1], ids=["as they came", "the newest first"])
def test_files_of_before_and_after_a_new_key_are_checked_together(
    tmp_path: Path, order: int
) -> None:
    """The first key is enough, whichever file tells of the second, in whichever order."""
    second = Signer.make(ORIGIN)
    succession = _head(20, (SIGNER, second), f"next-key {second.key}")
    kept = tmp_path / "kept.txt"
    kept.write_text(_head(10))
    files = [
        _receipt(tmp_path / "old.json", 10, _head(10)),
        _growth(tmp_path / "growth.json", 10, 30, _head(30, (second,)), succession),
        kept,
    ]
    assert any("begins with that of" in line for line in _check(*files[::order]))
    with pytest.raises(Invalid, match="not signed"):
        list(verify([Signer.make(ORIGIN).key], files[::order]))


def test_a_shorter_journal_that_a_person_settled_is_checked_with_the_newest_key(
    tmp_path: Path,
) -> None:
    """After a restore there are fewer events than when the key was replaced; it signs them."""
    second = Signer.make(ORIGIN)
    succession = _head(20, (SIGNER, second), f"next-key {second.key}")
    assert _check(_receipt(tmp_path / "r.json", 15, _head(15, (second,)), succession))


def test_every_journal_begins_with_nothing(tmp_path: Path) -> None:
    """A head of no events is an older one of all; but not one with another root."""
    kept, later = tmp_path / "kept.txt", tmp_path / "later.txt"
    kept.write_text(_head(0))
    later.write_text(_head(9))
    assert any("begins with" in line for line in _check(kept, later))
    assert _check(kept, _growth(tmp_path / "growth.json", 0, 9, _head(9)))
    kept.write_text(note(checkpoint(ORIGIN, 0, bytes(32)), [SIGNER]))
    with pytest.raises(Invalid, match="two histories of 0"):
        _check(kept, later)


def test_what_is_between_two_heads_needs_its_own_proof(tmp_path: Path) -> None:
    """A proof from another size is none; a whole journal proves all that is not longer."""
    kept, later = tmp_path / "kept.txt", tmp_path / "later.txt"
    kept.write_text(_head(10))
    later.write_text(_head(SIZE))
    growth = _growth(tmp_path / "growth.json", 9, SIZE, _head(SIZE))
    with pytest.raises(Invalid, match="no proof is here that the journal of 600 grew from 10"):
        _check(kept, growth)
    assert _check(kept, later, _pack(tmp_path / "journal.zip", _lines(), _head(SIZE)))


# ── what is no evidence ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "content",
    [
        '{"type": "/problems/unauthorized", "title": "Who are you?", "status": 401}',
        '{"checkpoint": "example.com/log\\n',
        "",
        "Dear auditor, all is well.",
        "{}",
        '{"checkpoint": 7}',
    ],
)
def test_what_proves_nothing_is_not_passed_over(tmp_path: Path, content: str) -> None:
    """An error that was saved, half a file, a letter: each is named; nothing ends as if it held."""
    (tmp_path / "good.json").write_bytes(_receipt(tmp_path / "x", 10, _head(10)).read_bytes())
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(Invalid, match=r"bad\.json"):
        _check(tmp_path / "good.json", tmp_path / "bad.json")


@pytest.mark.parametrize("words", [[], ["good.json"], [SIGNER.key]], ids=["-", "no key", "no file"])
def test_without_a_key_or_a_file_it_tells_how_it_is_used(tmp_path: Path, words: list[str]) -> None:
    """And ends as nothing that was proven does."""
    _receipt(tmp_path / "good.json", 10, _head(10))
    done = _run(tmp_path, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert "python verify.py KEY FILE" in done.stderr


def test_it_runs_alone(tmp_path: Path) -> None:
    """With nothing but Python: exit code 0 for what holds, else 1 and what is wrong."""
    _receipt(tmp_path / "good.json", 10, _head(10))
    assert _run(tmp_path, SIGNER.key, "good.json").returncode == 0
    done = _run(tmp_path, SIGNER.key, "good.json", "nowhere.json")
    assert done.returncode == 1
    assert "nowhere.json" in done.stderr
    assert "Traceback" not in done.stderr


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-I", "-S", verifier.__file__, *words)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
