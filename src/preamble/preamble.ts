import { BOUNDS } from '../bounds.js';
import { PROTOCOLS } from './index.js';
import type { PreambleFacts, PreambleProtocol, PreambleStep, Turn } from './protocol.js';

/** The protocols that lead to TLS, each in its own way. */
export type PreambleKind = (typeof PROTOCOLS)[number]['kind'];

/** What was said before TLS began, or instead of it. */
export interface Preamble extends PreambleFacts {
  readonly kind: PreambleKind;
  /** The preamble that followed: a protocol behind a proxy. */
  readonly next: Preamble | null;
}

/** Nested protocols: a PROXY header, then a CONNECT, then SMTP. */
const MAX_DEPTH = BOUNDS.preambles.value;

/** What was said before TLS, by protocol; null if no known protocol leads to TLS. Never throws. */
export function recognisePreamble(turns: readonly Turn[], depth = 0): Preamble | null {
  if (turns.length === 0) return null;
  const protocols: readonly PreambleProtocol<PreambleKind>[] = PROTOCOLS;
  for (const protocol of protocols) {
    const found = protocol.recognise(turns);
    if (found === null) continue;
    const rest = depth < MAX_DEPTH ? (protocol.strip?.(turns) ?? []) : [];
    return { kind: protocol.kind, ...found, next: rest.length === 0 ? null : recognisePreamble(rest, depth + 1) };
  }
  return null;
}

const BY_KIND: ReadonlyMap<string, PreambleProtocol> = new Map(PROTOCOLS.map((protocol) => [protocol.kind, protocol]));

/** The usual name of a way to TLS. */
export const preambleName = (kind: PreambleKind): string => BY_KIND.get(kind)?.name ?? kind;

/** What `openssl s_client -starttls` calls it; undefined if it does not know it. */
export const starttlsOption = (kind: PreambleKind): string | undefined => BY_KIND.get(kind)?.starttls;

/** The innermost of the nested protocols, which TLS should follow. */
export function innermost(preamble: Preamble): Preamble {
  return preamble.next === null ? preamble : innermost(preamble.next);
}

/** Whether OpenVPN's packets carry TLS. */
export const isOpenVpn = (preamble: Preamble | null): boolean =>
  preamble !== null && innermost(preamble).kind === 'openvpn';

/** Whether the client asked for TLS: there is more than an offer of the server. */
export function asksForTls({ state }: Preamble): boolean {
  return state !== 'not-offered' && state !== 'masked' && state !== 'offered';
}

/** Whether it is a proxy, asked for another server. */
export function isProxy({ kind }: Preamble): boolean {
  return kind === 'http-connect' || kind === 'socks4' || kind === 'socks5';
}

/** `host:port` of the server to which a proxy, the last one, agreed to lead; null if none did, or it is not known. */
export function proxyTarget(preamble: Preamble | null): string | null {
  if (preamble === null) return null;
  return proxyTarget(preamble.next) ?? (isProxy(preamble) && preamble.state === 'accepted' ? preamble.target : null);
}

/** Whether it says what will be spoken within TLS: a proxy, or a header, only leads to the server. */
export function saysProtocol(preamble: Preamble): boolean {
  const inner = innermost(preamble);
  return !isProxy(inner) && inner.kind !== 'proxy-protocol';
}

/** The step with this name, or undefined. */
export function stepOf({ steps }: Preamble, step: PreambleStep['step']): PreambleStep | undefined {
  return steps.find((one) => one.step === step);
}
