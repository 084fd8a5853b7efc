import type { Connection } from '../../../src/connection/connection.js';
import { pushTopicChanged } from '../../../src/diagnose/rules/push-topic-changed.js';
import { at, certificate, certificateRequest, connection } from '../../support/connections.js';
import { clientCertificateMessages, testRule } from '../../support/rule-tester.js';

const push = (topic: string, serialNumber: string) => [
  certificate({
    subject: `C=US,CN=APSP:${topic},UID=com.apple.mgmt.External.${topic}`,
    issuer: 'CN=Apple Application Integration 2 Certification Authority',
    serialNumber,
    extendedKeyUsage: ['clientAuth'],
  }),
];

function shows(topic: string, serialNumber: string, second: number, id = '1', address = '192.0.2.10'): Connection {
  return connection({
    id,
    client: { address, port: 50000 + second },
    startedAt: at(second),
    certificateRequest: certificateRequest(),
    messages: clientCertificateMessages(),
    clientCertificates: push(topic, serialNumber),
  });
}

testRule(pushTopicChanged, {
  basis: 'fact',
  fires: [
    {
      name: 'another topic than a minute before',
      connection: shows('b2', '02', 60),
      others: [shows('a1', '01', 0, '2')],
      support: 'confirmed',
      explanation: 'explanation',
      data: { topic: 'com.apple.mgmt.External.b2', before: 'com.apple.mgmt.External.a1', serialBefore: '01' },
      frames: [6],
    },
  ],
  silent: [
    {
      name: 'a renewal with the same topic',
      connection: shows('a1', '02', 60),
      others: [shows('a1', '01', 0, '2')],
    },
    { name: 'the one before', connection: shows('a1', '01', 0), others: [shows('b2', '02', 60, '2')] },
    {
      name: 'the other topic is that of another client',
      connection: shows('b2', '02', 60),
      others: [shows('a1', '01', 0, '2', '192.0.2.77')],
    },
    {
      name: 'another certificate before, which is for no push service',
      connection: shows('b2', '02', 60),
      others: [
        connection({
          id: '2',
          certificateRequest: certificateRequest(),
          messages: clientCertificateMessages(),
          clientCertificates: [certificate({ serialNumber: '77' })],
        }),
      ],
    },
  ],
});
