import { BOUNDS } from '../bounds.js';
import type { Direction } from '../transport/flow.js';
import { alpn } from '../tls/wire/extensions/alpn.js';
import { namesIn } from '../tls/wire/extensions/certificate-authorities.js';
import { contentOf } from '../tls/wire/extensions/extension.js';
import type { CertificateRequestMessage } from '../tls/wire/messages/certificate-request.js';
import type { ServerHelloMessage } from '../tls/wire/messages/server-hello.js';
import type { ServerKeyExchangeMessage } from '../tls/wire/messages/server-key-exchange.js';
import { certificateTypeName, handshakeTypeName, signatureSchemeName } from '../tls/wire/registry/names.js';
import type { MessageEvent, TranscriptEvent } from '../tls/handshake/transcript.js';
import type { Certificate } from '../x509/certificate.js';
import type { X509Reader } from '../x509/reader.js';
import type { CertificateRequest, CertificateStatus, Connection } from './connection.js';
import { clientHelloFacts, helloRetryRequestFacts, serverHelloFacts } from './hellos.js';

/** Certificates kept of one Certificate message: real chains have fewer than ten. */
export const MAX_CERTIFICATES = BOUNDS.chainCertificates.value;

/** What the messages of a handshake say; the first of each kind counts. */
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

/** Replaces codes by names. `events` are in frame order; `client` is the client's direction. */
export function messageFacts(
  events: readonly TranscriptEvent[],
  client: Direction,
  isTls13: boolean,
  reader: X509Reader,
): MessageFacts {
  let clientHello: MessageFacts['clientHello'] = null;
  let helloRetryRequest: MessageFacts['helloRetryRequest'] = null;
  let certificateRequest: MessageFacts['certificateRequest'] = null;
  let certificateStatus: MessageFacts['certificateStatus'] = null;
  let serverCertificates: MessageFacts['serverCertificates'] | null = null;
  let clientCertificates: MessageFacts['clientCertificates'] | null = null;
  let chosen: string | null = null;
  let serverHello: MessageEvent | null = null;
  let hello: ServerHelloMessage | null = null;
  let keyExchange: ServerKeyExchangeMessage | null = null;
  let isFull = false;
  let serverChangedCipher = false;
  for (const event of events) {
    const isClients = event.direction === client;
    if (event.kind === 'change_cipher_spec' && !isClients) serverChangedCipher = true;
    if (event.kind !== 'message') continue;
    const { content, type } = event;
    if (!isClients && (type === CERTIFICATE || type === SERVER_KEY_EXCHANGE || type === SERVER_HELLO_DONE))
      isFull = true;
    switch (content.kind) {
      case 'client_hello':
        clientHello ??= clientHelloFacts(event, content.hello);
        break;
      case 'server_hello':
        if (content.hello.isHelloRetryRequest) {
          helloRetryRequest ??= helloRetryRequestFacts(event, content.hello);
        } else if (serverHello === null) {
          serverHello = event;
          ({ hello } = content);
        }
        break;
      case 'certificate':
        if (isClients) clientCertificates ??= certificatesOf(content.certificates, reader);
        else serverCertificates ??= certificatesOf(content.certificates, reader);
        if (!isClients && content.ocspResponse !== undefined) {
          certificateStatus ??= certificateStatusFacts(event, content.ocspResponse, reader);
        }
        break;
      case 'encrypted_extensions':
        chosen ??= contentOf(content.extensions, alpn)?.[0]?.toString('utf8') ?? null;
        break;
      case 'server_key_exchange':
        keyExchange ??= content.exchange;
        break;
      case 'certificate_request':
        certificateRequest ??= certificateRequestFacts(event, content.request, reader);
        break;
      case 'certificate_status':
        certificateStatus ??= certificateStatusFacts(event, content.response, reader);
        break;
      case 'zstd_certificate':
      case 'malformed':
      case 'other':
        break;
    }
  }
  const resumed = !isFull && !isTls13 && serverChangedCipher;
  return {
    clientHello,
    serverHello:
      serverHello === null || hello === null
        ? null
        : serverHelloFacts(serverHello, hello, { keyExchange, resumed, chosen }),
    helloRetryRequest,
    certificateRequest,
    certificateStatus,
    serverCertificates: serverCertificates ?? NONE,
    clientCertificates: clientCertificates ?? NONE,
  };
}

const NONE: readonly Certificate[] = [];

function certificatesOf(encoded: readonly Uint8Array[], reader: X509Reader): readonly Certificate[] {
  return encoded.length === 0 ? NONE : reader.chain(encoded, MAX_CERTIFICATES);
}

function certificateRequestFacts(
  { frame, at }: MessageEvent,
  request: CertificateRequestMessage,
  reader: X509Reader,
): CertificateRequest {
  return {
    frame,
    at,
    certificateTypes: request.certificateTypes.map(certificateTypeName),
    signatureSchemes: request.signatureSchemes.map(signatureSchemeName),
    certificateAuthorities: namesIn(request.certificateAuthorities).map(reader.distinguishedName),
  };
}

function certificateStatusFacts(
  { frame, at }: MessageEvent,
  response: Uint8Array,
  reader: X509Reader,
): CertificateStatus {
  return {
    frame,
    at,
    responseLength: response.length,
    response: response.length === 0 ? null : reader.ocspResponse(response),
  };
}

/** The RFC's name of a message. */
export function messageName({ type, content }: MessageEvent): string {
  return content.kind === 'server_hello' && content.hello.isHelloRetryRequest
    ? 'hello_retry_request'
    : handshakeTypeName(type);
}
