import { addressValidationLoop } from '../../../src/diagnose/rules/address-validation-loop.js';
import { message, sighting } from '../../support/connections.js';
import { dtlsConnection } from '../../support/datagrams.js';
import { quicClose, quicConnection } from '../../support/quic-connections.js';
import { testRule } from '../../support/rule-tester.js';

const rounds = (count: number) =>
  Array.from({ length: count }, (_, index) => [
    message('client_hello', 'client', 2 * index + 1),
    message('hello_verify_request', 'server', 2 * index + 2),
  ]).flat();
const failed = { outcome: 'failed', phase: 'client-hello', serverHello: null } as const;

const retry = (frame: number, isAgain: boolean) => ({ ...sighting('server', frame), isAgain, isIntact: true });

testRule(addressValidationLoop, {
  basis: 'fact',
  fires: [
    {
      name: 'Retry upon Retry',
      connection: quicConnection({ quic: { retries: [retry(5, false), retry(7, true), retry(9, true)] } }),
      support: 'confirmed',
      explanation: 'retries',
      data: { count: 3, client: '192.0.2.10' },
      frames: [4, 5, 9],
    },
    {
      name: 'no cookie is ever right',
      connection: dtlsConnection({ ...failed, messages: rounds(4) }),
      support: 'confirmed',
      explanation: 'cookies',
      data: { server: '198.51.100.20:443', client: '192.0.2.10', count: 4 },
      frames: [1, 2, 8],
    },
  ],
  silent: [
    {
      name: 'one Retry, sent twice',
      connection: quicConnection({ quic: { retries: [retry(5, false), retry(6, false)] } }),
    },
    {
      name: 'Retry upon Retry, and then an answer',
      connection: quicConnection({ quic: { retries: [retry(5, false), retry(7, true)], version: 'QUIC v1' } }),
    },
    {
      name: 'Retry upon Retry, and then a refusal',
      connection: quicConnection({ quic: { retries: [retry(5, false), retry(7, true)], closes: [quicClose()] } }),
    },
    { name: 'a cookie that expired once', connection: dtlsConnection({ ...failed, messages: rounds(2) }) },
    {
      name: 'the server went on in the end',
      connection: dtlsConnection({ outcome: 'failed', phase: 'server-hello', messages: rounds(4) }),
    },
  ],
});
