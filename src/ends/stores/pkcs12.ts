import type forgeModule from 'node-forge';
import type { asn1 } from 'node-forge';
import { BOUNDS } from '../../bounds.js';
import { objectIdentifier, tag } from '../../x509/der.js';
import { type EncodedEntry, StoreError, type StoreFormat } from './format.js';
import { type Asn1Reader, type Opener, openerOf } from './password-encryption.js';
import { firstTag } from './pkcs7.js';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const NESTED_BAG = '1.2.840.113549.1.12.10.1.6';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';

const MAX_NESTING = BOUNDS.storeNesting.value;

type Forge = typeof forgeModule;
type Node = asn1.Asn1;

/**
 * PKCS#12 (RFC 7292), as written by OpenSSL, Java (9 and later) and Windows. Private keys are not opened. The
 * certificates keep their encoding. node-forge decodes BER and decrypts: older stores use RC2, which Node.js no longer
 * supports.
 */
export const pkcs12: StoreFormat = {
  name: 'PKCS#12',
  recognise: (bytes) => firstTag(bytes) === tag.integer,
  async read(bytes, password, work) {
    const { default: forge } = await import('node-forge');
    const reader: Asn1Reader = { forge, parts, octets, oid: oidOf };
    const entries: EncodedEntry[] = [];
    try {
      const [, authSafe] = parts(decode(forge, Buffer.from(bytes).toString('latin1')));
      for (const content of parts(decode(forge, octets(inside(parts(authSafe)[1]))))) {
        const [type, explicit] = parts(content);
        const oid = oidOf(type);
        if (oid === DATA) {
          readBags(forge, decode(forge, octets(inside(explicit))), entries);
        } else if (oid === ENCRYPTED_DATA) {
          const open: Opener = openerOf(parts(parts(inside(explicit))[1]), reader, work);
          readBags(forge, await password((one) => bagsOf(forge, open(one))), entries);
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

/** node-forge's own decoding takes large arcs for smaller ones. */
function oidOf(node: Node | undefined): string {
  const bytes = Buffer.from(octets(node), 'latin1');
  return objectIdentifier({ bytes, tag: tag.objectIdentifier, at: 0, start: 0, end: bytes.length });
}

/** The bags that a password opens; undefined if it is wrong. */
function bagsOf(forge: Forge, opened: Buffer | undefined): Node | undefined {
  if (opened === undefined) return undefined;
  try {
    const bags = decode(forge, opened.toString('latin1'));
    // Some wrong passwords happen to give apparent padding after an apparent sequence.
    for (const bag of parts(bags)) oidOf(parts(bag)[0]);
    return bags;
  } catch {
    return undefined;
  }
}

function readBags(forge: Forge, bags: Node, entries: EncodedEntry[], depth = 0): void {
  if (depth > MAX_NESTING) throw new Error('its bags are nested too deeply');
  for (const bag of parts(bags)) {
    const [type, content, attributes] = parts(bag);
    const oid = oidOf(type);
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
    if (oidOf(type) !== FRIENDLY_NAME) continue;
    // A BMPString: forge has already made characters of its pairs of octets.
    return octets(inside(values));
  }
  return null;
}
