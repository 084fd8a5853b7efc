import { certificateMessage } from '../../connection/certificate-message.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import { certificateData, certificateEvidence, evidence } from '../evidence/citations.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';
import { topicOf } from '../../knowledge/services/device-management.js';

export const pushTopicChanged = defineRule({
  id: 'push-topic-changed',
  title: 'Push certificate with another topic than before',
  description:
    'A device management server presents a push certificate with another topic than before. Enrolled devices listen only to the old topic.',
  role: 'risk',
  severity: 'warning',
  asksOthers: true,
  sources: ['RFC 5280 §4.1.2.6'],
  messages: {
    explanations: {
      explanation:
        'The client {client} presents a push certificate of topic {topic} (serial {serialNumber}, until {notAfter}); before, it presented one of topic {before} (serial {serialBefore}, until {endBefore}). Devices that were enrolled under the old topic get nothing that is sent under the new one.',
    },
    evidence: {
      seenBefore: 'connection {id}: certificate of topic {topic}, serial {serialNumber}',
    },
    remedies: {
      renew:
        'If the new certificate is meant as a renewal, it was made with another Apple account: put the old one (serial {serialBefore}) back while it is valid, and renew that one at identity.apple.com/pushcert with the account that made it.',
    },
    commands: {
      confirm: {
        run: 'openssl x509 -in push.pem -noout -subject -serial -enddate',
        does: 'shows whose the client certificate is, and when it expires',
        where: 'client',
      },
    },
  },
  applies: (connection) => topicOf(connection) !== undefined,
  judge(connection, context) {
    const [leaf] = connection.clientCertificates;
    const topic = topicOf(connection);
    const earlier = context.serverHistory
      .clientCertificatesOf(connection)
      .find(
        (one) =>
          topicOf(one) !== undefined &&
          topicOf(one) !== topic &&
          millisecondsBetween(one.startedAt, connection.startedAt) > 0,
      );
    const [old] = earlier?.clientCertificates ?? [];
    const message = earlier && certificateMessage(earlier, 'client');
    if (leaf === undefined || topic === undefined || earlier === undefined || old === undefined) return undefined;
    const before = topicOf(earlier) ?? '';
    const data = {
      ...placesOf(connection),
      ...certificateData(leaf),
      topic,
      before,
      serialBefore: old.serialNumber,
      endBefore: old.notAfter,
    };
    return {
      support: 'confirmed',
      basis: 'fact',
      subject: `${connection.client.address} ${topic}`,
      explanation: { id: 'explanation', data },
      evidence: [
        ...(message === undefined
          ? []
          : [evidence(message, 'seenBefore', { id: earlier.id, topic: before, serialNumber: old.serialNumber })]),
        ...certificateEvidence(connection, 'client', leaf),
      ],
      remedies: [{ who: 'client', id: 'renew', command: 'confirm', data }],
    };
  },
});
