import type { ClientHello } from '../../connection/connection.js';
import type { Fault } from './faults.js';

export type Role = 'client' | 'server';

/** How one side answered a fault of the other. */
export type Response =
  /** It took it: a handshake was completed, and data followed; or a ServerHello, where the fault is of the ClientHello. */
  | { readonly kind: 'accept' }
  /** Its fatal alerts, by code, in order. `finished`: it had sent its own Finished before, here and below. */
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

/** What one version of a stack did of each fault: recorded by samples/stacks/record.mjs, or read from a public capture, which `by` names. */
export interface Recording {
  /** Program and library, with versions. */
  readonly by: string;
  readonly role: Role;
  /**
   * The version that was negotiated; before a ServerHello, the highest that the client offered; null where the peer spoke no
   * TLS.
   */
  readonly tls: string | null;
  readonly responses: Readonly<Partial<Record<Fault, Response>>>;
}

/** What of a ClientHello tells which stack wrote it. */
export type HelloTraits = Pick<ClientHello, 'extensions' | 'cipherSuites' | 'signatureSchemes'>;

/** A TLS library, or a program on one that changes what it says. */
export interface Stack<Name extends string = string> {
  readonly name: Name;
  /** Whether a ClientHello is by this stack; only where it cannot be by another. */
  wrote(hello: HelloTraits): boolean;
  readonly recordings: readonly Recording[];
}

/** Whether names stand next to each other in a list, in this order. */
export function hasInRow(list: readonly string[], ...names: readonly string[]): boolean {
  const start = list.indexOf(names[0] ?? '');
  return start >= 0 && names.every((name, index) => list[start + index] === name);
}

/** Whether a list holds both names, the first before the second. */
export function precedes(list: readonly string[], first: string, second: string): boolean {
  const at = list.indexOf(first);
  return at >= 0 && list.indexOf(second) > at;
}

/** Whether a ClientHello names what nobody knows, so that servers learn to pass it over (RFC 8701). */
export function hasGrease({ extensions }: HelloTraits): boolean {
  return extensions.some((name) => name.startsWith('GREASE'));
}

/** The cipher suite of TLS 1.2 or before that a ClientHello wants most. */
export function firstTls12Suite({ cipherSuites }: HelloTraits): string | undefined {
  return cipherSuites.find((suite) => suite.includes('_WITH_'));
}
