import type { Connection } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import { phrase } from '../phrases.js';
import { alertText, helloRejection } from '../evidence/alerts.js';
import {
  alertEvidence,
  clientHelloEvidence,
  closeEvidence,
  evidence,
  otherConnectionEvidence,
} from '../evidence/citations.js';
import { compare, isShared } from '../evidence/compare.js';
import { waited } from '../evidence/endings.js';
import { helloBytes, POST_QUANTUM, spansSegments } from '../evidence/hello-size.js';
import { placesOf } from '../evidence/places.js';
import { hasServerAnswered } from '../evidence/progress.js';
import { defineRule } from '../rule.js';

/** A server that has the whole ClientHello answers sooner, in milliseconds. */
const PATIENCE_MS = 1000;

/** Alerts of who has read half a ClientHello, or none. */
const ALERTS: ReadonlySet<string> = new Set([
  'decode_error',
  'handshake_failure',
  'internal_error',
  'illegal_parameter',
  'unexpected_message',
  'record_overflow',
]);

/** Those of who has read it, and refuses what it offers or has a fault of its own: nothing speaks for its length without one that got through. */
const ALERTS_OF_READERS: ReadonlySet<string> = new Set(['handshake_failure', 'internal_error']);

/** How a ClientHello that arrived went unanswered; undefined if it did not, or got lost. */
function endOf(connection: Connection) {
  const { ending } = connection;
  if (hasServerAnswered(connection) || overTcp(connection)?.client.acknowledged !== true) return undefined;
  const alert = helloRejection(connection);
  if (alert !== undefined) {
    if (!ALERTS.has(alert.name ?? '')) return undefined;
    const isRead = ALERTS_OF_READERS.has(alert.name ?? '');
    return { isRead, how: phrase('withAlert', { alert: alertText(alert) }), evidence: alertEvidence(alert) };
  }
  if (ending.by === 'server') {
    const how = phrase(ending.how === 'reset' ? 'byReset' : 'byClosing');
    return { isRead: false, how, evidence: closeEvidence(connection) };
  }
  const isSilence = ending.how === 'timeout' || waited(connection) >= PATIENCE_MS;
  return isSilence ? { isRead: false, how: phrase('bySilence'), evidence: closeEvidence(connection) } : undefined;
}

export const clientHelloSizeIntolerant = defineRule({
  id: 'client-hello-size-intolerant',
  title: 'Server cannot read a ClientHello in several segments',
  description: 'The server, or a device in front of it, cannot read a ClientHello that comes in several TCP segments.',
  settledBy:
    'The same client with a ClientHello that fits into one segment (without post-quantum groups) gets an answer; one without a server name but padded to the same size gets none.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §4.1.2', 'RFC 8446 §5.1', 'RFC 7685 §3'],
  messages: {
    explanations: {
      explanation:
        'The ClientHello has {bytes} bytes and comes in several TCP segments. It arrived, but was refused {how}. The ClientHellos that {connect} answered have at most {longest} bytes, fit into one segment each, and offer nothing that this one lacks: the server, or a device in front of it, reads only the first segment.',
      postQuantum:
        'The ClientHello has {bytes} bytes, because of its post-quantum key share ({group}), and comes in several TCP segments. It arrived, but was refused {how}. The ClientHellos that {connect} answered have at most {longest} bytes, fit into one segment each, and offer nothing that this one lacks: the server, or a device in front of it, reads only the first segment.',
      alone:
        'The ClientHello has {bytes} bytes and comes in several TCP segments. It arrived, but was refused {how}. Some servers, and some devices in front of them, read only the first segment. No connection shows whether {connect} answers a shorter one.',
    },
    evidence: {
      seenLong: 'ClientHello of {bytes} bytes, more than the {segment} of one segment',
    },
    remedies: {
      device:
        'Upgrade the server at {connect} and every load balancer, firewall and inspection device in front of it: they have to collect a ClientHello from several segments before they judge it.',
      smaller: 'Until then, let {client} send a smaller ClientHello: no post-quantum groups, no other large extension.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -groups X25519MLKEM768 </dev/null; openssl s_client -connect {connect} {sni} -groups X25519 </dev/null',
        does: 'shows whether a small ClientHello works where a large one fails',
        where: 'from-client',
      },
    },
    exclusions: {
      longerWorked: 'The server answered another ClientHello of more than one segment ({longest} bytes).',
    },
  },
  applies: (connection) =>
    connection.outcome === 'failed' && connection.clientHello !== null && overTcp(connection) !== null,
  judge(connection, context) {
    const { clientHello } = connection;
    const tcp = overTcp(connection);
    const bytes = helloBytes(connection);
    if (tcp === null || clientHello === null || bytes === null || spansSegments(connection) !== true) return undefined;
    const end = endOf(connection);
    const accepted = context.serverHistory.acceptedBy(connection);
    const other = accepted.longestClientHello?.[1];
    if (end === undefined || (other === undefined && (accepted.count > 0 || end.isRead))) return undefined;
    const longest = other === undefined ? 0 : (helloBytes(other) ?? 0);
    const worked =
      other === undefined ? [] : otherConnectionEvidence(other, phrase('clientHelloOf', { bytes: longest }));
    if (other !== undefined && spansSegments(other) !== false) {
      return { support: 'excluded', because: { id: 'longerWorked' as const, data: { longest } }, evidence: worked };
    }
    // Another name, or another offer, may as well be what is refused.
    const isAlike =
      other !== undefined &&
      isShared(compare(connection, accepted)) &&
      accepted.serverNames.has(clientHello.serverName);
    const group = clientHello.keyShareGroups.find((name) => POST_QUANTUM.test(name));
    const data = {
      ...placesOf(connection),
      bytes,
      longest,
      group: group ?? '',
      how: end.how,
      segment: Math.min(tcp.server.mss ?? Infinity, tcp.client.largestSegment || Infinity),
    };
    return {
      support: isAlike ? 'supported' : 'open',
      basis: 'fact',
      explanation: { id: other === undefined ? 'alone' : group === undefined ? 'explanation' : 'postQuantum', data },
      evidence: [
        ...clientHelloEvidence(connection),
        evidence({ ...clientHello, from: 'client' }, 'seenLong', data),
        ...end.evidence,
        ...worked,
      ],
      remedies: [
        { who: 'network', id: 'device', command: 'confirm', data },
        { who: 'client', id: 'smaller', data },
      ],
    };
  },
});
