/**
 * The checks of `journal/seal/verifier.py`, in the browser: no hash that is read is trusted, all are
 * computed. Formats: RFC 9162 (tree), RFC 8032 (Ed25519), C2SP signed-note and tlog-checkpoint.
 */

type Bytes = Uint8Array<ArrayBuffer>;

export interface Receipt {
  position: number;
  leaf: string;
  entry: string;
  size: number;
  proof: string[];
  checkpoint: string;
  successions: string[];
}
export interface Growth {
  from: number;
  to: number;
  proof: string[];
  checkpoint: string;
  successions: string[];
}
export interface Head {
  origin: string;
  size: number;
  root: string;
}

export type Fault = 'changed' | 'position' | 'path' | 'signature' | 'unsigned' | 'key' | 'note' | 'length' | 'growth' | 'ahead';
/** Something does not hold. */
export class Invalid extends Error {
  constructor(readonly fault: Fault) {
    super(fault);
  }
}

/** Whether this browser hands out what the checks need: over HTTPS, or on this machine alone. */
export function able(): boolean {
  return globalThis.isSecureContext && !!globalThis.crypto?.subtle;
}

export function unbase(text: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  } catch {
    throw new Invalid('note');
  }
}
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (one) => one.toString(16).padStart(2, '0')).join('');
}
/** A hash; one of another length could be split elsewhere and stand for another tree. */
function unhex(text: string): Bytes {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Invalid('length');
  return Uint8Array.from(text.match(/../g) ?? [], (two) => parseInt(two, 16));
}
function joined(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((size, one) => size + one.length, 0));
  let at = 0;
  for (const one of parts) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}
export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
export const leafOf = (entry: Bytes): Promise<Bytes> => sha256(joined(new Uint8Array([0]), entry));
const nodeOf = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(joined(new Uint8Array([1]), left, right));

/** The greatest power of two below a size. */
function half(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** The root to which a proof of inclusion leads; the first index is 0. */
export async function rootBy(index: number, size: number, leaf: Bytes, proof: Bytes[]): Promise<Bytes> {
  if (!(index >= 0 && index < size) || proof.length > 0 !== size > 1) throw new Invalid('length');
  if (size === 1) return leaf;
  const middle = half(size);
  const last = proof.at(-1)!;
  if (index < middle) return nodeOf(await rootBy(index, middle, leaf, proof.slice(0, -1)), last);
  return nodeOf(last, await rootBy(index - middle, size - middle, leaf, proof.slice(0, -1)));
}

/** Both roots to which a proof of consistency leads; `known` is the old one, at the left. */
export async function rootsBy(old: number, size: number, proof: Bytes[], known: Bytes | null): Promise<[Bytes, Bytes]> {
  if (!(old > 0 && old <= size) || proof.length < (old < size || !known ? 1 : 0)) throw new Invalid('length');
  if (old === size) {
    if (proof.length > (known ? 0 : 1)) throw new Invalid('length');
    const root = known ?? proof[0]!;
    return [root, root];
  }
  const middle = half(size);
  const last = proof.at(-1)!;
  const rest = proof.slice(0, -1);
  if (old <= middle) {
    const [before, after] = await rootsBy(old, middle, rest, known);
    return [before, await nodeOf(after, last)];
  }
  const [before, after] = await rootsBy(old - middle, size - middle, rest, null);
  return [await nodeOf(last, before), await nodeOf(last, after)];
}

interface Key {
  name: string;
  id: string;
  public: Bytes;
}
async function keyOf(text: string): Promise<Key> {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim()) ?? [];
  if (!name || !id || !encoded) throw new Invalid('key');
  const material = unbase(encoded);
  const told = await sha256(joined(new TextEncoder().encode(`${name}\n`), material));
  if (material.length !== 33 || material[0] !== 1 || hex(told.slice(0, 4)) !== id) throw new Invalid('key');
  return { name, id, public: material.slice(1) };
}

interface Note {
  text: string;
  signatures: { name: string; id: string; signature: Bytes }[];
}
function noteOf(note: string): Note {
  const at = note.lastIndexOf('\n\n');
  const lines = note.slice(at + 2).split('\n').filter(Boolean);
  if (at < 0 || !lines.length) throw new Invalid('note');
  const signatures = lines.map((line) => {
    const [dash, name, encoded, ...more] = line.split(' ');
    if (dash !== '—' || !name || !encoded || more.length) throw new Invalid('note');
    const bytes = unbase(encoded);
    return { name, id: hex(bytes.slice(0, 4)), signature: bytes.slice(4) };
  });
  return { text: note.slice(0, at + 1), signatures };
}

async function signedText(note: string, key: Key): Promise<string> {
  const { text, signatures } = noteOf(note);
  const found = signatures.filter((one) => one.name === key.name && one.id === key.id);
  if (!found.length) throw new Invalid('unsigned');
  const imported = await crypto.subtle.importKey('raw', key.public, 'Ed25519', false, ['verify']);
  for (const { signature } of found) {
    const holds = await crypto.subtle.verify('Ed25519', imported, signature, new TextEncoder().encode(text));
    if (!holds) throw new Invalid('signature');
  }
  return text;
}

export function headOf(text: string): Head {
  const [origin, size, root] = text.split('\n');
  if (!origin || !size || !/^(0|[1-9]\d*)$/.test(size) || !root || unbase(root).length !== 32) throw new Invalid('note');
  return { origin, size: Number(size), root: hex(unbase(root)) };
}

/** Check a head against a key, or against the one that follows from it by successions that both signed. */
export async function checkHead(note: string, first: string, successions: readonly string[]): Promise<Head> {
  const head = headOf(noteOf(note).text);
  let key = await keyOf(first);
  for (const one of successions) {
    if (!isBy(one, key)) continue;
    const text = await signedText(one, key);
    if (head.size <= headOf(text).size && isBy(note, key)) break;
    const next = text.split('\n').find((line) => line.startsWith('next-key '));
    key = await keyOf(next?.slice(9) ?? '');
    await signedText(one, key);
  }
  await signedText(note, key);
  if (key.name !== head.origin) throw new Invalid('key');
  return head;
}
function isBy(note: string, key: Key): boolean {
  return noteOf(note).signatures.some((one) => one.name === key.name && one.id === key.id);
}

/** The position that the bytes of an event say; 0 where they are none of ours. */
export function positionOf(entry: Bytes): number {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.length);
  const ours = '\0\0\0\x11farshore/event/v1';
  if (new TextDecoder('latin1').decode(entry.slice(0, ours.length)) !== ours) return 0;
  return Number(view.getBigUint64(45 + view.getUint32(41) + 4));
}

/** Whether an event, as its bytes are, lies under the root of a head that was checked. */
export async function checkEvent(receipt: Receipt, head: Head): Promise<void> {
  const entry = unbase(receipt.entry);
  if (positionOf(entry) !== receipt.position) throw new Invalid('position');
  const root = await rootBy(receipt.position - 1, head.size, await leafOf(entry), receipt.proof.map(unhex));
  if (hex(root) !== head.root) throw new Invalid('path');
}

/** Whether the journal of a head begins with all of an older one. */
export async function checkGrowth(old: Head, head: Head, proof: readonly string[]): Promise<void> {
  if (old.size === 0 && old.root === hex(await sha256(new Uint8Array()))) return;
  if (old.size > head.size) throw new Invalid('ahead');
  const [before, after] = await rootsBy(old.size, head.size, proof.map(unhex), unhex(old.root));
  if (hex(before) !== old.root || hex(after) !== head.root) throw new Invalid('growth');
}

/**
 * Numbers from 1 to `of` that a seed draws, none twice: of SHA-256("seed:1"), SHA-256("seed:2") … the
 * first six bytes as a number, its remainder by `of`, plus one. Anybody can draw them again.
 */
export async function drawn(seed: string, count: number, of: number): Promise<number[]> {
  const found = new Set<number>();
  for (let at = 1; found.size < Math.min(count, of); at += 1) {
    const hash = await sha256(new TextEncoder().encode(`${seed}:${at}`) as Bytes);
    found.add((hash.slice(0, 6).reduce((sum, one) => sum * 256 + one, 0) % of) + 1);
  }
  return [...found].toSorted((a, b) => a - b);
}
