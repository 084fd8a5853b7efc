import { weakCipherSuite } from '../../../src/diagnose/rules/weak-cipher-suite.js';
import { alert, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const chosen = (cipherSuite: string) => connection({ serverHello: { cipherSuite, version: 'TLS 1.0' } });
const weak = (cipherSuite: string, weakness: string) => ({
  name: cipherSuite,
  connection: chosen(cipherSuite),
  support: 'confirmed' as const,
  explanation: 'explanation',
  data: { cipherSuite, weakness },
  frames: [5],
});

const dhe = (dhBits: number) =>
  connection({ serverHello: { cipherSuite: 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', group: null, dhBits } });

testRule(weakCipherSuite, {
  basis: 'fact',
  fires: [
    weak('TLS_RSA_WITH_RC4_128_SHA', 'RC4 leaks what it encrypts (RFC 7465)'),
    weak('TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'its blocks of 64 bits betray long streams (Sweet32)'),
    weak('TLS_RSA_WITH_NULL_SHA256', 'it does not encrypt'),
    weak('TLS_ECDH_anon_WITH_AES_128_CBC_SHA', 'the server is not authenticated'),
    weak('TLS_RSA_EXPORT_WITH_RC4_40_MD5', 'its keys are so short that anybody can try them all'),
    weak('TLS_RSA_WITH_SEED_CBC_SHA', 'current software refuses it'),
    {
      name: 'a Diffie-Hellman prime of 1024 bits',
      connection: dhe(1024),
      support: 'confirmed',
      explanation: 'prime',
      data: { bits: 1024, cipherSuite: 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256' },
      frames: [5],
    },
  ],
  silent: [
    { name: 'AES-GCM', connection: connection() },
    { name: 'a Diffie-Hellman prime of 2048 bits', connection: dhe(2048) },
    { name: 'AES-CBC without forward secrecy', connection: chosen('TLS_RSA_WITH_AES_128_CBC_SHA') },
    {
      name: 'a weak one that failed',
      connection: connection({
        serverHello: { cipherSuite: 'TLS_RSA_WITH_RC4_128_SHA' },
        alerts: [alert({ from: 'client' })],
      }),
    },
  ],
});
