import type { Connection } from '../../connection/connection.js';
import { defineService } from './service.js';

const TOPIC = /(?:^|[,+])UID=(com\.apple\.mgmt\.External\.[\w-]+)/i;

/** The topic in the push certificate that a client sent; undefined for other certificates, or none. */
export function topicOf({ clientCertificates }: Connection): string | undefined {
  const leaf = clientCertificates[0];
  return leaf === undefined ? undefined : TOPIC.exec(leaf.subject)?.[1];
}

/** Push certificates of device management; their subject has the topic that all enrolled devices listen to. */
export const deviceManagement = defineService({
  id: 'device-management',
  messages: {
    remedies: {
      topic:
        'This is the push certificate of a device management (topic {topic}, serial {serialNumber}, until {notAfter}). Renew it at identity.apple.com/pushcert with the same Apple account that made it, by "Renew" and not "Create": another account makes another topic, and every enrolled device is lost.',
    },
    commands: {
      compare: {
        run: 'openssl x509 -in push.pem -noout -subject -serial -enddate',
        does: 'shows whose the push certificate is, and when it expires',
        where: 'client',
      },
    },
  },
  advice: [
    {
      who: 'client',
      id: 'topic',
      command: 'compare',
      rules: [
        'client-certificate-expired',
        'client-certificate-rejected',
        'client-certificate-untrusted',
        'internal-error',
        'handshake-rejected',
        'certificate-expiring',
      ],
    },
  ],
  matches: (connection) => topicOf(connection) !== undefined,
  data(connection) {
    const leaf = connection.clientCertificates[0];
    return {
      topic: topicOf(connection) ?? '',
      serialNumber: leaf?.serialNumber ?? '',
      notAfter: leaf?.notAfter ?? '',
    };
  },
});
