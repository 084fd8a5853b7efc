import { fingerprintMismatch } from '../../../src/diagnose/rules/fingerprint-mismatch.js';
import { alert, at, certificate, certificateRequest, encryptedRecord } from '../../support/connections.js';
import { dtlsConnection } from '../../support/datagrams.js';
import { testRule } from '../../support/rule-tester.js';

const srtp = { extensions: ['supported_groups', 'use_srtp'] };
const failed = { outcome: 'failed', phase: 'server-certificate', clientHello: srtp } as const;

const peers = (more: Parameters<typeof dtlsConnection>[0]) =>
  dtlsConnection({
    outcome: 'failed',
    phase: 'server-certificate',
    clientHello: { serverName: null },
    certificateRequest: certificateRequest(),
    serverCertificates: [certificate({ selfIssued: true })],
    alerts: [alert({ from: 'client', code: 42, name: 'bad_certificate' })],
    ...more,
  });

testRule(fingerprintMismatch, {
  basis: 'fact',
  fires: [
    {
      name: 'two programs with self-signed certificates, and no SRTP (Pion 2.2.6)',
      connection: peers({}),
      support: 'supported',
      explanation: 'peers',
      data: { from: 'client', peer: 'server' },
      frames: [1, 5, 6],
    },
    {
      name: 'an encrypted alert some seconds after the certificate: it may be a close_notify',
      connection: dtlsConnection({
        ...failed,
        serverHello: { version: 'DTLS 1.3' },
        encryptedRecords: [encryptedRecord('server', 5, 512), encryptedRecord('client', 6, 450)],
        alerts: [alert({ from: 'server', encrypted: true, frame: 9, at: at(4) })],
      }),
      support: 'open',
      explanation: 'hidden',
      data: { from: 'server', peer: 'client', address: '198.51.100.20:443' },
      frames: [1, 5, 9],
    },
    {
      name: 'an encrypted alert right after the flight that holds the certificate',
      connection: dtlsConnection({
        ...failed,
        serverHello: { version: 'DTLS 1.3' },
        encryptedRecords: [encryptedRecord('server', 5, 512), encryptedRecord('client', 6, 450)],
        alerts: [alert({ from: 'server', encrypted: true, frame: 7 })],
      }),
      support: 'supported',
      explanation: 'hidden',
      data: { from: 'server', peer: 'client' },
      frames: [1, 5, 7],
    },
    {
      name: 'bad_certificate in the clear',
      connection: dtlsConnection({
        ...failed,
        alerts: [alert({ from: 'client', name: 'bad_certificate', code: 42 })],
      }),
      support: 'supported',
      explanation: 'explanation',
      data: { from: 'client', peer: 'server' },
      frames: [1, 5, 6],
    },
  ],
  silent: [
    {
      name: 'no SRTP, and the client asked for a name',
      connection: peers({ clientHello: { serverName: 'shop.example' } }),
    },
    {
      name: 'no SRTP, and whether the client asked for a name is not in the capture',
      connection: peers({ clientHello: null }),
    },
    { name: 'no SRTP, and the server asks for no certificate', connection: peers({ certificateRequest: null }) },
    {
      name: 'no SRTP, and an authority has issued the certificate',
      connection: peers({ serverCertificates: [certificate()] }),
    },
    {
      name: 'no SRTP',
      connection: dtlsConnection({ ...failed, clientHello: {}, alerts: [alert({ encrypted: true })] }),
    },
    {
      name: 'the ClientHello is refused',
      connection: dtlsConnection({ ...failed, phase: 'client-hello', serverHello: null, alerts: [alert()] }),
    },
    {
      name: 'another alert',
      connection: dtlsConnection({ ...failed, alerts: [alert({ name: 'decrypt_error', code: 51 })] }),
    },
    { name: 'nobody complains', connection: dtlsConnection(failed) },
  ],
});
