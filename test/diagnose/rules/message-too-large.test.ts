import { messageTooLarge } from '../../../src/diagnose/rules/message-too-large.js';
import { alert, certificate, connection, message } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const said = (code: number, name: string) => [alert({ from: 'client', code, name })];
const java = {
  extensions: ['server_name', 'supported_versions', 'psk_key_exchange_modes', 'signature_algorithms_cert'],
};
const many = Array.from({ length: 13 }, (_, index) => certificate({ serialNumber: `0${index}` }));
const long = [
  message('client_hello', 'client', 4),
  message('server_hello', 'server', 5),
  message('certificate', 'server', 5, { length: 40_000 }),
];

testRule(messageTooLarge, {
  basis: 'fact',
  fires: [
    {
      name: 'Java, and thirteen certificates',
      connection: connection({ clientHello: java, serverCertificates: many, alerts: said(40, 'handshake_failure') }),
      support: 'supported',
      explanation: 'tooMany',
      data: { count: 13, limit: 10 },
      frames: [4, 5, 6],
    },
    {
      name: 'Java, and a Certificate of 40,000 bytes',
      connection: connection({ clientHello: java, messages: long, alerts: said(80, 'internal_error') }),
      support: 'supported',
      explanation: 'tooLong',
      frames: [4, 5, 6],
    },
    {
      name: 'a client that is not known, and thirteen certificates',
      connection: connection({ serverCertificates: many, alerts: said(40, 'handshake_failure') }),
      support: 'open',
      explanation: 'manyCertificates',
      frames: [4, 5, 6],
    },
  ],
  silent: [
    {
      name: 'Java, and a chain of the usual length',
      connection: connection({ clientHello: java, alerts: said(40, 'handshake_failure') }),
    },
    {
      name: 'Java says what is wrong with a certificate',
      connection: connection({ clientHello: java, serverCertificates: many, alerts: said(45, 'certificate_expired') }),
    },
  ],
});
