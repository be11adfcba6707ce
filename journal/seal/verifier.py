"""Check what Farshore hands out: needs Python 3.10, this one file and the public key of the log.

    python verify.py KEY FILE…

KEY is as the log told it, NAME+12345678+BASE64; keys of witnesses may follow, who must have signed
too. FILE is an evidence pack, a receipt, a proof of consistency or a checkpoint. Several are held
against one another: an old checkpoint beside a newer one with the proof between them, or beside a
pack of the whole journal, which is proof enough. No hash is trusted that is read: all are computed.
Formats: RFC 9162 (tree), RFC 8032 (Ed25519), C2SP signed-note, tlog-checkpoint, tlog-cosignature.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple


class Invalid(Exception):
    """Something does not hold; the message says what and where."""


# Ed25519, RFC 8032 §5.1
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    return (
        (b - a) * (d - c) % P,
        (d + c) * (b + a) % P,
        (d - c) * (d + c) % P,
        (b - a) * (b + a) % P,
    )


def _times(scalar: int, point: Point) -> Point:
    result = (0, 1, 1, 0)
    while scalar:
        result = _add(result, point) if scalar & 1 else result
        point, scalar = _add(point, point), scalar >> 1
    return result


def _decode(encoded: bytes) -> Point | None:
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (v * x * x - u) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a signature of a message is that of a public key."""
    key, base = _decode(public), _decode(b"\x58" + b"\x66" * 31)
    if len(public) != 32 or len(signature) != 64 or not key or not base:
        return False
    s = int.from_bytes(signature[32:], "little")
    k = hashlib.sha512(signature[:32] + public + message).digest()
    away = _times(int.from_bytes(k, "little") % ORDER, (P - key[0], key[1], 1, P - key[3]))
    x, y, z, _ = _add(_times(s, base), away)
    inverse = pow(z, -1, P)
    found = (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")
    return s < ORDER and found == signature[:32]


# The Merkle tree, RFC 9162 §2.1
def leaf_of(entry: bytes) -> bytes:
    """Hash an entry as a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees as one."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows; `edge` holds the roots of the complete subtrees, the largest first."""

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        self.size, self.edge = size, list(edge)

    def push(self, leaf: bytes) -> None:
        """Add the next leaf."""
        size, self.size = self.size, self.size + 1
        while size & 1:
            leaf, size = node_of(self.edge.pop(), leaf), size >> 1
        self.edge.append(leaf)

    def root(self) -> bytes:
        """Give the root of all."""
        root = self.edge[-1] if self.edge else hashlib.sha256().digest()
        for left in self.edge[-2::-1]:
            root = node_of(left, root)
        return root


def root_by(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Give the root of a tree to which a proof of inclusion leads; the first index is 0."""
    if not 0 <= index < size or bool(proof) != (size > 1):
        raise Invalid("the proof has not the length that the size of the journal asks for")
    if size == 1:
        return leaf
    half = 1 << (size - 1).bit_length() - 1
    if index < half:
        return node_of(root_by(index, half, leaf, proof[:-1]), proof[-1])
    return node_of(proof[-1], root_by(index - half, size - half, leaf, proof[:-1]))


def roots_by(
    old: int, new: int, proof: Sequence[bytes], known: bytes | None
) -> tuple[bytes, bytes]:
    """Give both roots to which a proof of consistency leads; `known`: the old one, at the left."""
    if not 0 < old <= new or len(proof) < (old < new or known is None):
        raise Invalid("the proof has not the length that the sizes ask for")
    if old == new:
        if len(proof) > (known is None):
            raise Invalid("the proof has not the length that the sizes ask for")
        root = proof[0] if known is None else known
        return root, root
    half = 1 << (new - 1).bit_length() - 1
    if old <= half:
        before, after = roots_by(old, half, proof[:-1], known)
        return before, node_of(after, proof[-1])
    before, after = roots_by(old - half, new - half, proof[:-1], None)
    return node_of(proof[-1], before), node_of(proof[-1], after)


# Signed notes and checkpoints, C2SP
class Checkpoint(NamedTuple):
    """A head of the log: so many events, and the root over them."""

    origin: str
    size: int
    root: bytes
    more: tuple[str, ...] = ()


def unbase(text: str) -> bytes:
    """Decode base64, strictly."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Invalid("some base64 is damaged") from None


def parts_of(key: str) -> tuple[str, bytes, bytes]:
    """Take a public key apart: name, identifier, and its type (1: log, 4: witness) with the key."""
    name, identifier, encoded = (*key.strip().split("+", 2), "", "")[:3]
    material = unbase(encoded)
    told = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    if len(material) != 33 or material[0] not in (1, 4) or told.hex() != identifier or not name:
        raise Invalid(f"'{key.strip()[:100]}' is no public key (NAME+12345678+BASE64)")
    return name, told, material


def split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Give the text of a note, and of each signature the name of its key and its bytes."""
    text, _, lines = note.rpartition("\n\n")
    words = [line.split(" ") for line in lines.splitlines()]
    if not text or not words or any(len(one) != 3 or one[0] != "—" for one in words):
        raise Invalid("this is no signed note")
    return text + "\n", [(name, unbase(signature)) for _, name, signature in words]


def signed_text(note: str, key: str) -> str:
    """Give the text of a note that must be signed with a key."""
    name, identifier, material = parts_of(key)
    text, signatures = split_note(note)
    found = [one[4:] for signer, one in signatures if (signer, one[:4]) == (name, identifier)]
    if not found:
        raise Invalid(f"it is not signed with the key {name}+{identifier.hex()}")
    for said in found:
        message, signature = text.encode(), said
        if material[0] == 4 and len(said) == 72:
            time, signature = struct.unpack(">Q", said[:8])[0], said[8:]
            message = f"cosignature/v1\ntime {time}\n".encode() + message
        if not is_signed(material[1:], signature, message):
            raise Invalid(f"the signature by {name}+{identifier.hex()} is false")
    return text


def read_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint."""
    origin, size, root, *more = (*text.split("\n")[:-1], "", "", "")[: max(3, text.count("\n"))]
    if not origin or not size.isdigit() or str(int(size)) != size or len(unbase(root)) != 32:
        raise Invalid("this is no checkpoint")
    return Checkpoint(origin, int(size), unbase(root), tuple(more))


def check_checkpoint(note: str, key: str, successions: Sequence[str] = ()) -> Checkpoint:
    """Check a checkpoint against a key, or the one that follows from it by signed successions."""
    head, keys = read_checkpoint(split_note(note)[0]), [key]
    for succession in (one for one in successions if _is_by(one, key)):
        said = read_checkpoint(signed_text(succession, keys[-1]))
        if said.size > head.size:
            break
        key = next((line[9:] for line in said.more if line[:9] == "next-key "), "")
        signed_text(succession, key)
        keys = [*keys[-1:] * (said.size == head.size), key]
    key = next((one for one in keys if _is_by(note, one)), keys[-1])
    signed_text(note, key)
    if parts_of(key)[0] != head.origin:
        raise Invalid(f"the checkpoint is of '{head.origin}', the key of '{parts_of(key)[0]}'")
    return head


def _is_by(note: str, key: str) -> bool:
    return parts_of(key)[:2] in [(name, one[:4]) for name, one in split_note(note)[1]]


# What is handed out
def position_of(entry: bytes) -> int:
    """Read which position an entry says that it has; 0 where it is none of ours."""
    after = 45 + int.from_bytes(entry[41:45], "big")
    ours = entry[:21] == b"\x00\x00\x00\x11farshore/event/v1"
    return int.from_bytes(entry[after + 4 : after + 12], "big") if ours else 0


def check_event(event: dict[str, Any], head: Checkpoint, *, proven: bool = False) -> bytes:
    """Check an event, and its proof unless the whole journal proves it; give its leaf."""
    position, entry = event["position"], unbase(event["entry"])
    leaf = leaf_of(entry)
    if leaf.hex() != event["leaf"]:
        raise Invalid(f"position {position}: its content is not what was sealed; it was changed")
    if position_of(entry) != position:
        raise Invalid(f"position {position}: its content says that it is {position_of(entry)}")
    proof = [] if proven else [bytes.fromhex(one) for one in event["proof"]]
    if not proven and root_by(position - 1, head.size, leaf, proof) != head.root:
        raise Invalid(f"position {position}: its proof does not lead to the signed root")
    return leaf


def check_pack(pack: zipfile.ZipFile, head: Checkpoint, sizes: Iterable[int]) -> dict[int, bytes]:
    """Check a pack against its checkpoint; of a whole journal, give the roots of some sizes."""
    manifest = json.loads(pack.read("manifest.json"))
    size, whole, end = manifest["size"], manifest["complete"], 0
    seen, roots = _check_events(pack, head, {*sizes, size} if whole else None)
    if whole and len(seen) < size:
        raise Invalid(f"position {len(seen) + 1}: it and all behind it are missing")
    for told in manifest["roots"] if whole else ():
        if roots[end := end + 256].hex() != told:
            raise Invalid(f"positions {end - 255} to {end}: they are not what was sealed")
    try:
        check_growth(size if whole else 0, roots.get(size, b""), head, manifest["proof"])
    except Invalid as fault:
        raise Invalid(f"positions {end + 1} to {size}: not what was sealed; {fault}") from None
    for name in {*manifest["files"], *pack.namelist()} - {"manifest.json"}:
        if hashlib.sha256(pack.read(name)).hexdigest() != manifest["files"][name]["sha256"]:
            raise Invalid(f"{name}: it is not the file of which the manifest tells")
    for row in map(json.loads, pack.open("rows.ndjson")):
        if lacking := set(row["positions"]) - seen:
            raise Invalid(f"position {min(lacking)}: the event behind a row is missing")
    return roots


def _check_events(
    pack: zipfile.ZipFile, head: Checkpoint, sizes: set[int] | None
) -> tuple[set[int], dict[int, bytes]]:
    tree, seen, roots = Tree(), set[int](), dict[int, bytes]()
    for event in map(json.loads, pack.open("events.ndjson")):
        if sizes is not None and event["position"] != tree.size + 1:
            raise Invalid(f"position {tree.size + 1}: it is missing, or not in its place")
        seen.add(event["position"])
        tree.push(check_event(event, head, proven=sizes is not None))
        if sizes is not None and (tree.size % 256 == 0 or tree.size in sizes):
            roots[tree.size] = tree.root()
    return seen, roots


def check_growth(size: int, root: bytes, head: Checkpoint, proof: Sequence[str]) -> None:
    """Check that the journal of a head begins with an older one."""
    hashes = [bytes.fromhex(one) for one in proof]
    if size and roots_by(size, head.size, hashes, root) != (root, head.root):
        raise Invalid(
            f"the journal of {head.size} events does not begin with the {size} signed before"
        )


DAMAGED = (LookupError, TypeError, ValueError, OSError, RecursionError, zipfile.BadZipFile)


def verify(keys: Sequence[str], paths: Sequence[Path]) -> Iterator[str]:
    """Check files, each for itself and then against one another; tell what holds."""
    packs = {path: zipfile.ZipFile(path) for path in paths if zipfile.is_zipfile(path)}
    said = {path: _said(path, packs.get(path)) for path in paths}
    chain = next((one["successions"] for one in said.values() if "successions" in one), ())
    notes = {path: one["checkpoint"] for path, one in said.items() if "checkpoint" in one}
    heads = [(check_checkpoint(note, keys[0], chain), path) for path, note in notes.items()]
    roots = dict[int, bytes]()
    for head, path in heads:
        for witness in keys[1:]:
            signed_text(notes[path], witness)
        yield f"{path}: a signed head of {head.size} events, root {head.root.hex()}"
        if path in packs:
            for size, root in check_pack(packs[path], head, [one.size for one, _ in heads]).items():
                _same(size, roots.setdefault(size, root), root)
            yield f"{path}: each event is what was sealed, and none that it tells of is missing"
        elif "entry" in said[path]:
            check_event(said[path], head)
            yield f"{path}: position {said[path]['position']} is in that journal, as it was sealed"
    proofs = {(one["from"], one["to"]): one["proof"] for one in said.values() if "from" in one}
    for (old, a), (new, b) in pairwise(sorted(heads, key=lambda one: one[0].size)):
        _compare(old, new, roots, proofs)
        yield f"{b}: its journal begins with that of {a}, unchanged"


def _compare(
    old: Checkpoint, new: Checkpoint, roots: dict[int, bytes], proofs: dict[Any, Sequence[str]]
) -> None:
    if old.size in (0, new.size):
        _same(old.size, old.root, new.root if old.size else Tree().root())
    elif new.size in roots:  # a pack of so many events, or more, which tells of the old size, too
        _same(old.size, old.root, roots[old.size])
        _same(new.size, new.root, roots[new.size])
    elif (old.size, new.size) in proofs:
        check_growth(old.size, old.root, new, proofs[old.size, new.size])
    else:
        raise Invalid(f"no proof is here that the journal of {new.size} grew from {old.size}")


def _same(size: int, one: bytes, other: bytes) -> None:
    if one != other:
        raise Invalid(f"two histories of {size} events, both signed: keep these files")


def _said(path: Path, pack: zipfile.ZipFile | None) -> dict[str, Any]:
    text = pack.read("manifest.json") if pack else path.read_bytes()
    said: dict[str, Any] = json.loads(text) if text[:1] == b"{" else {"checkpoint": text.decode()}
    return said


def main(arguments: Sequence[str]) -> int:
    """Check what is named on the command line; the exit code is 1 where something does not hold."""
    keys = [one for one in arguments if one.count("+") > 1 and not Path(one).exists()]
    try:
        for line in verify(keys, [Path(one) for one in arguments if one not in keys]):
            sys.stdout.write(line + "\n")
    except (Invalid, *DAMAGED) as fault:
        sys.stderr.write(f"NOT VALID: {str(fault) or repr(fault)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
