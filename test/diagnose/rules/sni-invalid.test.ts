import { sniInvalid } from '../../../src/diagnose/rules/sni-invalid.js';
import { alert, at, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const invalid = {
  clientHello: { serverName: 'www.example.com:8443' },
  violations: [
    {
      kind: 'invalid-server-name',
      frame: 4,
      at: at(0.04),
      from: 'client',
      name: 'www.example.com:8443',
      reason: 'port',
    },
  ],
  phase: 'client-hello',
} as const;
const illegal = [alert({ code: 47, name: 'illegal_parameter' })];
const worked = connection({ id: '2', serverHello: { frame: 25 } });

/** A name with an underscore, on which the server closes. */
const underscore = {
  ...invalid,
  clientHello: { serverName: 'my_service' },
  violations: [{ ...invalid.violations[0], name: 'my_service', reason: 'underscore' }],
  outcome: 'failed',
  ending: { by: 'server', how: 'close', frame: 6 },
} as const;

testRule(sniInvalid, {
  basis: 'fact',
  fires: [
    {
      name: 'illegal_parameter, and another name works (rustls)',
      connection: connection({ ...invalid, alerts: illegal }),
      others: [worked],
      support: 'confirmed',
      explanation: 'explanation',
      data: { name: 'www.example.com:8443', reason: 'it ends with a port' },
      frames: [4, 6, 25],
    },
    {
      name: 'illegal_parameter, and nothing is known of the server',
      connection: connection({ ...invalid, alerts: illegal }),
      support: 'supported',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'handshake_failure',
      connection: connection({ ...invalid, alerts: [alert()] }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'an underscore, and another name works (the HTTPS server of OpenJDK)',
      connection: connection(underscore),
      others: [worked],
      support: 'open',
      explanation: 'explanation',
      data: { name: 'my_service' },
      frames: [4, 6, 25],
    },
    {
      name: 'the server closes',
      connection: connection({
        ...invalid,
        outcome: 'failed',
        ending: { by: 'server', how: 'close', frame: 6 },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
  ],
  silent: [
    {
      name: 'illegal_parameter to a client that offers a pre-shared key, which may not fit (OpenSSL)',
      connection: connection({
        ...invalid,
        clientHello: { ...invalid.clientHello, pskOffered: true },
        alerts: illegal,
      }),
      others: [worked],
    },
    { name: 'an underscore, and nothing is known of the server, which closes', connection: connection(underscore) },
    {
      name: 'an underscore, handshake_failure, and another name works',
      connection: connection({
        ...underscore,
        ending: { by: 'none', how: 'none', frame: null },
        alerts: [alert()],
      }),
      others: [worked],
    },
    { name: 'a name in order', connection: connection({ phase: 'client-hello', alerts: illegal }) },
    { name: 'the server takes it', connection: connection({ ...invalid, phase: 'application-data' }) },
    {
      name: 'the server took it from another client',
      connection: connection({ ...invalid, alerts: illegal }),
      others: [connection({ ...invalid, id: '2', phase: 'application-data' })],
    },
    {
      name: 'the client gives up',
      connection: connection({
        ...invalid,
        outcome: 'failed',
        ending: { by: 'client', how: 'close', frame: 6 },
      }),
    },
    {
      name: 'an alert about the version',
      connection: connection({ ...invalid, alerts: [alert({ code: 70, name: 'protocol_version' })] }),
    },
  ],
});
