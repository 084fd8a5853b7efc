import { matchHostName } from '../../x509/names.js';
import { certificateData, certificateEvidence } from '../evidence/citations.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { howRefused, refusalByClient, speaksAgainstTrust, supportOf, unseenFault } from '../evidence/refusals.js';
import { defineRule } from '../rule.js';

export const certificateSelfSigned = defineRule({
  id: 'certificate-self-signed',
  title: 'Server certificate is self-signed',
  description:
    "The server's certificate is signed with its own key: no authority that the client trusts vouches for it.",
  settledBy: 'The client\'s log (OpenSSL: "self-signed certificate") and its list of trusted certificates.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5280 §6.1', 'RFC 8446 §4.4.2'],
  messages: {
    explanations: {
      explanation:
        "The server's certificate ({subject}) is self-signed: no authority vouches for it. The client does not know it and rejected it {how}.",
      unseen:
        "The client rejected the server's certificate with alert unknown_ca (48): it may be self-signed. The capture does not show it: {unseen}.",
    },
    evidence: {},
    remedies: {
      replace:
        'Install a certificate of an authority that the clients trust at {connect}. A self-signed one is often the default of a fresh installation, or of the wrong virtual host.',
      show: 'See with the command whether the certificate that {connect} sends is self-signed.',
      trust: 'Or add exactly this certificate (SHA-256 {sha256}) to the trust store of {client}.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null',
        does: 'shows the chain that the server sends',
        where: 'from-client',
      },
    },
  },
  applies: ({ clientHello, serverHello }) => clientHello !== null || serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const leaf = connection.serverCertificates[0];
    if (refusal === undefined) return undefined;
    if (leaf === undefined) {
      if (refusal.alert !== 'unknown_ca') return undefined;
      const unseen = unseenFault(connection, refusal);
      return {
        ...unseen,
        remedies: [{ who: 'server', id: 'show', command: 'confirm', data: unseen.explanation.data }],
      };
    }
    const support = supportOf(refusal, ['unknown_ca'], 'trust', 'certificate-self-signed');
    if (
      support === undefined ||
      context.chainOf(connection.serverCertificates, context.judgedAt(connection)).status !== 'self-signed'
    )
      return undefined;
    if (speaksAgainstTrust(refusal, 'certificate-self-signed', 'certificate-authority-unknown')) return undefined;
    // A default certificate sent by mistake: trusting it would not help.
    const wanted = connection.clientHello?.serverName ?? null;
    const isDefault =
      wanted !== null &&
      !matchHostName(leaf, wanted).covered &&
      [...context.serverHistory.acceptedBy(connection).certificates.keys()].some((sha256) => sha256 !== leaf.sha256);
    const data = {
      ...certificateData(leaf),
      connect: connectTo(connection),
      sni: sniOption(connection),
      client: connection.client.address,
      how: howRefused(refusal),
    };
    return {
      support: isDefault ? 'open' : support,
      basis: 'fact',
      subject: leaf.sha256,
      explanation: { id: 'explanation', data },
      evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence],
      remedies: [
        { who: 'server', id: 'replace', command: 'confirm', data },
        { who: 'client', id: 'trust', data },
      ],
    };
  },
});
