import { stackOf } from '../../knowledge/stacks/recognise.js';
import { listOf } from '../../message.js';
import {
  certificateData,
  certificateEvidence,
  clientHelloEvidence,
  otherConnectionEvidence,
} from '../evidence/citations.js';
import { needsOrder } from '../evidence/chains.js';
import { supportOf, howRefused, refusalByClient } from '../evidence/refusals.js';
import { placesOf } from '../evidence/places.js';
import { phrase } from '../phrases.js';
import { defineRule } from '../rule.js';

export const chainOutOfOrder = defineRule({
  id: 'chain-out-of-order',
  title: 'Server sends its certificate chain in the wrong order',
  description:
    "The server's chain is complete, but an issuer comes before the certificate that it issued. Strict clients refuse that.",
  settledBy: 'The same handshake works once the server sends its chain in order.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5246 §7.4.2', 'RFC 8446 §4.4.2'],
  messages: {
    explanations: {
      explanation:
        "The server sends its certificates in the wrong order ({order}). The client rejected them {how}. TLS up to 1.2 requires each certificate to come before its issuer's. Many clients sort them; this one may not. In the right order, they form a complete chain.",
    },
    evidence: {},
    remedies: {
      order: 'Put the certificates of the chain file at {connect} in this order, and reload the service: {right}.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null',
        does: 'shows the chain that the server sends',
        where: 'from-client',
      },
    },
    exclusions: {
      sorted: 'The client looks like {library} (by its ClientHello), which puts the certificates in order by itself.',
    },
  },
  applies: ({ serverCertificates }) => serverCertificates.length > 2,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const leaf = connection.serverCertificates[0];
    if (refusal === undefined || leaf === undefined) return undefined;
    const support = supportOf(refusal, ['unknown_ca'], 'trust');
    const isLiteral = needsOrder(connection);
    const taken = context.serverHistory.acceptedChain(connection, 'anybody');
    const chain = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
    if (support === undefined || !chain.outOfOrder) return undefined;
    const stack = connection.clientHello === null ? null : stackOf(connection.clientHello);
    if (stack?.sortsChains === true) {
      return {
        support: 'excluded',
        because: { id: 'sorted', data: { library: stack.name } },
        evidence: [...clientHelloEvidence(connection), ...certificateEvidence(connection, 'server', leaf)],
      } as const;
    }
    // A client that uses certificates in the order sent fails, whatever root it trusts.
    const isWhole = chain.status === 'trusted' || chain.status === 'private-root';
    if (!isWhole && !(isLiteral && chain.status === 'incomplete')) return undefined;
    const data = {
      ...certificateData(leaf),
      ...placesOf(connection),
      order: listOf(
        connection.serverCertificates.map(({ subject }) => subject),
        'names',
      ),
      right: listOf(
        chain.path.filter(({ index }) => index !== null).map((link) => link.certificate.subject),
        'names',
      ),
      how: howRefused(refusal),
    };
    return {
      // That the client does not know a private root is at least as good a reason.
      support: chain.status === 'trusted' || isLiteral ? 'supported' : 'open',
      basis: 'fact',
      subject: leaf.sha256,
      explanation: { id: 'explanation', data },
      evidence: [
        ...certificateEvidence(connection, 'server', leaf),
        ...(taken === undefined ? [] : otherConnectionEvidence(taken, phrase('theSameCertificates'))),
        ...refusal.evidence,
      ],
      remedies: [{ who: 'server', id: 'order', command: 'confirm', data }],
    };
  },
});
