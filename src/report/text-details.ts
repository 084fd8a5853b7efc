import type { DiagnosedConnection } from '../diagnose/rule.js';
import { certificatesOf, dateFault, keyText, placeText, sentAt, type SeenCertificate } from './certificates.js';
import { wrap } from './layout.js';
import { count, durationText, endpointText, listed } from './phrases.js';
import { ladderLines } from './text-ladder.js';
import { row, type Page } from './text-page.js';

const MOST_CONNECTIONS = 50;
const MOST_CERTIFICATES = 100;
const MOST_IDS = 12;

/** Connections with every message, and their certificates in full; `all` is how many there are. */
export function* verboseBlocks(connections: readonly DiagnosedConnection[], all: number, page: Page): Iterable<string> {
  const shown = connections.slice(0, MOST_CONNECTIONS);
  for (const each of shown) yield page.print(connectionLines(each, page));
  if (all > shown.length) {
    const more = `${count(all - shown.length, 'more connection')} not shown in detail, all in --format json`;
    yield page.print(['', page.style('dim', more)]);
  }
  const certificates = certificatesOf(shown.map(({ connection }) => connection));
  if (certificates.length === 0) return;
  yield page.print(['', page.style('bold', 'Certificates')]);
  for (const each of certificates.slice(0, MOST_CERTIFICATES)) yield page.print(certificateLines(each, page));
  if (certificates.length > MOST_CERTIFICATES) {
    yield page.print(['', page.style('dim', count(certificates.length - MOST_CERTIFICATES, 'more certificate'))]);
  }
}

function connectionLines(diagnosed: DiagnosedConnection, page: Page): string[] {
  const { connection, cause } = diagnosed;
  const { clientHello, serverHello, notes, timing } = connection;
  const title = `Connection ${connection.id}: ${endpointText(connection.client)} → ${endpointText(connection.server)}`;
  const list = (label: string, values: readonly string[]): string[] =>
    values.length === 0 ? [] : row(label, values.map(page.escape).join(', '), page);
  const took = timing.handshakeMs === null ? '' : `, handshake of ${durationText(timing.handshakeMs)}`;
  return [
    '',
    ...wrap(title, page.width).map((line) => page.style('bold', line)),
    page.style('dim', '─'.repeat(page.width)),
    ...row('Result', (cause?.rule.title ?? connection.outcome) + took, page),
    ...(clientHello === null
      ? []
      : [
          ...row('Name', clientHello.serverName === null ? 'none' : page.escape(clientHello.serverName), page),
          ...list('Versions', clientHello.supportedVersions),
          ...list('Suites', clientHello.cipherSuites),
          ...list('Groups', clientHello.supportedGroups),
          ...list('Schemes', clientHello.signatureSchemes),
          ...list('ALPN', clientHello.alpn),
          ...list('JA3, JA4', [clientHello.ja3, clientHello.ja4]),
        ]),
    ...(serverHello === null
      ? []
      : list('Chosen', [
          serverHello.version,
          serverHello.cipherSuite,
          ...(serverHello.group === null ? [] : [serverHello.group]),
          ...(serverHello.alpn === null ? [] : [serverHello.alpn]),
        ])),
    ...notes.flatMap(({ message }) => row('Note', page.escape(message), page)),
    '',
    ...ladderLines(diagnosed, page, true),
  ];
}

/** A certificate with values that can be copied: none is broken over lines where the terminal is 80 columns wide. */
function certificateLines(seen: SeenCertificate, page: Page): string[] {
  const { certificate, from, connections } = seen;
  const ids = connections.map(({ id }) => id);
  const where = `${placeText(seen)}, in connection${ids.length === 1 ? '' : 's'} ${listed(ids, MOST_IDS)}`;
  const heading = ['', ...wrap(where, page.width - 3).map((line) => `   ${line}`)];
  const value = (label: string, text: string): string[] => row(label, text, page);
  if (certificate.error !== null) {
    return [
      ...heading,
      ...value('Unreadable', page.escape(certificate.error)),
      ...value('SHA-256', certificate.sha256),
    ];
  }
  const { dns, ip } = certificate.subjectAltNames;
  const [first] = connections;
  const fault = first === undefined ? null : dateFault(certificate, sentAt(first, from));
  const locations = certificate.caIssuers.map(page.escape).join(', ');
  return [
    ...heading,
    ...value('Subject', page.escape(certificate.subject)),
    ...value('Issuer', page.escape(certificate.issuer)),
    ...value('Serial', page.escape(certificate.serialNumber)),
    ...value('Begins', certificate.notBefore),
    ...value('Ends', certificate.notAfter),
    ...(fault === null ? [] : row('', `${fault} it was sent`, page, 'red')),
    ...value('Names', [...dns, ...ip].map(page.escape).join(', ') || 'none'),
    ...value('Key', page.escape(`${keyText(certificate)}, signed ${certificate.signatureAlgorithm}`)),
    ...(locations === '' ? [] : value('Issuer at', locations)),
    ...value('SHA-256', certificate.sha256),
  ];
}
