import { createHash } from 'node:crypto';
import { type EncodedEntry, StoreError, type StoreFormat } from './format.js';

const MAGIC = { JKS: 0xfeedfeed, JCEKS: 0xcececece } as const;
const PRIVATE_KEY = 1;
const TRUSTED_CERTIFICATE = 2;
const SECRET_KEY = 3;

/**
 * Java's own key stores, as keytool writes them with `-storetype JKS` and `JCEKS` (sun.security.provider.JavaKeyStore):
 * entries of an alias, a date, and certificates. These are not encrypted: only private keys, and the digest at the end,
 * need the password.
 */
export const jks: StoreFormat = {
  name: 'JKS',
  recognise: (bytes) => {
    const magic = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    return magic === MAGIC.JKS || magic === MAGIC.JCEKS;
  },
  read(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let offset = 4;
    const take = (length: number): number => {
      if (length > bytes.length - offset) throw new StoreError(`the key store is cut short at byte ${offset}`);
      offset += length;
      return offset - length;
    };
    const u32 = (): number => view.getUint32(take(4));
    const bytesOf = (length: number): Uint8Array => {
      const at = take(length);
      return bytes.subarray(at, at + length);
    };
    // Java's modified UTF-8 differs only in characters that no alias has.
    const text = (): string => Buffer.from(bytesOf(view.getUint16(take(2)))).toString('utf8');
    const version = u32();
    if (version !== 1 && version !== 2) throw new StoreError(`version ${version} of Java key stores is not known`);
    const certificate = (alias: string): EncodedEntry => {
      const type = version === 1 ? 'X.509' : text();
      if (type !== 'X.509') throw new StoreError(`a certificate of type ${type} is not X.509`);
      return { der: bytesOf(u32()), alias };
    };
    const entries: EncodedEntry[] = [];
    for (let left = u32(); left > 0; left--) {
      const kind = u32();
      const alias = text();
      take(8);
      if (kind === TRUSTED_CERTIFICATE) {
        entries.push(certificate(alias));
      } else if (kind === PRIVATE_KEY) {
        bytesOf(u32());
        for (let chain = u32(); chain > 0; chain--) entries.push(certificate(alias));
      } else {
        throw new StoreError(
          kind === SECRET_KEY
            ? `the secret key ${alias} stands in the way; keytool -importkeystore with -deststoretype PKCS12 makes a store without it`
            : `an entry of kind ${kind} is not known`,
        );
      }
    }
    return entries;
  },
  isPassword(bytes, password) {
    const text = Buffer.from(password, 'utf16le').swap16();
    const digest = createHash('sha1').update(text).update(SALT).update(bytes.subarray(0, -DIGEST_BYTES));
    return digest.digest().equals(bytes.subarray(-DIGEST_BYTES));
  },
};

/** The last bytes of a store are the SHA-1 of its password (UTF-16BE), this text, and all before them. */
const SALT = 'Mighty Aphrodite';
const DIGEST_BYTES = 20;
