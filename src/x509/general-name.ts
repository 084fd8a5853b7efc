import { decodeFault } from '../decode-faults.js';
import { hex, latin1, u16 } from '../bytes.js';
import {
  children,
  content,
  contextTag,
  type DerElement,
  DerError,
  hexForm,
  objectIdentifier,
  tag,
  tagText,
} from './der.js';
import { readName } from './distinguished-name.js';

/** The names in an extension (GeneralName, RFC 5280 §4.2.1.6), by type. */
export interface GeneralNames {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  readonly email: readonly string[];
  /** As RFC 4514 writes them. */
  readonly directory: readonly string[];
  readonly uri: readonly string[];
  /**
   * Names with types of their own (otherName): the type's object identifier, a colon, and the value as text or in
   * hexadecimal.
   */
  readonly other: readonly string[];
  /** Number of names of other types, which no TLS client compares. */
  readonly others: number;
}

/**
 * Sorts general names by type, each type in the order of the encoding.
 * @param ipText `addressText`, or `subnetText` in name constraints
 * @throws DerError if an element is missing or no general name, or a directory name is broken
 */
export function readGeneralNames(
  elements: readonly (DerElement | undefined)[],
  ipText: (octets: Uint8Array) => string,
): GeneralNames {
  const none = (): string[] => [];
  const names = { dns: none(), ip: none(), email: none(), directory: none(), uri: none(), other: none(), others: 0 };
  for (const element of elements) {
    if (element === undefined) throw new DerError(decodeFault('missing', { field: 'general name' }));
    switch (element.tag) {
      case contextTag(1, 'primitive'):
        names.email.push(text(element));
        break;
      case contextTag(2, 'primitive'):
        names.dns.push(text(element));
        break;
      case contextTag(4, 'constructed'):
        names.directory.push(readName(children(element)[0] ?? element).text);
        break;
      case contextTag(6, 'primitive'):
        names.uri.push(text(element));
        break;
      case contextTag(7, 'primitive'):
        names.ip.push(ipText(content(element)));
        break;
      case contextTag(0, 'constructed'): {
        const name = otherName(element);
        if (name === null) names.others++;
        else names.other.push(name);
        break;
      }
      case contextTag(3, 'constructed'): // x400Address
      case contextTag(5, 'constructed'): // ediPartyName
      case contextTag(8, 'primitive'): // registeredID
        names.others++;
        break;
      default:
        throw new DerError(decodeFault('notAGeneralName', { tag: tagText(element.tag) }));
    }
  }
  return names;
}

/**
 * An otherName: its type, and its value if that is one string (as in a user principal name), else the encoding; null if
 * broken.
 */
function otherName(element: DerElement): string | null {
  try {
    const [type, wrapper] = children(element);
    const value = wrapper === undefined ? undefined : children(wrapper)[0];
    if (value === undefined) return null;
    const isText = value.tag === tag.utf8String || value.tag === tag.ia5String;
    return `${objectIdentifier(type)}:${isText ? Buffer.from(content(value)).toString() : hexForm(value)}`;
  } catch {
    return null;
  }
}

/** The standard wants IA5String; bytes beyond it become the characters with their value. */
function text({ bytes, start, end }: DerElement): string {
  return latin1(bytes, start, end);
}

/** The text form of an address (IPv6 as in RFC 5952 §4); hexadecimal if the octets are not one. */
export function addressText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  if (octets.length !== 16) return hex(octets);
  const groups = Array.from({ length: 8 }, (_, i) => u16(octets, i * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** Address and mask (RFC 5280 §4.2.1.10) in CIDR notation; `#` and hexadecimal if the octets are neither. */
export function subnetText(octets: Uint8Array): string {
  if (octets.length !== 8 && octets.length !== 32) return `#${hex(octets)}`;
  const half = octets.length / 2;
  const mask = octets.subarray(half);
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, '0')).join('');
  const prefix = /^(1*)0*$/.exec(bits)?.[1]?.length;
  return `${addressText(octets.subarray(0, half))}/${prefix ?? addressText(mask)}`;
}
