import { overEap } from '../../connection/connection.js';
import { hasFatalAlert } from '../evidence/alerts.js';
import { awaited, eapData, isFragmentAwaited, lastPackets } from '../evidence/eap.js';
import { defineRule } from '../rule.js';

export const eapFragmentLost = defineRule({
  id: 'eap-fragment-lost',
  title: 'EAP fragment gets lost',
  description:
    'A TLS message comes in several EAP packets, and one of them never arrives: the conversation stops there.',
  settledBy: 'A capture at the other end, in addition to this one: it shows which packet left and did not arrive.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5216 §2.1.5', 'RFC 3579 §2.4'],
  messages: {
    explanations: {
      unanswered:
        'The RADIUS server {server} sent an EAP fragment of {bytes} bytes, and the supplicant {client} ({identity}) did not acknowledge it, although it had acknowledged those before it: the fragment, or its acknowledgment, got lost on the path, or the supplicant was gone by then.',
      next: 'The supplicant {client} ({identity}) acknowledged an EAP fragment of {bytes} bytes, and the next one never came: it got lost between the RADIUS server and {server}, or further on.',
    },
    evidence: {},
    remedies: {
      size: 'Make the fragments smaller: in FreeRADIUS fragment_size of the eap module, in others Framed-MTU (1344 is common), so that EAP, RADIUS and tunnels fit into one packet.',
      path: 'Look between switch, controller and RADIUS server for what drops large packets or IP fragments: tunnels, VPNs, firewalls.',
    },
    commands: {
      confirm: {
        run: 'ping -c 3 -M do -s 1472 {host}',
        does: 'shows whether packets of this size get through without fragmentation',
        where: 'from-client',
      },
    },
  },
  applies: (connection) => connection.outcome === 'failed' && awaited(connection) !== null,
  judge(connection) {
    const carrier = overEap(connection);
    if (carrier === null || hasFatalAlert(connection)) return undefined;
    const { server, unanswered } = carrier;
    const isClients = awaited(connection) === 'client';
    if (!isFragmentAwaited(connection) || unanswered?.isCut === true) return undefined;
    const data = { ...eapData(connection), bytes: server.lastLength };
    return {
      // A supplicant may be gone (it roams, or sleeps), or dislike a complete message; a server whose turn it is may be silent.
      support: 'open',
      basis: 'fact',
      explanation: { id: isClients ? 'unanswered' : 'next', data },
      evidence: lastPackets(carrier),
      remedies: [
        { who: 'server', id: 'size', data },
        { who: 'network', id: 'path', command: 'confirm', data },
      ],
    };
  },
});
