import type { Connection } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import { party } from '../../message.js';
import { clientHelloEvidence, closeEvidence, evidence } from '../evidence/citations.js';
import { differencesOf, isIntact, pointNumber } from '../evidence/path.js';
import { placesOf } from '../evidence/places.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    both: 'Both sides got a reset in the name of the other, and neither sent one: a device between points {first} and {second} reset the connection. The reset that the {to} got has TTL {ttl}, other packets of the {from} have {usual}.',
    one: 'The {to} got a reset in the name of the {from}, which never sent it: point {far} shows it, and point {near} does not. A device between the two reset the connection. The reset has TTL {ttl}, other packets of the {from} have {usual}.',
    refused:
      'The SYN of {client} was answered with a reset in the name of {connect} (TTL {ttl}). Point {near} shows that, and point {far} nothing of the connection: a device between the two refused it, not the server.',
    refusedPerhaps:
      'The SYN of {client} was answered with a reset in the name of {connect} (TTL {ttl}). Point {near} shows that, and point {far} nothing of the connection. If its capture ran and the connection leads there, a device between the two refused it.',
    late: 'The {to} got a reset of the {from}: point {far} shows it, and point {near} does not, whose capture may have been over by then. If the {from} did not send it, a device between the two did.',
  },
  evidence: {
    seenRefusal: 'a reset in the name of the server, to which point {far} shows no SYN',
    seenForged: 'a reset in the name of the {from} (TTL {ttl}), which point {near} does not show',
  },
  remedies: {
    path: 'Look for the firewall or inspection device between points {first} and {second}: its log names the rule; a server name or an unusual ClientHello is a common trigger.',
  },
  commands: {
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
      does: 'shows the handshake, message by message',
      where: 'from-client',
    },
  },
  exclusions: {
    sent: 'The reset is seen at every point of the path that shows the connection: the {from} sent it.',
  },
});

export const middleboxReset = defineRule({
  id: 'middlebox-reset',
  title: 'A device on the path resets the connection',
  description:
    'A reset arrived in the name of a side that never sent it: a firewall or inspection device on the path sent it.',
  settledBy: 'A capture at each end shows whether that side sent the reset, or a device on the path did.',
  role: 'cause',
  readsGaps: true,
  severity: 'error',
  sources: ['RFC 3360 §2', 'RFC 9293 §3.5.2'],
  messages,
  applies: (connection) =>
    connection.outcome === 'failed' && connection.path !== undefined && overTcp(connection) !== null,
  judge(connection) {
    const resets = differencesOf(connection, 'inserted').filter(({ what }) => what === 'reset');
    const own = resets.find(({ from, between }) => isTowards(connection, from, between)) ?? resets[0];
    if (own === undefined) return refusedBetween(connection) ?? sentReset(connection);
    const [here, there] = own.between;
    const [near, far] = own.from === 'client' ? [here, there] : [there, here];
    const isBoth = resets.some(({ from }) => from !== own.from);
    const data = {
      ...placesOf(connection),
      from: party(own.from),
      first: pointNumber(here),
      second: pointNumber(there),
      to: party(own.from === 'client' ? 'server' : 'client'),
      near: pointNumber(near),
      far: pointNumber(far),
      ttl: own.ttl,
      usual: own.usualTtl ?? '?',
    };
    return {
      support: own.isProven ? 'confirmed' : own.mayBeOver ? 'open' : 'supported',
      basis: 'fact',
      explanation: { id: own.mayBeOver ? 'late' : isBoth ? 'both' : 'one', data },
      evidence: [
        ...clientHelloEvidence(connection),
        ...resets.map((reset) => {
          const [first, second] = reset.between;
          return evidence(reset.at, 'seenForged', {
            from: party(reset.from),
            ttl: reset.ttl,
            near: pointNumber(reset.from === 'client' ? first : second),
          });
        }),
      ],
      remedies: [{ who: 'network', id: 'path', command: 'confirm', data }],
    };
  },
});

/** The reset that answered a SYN was sent between two points, of which the further one shows nothing of it. */
function refusedBetween(connection: Connection): VerdictOf<typeof messages> | undefined {
  const tcp = overTcp(connection);
  const reset = tcp?.resets.find(({ from }) => from === 'server');
  const absent = differencesOf(connection, 'absent').find(({ isAnswered }) => isAnswered);
  if (tcp?.synAck !== null || reset === undefined || absent === undefined) return undefined;
  const { isProven, between } = absent;
  const [near, far] = between.map(pointNumber) as [number, number];
  const data = { ...placesOf(connection), first: near, second: far, near, far, ttl: reset.ttl };
  return {
    support: isProven ? 'confirmed' : 'open',
    basis: 'fact',
    explanation: { id: isProven ? 'refused' : 'refusedPerhaps', data },
    evidence: [evidence(absent.at, 'seenSyn'), evidence(reset, 'seenRefusal', data)],
    remedies: [{ who: 'network', id: 'path', command: 'confirm', data }],
  };
}

/** Whether a reset in a side's name travelled towards the connection's own point. */
function isTowards({ path }: Connection, from: 'client' | 'server', [here, there]: readonly [number, number]): boolean {
  return path !== undefined && (from === 'client' ? path.own >= there : path.own <= here);
}

/** The reset that ended the connection was sent by the side in whose name it came; undefined if that is not visible. */
function sentReset(connection: Connection) {
  const { ending, path } = connection;
  if (ending.how !== 'reset' || ending.by === 'none' || ending.frame === null) return undefined;
  if (!isIntact(connection)) return undefined;
  const { frame, by } = ending;
  const packet = path?.packets.find(({ what, from, seen }) => {
    return what === 'reset' && from === by && seen.some((one) => one?.frame === frame);
  });
  const places = packet?.seen.filter((one) => one !== null).length ?? 0;
  if (places < 2) return undefined;
  return {
    support: 'excluded' as const,
    because: { id: 'sent' as const, data: { from: party(by) } },
    evidence: closeEvidence(connection),
  };
}
