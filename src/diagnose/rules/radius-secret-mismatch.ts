import { overEap } from '../../connection/connection.js';
import { evidence, otherConnectionEvidence } from '../evidence/citations.js';
import { awaited, eapData, isSilenceSeen } from '../evidence/eap.js';
import { defineRule } from '../rule.js';

export const radiusSecretMismatch = defineRule({
  id: 'radius-secret-mismatch',
  title: 'RADIUS shared secrets differ',
  description:
    'A RADIUS server silently drops requests that are signed with another secret than the one it has for the sender, or that come from a sender it does not know.',
  settledBy:
    'The log of the RADIUS server: for each such request it says that the Message-Authenticator is invalid, or the client unknown.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 3579 §3.2', 'RFC 2865 §3'],
  messages: {
    explanations: {
      explanation:
        'The RADIUS server {server} answered none of the requests of {sender}. A server that runs is silent when the Message-Authenticator of a request does not fit the shared secret, or when it does not know the sender.',
      others:
        'The RADIUS server {server} answers other senders, but none of the requests of {sender}: it has another shared secret for it, or does not know it.',
    },
    evidence: {
      seenRequest: 'RADIUS request, without an answer',
    },
    remedies: {
      secret:
        'Set the same shared secret for {sender} on the RADIUS server and on {sender}, with its address as the server sees it.',
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
  judge(connection, context) {
    const carrier = overEap(connection);
    const unanswered = carrier?.unanswered ?? null;
    if (carrier === null || unanswered === null || carrier.answers > 0 || unanswered.isCut) return undefined;
    // ICMP errors, or no visible silence, speak against it.
    if (carrier.icmp.length > 0 || !isSilenceSeen(connection)) return undefined;
    const others = [...context.serverHistory.acceptedBy(connection).versions.values()].slice(0, 1);
    const data = { ...eapData(connection), sender: connection.client.address };
    return {
      support: others.length > 0 ? 'supported' : 'open',
      basis: 'fact',
      explanation: { id: others.length > 0 ? 'others' : 'explanation', data },
      evidence: [
        evidence(unanswered.first, 'seenRequest'),
        ...others.flatMap((other) => otherConnectionEvidence(other, other.serverHello?.version ?? '')),
      ],
      remedies: [{ who: 'server', id: 'secret', command: 'confirm', data }],
    };
  },
});
