import { LARGE_EAP } from '../../connection/outcome.js';
import { overEap } from '../../connection/connection.js';
import { hasFatalAlert } from '../evidence/alerts.js';
import { evidence } from '../evidence/citations.js';
import { awaited, eapData, isFragmentAwaited, isSilenceSeen, lastPackets } from '../evidence/eap.js';
import { times } from '../../message.js';
import { defineRule } from '../rule.js';

export const radiusSilent = defineRule({
  id: 'radius-silent',
  title: 'RADIUS server does not answer',
  description:
    'The supplicant waits for the next EAP request, but the RADIUS server does not answer, or packets to or from it get lost.',
  settledBy: 'A capture between the switch and the RADIUS server: it shows whether requests arrive and answers leave.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 2865 §2.4', 'RFC 3579 §2.2'],
  messages: {
    explanations: {
      never:
        'The RADIUS server {server} answered none of the requests: the last one was sent {times}. It does not run, does not know the sender or has another shared secret, or packets do not get through.',
      halfway:
        'The RADIUS server {server} answered before (requests answered: {answers}), but not the next request, which was sent {times}.',
      behind:
        'The supplicant {client} ({identity}) answered, and no further EAP request came from {server}: the RADIUS server behind it is silent, or its answer got lost.',
    },
    evidence: {
      seenRequest: 'RADIUS request, sent {times} without an answer',
    },
    remedies: {
      server: 'Check that the RADIUS server runs and listens, and that its log shows these requests.',
      path: 'Check the path between switch and RADIUS server: addresses, ports 1812 and 1645, firewalls.',
    },
    commands: {
      confirm: {
        run: 'echo Message-Authenticator=0x00 | radclient -x {host}:{port} status SECRET',
        does: 'shows whether the RADIUS server answers to this secret',
        where: 'radius-client',
      },
    },
  },
  applies: (connection) => connection.outcome === 'failed' && awaited(connection) === 'server',
  judge(connection) {
    const carrier = overEap(connection);
    if (carrier === null || hasFatalAlert(connection) || carrier.unanswered?.isCut === true) return undefined;
    const { unanswered, answers, kind } = carrier;
    const isLarge = carrier.client.lastLength > LARGE_EAP;
    const isRadius = kind === 'radius' && unanswered !== null;
    const data = { ...eapData(connection), times: times(unanswered?.times ?? 1), answers };
    return {
      // That nothing comes is seen; why is not. A large request may have been lost instead.
      support: isSilenceSeen(connection) && !isFragmentAwaited(connection) && !isLarge ? 'supported' : 'open',
      basis: 'ending',
      explanation: { id: isRadius ? (answers === 0 ? 'never' : 'halfway') : 'behind', data },
      evidence: isRadius ? [evidence(unanswered.first, 'seenRequest', data)] : lastPackets(carrier),
      remedies: [
        { who: 'server', id: 'server', command: 'confirm', data },
        { who: 'network', id: 'path', data },
      ],
    };
  },
});
