import { fallbackRejected } from '../../../src/diagnose/rules/fallback-rejected.js';
import { alert, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const fallback = {
  supportedVersions: ['TLS 1.1'],
  cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 'TLS_FALLBACK_SCSV'],
};
const said = [alert({ code: 86, name: 'inappropriate_fallback' })];

testRule(fallbackRejected, {
  basis: 'fact',
  fires: [
    {
      name: 'inappropriate_fallback (OpenSSL)',
      connection: connection({ clientHello: fallback, phase: 'client-hello', alerts: said }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { newest: 'TLS 1.1' },
      frames: [4, 6],
    },
    {
      name: 'inappropriate_fallback (Go), and others show which version the server speaks',
      connection: connection({ clientHello: { ...fallback, serverName: null }, phase: 'client-hello', alerts: said }),
      others: [connection({ id: '2', serverHello: { frame: 25, version: 'TLS 1.3' } })],
      support: 'confirmed',
      explanation: 'known',
      data: { accepted: ['TLS 1.3'] },
      frames: [4, 6, 25],
    },
    {
      name: 'the ClientHello has no TLS_FALLBACK_SCSV',
      connection: connection({ phase: 'client-hello', alerts: said }),
      support: 'open',
      basis: 'alert',
      explanation: 'unmarked',
      frames: [4, 6],
    },
    {
      name: 'the ClientHello is not in the capture',
      connection: connection({ clientHello: null, serverHello: null, phase: 'client-hello', alerts: said }),
      support: 'confirmed',
      explanation: 'unseen',
      frames: [6],
    },
  ],
  silent: [
    {
      name: 'another alert to a retry',
      connection: connection({ clientHello: fallback, phase: 'client-hello', alerts: [alert()] }),
    },
    {
      name: 'protocol_version',
      connection: connection({
        clientHello: fallback,
        phase: 'client-hello',
        alerts: [alert({ code: 70, name: 'protocol_version' })],
      }),
    },
    {
      name: 'a retry that works',
      connection: connection({ clientHello: fallback, serverHello: { version: 'TLS 1.1' } }),
    },
  ],
});
