import type { Connection, QuicClose, QuicFacts, Side } from '../../connection/connection.js';
import { isReservedVersionName, versionRefusal } from '../../connection/quic-outcome.js';
import { alertName } from '../../tls/wire/registry/names.js';

// What QUIC's own closes mean (RFC 9000 §19.19, §20).

const CRYPTO_ERROR = 0x100;

/**
 * A close in the form that people search for: `CONNECTION_REFUSED (0x2)`, `no_application_protocol (0x178)`,
 * `application error 0x100`.
 */
export function closeText({ code, name, application }: Pick<QuicClose, 'code' | 'name' | 'application'>): string {
  const number = `0x${code.toString(16)}`;
  if (application) return `application error ${number}`;
  if (name === number) return number;
  return `${name === 'CRYPTO_ERROR' ? alertName(code - CRYPTO_ERROR) : (name ?? '')} (${number})`;
}

/** Without the versions that are reserved so that servers refuse them, and clients ignore them (RFC 9000 §15). */
export const withoutReservedVersions = (names: readonly string[]): string[] =>
  names.filter((name) => !isReservedVersionName(name));

/** The Version Negotiation packet that ended the attempt, or null. */
export function quicVersionRefusal({ quic, transport }: Connection): QuicFacts['versionNegotiations'][number] | null {
  return quic === null || transport.kind !== 'udp' ? null : versionRefusal(quic, transport);
}

/** The first close that is no TLS alert, and reports an error; from that side if one is given. */
export function refusingClose({ quic }: Connection, from?: Side): QuicClose | undefined {
  return quic?.closes.find(
    (close) =>
      close.code !== 0 &&
      !close.application &&
      close.name !== 'CRYPTO_ERROR' &&
      (from === undefined || close.from === from),
  );
}

/** Repeats of a QUIC client's request that show that it gets no answer. */
export const LEAST_ASKED = 2;

/** Whether a QUIC client asked again and again, and acknowledged none of the answers that the capture has. */
export function hearsNoAnswer({ quic, transport }: Connection): boolean {
  if (quic === null) return false;
  const { version, isAnswerAcknowledged, client } = quic;
  const isUnheard = version !== null && isAnswerAcknowledged === null && client.packets.handshake === 0;
  return isUnheard && transport.client.retransmissions >= LEAST_ASKED;
}
