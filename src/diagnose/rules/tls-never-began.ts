import { millisecondsBetween } from '../../capture/timestamp.js';
import { overTcp, type Alert, type Connection } from '../../connection/connection.js';
import { TLS_PORTS } from '../../knowledge/ports.js';
import { duration } from '../../message.js';
import { innermost, isProxy, preambleName, starttlsOption, stepOf, type Preamble } from '../../preamble/preamble.js';
import { fatalAlert } from '../evidence/alerts.js';
import { alertEvidence, closeEvidence, preambleEvidence } from '../evidence/citations.js';
import { isDoubtful } from '../evidence/gaps.js';
import { connectTo } from '../evidence/places.js';
import { isSecurePort, isUnansweredConnect, speaksTls } from '../evidence/plaintext.js';
import { defineRule } from '../rule.js';

/** A client that waited so many milliseconds for an answer did not just change its mind. */
const LEAST_WAIT_MS = 1000;

type End =
  | 'plaintext'
  | 'plaintextBehindProxy'
  | 'plaintextDropped'
  | 'agreedAndLeft'
  | 'agreedAndReset'
  | 'agreedAndClosed'
  | 'otherProtocol'
  | 'reset'
  | 'closed'
  | 'unanswered';

/** Whether the client wants TLS behind a proxy: it asks for a TLS port. */
function wantsTls(preamble: Preamble): boolean {
  const port = Number(preamble.target?.split(':').at(-1));
  return !isProxy(preamble) || TLS_PORTS.has(port);
}

/** A proxy that closes so soon after its consent, in milliseconds, did not wait for a client that came to need no connection. */
const AT_ONCE_MS = 1000;

/** Whether a proxy agreed, and the connection ended from that side at once. */
function isDroppedByProxy({ ending, endedAt }: Connection, preamble: Preamble): boolean {
  const answer = stepOf(preamble, 'answer');
  if (!wantsTls(preamble) || answer === undefined || ending.by !== 'server') return false;
  return millisecondsBetween(answer.at, ending.at ?? endedAt) <= AT_ONCE_MS;
}

/** The alert with which the server answers a client that went on in plaintext. */
function alertToPlaintext(connection: Connection, preamble: Preamble): Alert | undefined {
  const alert = fatalAlert(connection, 'server');
  const words = stepOf(preamble, 'plaintext');
  return alert !== undefined && words !== undefined && words.frame < alert.frame ? alert : undefined;
}

/** Whether the server said nothing after the client's plaintext. */
const isUnanswered = ({ plaintext }: Connection, preamble: Preamble): boolean =>
  !plaintext.some(({ from, frame }) => from === 'server' && frame > (stepOf(preamble, 'plaintext')?.frame ?? 0));

const isRefusedAsPlaintext = (connection: Connection, preamble: Preamble): boolean =>
  alertToPlaintext(connection, preamble) !== undefined || connection.plaintext.some(({ expectsTls }) => expectsTls);

/** How the connection ended before TLS began; undefined if that is no failure, or not visible. */
function endOf(connection: Connection, preamble: Preamble): End | undefined {
  const { ending, endedAt } = connection;
  const request = stepOf(preamble, 'request');
  const isServers = ending.by === 'server';
  if (preamble.state === 'accepted' && !isProxy(preamble)) {
    if (stepOf(preamble, 'plaintext') !== undefined) return 'plaintext';
    if (!isServers) return ending.by === 'client' && ending.how !== 'timeout' ? 'agreedAndLeft' : undefined;
    return ending.how === 'reset' ? 'agreedAndReset' : 'agreedAndClosed';
  }
  if (preamble.state === 'accepted' && isProxy(preamble) && stepOf(preamble, 'plaintext') !== undefined) {
    // Anything may be spoken behind a proxy: only who is behind it says that it should be TLS.
    if (!wantsTls(preamble)) return undefined;
    if (isRefusedAsPlaintext(connection, preamble)) return 'plaintextBehindProxy';
    return isUnanswered(connection, preamble) && isDroppedByProxy(connection, preamble)
      ? 'plaintextDropped'
      : undefined;
  }
  if (preamble.state === 'accepted' && isDroppedByProxy(connection, preamble)) {
    return ending.how === 'reset' ? 'agreedAndReset' : 'agreedAndClosed';
  }
  const isAnswered = stepOf(preamble, 'answer') !== undefined;
  // SQL Server answers every PRELOGIN, also that of a client which can do without TLS.
  const isOffer = preamble.kind === 'mssql' && preamble.state === 'offered' && isServers && !isAnswered;
  const isAsked = preamble.state === 'requested' || isOffer;
  if (!isAsked || request === undefined || !wantsTls(preamble)) return undefined;
  if (isAnswered) return 'otherProtocol';
  if (isServers) return ending.how === 'reset' ? 'reset' : 'closed';
  if (ending.how === 'none') return undefined;
  const waited = millisecondsBetween(request.at, ending.at ?? endedAt);
  return ending.how === 'timeout' || waited >= LEAST_WAIT_MS ? 'unanswered' : undefined;
}

export const tlsNeverBegan = defineRule({
  id: 'tls-never-began',
  title: 'TLS was asked for, and never began',
  description:
    'The client asked for TLS in the plaintext protocol, or the server had agreed to it, and no ClientHello followed.',
  settledBy: "The client's log says how it understood the server's answer.",
  role: 'cause',
  isObservation: true,
  severity: 'error',
  sources: ['RFC 3207 §4', 'RFC 2595 §4', 'RFC 6120 §5.4', 'RFC 4511 §4.14', 'RFC 9110 §9.3.6'],
  messages: {
    explanations: {
      plaintext:
        'The server {server} agreed to TLS ({kind}), but the client {client} went on in plaintext ({words}) instead of sending a ClientHello.',
      plaintextBehindProxy:
        'The proxy {server} opened the connection to {target} ({kind}), but the client {client} sent plaintext ({words}) through it instead of a ClientHello. What answered expects TLS.',
      plaintextDropped:
        'The proxy {server} opened the connection to {target} ({kind}), and the client {client} sent plaintext ({words}) through it, no ClientHello. The connection ended from there at once, without an answer, as TLS servers end it when they receive something that is not TLS.',
      agreedAndReset:
        'The server {server} agreed to TLS ({kind}), and the connection was reset in its name before the client {client} sent a ClientHello.',
      agreedAndClosed:
        'The server {server} agreed to TLS ({kind}), and closed the connection before the client {client} sent a ClientHello.',
      agreedAndLeft:
        'The server {server} agreed to TLS ({kind}), and the client {client} closed the connection instead of sending a ClientHello.',
      otherProtocol:
        'The client {client} sent {server} the request that comes before TLS ({kind}); the server answered in another protocol ({reply}): that port does not speak what the client expects.',
      reset:
        'The client {client} sent {server} the request that comes before TLS ({kind}); a reset came in place of the answer, from the server or from a device on the path.',
      closed:
        'The client {client} sent {server} the request that comes before TLS ({kind}); the server closed the connection without an answer.',
      unanswered:
        'The client {client} sent {server} the request that comes before TLS ({kind}); the server acknowledged the request and did not answer it within {waited}.',
    },
    evidence: {},
    remedies: {
      client:
        'Find out why {client} does not begin TLS once the server has agreed: an exception in its code, a file of certificates that it cannot read, a TLS option that is off, or a library that sends on without waiting.',
      strict:
        'If SQL Server demands TDS 8.0 ("Force Strict Encryption"), it begins with TLS and accepts no PRELOGIN in plaintext: let {client} connect with Encrypt=Strict.',
      server: 'Look at the log of {server} at that time: what it does with a request for TLS, and why it gave up.',
      network:
        'Look for a firewall or proxy on the path that does not let {kind} through: capture at the server too, and compare.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {server} -starttls {protocol} </dev/null',
        does: 'shows whether the server goes over to TLS',
        where: 'from-client',
      },
      strict: {
        run: 'openssl s_client -connect {server} -alpn tds/8.0 </dev/null',
        does: 'shows whether the server begins with TLS, as TDS 8.0 does',
        where: 'from-client',
      },
      proxied: {
        run: 'openssl s_client -proxy {server} -connect {target} </dev/null',
        does: 'shows what comes when the proxy opens the connection',
        where: 'from-client',
      },
      look: { run: 'nc -v {host} {port}', does: 'shows what the server says first', where: 'from-client' },
    },
  },
  // Some clients send a ClientHello although the server has left.
  applies: (connection) => {
    const { outcome, preamble, clientHello, partialClientHello, ending } = connection;
    return (
      preamble !== null &&
      (clientHello === null
        ? partialClientHello === null &&
          (outcome === 'not-tls' ||
            (outcome === 'failed' && alertToPlaintext(connection, innermost(preamble)) !== undefined))
        : outcome === 'failed' && ending.by === 'server' && (ending.frame ?? Infinity) < clientHello.frame)
    );
  },
  judge(connection, context) {
    const tcp = overTcp(connection);
    if (connection.preamble === null || tcp === null) return undefined;
    const preamble = innermost(connection.preamble);
    if (preamble.kind === 'openvpn' || tcp.client.missing + tcp.server.missing > 0) return undefined;
    const end = endOf(connection, preamble);
    // See client-speaks-plaintext; PostgreSQL 17 takes both ways.
    const isDropped = (end === 'closed' || end === 'reset') && preamble.kind !== 'postgres';
    const isPlaintextAmiss = end === 'otherProtocol' || isDropped;
    const [first] = connection.plaintext;
    const alert = alertToPlaintext(connection, preamble);
    const isPlaintext = end === 'plaintext' || end === 'plaintextBehindProxy' || end === 'plaintextDropped';
    const isTlsExpected = isSecurePort(first?.protocol ?? null, connection.server.port);
    if (isPlaintextAmiss && (isTlsExpected || speaksTls(connection, context))) return undefined;
    // A request that did not arrive is a network problem, and says nothing about TLS.
    if (end === undefined || (end === 'unanswered' && !tcp.client.acknowledged)) return undefined;
    const request = stepOf(preamble, 'request');
    const protocol = starttlsOption(preamble.kind);
    const data = {
      kind: preambleName(preamble.kind),
      server: connectTo(connection),
      host: connection.server.address,
      port: connection.server.port,
      client: connection.client.address,
      words: stepOf(preamble, 'plaintext')?.text ?? '',
      reply: preamble.reply ?? '',
      target: preamble.target ?? '',
      waited: duration(
        request === undefined ? 0 : millisecondsBetween(request.at, connection.ending.at ?? connection.endedAt),
      ),
      protocol: protocol ?? '',
    };
    const isAsked = preamble.kind === 'http-connect' && preamble.target !== null;
    const command = isAsked ? 'proxied' : protocol === undefined ? 'look' : 'confirm';
    // A proxy says why it refuses. What closes at once may be no proxy, but a TLS server: see client-speaks-plaintext.
    const isNoProxy = end === 'closed' && isUnansweredConnect(connection);
    // Nothing behind the port (a published port of a container, a balancer without a back end), or a limit, ends it in the same way.
    const isMute = (end === 'closed' || end === 'reset') && tcp.server.bytes === 0;
    const isOfStrict = preamble.kind === 'mssql' && (end === 'reset' || end === 'closed');
    return {
      // The client may have left without a fault: it may only have asked whether the server has TLS, or given up.
      support:
        isDoubtful(connection) || isNoProxy || isMute || end === 'plaintextDropped' || end === 'agreedAndLeft'
          ? 'open'
          : isPlaintext
            ? 'confirmed'
            : 'supported',
      // That it ended is seen; why is not.
      basis: isPlaintext || end === 'otherProtocol' ? 'fact' : 'ending',
      explanation: { id: end, data },
      evidence: [
        ...preambleEvidence(preamble),
        ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert)),
      ],
      remedies:
        isPlaintext || end === 'agreedAndLeft'
          ? [{ who: 'client', id: 'client', command, data }]
          : [
              ...(isOfStrict ? [{ who: 'client', id: 'strict', command: 'strict', data } as const] : []),
              { who: 'server', id: 'server', command, data },
              { who: 'network', id: 'network', data },
            ],
    };
  },
});
