import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { BOUNDS } from '../bounds.js';
import { memoizeLastQuestion } from '../memoize.js';
import type { Certificate } from './certificate.js';

/**
 * Why a wildcard that ends like the name does not cover it (RFC 9525 §6.3).
 * - `depth`: the name has more labels than the one that `*` stands for.
 * - `apex`: the name is the domain itself, for which `*` has no label.
 * - `form`: the `*` is not the whole left-most label (`f*.example.com`, `www.*.com`).
 */
export type WildcardMiss = 'depth' | 'apex' | 'form';

/**
 * Why a name is not covered.
 * - `invalid-name`: the requested name is no host name or address.
 * - `unreadable-certificate`: the certificate could not be parsed.
 * - `no-subject-alt-name`: there is no DNS name and no address in it.
 * - `wildcard-depth`, `wildcard-apex`, `wildcard-form`: only a wildcard comes close (see `WildcardMiss`).
 * - `address-as-dns-name`: the address is there, but as a DNS name, which clients do not compare with addresses.
 * - `no-match`: it has only other names.
 */
export type HostNameMismatch =
  | 'invalid-name'
  | 'unreadable-certificate'
  | 'no-subject-alt-name'
  | 'wildcard-depth'
  | 'wildcard-apex'
  | 'wildcard-form'
  | 'address-as-dns-name'
  | 'no-match';

/** Whether a certificate covers a name, and if not, what comes closest. */
export interface HostNameMatch {
  readonly covered: boolean;
  /** null when covered. */
  readonly reason: HostNameMismatch | null;
  /** The name compared: lower case, A-labels, no final dot; an address in its canonical form. */
  readonly name: string;
  readonly kind: 'dns' | 'ip';
  /** Presented names that cover it. */
  readonly matches: readonly string[];
  /** All presented names: DNS names, then addresses. */
  readonly presented: readonly string[];
  /** Wildcards that come close and do not cover it. */
  readonly nearMisses: readonly { readonly pattern: string; readonly why: WildcardMiss }[];
  /** The wildcard that would cover it (`*.b.example.com` for `a.b.example.com`), or null. */
  readonly wildcard: string | null;
  /**
   * A common name covers it. Clients once fell back to it when there was no DNS name; RFC 9525 §2 forbids that, and
   * today's clients (browsers, Go, Node.js, Python) do not.
   */
  readonly commonNameMatches: boolean;
}

/**
 * Compares the name that a client wanted with those of a certificate, as in RFC 9525 §6: only subject alternative
 * names, a wildcard only as the whole left-most label and for exactly one label, addresses only with addresses.
 * Internationalised names may be U-labels or A-labels, addresses with or without brackets.
 */
export const matchHostName = memoizeLastQuestion(compareNames);

function compareNames(certificate: Certificate, wanted: string): HostNameMatch {
  const { dns, ip } = certificate.subjectAltNames;
  const address = canonicalAddress(wanted);
  const kind = address === null ? 'dns' : 'ip';
  const name = address ?? canonicalHostName(wanted);
  const nothing = { name, kind, presented: [...dns, ...ip] } as const;
  if (name === '') return { ...nothing, ...miss, reason: 'invalid-name' };
  if (certificate.error !== null && nothing.presented.length === 0) {
    return { ...nothing, ...miss, reason: 'unreadable-certificate' };
  }

  const matches =
    address === null
      ? dns.filter((pattern) => covers(pattern, name))
      : ip.filter((presented) => canonicalAddress(presented) === address);
  const nearMisses =
    address === null
      ? dns.flatMap((pattern) => {
          const why = wildcardMiss(pattern, name);
          return why === null ? [] : [{ pattern, why }];
        })
      : [];
  const facts = {
    ...nothing,
    covered: matches.length > 0,
    matches,
    nearMisses,
    wildcard: address === null ? wildcardFor(name) : null,
    commonNameMatches: certificate.commonNames.some((commonName) =>
      address === null ? covers(commonName, name) : canonicalAddress(commonName) === address,
    ),
  };
  return { ...facts, reason: facts.covered ? null : mismatch(facts, dns) };
}

const miss = { covered: false, matches: [], nearMisses: [], wildcard: null, commonNameMatches: false } as const;

function mismatch(
  { kind, name, presented, nearMisses }: Omit<HostNameMatch, 'reason'>,
  dns: readonly string[],
): HostNameMismatch {
  if (presented.length === 0) return 'no-subject-alt-name';
  if (kind === 'ip') {
    return dns.some((pattern) => canonicalAddress(pattern) === name) ? 'address-as-dns-name' : 'no-match';
  }
  const [nearest] = nearMisses;
  return nearest === undefined ? 'no-match' : `wildcard-${nearest.why}`;
}

/** Characters of a host name, of any script. */
const MAX_HOST_NAME = BOUNDS.hostNameCharacters.value;

/** Lower case, A-labels, without the final dot; empty if it is no host name. */
function canonicalHostName(text: string): string {
  if (text.length > MAX_HOST_NAME) return '';
  // domainToASCII reads numbers as IPv4 addresses ("1.2.3" is 1.2.0.3), so it gets only what needs converting.
  const ascii = /^[\x21-\x7e]*$/.test(text) ? text : domainToASCII(text);
  const name = ascii.toLowerCase().replace(/\.$/, '');
  return name.split('.').every((label) => /^[a-z0-9_-]{1,63}$/.test(label)) ? name : '';
}

/** An address in the form of RFC 5952 or dotted decimal; null if it is not one. */
function canonicalAddress(text: string): string | null {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  switch (isIP(bare)) {
    case 4:
      return bare;
    case 6:
      // A scope (`%eth0`) concerns only the sender; certificates have none.
      return new URL(`http://[${bare.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
    default:
      return null;
  }
}

function canonicalPattern(pattern: string): string {
  return pattern.toLowerCase().replace(/\.$/, '');
}

function covers(presented: string, name: string): boolean {
  const pattern = canonicalPattern(presented);
  if (!pattern.includes('*')) return pattern === name;
  const domain = pattern.slice(2);
  return pattern.startsWith('*.') && domain !== '' && !domain.includes('*') && parentOf(name) === domain;
}

function wildcardMiss(presented: string, name: string): WildcardMiss | null {
  const pattern = canonicalPattern(presented);
  if (!pattern.includes('*') || covers(pattern, name)) return null;
  const domain = pattern.slice(2);
  if (pattern.startsWith('*.') && domain !== '' && !domain.includes('*')) {
    if (name === domain) return 'apex';
    return name.endsWith(`.${domain}`) ? 'depth' : null;
  }
  return looselyCovers(pattern, name) ? 'form' : null;
}

/**
 * Compares label by label, with `*` for any characters anywhere in a label: what a misplaced wildcard was meant to do.
 */
function looselyCovers(pattern: string, name: string): boolean {
  const patterns = pattern.split('.');
  const labels = name.split('.');
  return patterns.length === labels.length && patterns.every((part, i) => looselyCoversLabel(part, labels[i] ?? ''));
}

function looselyCoversLabel(pattern: string, label: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.at(-1);
  if (tail === undefined) return pattern === label;
  return label.length >= head.length + tail.length && label.startsWith(head) && label.endsWith(tail);
}

function parentOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

/** No authority issues a wildcard for a whole top-level domain. */
function wildcardFor(name: string): string | null {
  const parent = parentOf(name);
  return parent.includes('.') ? `*.${parent}` : null;
}
