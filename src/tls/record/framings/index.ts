import type { Framing, FramingProtocol } from './framing.js';
import { openvpn } from './openvpn.js';
import { tds } from './tds.js';

/** Every protocol that carries TLS inside its packets. */
const PROTOCOLS: readonly FramingProtocol[] = [tds, openvpn];

/** The framing of a direction that said `plaintext` before its first TLS record; null if TLS follows directly. */
export function framingOf(plaintext: Uint8Array): Framing | null {
  for (const protocol of PROTOCOLS) {
    const framing = protocol.begin(plaintext);
    if (framing !== null) return framing;
  }
  return null;
}
