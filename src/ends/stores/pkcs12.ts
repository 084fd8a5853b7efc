import type forgeModule from 'node-forge';
import type { asn1, cipher } from 'node-forge';
import { BOUNDS } from '../../bounds.js';
import { tag } from '../../x509/der.js';
import { type EncodedEntry, StoreError, type StoreFormat } from './format.js';
import { firstTag } from './pkcs7.js';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const NESTED_BAG = '1.2.840.113549.1.12.10.1.6';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';

/** Rounds of a key derivation: OpenSSL and Java take 2,048 and 10,000; so many take seconds, and more are an attack. */
const MAX_ROUNDS = BOUNDS.keyDerivationRounds.value;
const MAX_NESTING = BOUNDS.storeNesting.value;

type Forge = typeof forgeModule;
type Node = asn1.Asn1;

/** What its types leave out. */
interface PasswordEncryption {
  getCipher(oid: string, parameters: Node, password: string): cipher.BlockCipher;
}

/**
 * PKCS#12 (RFC 7292), as OpenSSL, Java (9 and later) and Windows write key stores. Private keys stay closed. The certificates
 * come out as they are encoded in it. node-forge decodes BER and decrypts: older stores use RC2, which Node.js has no more.
 */
export const pkcs12: StoreFormat = {
  name: 'PKCS#12',
  recognise: (bytes) => firstTag(bytes) === tag.integer,
  async read(bytes, password) {
    const { default: forge } = await import('node-forge');
    const entries: EncodedEntry[] = [];
    try {
      const [, authSafe] = parts(decode(forge, Buffer.from(bytes).toString('latin1')));
      for (const content of parts(decode(forge, octets(inside(parts(authSafe)[1]))))) {
        const [type, explicit] = parts(content);
        const oid = oidOf(forge, type);
        if (oid === DATA) {
          readBags(forge, decode(forge, octets(inside(explicit))), entries);
        } else if (oid === ENCRYPTED_DATA) {
          const encrypted = parts(parts(inside(explicit))[1]);
          const bags = await password((one) => decrypt(forge, encrypted, one));
          readBags(forge, bags, entries);
        }
      }
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError(`not a PKCS#12 file that can be read: ${reasonOf(error)}`);
    }
    return entries;
  },
};

const reasonOf = (error: unknown): string =>
  error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'damaged';

function decode(forge: Forge, binary: string): Node {
  return forge.asn1.fromDer(forge.util.createBuffer(binary, 'raw'), true);
}

function parts(node: Node | undefined): readonly Node[] {
  if (node === undefined || !Array.isArray(node.value)) throw new Error('a part of it is missing');
  return node.value;
}

function inside(node: Node | undefined): Node {
  const [first] = parts(node);
  if (first === undefined) throw new Error('a part of it is missing');
  return first;
}

/** The content of an octet string, also of one in pieces, as BER allows. */
function octets(node: Node | undefined): string {
  if (node === undefined) throw new Error('a part of it is missing');
  return Array.isArray(node.value) ? node.value.map(octets).join('') : node.value;
}

function oidOf(forge: Forge, node: Node | undefined): string {
  return forge.asn1.derToOid(octets(node));
}

/** The bags that a password opens; undefined if it is the wrong one. */
function decrypt(forge: Forge, [, algorithm, content]: readonly Node[], password: string): Node | undefined {
  const [oid, parameters] = parts(algorithm);
  if (parameters === undefined) throw new Error('its encryption has no parameters');
  for (const number of integersIn(forge, parameters)) {
    if (number > MAX_ROUNDS) throw new StoreError(`${number} rounds of key derivation are too many`);
  }
  const { pbe } = forge.pki as unknown as { readonly pbe: PasswordEncryption };
  const id = oidOf(forge, oid);
  // PBES2 takes the password's bytes, PKCS#12's own way its characters.
  const isPbes2 = id === '1.2.840.113549.1.5.13';
  const opener = pbe.getCipher(id, parameters, isPbes2 ? forge.util.encodeUtf8(password) : password);
  opener.update(forge.util.createBuffer(octets(content), 'raw'));
  try {
    if (!opener.finish()) return undefined;
    const bags = decode(forge, opener.output.getBytes());
    // By chance, one wrong password in 256 leaves what looks like padding.
    for (const bag of parts(bags)) oidOf(forge, parts(bag)[0]);
    return bags;
  } catch {
    return undefined;
  }
}

function integersIn(forge: Forge, node: Node, depth = 0): number[] {
  if (Array.isArray(node.value)) {
    return depth > MAX_NESTING ? [] : node.value.flatMap((each) => integersIn(forge, each, depth + 1));
  }
  if (node.type !== forge.asn1.Type.INTEGER) return [];
  return [node.value.length > 4 ? Infinity : forge.asn1.derToInteger(node.value)];
}

function readBags(forge: Forge, bags: Node, entries: EncodedEntry[], depth = 0): void {
  if (depth > MAX_NESTING) throw new Error('its bags are nested too deeply');
  for (const bag of parts(bags)) {
    const [type, content, attributes] = parts(bag);
    const oid = oidOf(forge, type);
    if (oid === NESTED_BAG) readBags(forge, inside(content), entries, depth + 1);
    if (oid !== CERTIFICATE_BAG) continue;
    const certificate = octets(inside(parts(inside(content))[1]));
    entries.push({
      der: new Uint8Array(Buffer.from(certificate, 'latin1')),
      alias: attributes === undefined ? null : friendlyName(forge, attributes),
    });
  }
}

function friendlyName(forge: Forge, attributes: Node): string | null {
  for (const attribute of parts(attributes)) {
    const [type, values] = parts(attribute);
    if (oidOf(forge, type) !== FRIENDLY_NAME) continue;
    // A BMPString: forge has made characters of its pairs of octets already.
    return octets(inside(values));
  }
  return null;
}
