import type { ClientHello } from '../../connection/connection.js';
import type { ClientFamily } from '../../x509/data/refusals.js';
import type { Fault } from './faults.js';

export type Role = 'client' | 'server';

/** How one side reacted to a fault of the other. */
export type Response =
  /**
   * It accepted: the handshake completed, and data followed; or, for a fault of the ClientHello, it sent a ServerHello.
   */
  | { readonly kind: 'accept' }
  /** Its fatal alerts, by code, in order. `finished`, here and below: it had sent its own Finished before. */
  | { readonly kind: 'alert'; readonly alerts: readonly number[]; readonly finished: boolean }
  /** It ended the connection without a fatal alert; `closeNotify`: with close_notify or user_canceled. */
  | {
      readonly kind: 'close';
      readonly how: 'fin' | 'rst';
      readonly closeNotify: boolean;
      readonly finished: boolean;
    }
  /** It neither spoke nor closed within eight seconds. */
  | { readonly kind: 'silence'; readonly finished: boolean };

/**
 * How one version of a stack reacted to each fault: recorded by samples/stacks/record.mjs, or read from the public
 * capture that `by` names.
 */
export interface Recording {
  /** Program and library, with versions. */
  readonly by: string;
  readonly role: Role;
  /**
   * The version that was negotiated; before a ServerHello, the highest that the client offered; null if the peer did
   * not speak TLS.
   */
  readonly tls: string | null;
  readonly responses: Readonly<Partial<Record<Fault, Response>>>;
}

/** The parts of a ClientHello that show which stack wrote it. */
export type HelloTraits = Pick<ClientHello, 'extensions' | 'cipherSuites' | 'signatureSchemes'>;

/**
 * What a program makes of an intermediate in its trust store whose root is not there: a trust anchor (`accepted`), or a
 * chain without an end (`refused`). `differs`: it depends on the program and its options.
 */
export type IntermediateAnchors = 'accepted' | 'refused' | 'differs';

/** A TLS library, or a program on one that changes what it says. */
export interface Stack<Name extends string = string> {
  readonly name: Name;
  /** Whether this stack wrote a ClientHello; true only if no other can have. */
  wrote(hello: HelloTraits): boolean;
  readonly recordings: readonly Recording[];
  /** The families of clients whose refusals (x509/data/refusals.ts) may be its own; absent: none is known. */
  readonly judgesChainsAs?: readonly ClientFamily[];
  /** It puts the certificates of a chain in order by itself: seen of a chain with its two intermediates exchanged. */
  readonly sortsChains?: true;
  /** As samples/stacks/intermediate-anchor.pcap shows, of clients and servers; absent: not recorded. */
  readonly intermediateAnchors?: IntermediateAnchors;
}

/** Whether names are adjacent in a list, in this order. */
export function hasInRow(list: readonly string[], ...names: readonly string[]): boolean {
  const start = list.indexOf(names[0] ?? '');
  return start >= 0 && names.every((name, index) => list[start + index] === name);
}

/** Whether a list has both names, the first before the second. */
export function precedes(list: readonly string[], first: string, second: string): boolean {
  const at = list.indexOf(first);
  return at >= 0 && list.indexOf(second) > at;
}

/** Whether a ClientHello has GREASE values: reserved, so that servers must ignore unknown values (RFC 8701). */
export function hasGrease({ extensions }: HelloTraits): boolean {
  return extensions.some((name) => name.startsWith('GREASE'));
}

/** The cipher suite of TLS 1.2 or before that a ClientHello prefers. */
export function firstTls12Suite({ cipherSuites }: HelloTraits): string | undefined {
  return cipherSuites.find((suite) => suite.includes('_WITH_'));
}
