import { PLAINTEXT_NAMES } from '../../knowledge/protocol-names.js';
import { u16, u8 } from '../../bytes.js';
import { overTcp, overUdp, type Alert, type Connection } from '../../connection/connection.js';
import { TLS_PORTS } from '../../knowledge/ports.js';
import { PROTOCOL_AT, TLS_OF_PROTOCOLS, type TlsOfProtocol } from '../../knowledge/tls-of-protocols.js';
import type { PlaintextProtocol } from '../../preamble/plaintext.js';
import {
  innermost,
  asksForTls,
  preambleName,
  starttlsOption,
  type Preamble,
  type PreambleKind,
} from '../../preamble/preamble.js';
import { alertName } from '../../tls/wire/registry/names.js';
import { alertText, helloRejection } from '../evidence/alerts.js';
import type { Context } from '../context.js';
import {
  clientHelloEvidence,
  closeEvidence,
  otherConnectionEvidence,
  otherPlaintextEvidence,
  plaintextEvidence,
  serverHelloEvidence,
} from '../evidence/citations.js';
import { hasWaitedInVain, PATIENCE_MS, silentFor } from '../evidence/endings.js';
import { hasHelloArrived } from '../evidence/undelivered.js';
import { isDoubtful } from '../evidence/gaps.js';
import { isDropped } from '../evidence/hello-refusals.js';
import { connectTo } from '../evidence/places.js';
import { isBadRequest } from '../evidence/http-answers.js';
import { closingAt, startingWithTls, waitingAt } from '../evidence/plaintext.js';
import { hasServerAnswered } from '../evidence/progress.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    explanation:
      'The client sent a ClientHello to {server}, which answered with something else ({words}): that port does not speak TLS.',
    elsewhere:
      'The client sent a ClientHello to {server}, which answered with something else ({words}), although it speaks TLS with others. Several servers share that address and port, and one of them does not speak TLS; or what stands in front of them, or a device on the path, answered in their place.',
    refused:
      'The client sent a ClientHello to {server}, which answered with a refusal in plaintext ({words}). Either that port does not speak TLS, or its server refuses this client before TLS begins: too many connections, an address that it blocks, or a PROXY header that it expects and does not get (Postfix says "Server local error").',
    http2:
      'The client sent a ClientHello to {server}, which answered with a SETTINGS frame: that port speaks HTTP/2 without TLS (h2c), as gRPC servers do.',
    unreadDatagrams:
      'The client sent a ClientHello of DTLS to {server} again and again, and nothing came back. Nothing in the capture shows that port {port} speaks DTLS: a service that expects another protocol there, as CoAP without DTLS, drops what it cannot read.',
    greeted:
      'The client sent a ClientHello to {server}, whose plaintext ({words}) crossed it. The client, which expects TLS from the first byte, took that for the answer and left. The server begins every connection with that greeting, and goes over to TLS behind it (as NATS does).',
    agreed:
      'The server agreed to TLS ({kind}); the client sent a ClientHello, and {server} answered it with something else ({words}).',
    closed:
      'The client sent a ClientHello to {server}, which closed the connection at once. Port {port} is that of {kind}, which usually begins in plaintext: a server that expects it cannot read a ClientHello.',
    closedUnlikeOthers:
      'The client sent a ClientHello to {server}, which closed the connection at once. Others began in plaintext there ({kind}): a server that expects it cannot read a ClientHello.',
    silent:
      'The client sent a ClientHello to {server}, which acknowledged it and said nothing. Port {port} is that of {kind}, which usually begins in plaintext: a server that expects it may wait for the rest of a request, as Redis does.',
    closedUnknown:
      'The client sent a ClientHello to {server}, which closed the connection at once. Nothing in the capture shows that port {port} speaks TLS: a server that expects another protocol there cannot read a ClientHello.',
    silentUnknown:
      'The client sent a ClientHello to {server}, which acknowledged it and said nothing. Nothing in the capture shows that port {port} speaks TLS: a server that expects another protocol there may wait for the rest of a request.',
    silentUnlikeOthers:
      'The client sent a ClientHello to {server}, which acknowledged it and said nothing. Others spoke {kind} in plaintext there: a server that expects it may wait for the rest of a request, as Redis does.',
  },
  evidence: {},
  remedies: {
    greeted:
      'Let {client} read the greeting before it begins with TLS, as a client of that protocol does, or let the server begin with TLS (NATS: handshake_first). A plain TLS client (openssl s_client, a load balancer that ends TLS, a health check) cannot talk to such a port.',
    agreed:
      'Find what reads the ClientHello at {server} as plaintext: a proxy or mail filter in front that passes on the consent to TLS but not TLS itself, or a service that agrees to TLS without having it.',
    share:
      'Compare all servers behind {server}, and what chooses among them (a load balancer, a port shared by several protocols): each must speak TLS there. Repeat the command to meet each of them.',
    http: 'Direct {client} to the port where the service speaks TLS, or switch TLS off for this one (http:// instead of https://).',
    http2:
      'Direct {client} to the port where the service speaks TLS, or switch TLS off for this one (gRPC: insecure credentials; grpcurl: -plaintext, as -insecure keeps TLS).',
    port: 'Direct {client} to the port where the service speaks TLS, or switch TLS off for this one.',
    scheme:
      'Direct {client} to the port where the service speaks {kind} over TLS, or switch TLS off for this one ({plain} instead of {secure}).',
    ssh: 'SSH encrypts by itself, without TLS: use an SSH client for this port, or direct {client} to the port of the service that it looks for.',
    header:
      'Or, if a load balancer before {server} sends the PROXY protocol, let the listener expect it: some servers call its header a bad request.',
    enable: 'Or configure TLS for the port at {server} (nginx: listen … ssl; a load balancer: a TLS listener).',
    enableFor: 'Or switch TLS on for {kind} at {server}.',
    ask: '{kind} begins in plaintext at this port, and goes over to TLS if the client asks for it: let {client} do that, not begin with TLS.',
    implicit: 'Or direct {client} to port {tlsPort}, where {kind} begins with TLS, if {host} serves that.',
    starttls:
      'If the protocol begins in plaintext (SMTP on 25 and 587, IMAP on 143), use its STARTTLS instead of TLS from the first byte.',
  },
  commands: {
    confirm: {
      run: 'openssl s_client -connect {server} </dev/null',
      does: 'shows whether the server speaks TLS on this port',
      where: 'from-client',
    },
    starttls: {
      run: 'openssl s_client -connect {server} -starttls {protocol} </dev/null',
      does: 'shows whether the server goes over to TLS',
      where: 'from-client',
    },
    confirmDatagrams: {
      run: 'openssl s_client -dtls -connect {server} </dev/null',
      does: 'shows whether the server speaks DTLS on this port',
      where: 'from-client',
    },
    look: { run: 'nc -v {host} {port}', does: 'shows what the server says first', where: 'from-client' },
  },
  exclusions: {
    alert:
      'The answer of {server} has the length and the end of alert {alert}, after a record header that is not a TLS one.',
  },
});

type Verdict = VerdictOf<typeof messages>;

/**
 * What a server says that accepts no connection: of SMTP, FTP and NNTP (RFC 5321 §4.2.1), and IMAP (RFC 9051 §7.1.5). Replies
 * 50x are about a command: the server reads the ClientHello as one.
 */
const REFUSAL = /^(?:(?:4\d|5[1-9])\d[ -]|\* BYE\b)/;

/** Of these, those that may be about the moment, whatever was asked: 421 of Exim and Postfix, BYE. */
const TEMPORARY = /^(?:42\d|\* BYE\b)/;

export const serverSpeaksPlaintext = defineRule({
  id: 'server-speaks-plaintext',
  title: 'Server does not speak TLS on this port',
  description: 'The server answers the ClientHello with something other than TLS.',
  settledBy: "The server's configuration of that port says whether TLS is switched on there.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §5.1'],
  messages,
  // After a gap, apparent plaintext is the rest of a record; in EAP, that of a message with missing fragments.
  applies: (connection) =>
    connection.outcome === 'failed' &&
    connection.eap === null &&
    connection.clientHello !== null &&
    (connection.plaintext.some(({ from }) => from === 'server')
      ? connection.transport.server.missing === 0
      : connection.preamble === null &&
        (isDropped(connection) || isUnheard(connection) || isUnheardDatagram(connection))),
  judge(connection, context) {
    const { clientHello, preamble } = connection;
    if (clientHello === null) return undefined;
    if (hasServerAnswered(connection)) return judgeGreeting(connection);
    if (isUnheardDatagram(connection)) return judgeDatagrams(connection);
    if (!connection.plaintext.some(({ from }) => from === 'server')) return judgeUnanswered(connection, context);
    const isAgreed = preamble !== null && innermost(preamble).state === 'accepted';
    if (!isAgreed && preamble !== null && (asksForTls(preamble) || isMasked(preamble))) return undefined;
    // The header of a packet that carries TLS (SQL Server).
    if (isAgreed && helloRejection(connection) !== undefined) return undefined;
    // The answer to the ClientHello counts, not what the server said before TLS was agreed.
    const words = connection.plaintext.find(
      ({ from, frame }) => from === 'server' && !(isAgreed && frame <= clientHello.frame),
    );
    if (words === undefined || isEmptyRecord(words.text)) return undefined;
    const alert = alertIn(words.text);
    if (alert !== null) {
      return {
        support: 'excluded',
        because: { id: 'alert', data: { server: connectTo(connection), alert: alertText(alert) } },
        evidence: plaintextEvidence(connection),
      } as const;
    }
    const isText = /^[\x20-\x7e]{3}/.test(words.text);
    const isOfHeader = !isAgreed && mayAnswerHeader(words.text, connection);
    // Servers refuse in this way at ports of TLS as well, as Exim does for too many connections.
    const isRefusal = !isAgreed && REFUSAL.test(words.text);
    // Then it is one of several servers, or a device on the path answers in its place.
    const speaksTlsToOthers = !isAgreed && startingWithTls(connection, context) !== undefined;
    const starttls = preamble === null ? undefined : starttlsOption(innermost(preamble).kind);
    const spoken = words.protocol ?? PROTOCOL_AT.get(connection.server.port) ?? null;
    // A banner that came first is an offer, also to a client that expects TLS at once.
    const data = {
      client: connection.client.address,
      server: connectTo(connection),
      words: words.text,
      kind: preamble === null ? '' : preambleName(preamble.kind),
      host: connection.server.address,
      port: connection.server.port,
      protocol: starttls ?? '',
    };
    return {
      // What came before the ClientHello is no answer to it. Bytes that are not text may be the rest of a record whose
      // beginning was lost.
      support:
        isDoubtful(connection) || (isRefusal && TEMPORARY.test(words.text)) || context.races.mayBeFallback(connection)
          ? 'open'
          : isText && !isOfHeader && !isRefusal && !speaksTlsToOthers
            ? 'confirmed'
            : 'supported',
      basis: 'fact',
      explanation: {
        id: isAgreed
          ? 'agreed'
          : isRefusal
            ? 'refused'
            : speaksTlsToOthers
              ? 'elsewhere'
              : words.protocol === 'http2'
                ? 'http2'
                : 'explanation',
        data,
      },
      evidence: [...clientHelloEvidence(connection), ...plaintextEvidence(connection)],
      remedies: isAgreed
        ? [{ who: 'server', id: 'agreed', command: starttls === undefined ? 'look' : 'starttls', data }]
        : [
            ...(speaksTlsToOthers
              ? [{ who: 'server', id: 'share', command: 'confirm', data } as const]
              : remediesFor(connection, spoken)),
            ...(isOfHeader ? [{ who: 'server', id: 'header', data } as const] : []),
          ],
    };
  },
});

/** Whether a device overwrote the server's offer of TLS: see starttls-not-offered. */
const isMasked = (preamble: Preamble): boolean => innermost(preamble).state === 'masked';

/** Whether a client of DTLS over UDP heard nothing at all, not even that the port is closed. */
function isUnheardDatagram(connection: Connection): boolean {
  const udp = overUdp(connection);
  return udp !== null && connection.protocol === 'dtls' && udp.server.datagrams === 0 && udp.icmp.length === 0;
}

function judgeDatagrams(connection: Connection): Verdict {
  const { client, server } = connection;
  const data = { client: client.address, server: connectTo(connection), port: server.port };
  return {
    support: 'open',
    basis: 'alert',
    explanation: { id: 'unreadDatagrams', data },
    evidence: clientHelloEvidence(connection),
    remedies: [{ who: 'client', id: 'port', command: 'confirmDatagrams', data }],
  };
}

/** A server that greets in plaintext, and answered the ClientHello behind it, when the client had left because of the greeting. */
function judgeGreeting(connection: Connection): Verdict | undefined {
  const { clientHello, serverHello, ending, preamble } = connection;
  const end = ending.by === 'client' ? ending.frame : null;
  if (clientHello === null || serverHello === null || end === null || serverHello.frame < end) return undefined;
  const words = connection.plaintext.find(({ from }) => from === 'server');
  if (words === undefined || words.frame < clientHello.frame || words.frame > end || preamble !== null)
    return undefined;
  const data = {
    client: connection.client.address,
    server: connectTo(connection),
    words: words.text,
    host: connection.server.address,
    port: connection.server.port,
  };
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id: 'greeted', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...plaintextEvidence(connection),
      ...closeEvidence(connection),
      ...serverHelloEvidence(connection),
    ],
    remedies: [{ who: 'client', id: 'greeted', command: 'look', data }],
  };
}

/**
 * Whether an answer is an empty TLS record and nothing else: it is TLS, but unreadable. A server of another protocol may send
 * back the beginning of the ClientHello (Modbus).
 */
function isEmptyRecord(words: string): boolean {
  return (
    words.length >= RECORD_HEADER &&
    words.slice(3, RECORD_HEADER) === '\0\0' &&
    isHeader(words) &&
    isHeader(words.slice(RECORD_HEADER))
  );
}

const RECORD_HEADER = 5;

/** Whether bytes may be the beginning of a TLS record, as far as they go. */
function isHeader(bytes: string): boolean {
  const [type = 0x16, major = 3, minor = 3] = Array.from(bytes.slice(0, 3), (character) => character.charCodeAt(0));
  return type >= 0x14 && type <= 0x17 && major === 3 && minor <= 4;
}

/** What to do about a server that speaks this protocol, or an unknown one, in plaintext. */
function remediesFor(connection: Connection, protocol: PlaintextProtocol | null): Verdict['remedies'] {
  const { client, server } = connection;
  const { preamble, port, schemes } = (protocol === null ? undefined : TLS_OF_PROTOCOLS[protocol]) ?? {};
  const starttls = preamble === undefined ? undefined : starttlsOption(preamble);
  const data = {
    client: client.address,
    server: connectTo(connection),
    host: server.address,
    port: server.port,
    kind: protocol === null ? '' : PLAINTEXT_NAMES[protocol],
  };
  if (protocol === null) {
    return [
      { who: 'client', id: 'port', command: 'confirm', data },
      { who: 'client', id: 'starttls', data },
      { who: 'server', id: 'enable', data },
    ];
  }
  if (protocol === 'ssh') return [{ who: 'client', id: 'ssh', command: 'look', data }];
  const enable = { who: 'server', id: 'enableFor', data } as const;
  if (starttls !== undefined) {
    return [
      { who: 'client', id: 'ask', command: 'starttls', data: { ...data, protocol: starttls } },
      ...(port === undefined || port === server.port
        ? []
        : [{ who: 'client', id: 'implicit', data: { ...data, tlsPort: port } } as const]),
      enable,
    ];
  }
  if (protocol === 'http' || protocol === 'http2') {
    return [
      { who: 'client', id: protocol, command: 'confirm', data },
      { who: 'server', id: 'enable', data },
    ];
  }
  if (schemes === undefined) return [{ who: 'client', id: 'port', command: 'confirm', data }, enable];
  const [plain, secure] = schemes;
  return [{ who: 'client', id: 'scheme', command: 'confirm', data: { ...data, plain, secure } }, enable];
}

/**
 * Whether the server acknowledged the ClientHello, and was silent until the client gave up or its own time limit was reached.
 */
function isUnheard(connection: Connection): boolean {
  const tcp = overTcp(connection);
  if (tcp === null || tcp.server.bytes + tcp.server.missing > 0 || tcp.server.uncaptured !== null) return false;
  // OpenSSL's clients answer the close with an alert, which nobody acknowledges.
  if (isClosedLate(connection)) return true;
  return hasHelloArrived(connection) && (connection.ending.how === 'timeout' || hasWaitedInVain(connection));
}

/** Whether the server ended the connection, and too late for an answer to the ClientHello. */
const isClosedLate = (connection: Connection): boolean =>
  connection.ending.by === 'server' && !isDropped(connection) && silentFor(connection) >= PATIENCE_MS;

/** How clients that know what the port speaks begin: as others did, or as is usual at the port; null if unknown. */
function beginningAt(connection: Connection, context: Context) {
  const [[kind, other] = []] = context.serverHistory.acceptedBy(connection).beginnings;
  // For a missing PROXY header, see proxy-protocol-mismatch. A server that accepted a ClientHello from others can read one.
  if (kind === 'proxy-protocol' || startingWithTls(connection, context) !== undefined) return null;
  if (kind !== undefined && kind !== null && other !== undefined) {
    const name = preambleName(kind);
    return { name, protocol: PROTOCOL_OF.get(kind) ?? null, evidence: otherConnectionEvidence(other, name) };
  }
  const spoken = context.serverHistory.plaintextAt(connection);
  if (spoken !== undefined) {
    const name = PLAINTEXT_NAMES[spoken.protocol];
    return { name, protocol: spoken.protocol, evidence: [otherPlaintextEvidence(spoken, name)] };
  }
  const protocol = isUnheard(connection) ? waitingAt(connection) : closingAt(connection);
  if (protocol !== undefined) return { name: PLAINTEXT_NAMES[protocol], protocol, evidence: [] };
  // At a port of TLS, a server that says nothing is rather one that hangs; one that closes may be configured without TLS.
  const { server, ending } = connection;
  return TLS_PORTS.has(server.port) && ending.by !== 'server' ? null : { name: '', protocol: null, evidence: [] };
}

/** The protocol of each way from plaintext to TLS. */
const PROTOCOL_OF: ReadonlyMap<PreambleKind, PlaintextProtocol> = new Map(
  (Object.entries(TLS_OF_PROTOCOLS) as [PlaintextProtocol, TlsOfProtocol][]).flatMap(([protocol, { preamble }]) =>
    preamble === undefined ? [] : [[preamble, protocol] as const],
  ),
);

/** A server that closes on the ClientHello, or is silent: it may expect plaintext, by the port or as others show. */
function judgeUnanswered(connection: Connection, context: Context): Verdict | undefined {
  const { server, client, ending } = connection;
  const beginning = beginningAt(connection, context);
  if (beginning === null) return undefined;
  const isKnown = beginning.evidence.length > 0;
  const data = {
    client: client.address,
    server: connectTo(connection),
    kind: beginning.name,
    host: server.address,
    port: server.port,
  };
  const isNamed = beginning.name !== '';
  const closed = isKnown ? 'closedUnlikeOthers' : isNamed ? 'closed' : 'closedUnknown';
  const silent = isKnown ? 'silentUnlikeOthers' : isNamed ? 'silent' : 'silentUnknown';
  return {
    support: isKnown && !isDoubtful(connection) ? 'supported' : 'open',
    basis: isNamed ? 'fact' : 'alert',
    explanation: { id: isUnheard(connection) ? silent : closed, data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...(ending.frame === null ? [] : closeEvidence(connection)),
      ...beginning.evidence,
    ],
    remedies: remediesFor(connection, beginning.protocol),
  };
}

/** Ports on which a web server without TLS is no surprise (IANA Service Names, and frameworks). */
const HTTP_PORTS: ReadonlySet<number> = new Set([80, 3000, 5000, 8000, 8008, 8080, 8081, 8888]);

/**
 * Whether it may be a TLS port's answer (400) to a PROXY header that a load balancer put before the ClientHello
 * (nginx).
 */
const mayAnswerHeader = (words: string, { server }: Connection): boolean =>
  isBadRequest(words) && !HTTP_PORTS.has(server.port);

const ALERT_RECORD_LENGTH = 7;

/** The alert of a record whose header has no TLS type or version, although its lengths fit. */
function alertIn(text: string): Pick<Alert, 'name' | 'code'> | null {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length !== ALERT_RECORD_LENGTH || u16(bytes, 3) !== 2 || u8(bytes, 5) > 2) return null;
  const code = u8(bytes, 6);
  const name = alertName(code);
  return /^[a-z]/.test(name) ? { name, code } : null;
}
