import { EVIDENCE_MESSAGES, serverHelloEvidence } from '../evidence.js';
import { isObsoleteSuite, placesOf } from '../facts.js';
import type { Rule } from '../rule.js';

/** Why each is weak, the worst first. */
const WEAKNESSES: readonly (readonly [RegExp, string])[] = [
  [/_WITH_NULL_|_NULL$/, 'it does not encrypt'],
  [/_anon_/i, 'nobody authenticates the server'],
  [/EXPORT|_DES40_|_DES_CBC_/, 'its keys are so short that anybody can try them all'],
  [/RC4/, 'RC4 betrays what it encrypts (RFC 7465)'],
  [/3DES|IDEA|RC2/, 'its blocks of 64 bits betray long streams (Sweet32)'],
];

/** Why a suite is weak, as a clause. */
export function weaknessOf(cipherSuite: string): string {
  return WEAKNESSES.find(([pattern]) => pattern.test(cipherSuite))?.[1] ?? 'current software refuses it';
}

export const weakCipherSuite: Rule = {
  id: 'weak-cipher-suite',
  title: 'Weak cipher suite in use',
  description: 'The handshake worked with a cipher suite that is broken, or that current software refuses.',
  role: 'risk',
  severity: 'warning',
  basis: 'fact',
  sources: ['RFC 9325 §4.1', 'RFC 7465'],
  messages: {
    ...EVIDENCE_MESSAGES,
    explanation: 'The server {connect} chose {cipherSuite}: {weakness}.',
    server: 'Disable the suite at {connect}, and prefer TLS 1.3 or ECDHE with AES-GCM or ChaCha20.',
    confirm: 'openssl s_client -connect {connect} {sni} </dev/null',
  },
  applies: ({ outcome, serverHello }) =>
    outcome === 'established' && serverHello !== null && isObsoleteSuite(serverHello.cipherSuite),
  judge(connection) {
    const cipherSuite = connection.serverHello?.cipherSuite ?? '';
    const data = { ...placesOf(connection), cipherSuite, weakness: weaknessOf(cipherSuite) };
    return {
      certainty: 'certain',
      messageId: 'explanation',
      data,
      evidence: serverHelloEvidence(connection),
      remedies: [{ who: 'server', messageId: 'server', commandId: 'confirm', data }],
    };
  },
};
