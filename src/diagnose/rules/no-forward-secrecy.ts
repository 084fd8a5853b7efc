import { serverHelloEvidence } from '../evidence/citations.js';
import { isObsoleteSuite, lacksForwardSecrecy, offeredCipherSuites } from '../evidence/offers.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const noForwardSecrecy = defineRule({
  id: 'no-forward-secrecy',
  title: 'No forward secrecy',
  description: "Whoever records the connection and gets the server's private key later can decrypt it.",
  role: 'risk',
  severity: 'info',
  sources: ['RFC 9325 §4.1', 'RFC 8446 §1.2'],
  messages: {
    explanations: {
      byServer:
        'The server {connect} chose {cipherSuite}, although the client offers suites with forward secrecy: whoever gets its private key can decrypt what was recorded before.',
      byClient:
        "The client {client} offers no cipher suite with forward secrecy, so the server chose {cipherSuite}: whoever gets the server's private key can decrypt what was recorded before. Current servers refuse such suites.",
    },
    evidence: {},
    remedies: {
      server: 'Prefer ECDHE suites, or TLS 1.3, at {connect}.',
      client: 'Let {client} offer ECDHE suites, or TLS 1.3.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -no_tls1_3 </dev/null',
        does: 'shows which cipher suite the server chooses',
        where: 'from-client',
      },
    },
  },
  // For a weak suite, the risk is already reported as such.
  applies: ({ outcome, serverHello }) =>
    outcome === 'established' &&
    serverHello !== null &&
    lacksForwardSecrecy(serverHello.cipherSuite) &&
    !isObsoleteSuite(serverHello.cipherSuite),
  judge(connection) {
    const offered = offeredCipherSuites(connection);
    const isServer = offered.some((suite) => !lacksForwardSecrecy(suite));
    if (offered.length === 0) return undefined;
    const data = { ...placesOf(connection), cipherSuite: connection.serverHello?.cipherSuite ?? '' };
    return {
      support: 'confirmed',
      basis: 'fact',
      explanation: { id: isServer ? 'byServer' : 'byClient', data },
      evidence: serverHelloEvidence(connection),
      remedies: [
        isServer
          ? { who: 'server', id: 'server', command: 'confirm', data }
          : { who: 'client', id: 'client', command: 'confirm', data },
      ],
    };
  },
});
