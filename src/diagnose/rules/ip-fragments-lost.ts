import type { Side } from '../../connection/connection.js';
import { LARGE_EAP } from '../../connection/outcome.js';
import { overEap, overUdp } from '../../connection/connection.js';
import { party, times } from '../../message.js';
import { hasFatalAlert } from '../evidence/alerts.js';
import { clientHelloEvidence, evidence } from '../evidence/citations.js';
import { awaited, eapData, isSilenceSeen, lastPackets } from '../evidence/eap.js';
import { connectTo, placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

const SIDES: readonly Side[] = ['server', 'client'];

export const ipFragmentsLost = defineRule({
  id: 'ip-fragments-lost',
  title: 'IP fragments get lost on the path',
  description:
    'IP splits datagrams that are larger than a packet, and only their first fragments arrive: something drops the rest.',
  settledBy:
    'A capture at the sender: it shows all fragments if they get lost on the path; a capture filter by port leaves them out.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8900 §3', 'RFC 6347 §4.1.1.1'],
  messages: {
    explanations: {
      explanation:
        'The {from} sends datagrams larger than one packet. The capture has only the first IP fragment of {count} of them, and the handshake never gets past them. A firewall or a NAT on the path drops fragments without ports.',
      radius:
        'The RADIUS request with the answer of {client} is larger than one packet; only its first IP fragment is in the capture, sent {times}, and no answer came. Something on the path drops IP fragments.',
      behind:
        'The supplicant {client} answered with {bytes} bytes, the first large packet, and nothing more came: RADIUS needs more than one IP packet for that, and something on the path to the server may drop IP fragments.',
    },
    evidence: {
      seenFragment: 'the first fragment of a datagram; the rest never came ({count} such datagrams)',
    },
    remedies: {
      fragment:
        'Make the fragments that the supplicant sends smaller (wpa_supplicant: fragment_size=1200), or lower the MTU towards it, so that RADIUS fits into one packet.',
      mtu: "Lower the datagram size of the {from}'s DTLS library (OpenSSL: SSL_set_mtu, s_server -mtu; Mbed TLS: mbedtls_ssl_set_mtu), so that it cuts messages itself; or send a shorter certificate chain.",
      pass: 'Let IP fragments pass through the firewalls between {client} and {connect}.',
    },
    commands: {
      confirm: {
        run: 'ping -c 3 -s 3000 {host}',
        does: 'shows whether packets that are fragmented get through',
        where: 'from-client',
      },
    },
  },
  applies: (connection) =>
    connection.outcome === 'failed' && (overUdp(connection) !== null || awaited(connection) === 'server'),
  judge(connection) {
    const carrier = overEap(connection);
    if (carrier !== null) {
      const { unanswered, client } = carrier;
      const isCut = unanswered?.isCut === true;
      if (hasFatalAlert(connection) || (!isCut && client.lastLength <= LARGE_EAP)) return undefined;
      const data = {
        ...eapData(connection),
        connect: connectTo(connection),
        times: times(unanswered?.times ?? 1),
        bytes: client.lastLength,
      };
      return {
        support: isCut && isSilenceSeen(connection) ? 'supported' : 'open',
        basis: 'fact',
        explanation: { id: isCut ? 'radius' : 'behind', data },
        evidence: isCut
          ? [evidence(unanswered.first, 'seenFragment', { count: unanswered.times })]
          : lastPackets(carrier),
        remedies: [
          { who: 'client', id: 'fragment', data },
          { who: 'network', id: 'pass', command: 'confirm', data },
        ],
      };
    }
    const udp = overUdp(connection);
    if (udp === null || hasFatalAlert(connection)) return undefined;
    for (const from of SIDES) {
      const { fragmented, mostResent } = udp[from];
      if (fragmented === null) continue;
      const data = {
        ...placesOf(connection),
        from: party(from),
        count: fragmented.datagrams,
        host: connection.server.address,
      };
      // If it is sent again, and lost again, the capture is not to blame.
      const isRepeated = fragmented.datagrams > 1 || mostResent !== null;
      return {
        support: isRepeated ? 'supported' : 'open',
        basis: 'fact',
        explanation: { id: 'explanation', data },
        evidence: [...clientHelloEvidence(connection), evidence(fragmented, 'seenFragment', data)],
        remedies: [
          { who: from, id: 'mtu', data },
          { who: 'network', id: 'pass', command: 'confirm', data },
        ],
      };
    }
    return undefined;
  },
});
