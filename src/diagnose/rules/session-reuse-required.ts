import type { Connection, Sighting } from '../../connection/connection.js';
import { canBeFinished, canBeTicketsAlike, canHold, leastLength } from '../../tls/record/sizes.js';
import { phrase } from '../phrases.js';
import { alertsBeforePeerClosed, fatalAlert } from '../evidence/alerts.js';
import { clientHelloEvidence, evidence, otherConnectionEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { connectTo, placesOf } from '../evidence/places.js';
import { encryptedDataRecords, openedMessage, protectionOf } from '../evidence/progress.js';
import { defineRule } from '../rule.js';

/**
 * Whether the server's records at the end of a handshake are tickets: as long as those on the control connection, or OpenSSL's
 * two equal ones, a little shorter or longer than the two there (ProFTPD 1.3.8).
 */
function areTickets(records: readonly { readonly length: number }[], control: Connection): boolean {
  const known = encryptedDataRecords(control, 'server').map(({ length }) => length);
  if (records.every(({ length }) => known.includes(length))) return true;
  const [first, second, ...more] = records;
  if (first === undefined || first.length !== second?.length || more.length > 0) return false;
  return known.some((length, index) => length === known[index + 1] && canBeTicketsAlike(length, first.length));
}

/**
 * Where the server ended a data connection once its handshake was complete, before either side sent data; undefined if
 * it did not. Without keys, TLS 1.3 does not show which records hold tickets.
 */
function endByServer(connection: Connection, control: Connection): Sighting | undefined {
  const { serverHello, ending } = connection;
  const alert = alertsBeforePeerClosed(connection).find(({ from }) => from === 'server');
  const end = alert ?? (ending.by === 'server' && ending.frame !== null && ending.at !== null ? ending : undefined);
  if (serverHello === null || end === undefined || end.frame === null || end.at === null) return undefined;
  const { frame } = end;
  const protection = protectionOf(connection);
  const sent = encryptedDataRecords(connection, 'client').filter(
    (one) => one.frame >= serverHello.frame && one.frame < frame,
  );
  const answers = encryptedDataRecords(connection, 'server').filter((one) => one.frame >= serverHello.frame);
  const place = { frame, at: end.at, from: 'server' } as const;
  const isShown = serverHello.version !== 'TLS 1.3' || openedMessage(connection, 'client', 'finished') !== undefined;
  if (isShown) return sent.length + answers.length === 0 ? place : undefined;
  const finished = sent.at(-1);
  if (finished === undefined || !canBeFinished(protection, finished.length)) return undefined;
  const tickets = answers.filter((one) => one.frame > finished.frame && one.frame <= frame);
  return areTickets(alert?.inferred !== true ? tickets : tickets.slice(0, -1), control) ? place : undefined;
}

/** Whether the client sent nothing more on the control connection from this frame on, except perhaps a close_notify. */
function hasFallenSilent({ transport, alerts }: Connection, frame: number): boolean {
  const last = transport.client.lastData?.frame ?? 0;
  return last < frame || alerts.some((alert) => alert.from === 'client' && alert.frame === last);
}

/** Whether the server ended the control connection without an answer to what the client sent last (vsftpd, after 522). */
function isDropped({ ending, transport }: Connection): boolean {
  const { client, server } = transport;
  return ending.by === 'server' && (server.lastData?.frame ?? 0) < (client.lastData?.frame ?? 0);
}

/** What FTP servers say of a data connection that does not resume the session, without the line's end. */
const REFUSALS: readonly string[] = [
  // vsftpd 3.0.3, and later ones.
  '522 SSL connection failed: session reuse required',
  '522 SSL connection failed; session reuse required: see require_ssl_reuse option in vsftpd.conf man page',
  // ProFTPD 1.3.8.
  '425 Unable to build data connection: Operation not permitted',
  // FileZilla Server 0.9 and 1.
  '450 TLS session of data connection has not resumed or the session does not match the control connection',
  '425 Unable to build data connection: TLS session of data connection not resumed.',
];
const REFUSAL_BYTES: readonly number[] = [...new Set(REFUSALS.map((reply) => reply.length + 2))];
const SHORTEST_REFUSAL = Math.min(...REFUSAL_BYTES);

/**
 * How well the server's replies on the control connection, after this frame, fit a refusal: as long as a known one
 * (`supported`), or at least not as short as those that a transfer is complete, which may be empty (`open`). Of a long
 * connection, the replies are not kept: then nothing tells a refusal from an empty transfer.
 */
function supportOfReplies(control: Connection, frame: number): 'supported' | 'open' | undefined {
  const protection = protectionOf(control);
  const replies = encryptedDataRecords(control, 'server').filter((record) => record.frame > frame);
  if (replies.some(({ length }) => REFUSAL_BYTES.some((bytes) => canHold(protection, bytes, length)))) {
    return 'supported';
  }
  return replies.some(({ length }) => length >= leastLength(protection, SHORTEST_REFUSAL)) ? 'open' : undefined;
}

const explanationOf = (support: 'supported' | 'open', isSilent: boolean) => {
  if (support === 'open') return 'otherReply';
  return isSilent ? 'explanation' : 'dropped';
};

export const sessionReuseRequired = defineRule({
  id: 'session-reuse-required',
  title: 'Data connection does not resume the session of the control connection',
  description:
    'The FTP server accepts a data connection only if it resumes the TLS session of the control connection, and the client makes a full handshake.',
  settledBy: "The client's log shows the server's answer on the control connection: 522, 425 or 450 names the session.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 4217 §7', 'RFC 5246 §7.3', 'RFC 8446 §2.2'],
  messages: {
    explanations: {
      explanation:
        'The data connection to {connect} made a full handshake, though the client {client} has a TLS session with the same server: that of the FTP control connection {control}. The server ended the data connection as soon as the handshake was complete, before any data. It answered on the control connection, in as many bytes as such a refusal has, and the client sent nothing more. The server wants data connections to resume that session (vsftpd: require_ssl_reuse, which answers 522; other servers answer 425 or 450).',
      dropped:
        'The data connection to {connect} made a full handshake, though the client {client} has a TLS session with the same server: that of the FTP control connection {control}. The server ended the data connection as soon as the handshake was complete, before any data. It answered on the control connection, in as many bytes as such a refusal has, and then ended that too, without an answer to what the client sent next. The server wants data connections to resume that session (vsftpd: require_ssl_reuse, which answers 522).',
      otherReply:
        'The data connection to {connect} made a full handshake, though the client {client} has a TLS session with the same server: that of the FTP control connection {control}. The server ended the data connection as soon as the handshake was complete, before any data, and answered on the control connection; the client sent no more there, or got no answer. The answer may be that there was nothing to transfer, or a refusal: the server may want data connections to resume that session.',
    },
    evidence: {
      seenEnd: 'the server ends the data connection, which has carried no data',
      seenReply: 'the server answers on the control connection',
    },
    remedies: {
      resume:
        'Use a client that resumes the session of the control connection for its data connections, and let it keep the last ticket that it got there (Python: pass session=ftp.sock.session to wrap_socket; curl and FileZilla do so themselves).',
      allow:
        'Or switch this demand off at {control} (vsftpd: require_ssl_reuse=NO; ProFTPD: TLSOptions NoSessionReuseRequired), which weakens the protection against stolen data connections.',
    },
    commands: {
      confirm: {
        run: 'curl -vk --ssl-reqd --no-sessionid --user USER {scheme}://{control}/; curl -vk --ssl-reqd --user USER {scheme}://{control}/',
        does: 'shows whether a data connection fails without the session of the control connection, and works with it',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome, serverHello, preamble }) =>
    (outcome === 'established' || outcome === 'failed') && serverHello?.resumed === false && preamble === null,
  judge(connection, context) {
    const control = context.serverHistory.ftpControlOf(connection);
    if (control === undefined || fatalAlert(connection, 'client') !== undefined) return undefined;
    const end = endByServer(connection, control);
    const reply = control.transport.server.lastData;
    if (end === undefined || reply === null || reply.frame < end.frame) return undefined;
    // If the client continues, the transfer was complete, and empty.
    const isSilent = hasFallenSilent(control, end.frame);
    if (!isSilent && !isDropped(control)) return undefined;
    const support = supportOfReplies(control, end.frame);
    if (support === undefined) return undefined;
    // Without a preamble, the control connection begins with TLS.
    const scheme = control.preamble === null ? 'ftps' : 'ftp';
    const data = { ...placesOf(connection), control: connectTo(control), scheme };
    return {
      support,
      basis: 'fact',
      subject: data.control,
      explanation: { id: explanationOf(support, isSilent), data },
      evidence: [
        ...otherConnectionEvidence(control, phrase('theControlConnection')),
        ...clientHelloEvidence(connection),
        ...serverHelloEvidence(connection),
        evidence(end, 'seenEnd'),
        evidence(reply, 'seenReply'),
      ],
      remedies: [
        { who: 'client', id: 'resume', command: 'confirm', data },
        { who: 'server', id: 'allow', data },
      ],
    };
  },
});
