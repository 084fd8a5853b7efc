import type { Direction } from '../transport/flow.js';
import type { CertificateRequestMessage } from '../tls/wire/messages/certificate-request.js';
import type { ServerHelloMessage } from '../tls/wire/messages/server-hello.js';
import type { ServerKeyExchangeMessage } from '../tls/wire/messages/server-key-exchange.js';
import { certificateTypeName, handshakeTypeName, isTls13, signatureSchemeName } from '../tls/wire/registry/names.js';
import type { SeenMessage, TlsSession } from '../tls/session.js';
import type { Certificate } from '../x509/certificate.js';
import type { CertificateParser } from '../x509/store.js';
import { formatDistinguishedName } from '../x509/distinguished-name.js';
import { readOcspResponse } from '../x509/ocsp.js';
import type { CertificateRequest, CertificateStatus, Connection } from './connection.js';
import { clientHelloFacts, helloRetryRequestFacts, serverHelloFacts } from './hellos.js';

/** Certificates kept of one Certificate message: real chains have fewer than ten. */
export const MAX_CERTIFICATES = 32;

/** What a handshake's messages say, by the first of each kind. */
export type MessageFacts = Pick<
  Connection,
  | 'clientHello'
  | 'serverHello'
  | 'helloRetryRequest'
  | 'certificateRequest'
  | 'certificateStatus'
  | 'serverCertificates'
  | 'clientCertificates'
>;

const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;
const SERVER_HELLO_DONE = 14;

/** Puts names for codes. */
export function messageFacts(
  messages: readonly SeenMessage[],
  session: TlsSession | null,
  client: Direction,
  parse: CertificateParser,
): MessageFacts {
  let clientHello: MessageFacts['clientHello'] = null;
  let helloRetryRequest: MessageFacts['helloRetryRequest'] = null;
  let certificateRequest: MessageFacts['certificateRequest'] = null;
  let certificateStatus: MessageFacts['certificateStatus'] = null;
  let serverCertificates: MessageFacts['serverCertificates'] | null = null;
  let clientCertificates: MessageFacts['clientCertificates'] | null = null;
  let serverHello: SeenMessage | null = null;
  let hello: ServerHelloMessage | null = null;
  let keyExchange: ServerKeyExchangeMessage | null = null;
  let isFull = false;
  for (const message of messages) {
    const { content, type } = message;
    const isClients = message.direction === client;
    if (!isClients && (type === CERTIFICATE || type === SERVER_KEY_EXCHANGE || type === SERVER_HELLO_DONE))
      isFull = true;
    switch (content.kind) {
      case 'client_hello':
        clientHello ??= clientHelloFacts(message, content.hello);
        break;
      case 'server_hello':
        if (content.hello.isHelloRetryRequest) {
          helloRetryRequest ??= helloRetryRequestFacts(message, content.hello);
        } else if (serverHello === null) {
          serverHello = message;
          ({ hello } = content);
        }
        break;
      case 'certificate':
        if (isClients) clientCertificates ??= certificatesOf(content.certificates, parse);
        else serverCertificates ??= certificatesOf(content.certificates, parse);
        break;
      case 'server_key_exchange':
        keyExchange ??= content.exchange;
        break;
      case 'certificate_request':
        certificateRequest ??= certificateRequestFacts(message, content.request);
        break;
      case 'certificate_status':
        certificateStatus ??= certificateStatusFacts(message, content.response, parse);
        break;
      case 'malformed':
      case 'other':
        break;
    }
  }
  const resumed =
    !isFull &&
    session !== null &&
    !isTls13(session.version) &&
    session.cipherChanges.some(({ direction }) => direction !== client);
  return {
    clientHello,
    serverHello:
      serverHello === null || hello === null ? null : serverHelloFacts(serverHello, hello, { keyExchange, resumed }),
    helloRetryRequest,
    certificateRequest,
    certificateStatus,
    serverCertificates: serverCertificates ?? NONE,
    clientCertificates: clientCertificates ?? NONE,
  };
}

const NONE: readonly Certificate[] = [];

function certificatesOf(encoded: readonly Uint8Array[], parse: CertificateParser): Certificate[] {
  return encoded.slice(0, MAX_CERTIFICATES).map(parse);
}

function certificateRequestFacts({ frame, at }: SeenMessage, request: CertificateRequestMessage): CertificateRequest {
  return {
    frame,
    at,
    certificateTypes: request.certificateTypes.map(certificateTypeName),
    signatureSchemes: request.signatureSchemes.map(signatureSchemeName),
    certificateAuthorities: request.certificateAuthorities.map(formatDistinguishedName),
  };
}

function certificateStatusFacts(
  { frame, at }: SeenMessage,
  response: Uint8Array,
  parse: CertificateParser,
): CertificateStatus {
  return {
    frame,
    at,
    responseLength: response.length,
    response: response.length === 0 ? null : readOcspResponse(response, parse),
  };
}

/** The RFC's name of a message; a record whose content is hidden has one of its own. */
export function messageName({ type, content }: SeenMessage): string {
  if (type === null) return 'encrypted_handshake';
  return content.kind === 'server_hello' && content.hello.isHelloRetryRequest
    ? 'hello_retry_request'
    : handshakeTypeName(type);
}
