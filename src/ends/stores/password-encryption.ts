/** Password-based encryption in PKCS#12 stores: the older methods of PKCS#12 itself, and PBES2 (RFC 8018). */
import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import type forgeModule from 'node-forge';
import type { asn1 } from 'node-forge';
import { BOUNDS } from '../../bounds.js';
import { StoreError, type StoreWork } from './format.js';

type Forge = typeof forgeModule;
type Node = asn1.Asn1;

/** Reads ASN.1 structures; each function throws on another structure. Octets are characters, as in node-forge. */
export interface Asn1Reader {
  readonly forge: Forge;
  readonly parts: (node: Node | undefined) => readonly Node[];
  readonly octets: (node: Node | undefined) => string;
  readonly oid: (node: Node | undefined) => string;
}

/** Decrypts; undefined if the password is wrong, judged by padding and the first octet. */
export type Opener = (password: string) => Buffer | undefined;

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const SEQUENCE = 0x30;
const MAX_SALT = BOUNDS.saltBytes.value;

/** Ciphers of PBES2, with their key lengths in octets. */
const CIPHERS: Readonly<Record<string, readonly [name: string, keyBytes: number]>> = {
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32],
  '1.2.840.113549.3.7': ['des-ede3-cbc', 24],
};

/** Hashes of PBKDF2, by the identifiers of their HMAC. */
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

/** PKCS#12's own methods with a block cipher (RFC 7292 appendix C): Triple DES by name, RC2 by the bits of its key. */
const PKCS12_PBE: Readonly<Record<string, readonly [cipher: string | number, keyBytes: number]>> = {
  '1.2.840.113549.1.12.1.3': ['des-ede3-cbc', 24],
  '1.2.840.113549.1.12.1.4': ['des-ede-cbc', 16],
  '1.2.840.113549.1.12.1.5': [128, 16],
  '1.2.840.113549.1.12.1.6': [40, 5],
};
/** Block length of these ciphers, in octets. */
const BLOCK = 8;
/** Octets that one step of their key derivation makes. */
const DERIVED = 20;
/** What is derived: the key, and the IV (RFC 7292 §B.3). */
const PURPOSE = { key: 1, iv: 2 } as const;

/**
 * How to decrypt.
 * @param encrypted EncryptedContentInfo (RFC 5652 §6.1)
 * @param work is charged for each password
 * @throws StoreError if the encryption is unknown
 */
export function openerOf([, algorithm, content]: readonly Node[], reader: Asn1Reader, work: StoreWork): Opener {
  const { parts, octets, oid } = reader;
  const [identifier, parameters] = parts(algorithm);
  const bytes = Buffer.from(octets(content), 'latin1');
  const id = oid(identifier);
  return id === PBES2 ? pbes2(bytes, parameters, reader, work) : pkcs12Pbe(id, bytes, parameters, { reader, work });
}

function pbes2(content: Buffer, parameters: Node | undefined, reader: Asn1Reader, work: StoreWork): Opener {
  const { parts, octets, oid, forge } = reader;
  const [derivation, encryption] = parts(parameters);
  const [kind, ofKey] = parts(derivation);
  if (oid(kind) !== PBKDF2) throw new StoreError(`its key derivation (${oid(kind)}) is not known`);
  const [salt, count, ...rest] = parts(ofKey);
  // The key length may come in between; that of the cipher counts.
  const hmac = rest.find(({ type }) => type === forge.asn1.Type.SEQUENCE);
  const hash = hmac === undefined ? 'sha1' : HASHES[oid(parts(hmac)[0])];
  const [cipherId, iv] = parts(encryption);
  const [cipher, keyBytes] = CIPHERS[oid(cipherId)] ?? [];
  if (hash === undefined || cipher === undefined || keyBytes === undefined) {
    throw new StoreError(`its encryption (${hash === undefined ? oid(parts(hmac)[0]) : oid(cipherId)}) is not known`);
  }
  const rounds = roundsOf(count, reader);
  const salted = saltOf(salt, reader);
  const start = Buffer.from(octets(iv), 'latin1');
  return (password) => {
    work.take(rounds);
    return decipher(cipher, pbkdf2Sync(password, salted, rounds, keyBytes, hash), start, content);
  };
}

function pkcs12Pbe(
  id: string,
  content: Buffer,
  parameters: Node | undefined,
  { reader, work }: { readonly reader: Asn1Reader; readonly work: StoreWork },
): Opener {
  const [cipher, keyBytes] = PKCS12_PBE[id] ?? [];
  if (cipher === undefined || keyBytes === undefined) throw new StoreError(`its encryption (${id}) is not known`);
  const { forge } = reader;
  const [salt, count] = reader.parts(parameters);
  const rounds = roundsOf(count, reader);
  const salted = saltOf(salt, reader).toString('latin1');
  return (password) => {
    work.take(rounds * (Math.ceil(keyBytes / DERIVED) + 1));
    const derive = (purpose: number, length: number): Buffer => {
      const salt = forge.util.createBuffer(salted, 'raw');
      return Buffer.from(forge.pkcs12.generateKey(password, salt, purpose, rounds, length).getBytes(), 'latin1');
    };
    const [key, iv] = [derive(PURPOSE.key, keyBytes), derive(PURPOSE.iv, BLOCK)];
    if (typeof cipher === 'string') return decipher(cipher, key, iv, content);
    work.take(content.length);
    return rc2(forge, { key, bits: cipher, iv, content });
  };
}

function roundsOf(count: Node | undefined, { octets, forge }: Asn1Reader): number {
  // More than four octets are far too many rounds.
  const rounds = octets(count).length > 4 || count === undefined ? Infinity : forge.asn1.derToInteger(octets(count));
  if (rounds < 1) throw new StoreError(`${rounds} rounds of key derivation are too few`);
  return rounds;
}

function saltOf(salt: Node | undefined, { octets }: Asn1Reader): Buffer {
  const bytes = Buffer.from(octets(salt), 'latin1');
  if (bytes.length > MAX_SALT)
    throw new StoreError(`a salt of ${bytes.length} bytes is too long (at most ${MAX_SALT})`);
  return bytes;
}

function decipher(cipher: string, key: Buffer, iv: Buffer, content: Buffer): Buffer | undefined {
  const opener = createDecipheriv(cipher, key, iv);
  try {
    const opened = Buffer.concat([opener.update(content), opener.final()]);
    return opened[0] === SEQUENCE ? opened : undefined;
  } catch {
    return undefined;
  }
}

/** Octets at a time: node-forge's time grows with the square of its input. */
const PIECE = 1 << 14;

function rc2(
  forge: Forge,
  {
    key,
    bits,
    iv,
    content,
  }: { readonly key: Buffer; readonly bits: number; readonly iv: Buffer; readonly content: Buffer },
): Buffer | undefined {
  if (content.length === 0 || content.length % BLOCK !== 0) return undefined;
  const cipher = forge.rc2.createDecryptionCipher(key.toString('latin1'), bits);
  const opened: Buffer[] = [];
  let before = iv;
  for (let at = 0; at < content.length; at += PIECE) {
    const piece = content.subarray(at, at + PIECE);
    cipher.start(before.toString('latin1'));
    cipher.update(forge.util.createBuffer(piece.toString('latin1'), 'raw'));
    opened.push(Buffer.from(cipher.output.getBytes(), 'latin1'));
    if (opened[0]?.[0] !== SEQUENCE) return undefined;
    before = piece.subarray(-BLOCK);
  }
  const whole = Buffer.concat(opened);
  const padding = whole[whole.length - 1] ?? 0;
  const isPadded = padding > 0 && padding <= BLOCK && whole.subarray(-padding).every((octet) => octet === padding);
  return isPadded ? whole.subarray(0, -padding) : undefined;
}
