"""Signatures, notes and checkpoints are those of RFC 8032 and C2SP, and no false one is taken."""

from __future__ import annotations

import base64
import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from journal.seal.notes import WITNESS, BadKey, Signer, checkpoint, note
from journal.seal.verifier import (
    ORDER,
    Checkpoint,
    Invalid,
    check_checkpoint,
    is_signed,
    parts_of,
    read_checkpoint,
    signed_text,
)

# RFC 8032 §7.1: secret key, public key, message, signature.
RFC_8032 = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
)
# The example of the Go package `golang.org/x/mod/sumdb/note`, from which the format comes.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
CRYPTOGRAPHY = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngot"
    "pRZb6KE6RyyBwJnAM=\n"
)
# The head that C2SP tlog-checkpoint shows under another name: of Go's checksum database.
GO = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_HEAD = (
    "go.sum database tree\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+"
    "zyWE+xeMcTOAYQ8=\n"
)
# A head of a public log with the words of public witnesses, C2SP tlog-cosignature. The first line
# is in the log's name with a key of another type, which is nobody's to us.
ARCHE = (
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
)
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
ARCHE_HEAD = (
    "arche2025h1.staging.ct.transparency.dev\n"
    "1432088532\n"
    "U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n"
    "\n"
    "— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMH"
    "bdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n"
    "— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3Ny"
    "gNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n"
    "— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sX"
    "Tynk5XeU/zZ0WBxtqB0DrAWfBw==\n"
)
ORIGIN = "example.com/behind-the-sofa"
ROOT = base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
LARGE = 20_852_163


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_the_published_signatures_hold(
    secret: str, public: str, message: str, signature: str
) -> None:
    """Each of RFC 8032 is taken for its message, and for no other one."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert key.public_key().public_bytes_raw().hex() == public
    given = bytes.fromhex(public), bytes.fromhex(signature)
    assert is_signed(*given, bytes.fromhex(message))
    assert not is_signed(*given, bytes.fromhex(message) + b"x")


@pytest.mark.parametrize("seed", range(3))
def test_our_check_and_that_of_the_library_agree(seed: int) -> None:
    """On good signatures, on bits turned over and on made-up ones."""
    chance = random.Random(seed)  # noqa: S311 - the same cases at every run
    for _ in range(60):
        key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        public, message = key.public_key().public_bytes_raw(), chance.randbytes(40)
        signature = key.sign(message)
        for given in (
            (public, signature, message),
            (public, _turned(signature, chance), message),
            (_turned(public, chance), signature, message),
            (chance.randbytes(32), chance.randbytes(64), message),
        ):
            assert is_signed(*given) == _library_takes(*given)


def test_a_signature_has_one_spelling() -> None:
    """The same signature with the order of the group added is refused, RFC 8032 §5.1.7."""
    key = Ed25519PrivateKey.generate()
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"x")
    again = int.from_bytes(signature[32:], "little") + ORDER
    other = signature[:32] + again.to_bytes(32, "little")
    assert is_signed(public, signature, b"x")
    assert not is_signed(public, other, b"x")
    assert not is_signed(public, signature[:63], b"x")


def _turned(given: bytes, chance: random.Random) -> bytes:
    bit = chance.randrange(8 * len(given))
    return (int.from_bytes(given, "big") ^ 1 << bit).to_bytes(len(given), "big")


def _library_takes(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def test_the_published_note_is_taken() -> None:
    """And not when one letter of it is another."""
    assert signed_text(CRYPTOGRAPHY, NEUMANN).startswith("If you think")
    with pytest.raises(Invalid, match="false"):
        signed_text(CRYPTOGRAPHY.replace("answer", "Answer"), NEUMANN)


@pytest.mark.parametrize(
    ("key", "head"), [(GO, GO_HEAD), (ARCHE, ARCHE_HEAD), (REMORA, ARCHE_HEAD)]
)
def test_published_heads_are_taken(key: str, head: str) -> None:
    """By the keys of their logs and of a witness, each for its size and no other one."""
    size = head.split("\n")[1]
    assert read_checkpoint(signed_text(head, key)).size == int(size)
    with pytest.raises(Invalid, match="false"):
        signed_text(head.replace(size, size[:-1]), key)


def test_the_word_of_a_witness_has_its_time() -> None:
    """What the witness's key signed without one is no cosignature."""
    witness = Signer.make("witness.example/w1", WITNESS)
    text = checkpoint(ORIGIN, LARGE, ROOT)
    with pytest.raises(Invalid, match="false"):
        signed_text(note(text, [witness]), witness.key)
    assert signed_text(f"{text}\n{witness.cosign(text, 1)}", witness.key)


def test_what_we_sign_is_taken_and_a_key_survives_being_written() -> None:
    """A private key read again is the same; what is no key is refused."""
    signer = Signer.read(Signer.make(ORIGIN).secret)
    signed = note(checkpoint(ORIGIN, LARGE, ROOT), [signer])
    assert check_checkpoint(signed, signer.key) == Checkpoint(ORIGIN, LARGE, ROOT)
    assert signed.splitlines()[2] == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    for broken in ("", "PRIVATE+KEY+x", signer.secret[:-4] + "AAA=", signer.key):
        with pytest.raises(BadKey):
            Signer.read(broken)
    for name in ("", "two words", "a+b"):
        with pytest.raises(ValueError, match="name a key"):
            Signer.make(name)


def test_a_witness_signs_a_time_with_the_checkpoint() -> None:
    """Its line is found and checked by its own key, and counts for no other text or time."""
    log, witness = Signer.make(ORIGIN), Signer.make("witness.example/w1", WITNESS)
    text = checkpoint(ORIGIN, LARGE, ROOT)
    line = witness.cosign(text, 1_679_315_147)
    signed = note(text, [log]) + line
    assert parts_of(witness.key)[1][0] == 4
    assert signed_text(signed, witness.key) == text
    assert check_checkpoint(signed, log.key).size == LARGE
    with pytest.raises(Invalid, match="false"):
        signed_text(note(checkpoint(ORIGIN, LARGE + 1, ROOT), [log]) + line, witness.key)
    with pytest.raises(Invalid, match="not signed"):
        signed_text(note(text, [log]), witness.key)


@pytest.mark.parametrize(
    "text",
    [
        *("", "a\n", "a\n1\n", "a\n01\nAAAA\n", "a\n1\nAAAA\n", "\n1\n", "a\n-1\n", "a\nx\n"),
        *(f"a\n{size}\n{'A' * 43}=\n" for size in ("01", "²", "\u0661", "9" * 19, "9" * 5_000, "")),
        *(f"a\n1\n{'A' * 43}={more}" for more in ("", "\n\n", "\n\nb\n", "\nb")),
    ],
)
def test_what_is_no_checkpoint_is_said_to_be_none(text: str) -> None:
    """Sizes have one spelling, and a root is 32 bytes."""
    with pytest.raises(Invalid, match="no checkpoint"):
        read_checkpoint(text)


@pytest.mark.parametrize(
    "given", ["", "x", "a\n\nb\n", "a\n\n— b\n", "a\n\n— b c d\n", "a\n\n- b AAAA\n"]
)
def test_what_is_no_note_is_said_to_be_none(given: str) -> None:
    """Whoever reads it hears so."""
    with pytest.raises(Invalid, match=r"no signed note|damaged"):
        signed_text(given, NEUMANN)


def test_another_key_of_the_name_is_another_key() -> None:
    """A thief of the name without the key gains nothing."""
    log, thief = Signer.make(ORIGIN), Signer.make(ORIGIN)
    with pytest.raises(Invalid, match="not signed"):
        check_checkpoint(note(checkpoint(ORIGIN, 1, ROOT), [thief]), log.key)
    with pytest.raises(Invalid, match="the key of"):
        check_checkpoint(note(checkpoint("another", 1, ROOT), [log]), log.key)


def test_a_new_key_is_taken_when_the_old_one_names_it() -> None:
    """From its succession on, and only where both have signed that."""
    old, new, thief = Signer.make(ORIGIN), Signer.make(ORIGIN), Signer.make(ORIGIN)
    named = checkpoint(ORIGIN, 10, ROOT, [f"next-key {new.key}"])
    succession = note(named, [old, new])
    later = note(checkpoint(ORIGIN, 11, ROOT), [new])
    assert check_checkpoint(later, old.key, [succession]).size == 11
    assert check_checkpoint(note(checkpoint(ORIGIN, 9, ROOT), [old]), old.key, [succession])
    assert check_checkpoint(note(checkpoint(ORIGIN, 10, ROOT), [old]), old.key, [succession])
    for signed, chain in (
        (later, []),
        (later, [note(named, [old])]),
        (later, [note(named, [new])]),
        (note(checkpoint(ORIGIN, 11, ROOT), [old]), [succession]),
        (note(checkpoint(ORIGIN, 11, ROOT), [thief]), [succession]),
    ):
        with pytest.raises(Invalid):
            check_checkpoint(signed, old.key, chain)


def test_any_key_of_the_chain_leads_on() -> None:
    """Whoever was given a later key needs no older one; nothing leads back."""
    first, second, third = (Signer.make(ORIGIN) for _ in range(3))
    chain = [
        note(checkpoint(ORIGIN, size, ROOT, [f"next-key {new.key}"]), [old, new])
        for size, old, new in ((10, first, second), (20, second, third))
    ]
    newest = note(checkpoint(ORIGIN, 30, ROOT), [third])
    for signer in (first, second, third):
        assert check_checkpoint(newest, signer.key, chain).size == 30
    middle = note(checkpoint(ORIGIN, 15, ROOT), [second])
    assert check_checkpoint(middle, first.key, chain).size == 15
    with pytest.raises(Invalid, match="not signed"):
        check_checkpoint(middle, third.key, chain)
    with pytest.raises(Invalid, match="not signed"):
        check_checkpoint(newest, first.key, chain[:1])
