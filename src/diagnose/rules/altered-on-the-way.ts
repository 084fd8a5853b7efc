import { party } from '../../message.js';
import { phrase } from '../phrases.js';
import { sidesOf } from '../evidence/alerts.js';
import { alertEvidence, evidence } from '../evidence/citations.js';
import { messageBetween } from '../evidence/messages.js';
import { differencesOf, pointNumber } from '../evidence/path.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

/** bad_record_mac, decryption_failed (up to TLS 1.0), decrypt_error. */
const COMPLAINTS: ReadonlySet<number | null> = new Set([20, 21, 51]);

export const alteredOnTheWay = defineRule({
  id: 'altered-on-the-way',
  title: 'Bytes are altered on the path',
  description:
    'What arrived is not what was sent: a device on the path, or a fault in one, changed bytes of the handshake.',
  settledBy: 'A capture at each end: the bytes differ if something on the path altered them.',
  role: 'cause',
  readsGaps: true,
  severity: 'error',
  sources: ['RFC 8446 §4.4.4', 'RFC 9001 §5.2'],
  messages: {
    explanations: {
      altered:
        'What the {from} sent arrived altered: {what} changed between points {first} and {second}, from its byte {offset} on ({sent} was sent, {received} arrived). TLS protects every byte of a handshake, so this one cannot succeed.',
      sealed:
        'A record of the {from} {address} does not decrypt with the keys of its session, although the other records do. It was altered after it was sent, so the {peer} cannot read it either. A device on the path, or a fault in one, changed it.',
      inserted:
        'Bytes that the {from} never sent arrived in its name: point {far} shows {count} of them, and point {near} does not. A device on the path inserted them.',
    },
    evidence: {
      seenSent: 'as it was sent: {sent} from byte {offset} on',
      seenArrived: 'as it arrived: {received} from byte {offset} on',
      seenSealed: 'a record whose authentication tag does not fit, though the keys do',
      seenInserted: '{count} bytes that the {from} never sent (TTL {ttl})',
    },
    remedies: {
      between:
        'Look for a device between {client} and {connect} that changes data: an inspection device, a faulty network card or its offloading. Captures at several points show between which two it is.',
      path: 'Look for the device between points {first} and {second} that changes data: an inspection device, a NAT gateway with an application layer gateway, a faulty network card or its offloading. Take it off the path, and try again.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
        does: 'shows the handshake, message by message',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome, path, keys }) =>
    outcome === 'failed' && (path !== undefined || (keys !== null && keys.altered !== null)),
  judge(connection) {
    const [altered] = differencesOf(connection, 'altered');
    if (altered !== undefined) {
      const [here, there] = altered.between;
      const data = {
        ...placesOf(connection),
        from: party(altered.from),
        first: pointNumber(here),
        second: pointNumber(there),
        count: altered.bytes,
        offset: altered.offset,
        sent: altered.sent,
        received: altered.received,
        what:
          altered.message === null
            ? phrase('anUnknownPacket')
            : phrase('aPacketWith', { message: messageBetween(altered.message) }),
      };
      return {
        support: 'confirmed',
        basis: 'fact',
        explanation: { id: 'altered', data },
        evidence: [evidence(altered.at, 'seenSent', data), evidence(altered.arrived, 'seenArrived', data)],
        remedies: [{ who: 'network', id: 'path', command: 'confirm', data }],
      };
    }
    const sealed = connection.keys?.altered ?? null;
    if (sealed !== null) {
      const data = { ...placesOf(connection), ...sidesOf(connection, sealed) };
      const complaint = connection.alerts.find(
        ({ from, code, frame }) => from !== sealed.from && COMPLAINTS.has(code) && frame >= sealed.frame,
      );
      return {
        support: complaint === undefined ? 'supported' : 'confirmed',
        basis: 'fact',
        explanation: { id: 'sealed', data },
        evidence: [evidence(sealed, 'seenSealed'), ...(complaint === undefined ? [] : alertEvidence(complaint))],
        remedies: [{ who: 'network', id: 'between', command: 'confirm', data }],
      };
    }
    const inserted = differencesOf(connection, 'inserted').find(({ what }) => what === 'data');
    if (inserted === undefined) return undefined;
    const [here, there] = inserted.between;
    const [near, far] = inserted.from === 'client' ? [here, there] : [there, here];
    const data = {
      ...placesOf(connection),
      from: party(inserted.from),
      first: pointNumber(here),
      second: pointNumber(there),
      near: pointNumber(near),
      far: pointNumber(far),
      count: inserted.bytes,
      ttl: inserted.ttl,
    };
    return {
      support: inserted.isProven ? 'confirmed' : inserted.mayBeOver ? 'open' : 'supported',
      basis: 'fact',
      explanation: { id: 'inserted', data },
      evidence: [evidence(inserted.at, 'seenInserted', data)],
      remedies: [{ who: 'network', id: 'path', command: 'confirm', data }],
    };
  },
});
