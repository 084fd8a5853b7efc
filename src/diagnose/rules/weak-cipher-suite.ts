import { evidence, serverHelloEvidence } from '../evidence/citations.js';
import { isObsoleteSuite, LEAST_PRIME_BITS } from '../evidence/offers.js';
import { placesOf } from '../evidence/places.js';
import { phrase, type PhraseId } from '../phrases.js';
import { defineRule } from '../rule.js';

/** Why each is weak, the worst first. */
const WEAKNESSES: readonly (readonly [RegExp, Weakness])[] = [
  [/_WITH_NULL_|_NULL$/, 'weakByNull'],
  [/_anon_/i, 'weakByAnonymity'],
  [/EXPORT|_DES40_|_DES_CBC_/, 'weakByKeyLength'],
  [/RC4/, 'weakByRc4'],
  [/3DES|IDEA|RC2/, 'weakByBlockLength'],
];

type Weakness = Extract<PhraseId, `weakBy${string}`>;

/** Why a suite is weak: the phrase that says so, as a clause. */
export const weaknessOf = (cipherSuite: string): Weakness =>
  WEAKNESSES.find(([pattern]) => pattern.test(cipherSuite))?.[1] ?? 'weakByAge';

export const weakCipherSuite = defineRule({
  id: 'weak-cipher-suite',
  title: 'Weak cipher suite in use',
  description:
    'The handshake worked with a cipher suite that is broken, or that current software refuses, or with a small Diffie-Hellman prime.',
  role: 'risk',
  severity: 'warning',
  sources: ['RFC 9325 §4.1', 'RFC 9325 §4.4', 'RFC 7465'],
  messages: {
    explanations: {
      explanation: 'The server {connect} chose {cipherSuite}: {weakness}.',
      prime:
        'The server {connect} exchanges keys by Diffie-Hellman with a prime of {bits} bits ({cipherSuite}). This client accepted it; current ones refuse less than 2048 bits ("dh key too small"), and below 1024 anybody can break it (Logjam).',
    },
    evidence: {
      seenPrime: 'ServerKeyExchange; Diffie-Hellman with a prime of {bits} bits',
    },
    remedies: {
      largerPrime:
        'Use elliptic curves (ECDHE cipher suites) at {connect}, or Diffie-Hellman parameters of 2048 bits or more (nginx, HAProxy: ssl-dh-param; Java: jdk.tls.ephemeralDHKeySize=2048).',
      server: 'Disable the suite at {connect}, and prefer TLS 1.3 or ECDHE with AES-GCM or ChaCha20.',
    },
    commands: {
      confirmPrime: {
        run: 'openssl s_client -connect {connect} {sni12} -cipher DHE:@SECLEVEL=0 </dev/null',
        does: 'shows the size of the Diffie-Hellman prime that the server uses ("Temp Key")',
        where: 'from-client',
      },
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} </dev/null',
        does: 'shows which cipher suite the server chooses',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome, serverHello }) =>
    outcome === 'established' &&
    serverHello !== null &&
    (isObsoleteSuite(serverHello.cipherSuite) || (serverHello.dhBits ?? LEAST_PRIME_BITS) < LEAST_PRIME_BITS),
  judge(connection) {
    const { cipherSuite = '', dhBits = null } = connection.serverHello ?? {};
    const exchange = connection.messages.find(({ type }) => type === 'server_key_exchange');
    if (!isObsoleteSuite(cipherSuite) && dhBits !== null && exchange !== undefined) {
      const data = { ...placesOf(connection), cipherSuite, bits: dhBits };
      return {
        support: 'confirmed',
        basis: 'fact',
        explanation: { id: 'prime', data },
        evidence: [evidence(exchange, 'seenPrime', { bits: dhBits })],
        remedies: [{ who: 'server', id: 'largerPrime', command: 'confirmPrime', data }],
      };
    }
    const data = { ...placesOf(connection), cipherSuite, weakness: phrase(weaknessOf(cipherSuite)) };
    return {
      support: 'confirmed',
      basis: 'fact',
      explanation: { id: 'explanation', data },
      evidence: serverHelloEvidence(connection),
      remedies: [{ who: 'server', id: 'server', command: 'confirm', data }],
    };
  },
});
