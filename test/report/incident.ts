/** An incident as one meets it: two causes among many handshakes that worked. */
import type { Results } from '../../src/diagnose/results.js';
import { alert, at, certificate, connection, serverHello, type ConnectionOverrides } from '../support/connections.js';
import { capture, diagnosed, evidence, finding, results, rule } from '../support/results.js';
import { notice } from '../../src/notices.js';

function numbered(id: number, overrides: ConnectionOverrides): ConnectionOverrides {
  const seconds = id * 57.3;
  return {
    id: String(id),
    firstFrame: id * 29,
    lastFrame: id * 29 + 9,
    startedAt: at(seconds),
    endedAt: at(seconds + 0.4),
    client: { address: `192.0.2.${10 + (id % 3)}`, port: 50000 + id },
    ...overrides,
  };
}

/** 3 of 41 handshakes failed, 2 causes. */
export function incident(): Results {
  const mismatch = finding({
    rule: rule({
      id: 'cipher-suite-mismatch',
      title: 'Client and server have no cipher suite in common',
      messages: {
        explanations: {
          none: 'The client offers only {offered}. The server answered with handshake_failure, and to other clients it chose {chosen}, which this client does not offer.',
        },
        evidence: {
          offer: 'ClientHello offers {offered}',
          refuse: 'fatal alert handshake_failure (40), {delay} after the ClientHello',
        },
        remedies: {
          enable:
            'enable ECDHE suites with AES-GCM in the client (Java: jdk.tls.client.cipherSuites), or update its TLS library.',
          accept: 'if the client cannot change, enable {wanted} for a while: it has no forward secrecy.',
        },
        commands: {
          test: {
            run: 'openssl s_client -connect {server} -cipher {cipher} </dev/null',
            does: 'shows whether the server accepts this cipher suite',
            where: 'from-client',
          },
        },
      },
    }),
    support: 'supported',
    basis: 'alert',
    certainty: 'likely',
    explanation: {
      id: 'none',
      data: {
        offered: ['TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'],
        chosen: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
      },
    },
    evidence: [
      evidence('offer', 525, {
        at: at(1031.44),
        from: 'client',
        data: { offered: ['TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'] },
      }),
      evidence('refuse', 526, { at: at(1031.451), data: { delay: '11 ms' } }),
    ],
    remedies: [
      {
        who: 'client',
        id: 'enable',
        command: 'test',
        data: { server: '198.51.100.21:8443', cipher: 'AES128-SHA' },
      },
      { who: 'server', id: 'accept', data: { wanted: 'TLS_RSA_WITH_AES_128_CBC_SHA' } },
    ],
  });
  const rows = Array.from({ length: 41 }, (_, index) => {
    const id = index + 1;
    if (id === 7 || id === 30) {
      return diagnosed(
        connection(
          numbered(id, {
            serverCertificates: [certificate({ notAfter: '2026-02-20T00:00:00Z' })],
            alerts: [alert({ from: 'client', code: 45, name: 'certificate_expired' })],
          }),
        ),
      );
    }
    if (id === 18) {
      return diagnosed(
        connection(
          numbered(id, {
            phase: 'client-hello',
            server: { address: '198.51.100.21', port: 8443 },
            clientHello: { serverName: 'legacy-partner.api.example.com' },
            alerts: [alert()],
          }),
        ),
        [mismatch],
      );
    }
    return diagnosed(
      connection(numbered(id, id % 2 === 0 ? {} : { serverHello: serverHello({ version: 'TLS 1.3' }) })),
    );
  });
  return results(rows, [
    capture({
      warnings: [{ ...notice('truncated-packets', 'capture', { count: 14, packets: 1204 }), frame: 88 }],
    }),
  ]);
}
