import { party, times } from '../../message.js';
import { overTcp, overUdp } from '../../connection/connection.js';
import { isUndeliverableToServer } from '../../connection/icmp.js';
import { phrase } from '../phrases.js';
import { hasFatalAlert } from '../evidence/alerts.js';
import { evidence } from '../evidence/citations.js';
import { messageBetween } from '../evidence/messages.js';
import { differencesOf, lostBySize, pointNumber } from '../evidence/path.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const lostBetween = defineRule({
  id: 'lost-between',
  title: 'Packets get lost between two points of the path',
  description:
    'One capture shows packets that another one further along the path does not. Something between the two drops them, and no copy sent later arrives either.',
  settledBy: 'A capture at a point between the two: it shows on which side of it the packets get lost.',
  role: 'cause',
  readsGaps: true,
  severity: 'error',
  sources: ['RFC 9293 §3.8.1', 'RFC 9147 §5.8', 'RFC 9002 §6'],
  messages: {
    explanations: {
      packets:
        'Point {near} shows {of} packets of the {from}. Of these, {packets} never reached point {far}, the first of them {what}: something between the two drops them.',
      all: 'Point {near} shows {times} what the {from} sent ({what}). It never reached point {far}: something between the two drops it.',
      absent:
        'Point {near} shows the connection, sent from {client} to {connect}; point {far} shows nothing of it, not even its first packet: something between the two drops it.',
    },
    evidence: {
      seenHere: 'sent ({what}), and never seen at point {far}',
      seenFirst: 'the first packet, and never seen at point {far}',
    },
    remedies: {
      path: 'Look for what drops packets of the {from} between points {first} and {second}: a firewall or its tables of connections, a rule, a route, a link that is full. Capture at points between the two to find where the packets disappear.',
      point:
        'Check that a capture at point {far} would have shown the connection: that it ran at that time, on the right interface, with a filter that lets it pass, at the server that {connect} leads to.',
    },
    commands: {
      confirm: { run: 'traceroute -n -T -p {port} {host}', does: 'shows how far packets get', where: 'from-client' },
    },
  },
  applies: (connection) => connection.outcome === 'failed' && connection.path !== undefined,
  judge(connection) {
    if (hasFatalAlert(connection)) return undefined;
    const { ending, server, eap } = connection;
    // A device that forges a reset also drops the rest; packets lost because of their size belong to
    // path-mtu-blackhole.
    const isReset = differencesOf(connection, 'inserted').some(({ what }) => what === 'reset');
    if (isReset || lostBySize(connection) !== undefined || differencesOf(connection, 'altered').length > 0)
      return undefined;
    const places = { ...placesOf(connection), host: server.address, port: server.port };
    const [absent] = differencesOf(connection, 'absent');
    if (absent !== undefined) {
      // Something answered in place of the side behind that point: see middlebox-reset, tls-intercepted.
      if (absent.isAnswered) return undefined;
      // ICMP says who refuses the packets: see tcp-connection-timeout, udp-blocked, udp-port-unreachable.
      const { icmp = [] } = overTcp(connection) ?? overUdp(connection) ?? {};
      if (icmp.some(isUndeliverableToServer)) return undefined;
      const [near, far] = absent.between;
      const data = {
        ...places,
        first: pointNumber(near),
        second: pointNumber(far),
        near: pointNumber(near),
        far: pointNumber(far),
        from: party('client'),
      };
      return {
        support: absent.isProven ? 'confirmed' : 'supported',
        basis: 'fact',
        explanation: { id: 'absent', data },
        evidence: [evidence(absent.at, 'seenFirst', data)],
        remedies: [
          { who: 'network', id: 'path', command: 'confirm', data },
          { who: 'network', id: 'point', data },
        ],
      };
    }
    const lost = differencesOf(connection, 'lost').find(({ what }) => what !== 'FIN' && what !== 'acknowledgment');
    if (lost === undefined) return undefined;
    // A side that closes without waiting did not close because of lost packets.
    const isWaiting = ending.how === 'timeout' || ending.how === 'none' || ending.by !== lost.from || eap !== null;
    if (!isWaiting) return undefined;
    const [here, there] = lost.between;
    const [near, far] = lost.from === 'client' ? [here, there] : [there, here];
    const isAll = lost.packets === lost.of;
    const what =
      lost.what !== 'data'
        ? phrase('aSegment', { segment: lost.what === 'reset' ? 'RST' : lost.what })
        : lost.message === null
          ? phrase('unknownBytes')
          : phrase('aMessage', { message: messageBetween(lost.message) });
    const data = {
      ...places,
      first: pointNumber(here),
      second: pointNumber(there),
      near: pointNumber(near),
      far: pointNumber(far),
      from: party(lost.from),
      packets: lost.packets,
      of: lost.of,
      times: times(lost.packets),
      what,
    };
    return {
      support: lost.isProven ? 'confirmed' : 'supported',
      basis: 'fact',
      explanation: { id: isAll ? 'all' : 'packets', data },
      evidence: [evidence(lost.at, 'seenHere', data)],
      remedies: [{ who: 'network', id: 'path', command: 'confirm', data }],
    };
  },
});
