import type { Connection, HandshakeMessage, Side } from './connection.js';

/** Whether a handshake message holds the certificates of its sender: Certificate, or CompressedCertificate (RFC 8879 §4). */
export const holdsCertificates = ({ type }: { readonly type: string }): boolean =>
  type === 'certificate' || type === 'compressed_certificate';

/** The first message of a side that holds its certificates. */
export function certificateMessage(
  { messages }: Pick<Connection, 'messages'>,
  from: Side,
): HandshakeMessage | undefined {
  return messages.find((message) => message.from === from && holdsCertificates(message));
}
