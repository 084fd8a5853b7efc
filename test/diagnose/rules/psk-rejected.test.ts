import { pskRejected } from '../../../src/diagnose/rules/psk-rejected.js';
import { alert, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const PSK = 'TLS_PSK_WITH_AES_128_GCM_SHA256';
const suites = { cipherSuites: [PSK, 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'], serverName: null };
const said = (code: number, name: string, frame = 6) => [alert({ code, name, frame })];

testRule(pskRejected, {
  basis: 'fact',
  fires: [
    {
      name: 'unknown_psk_identity (OpenSSL)',
      connection: connection({ clientHello: suites, phase: 'client-hello', alerts: said(115, 'unknown_psk_identity') }),
      support: 'confirmed',
      explanation: 'said',
      frames: [4, 6],
    },
    {
      name: 'the keys differ: the Finished of the client does not decrypt (GnuTLS)',
      connection: connection({
        clientHello: suites,
        serverHello: { cipherSuite: PSK, group: null },
        serverCertificates: [],
        phase: 'finished',
        alerts: said(20, 'bad_record_mac', 7),
      }),
      support: 'supported',
      explanation: 'wrongKey',
      data: { cipherSuite: PSK, alert: 'bad_record_mac (20)' },
      frames: [4, 5, 7],
    },
    {
      name: 'TLS 1.3 alone, by a key that the server does not know (OpenSSL, without a certificate)',
      connection: connection({
        clientHello: { supportedVersions: ['TLS 1.3'], cipherSuites: ['TLS_AES_128_GCM_SHA256'], pskOffered: true },
        phase: 'client-hello',
        alerts: said(40, 'handshake_failure'),
      }),
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'the same without a server name, which a client with a key of the server does not need',
      connection: connection({
        clientHello: {
          serverName: null,
          supportedVersions: ['TLS 1.3'],
          cipherSuites: ['TLS_AES_128_GCM_SHA256'],
          pskOffered: true,
        },
        phase: 'client-hello',
        alerts: said(40, 'handshake_failure'),
      }),
      support: 'open',
      basis: 'fact',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'a server without pre-shared keys',
      connection: connection({ clientHello: suites, phase: 'client-hello', alerts: said(40, 'handshake_failure') }),
      support: 'supported',
      explanation: 'noPsk',
      data: { suites: [PSK] },
      frames: [4, 6],
    },
    {
      name: 'TLS 1.3: the binder does not verify (OpenSSL: illegal_parameter)',
      connection: connection({
        clientHello: { pskOffered: true },
        phase: 'client-hello',
        alerts: said(47, 'illegal_parameter'),
      }),
      support: 'supported',
      explanation: 'binder',
      frames: [4, 6],
    },
    {
      name: 'TLS 1.3: the binder does not verify (Go: decrypt_error)',
      connection: connection({
        clientHello: { pskOffered: true },
        phase: 'client-hello',
        alerts: said(51, 'decrypt_error'),
      }),
      support: 'supported',
      explanation: 'binder',
      frames: [4, 6],
    },
    {
      name: 'a ticket offered, and handshake_failure: that is about the rest of the hello',
      connection: connection({ clientHello: { pskOffered: true }, phase: 'client-hello', alerts: [alert()] }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
  ],
  silent: [
    {
      name: 'no pre-shared key',
      connection: connection({ phase: 'client-hello', alerts: said(47, 'illegal_parameter') }),
    },
    {
      name: 'a ticket offered, and an expired certificate',
      connection: connection({
        clientHello: { pskOffered: true },
        alerts: [alert({ from: 'client', code: 45, name: 'certificate_expired' })],
      }),
    },
    {
      name: 'TLS_PSK suites among others',
      connection: connection({
        clientHello: { cipherSuites: [PSK, 'TLS_AES_128_GCM_SHA256'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
    },
  ],
});
