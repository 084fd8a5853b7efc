import { starttlsRefused } from '../../../src/diagnose/rules/starttls-refused.js';
import { connection } from '../../support/connections.js';
import { BEFORE_TLS, preamble, words } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

const said = [words('server', 4, '220 mx ESMTP'), words('client', 5, 'EHLO me')];

testRule(starttlsRefused, {
  basis: 'fact',
  fires: [
    {
      name: 'SMTP',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: said,
        preamble: preamble({ state: 'refused', reply: '454 TLS not available' }),
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
        plaintext: said,
        preamble: preamble({
          kind: 'http-connect',
          target: 'ldap.example:389',
          next: preamble({ kind: 'ldap-starttls', state: 'refused', reply: null }),
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
        plaintext: said,
        preamble: preamble({ kind: 'rdp', state: 'refused', reply: 'SSL_CERT_NOT_ON_SERVER' }),
      }),
      support: 'confirmed',
      explanation: 'said',
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
      name: 'no answer',
      connection: connection({ ...BEFORE_TLS, preamble: preamble({ state: 'requested', reply: null }) }),
    },
  ],
});
