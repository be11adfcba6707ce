"""Check what Farshore hands out: needs Python 3.10, this one file and the public key of the log.

    python verify.py KEY FILE…

KEY is as the log told it, NAME+12345678+BASE64; keys of witnesses may follow, who must have signed
too. FILE is an evidence pack, a receipt, a proof of consistency or a checkpoint. Several are held
against one another: an old checkpoint beside a newer one with the proof between them, or beside a
pack of the whole journal, which is proof enough. No hash is trusted that is read: all are computed.
Formats: RFC 9162 (tree), RFC 8032 (Ed25519), C2SP signed-note, tlog-checkpoint, tlog-cosignature.
"""

import hashlib
import json
import re
import sys
import zipfile
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple


class Invalid(ValueError):
    """Something does not hold; the message says what and where."""


# Ed25519, RFC 8032 §5.1
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]


def _add(p: Point, q: Point) -> Point:
    (a, b), (c, d) = p, q
    e = D * a * b * c * d
    f = pow(1 - e * e, -1, P)  # what both quotients share
    return (a * d + b * c) * (1 - e) * f % P, (b * d + a * c) * (1 + e) * f % P


def _times(scalar: int, point: Point) -> Point:
    even = _times(scalar // 2, _add(point, point)) if scalar else (0, 1)
    return _add(even, point) if scalar % 2 else even


def _decode(encoded: bytes) -> Point | None:
    sign, y = divmod(int.from_bytes(encoded, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        return None
    return x if x % 2 == sign else P - x, y


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a signature of a message is that of a public key."""
    key, base = _decode(public), _decode(b"\x58" + b"\x66" * 31)
    if len(public) != 32 or len(signature) != 64 or not key or not base:
        return False
    s = int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little")
    x, y = _add(_times(s, base), _times(k % ORDER, (P - key[0], key[1])))
    return s < ORDER and signature[:32] == (y + x % 2 * 2**255).to_bytes(32, "little")


# The Merkle tree, RFC 9162 §2.1
def leaf_of(entry: bytes) -> bytes:
    """Hash an entry as a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees as one."""
    if len(left) != 32 or len(right) != 32:
        raise Invalid("a hash has not 32 bytes")
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Give the root over leaves, RFC 9162 §2.1.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return node_of(root_of(leaves[:half]), root_of(leaves[half:]))


def roots_by(end: int, size: int, proof: Sequence[bytes], most: int) -> tuple[bytes, bytes]:
    """Give the roots over the first `end` leaves and over all `size` to which a proof leads."""
    # It begins with the largest subtree that ends there: a leaf, §2.1.3, or what is shared, §2.1.4
    arrived = end == size <= most
    if not 0 < end <= size or len(proof[:2]) != 2 - arrived:
        raise Invalid("the proof has not the length that the size of the journal asks for")
    if arrived:
        return proof[0], proof[0]
    half = 1 << (size - 1).bit_length() - 1
    if end <= half:
        before, after = roots_by(end, half, proof[:-1], most)
        return before, node_of(after, proof[-1])
    before, after = roots_by(end - half, size - half, proof[:-1], most)
    return node_of(proof[-1], before), node_of(proof[-1], after)


# Signed notes and checkpoints, C2SP
class Checkpoint(NamedTuple):
    """A head of the log: so many events, and the root over them."""

    origin: str
    size: int
    root: bytes


def parts_of(key: str) -> tuple[str, bytes]:
    """Take a public key apart: NAME+12345678, and type (1: log, 4: witness) with the key itself."""
    name, identifier, encoded = (*key.strip().split("+", 2), "", "")[:3]
    material = b64decode(encoded, validate=True)
    told = hashlib.sha256(name.encode() + b"\n" + material).hexdigest()[:8]
    if len(material) != 33 or material[0] not in (1, 4) or told != identifier or not name:
        raise Invalid(f"'{key.strip()[:100]}' is no public key (NAME+12345678+BASE64)")
    return f"{name}+{identifier}", material


def split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Give the text of a note, and its signatures, each with the NAME+12345678 of its key."""
    found = re.fullmatch("(.+\n)\n((— \\S+ \\S+\n)+)", note, re.DOTALL)
    if not found:
        raise Invalid("this is no signed note")
    lines = [line.split(" ") for line in found[2].splitlines()]
    signed = [(name, b64decode(signature, validate=True)) for _, name, signature in lines]
    return found[1], [(f"{name}+{one[:4].hex()}", one[4:]) for name, one in signed]


def signed_text(note: str, key: str) -> str:
    """Give the text of a note that must be signed with a key."""
    (signer, material), (text, signatures) = parts_of(key), split_note(note)
    if signer not in dict(signatures):
        raise Invalid(f"it is not signed with the key {signer}")
    for signature in [one for other, one in signatures if other == signer]:
        message, plain = text, signature
        if material[0] == 4:
            message = f"cosignature/v1\ntime {int.from_bytes(signature[:8], 'big')}\n{text}"
            plain = signature[8:]
        if not is_signed(material[1:], plain, message.encode()):
            raise Invalid(f"the signature by {signer} is false")
    return text


def read_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint."""
    found = re.fullmatch(r"(.+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n(.+\n)*", text)
    if not found:
        raise Invalid("this is no checkpoint")
    return Checkpoint(found[1], int(found[2]), b64decode(found[3]))


def check_checkpoint(note: str, key: str, successions: Iterable[str] = ()) -> Checkpoint:
    """Check a checkpoint against a key, or the one that follows from it by signed successions."""
    head, signer = read_checkpoint(split_note(note)[0]), parts_of(key)[0]
    for succession in successions:
        if signer not in dict(split_note(succession)[1]):
            continue  # it is older than the key
        text = signed_text(succession, key)
        if head.size <= read_checkpoint(text).size and signer in dict(split_note(note)[1]):
            break
        key = "".join(re.findall("^next-key (.+)$", text, re.MULTILINE))
        signed_text(succession, key)
        signer = parts_of(key)[0]
    signed_text(note, key)
    if signer[:-9] != head.origin:
        raise Invalid(f"the checkpoint is of '{head.origin}', the key of '{signer[:-9]}'")
    return head


def check_growth(old: Checkpoint, new: Checkpoint, proof: Iterable[str]) -> None:
    """Check that the journal of a head begins with that of an older one."""
    first = [old.root] if old.size in (new.size, old.size & -old.size) else []  # proofs lack it
    roots = roots_by(old.size, new.size, [*first, *map(bytes.fromhex, proof)], old.size)
    if roots != (old.root, new.root):
        raise Invalid(f"the journal of {new.size} does not begin with the {old.size} signed before")


# What is handed out
Told = dict[Any, Any]
DAMAGED = (Exception,)  # what a damaged file makes of zipfile and zlib has no end


def position_of(entry: bytes) -> int:
    """Read which position an entry says that it has; 0 where it is none of ours."""
    after = 45 + int.from_bytes(entry[41:45], "big")
    ours = entry[:21] == b"\x00\x00\x00\x11farshore/event/v1"
    return int.from_bytes(entry[after + 4 : after + 12], "big") if ours else 0


def check_event(event: Told, head: Checkpoint | None = None) -> bytes:
    """Check an event, and that its proof leads to a head where one is given; give its leaf."""
    position, entry = event["position"], b64decode(event["entry"], validate=True)
    leaf = leaf_of(entry)
    if leaf.hex() != event["leaf"]:
        raise Invalid(f"position {position}: its content is not what was sealed; it was changed")
    if position_of(entry) != position:
        raise Invalid(f"position {position}: its content says that it is {position_of(entry)}")
    proof = [leaf, *map(bytes.fromhex, event["proof"])] if head else []
    if head and roots_by(position, head.size, proof, 1)[1] != head.root:
        raise Invalid(f"position {position}: its proof does not lead to the signed root")
    return leaf


def check_pack(pack: zipfile.ZipFile, told: Told, head: Checkpoint) -> list[bytes]:
    """Check a pack against its head; give the leaves of a whole journal."""
    leaves, behind, whole = dict[int, bytes](), set[int](), told["complete"]
    if sorted(pack.namelist()) != sorted([*told["files"], "manifest.json"]):
        raise Invalid("its files are not those of which the manifest tells")
    for event in map(json.loads, pack.open("events.ndjson")):
        if whole and not event["position"] == len(leaves) + 1 <= head.size:
            raise Invalid(f"position {len(leaves) + 1}: it is missing, or not in its place")
        leaves[event["position"]] = check_event(event, None if whole else head)
    if whole:
        check_whole([*leaves.values()], told, head)
    for name, said in told["files"].items():
        if hashlib.sha256(pack.read(name)).hexdigest() != said["sha256"]:
            raise Invalid(f"{name}: it is not the file of which the manifest tells")
    for row in (*pack.open("rows.ndjson"), json.dumps({"positions": [], **told})):
        behind.update(json.loads(row)["positions"])
        json.loads(row, object_hook=lambda one: behind.update(one.get("positions", ())))
    if lacking := behind - leaves.keys():
        raise Invalid(f"position {min(lacking)}: the event behind a row is missing")
    return [*leaves.values()] if whole else []


def check_whole(leaves: Sequence[bytes], told: Told, head: Checkpoint) -> None:
    """Check that the journal of a head is just these leaves; find where it is not."""
    if len(leaves) < head.size:
        raise Invalid(f"position {len(leaves) + 1}: it and all behind it are missing")
    if root_of(leaves) != head.root:
        tiles = zip(range(0, head.size, 256), told["tiles"], strict=False)
        wrong = (at for at, tile in tiles if root_of(leaves[at : at + 256]).hex() != tile)
        first = next(wrong, (head.size - 1) // 256 * 256)
        where = f"positions {first + 1} to {min(first + 256, head.size)}"
        raise Invalid(f"{where}: they are not what was sealed, or the tree was changed as well")


def read(path: Path) -> tuple[Told, zipfile.ZipFile | None]:
    """Read what a file tells; there is more in it where it is a pack."""
    try:
        pack = zipfile.ZipFile(path) if zipfile.is_zipfile(path) else None
        raw = pack.read("manifest.json") if pack else path.read_bytes()
        text = raw.decode(errors="replace").strip()
        return json.loads(text) if text[:1] == "{" else {"checkpoint": f"{text}\n"}, pack
    except DAMAGED as fault:
        raise Invalid(f"{path}: {fault}") from None


def verify(keys: Sequence[str], paths: Sequence[Path]) -> Iterator[str]:
    """Check files, each for itself and then against one another; tell what holds."""
    files = {path: read(path) for path in paths}
    chain = max((told.get("successions", []) for told, _ in files.values()), key=len)
    heads, proofs, journals = list[tuple[Checkpoint, Path]](), Told(), [list[bytes]()]
    for path, (told, pack) in files.items():
        if "keys" in told:
            continue  # the answer of /v1/log/key, which tells of successions alone
        try:
            head = check_checkpoint(told.get("checkpoint", ""), keys[0], chain)
            for witness in keys[1:]:
                signed_text(told["checkpoint"], witness)
            yield f"{path}: a signed head of {head.size} events, root {head.root.hex()}"
            if pack:
                journals.append(check_pack(pack, told, head))
                yield f"{path}: each event is what was sealed, and none that it tells of is missing"
            elif "entry" in told:
                check_event(told, head)
                yield f"{path}: position {told['position']} is in that journal, as it was sealed"
        except DAMAGED as fault:
            raise Invalid(f"{path}: {fault}") from None
        heads.append((head, path))
        proofs[told.get("from"), head.size] = told.get("proof")
    for (old, a), (new, b) in pairwise(sorted(heads, key=lambda one: one[0].size)):
        compare(old, new, journals, proofs)
        yield f"{b}: its journal begins with that of {a}, unchanged"


def compare(old: Checkpoint, new: Checkpoint, journals: list[list[bytes]], proofs: Told) -> None:
    """Check that one journal began as an older one did, by all its events or by a proof."""
    for one in (old, new):
        roots = {root_of(leaves[: one.size]) for leaves in journals if one.size <= len(leaves)}
        if roots - {one.root} or (old.size == new.size and old.root != new.root):
            raise Invalid(f"two histories of {one.size} events, both signed: keep these files")
    if old.size and new.size > max(old.size, *map(len, journals)):
        if (old.size, new.size) not in proofs:
            raise Invalid(f"no proof is here that the journal of {new.size} grew from {old.size}")
        check_growth(old, new, proofs[old.size, new.size])


if __name__ == "__main__":
    KEYS = [one for one in sys.argv[1:] if one.count("+") > 1 and not Path(one).exists()]
    try:
        FILES = [Path(one) for one in sys.argv[1:] if one not in KEYS] if KEYS else []
        sys.stdout.writelines(f"{LINE}\n" for LINE in verify(KEYS, FILES or sys.exit(__doc__)))
    except DAMAGED as FAULT:
        sys.exit(f"NOT VALID: {FAULT}")
