import { starttlsRefused } from '../../../src/diagnose/rules/starttls-refused.js';
import type { PreambleStep } from '../../../src/preamble/protocol.js';
import { at, connection } from '../../support/connections.js';
import { BEFORE_TLS, preamble } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

const steps: readonly PreambleStep[] = [
  { step: 'request', from: 'client', frame: 4, at: at(0.04), text: 'STARTTLS' },
  { step: 'answer', from: 'server', frame: 5, at: at(0.05), text: '454 TLS not available' },
];

testRule(starttlsRefused, {
  basis: 'fact',
  fires: [
    {
      name: 'SMTP',
      connection: connection({
        ...BEFORE_TLS,
        preamble: preamble({ state: 'refused', steps, reply: '454 TLS not available' }),
      }),
      support: 'confirmed',
      explanation: 'said',
      data: { reply: '454 TLS not available' },
      frames: [4, 5],
    },
    {
      name: 'LDAP, behind a proxy that agreed',
      connection: connection({
        ...BEFORE_TLS,
        preamble: preamble({
          kind: 'http-connect',
          target: 'ldap.example:389',
          next: preamble({ kind: 'ldap-starttls', state: 'refused', steps, reply: null }),
        }),
      }),
      support: 'confirmed',
      explanation: 'silent',
      frames: [4, 5],
    },
    {
      name: 'RDP, for which openssl has no word',
      connection: connection({
        ...BEFORE_TLS,
        preamble: preamble({ kind: 'rdp', state: 'refused', steps, reply: 'SSL_CERT_NOT_ON_SERVER' }),
      }),
      support: 'confirmed',
      explanation: 'said',
      frames: [4, 5],
    },
    ...(
      [
        'HYBRID_REQUIRED_BY_SERVER',
        'SSL_NOT_ALLOWED_BY_SERVER',
        'SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER',
        'INCONSISTENT_FLAGS',
      ] as const
    ).map((reply) => ({
      name: `RDP: ${reply}`,
      connection: connection({ ...BEFORE_TLS, preamble: preamble({ kind: 'rdp', state: 'refused', steps, reply }) }),
      support: 'confirmed' as const,
      explanation: 'said' as const,
      frames: [4, 5],
    })),
    {
      name: 'SQL Server, for which openssl has no word either',
      connection: connection({
        ...BEFORE_TLS,
        preamble: preamble({ kind: 'mssql', state: 'refused', steps, reply: null }),
      }),
      support: 'confirmed',
      explanation: 'silent',
      frames: [4, 5],
    },
  ],
  silent: [
    {
      name: 'TLS was accepted, and failed later',
      connection: connection({ phase: 'client-hello', preamble: preamble() }),
    },
    {
      name: 'a proxy refused',
      connection: connection({
        ...BEFORE_TLS,
        preamble: preamble({ kind: 'http-connect', target: 'x.example:443', state: 'refused' }),
      }),
    },
    {
      name: 'TLS follows: the capture began in the middle of what was said before',
      connection: connection({
        phase: 'server-certificate',
        preamble: preamble({ state: 'refused', steps, reply: '250 STARTTLS' }),
      }),
    },
    {
      name: 'no answer',
      connection: connection({ ...BEFORE_TLS, preamble: preamble({ state: 'requested', reply: null }) }),
    },
  ],
});
