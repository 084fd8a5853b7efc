import { clientHelloEvidence, EVIDENCE_MESSAGES, serverHelloEvidence } from '../evidence/citations.js';
import { newestOffered, placesOf, versionRank } from '../evidence/facts.js';
import type { Rule } from '../rule.js';

export const obsoleteProtocol: Rule = {
  id: 'obsolete-protocol',
  title: 'Obsolete TLS version in use',
  description: 'The handshake worked with a version older than TLS 1.2, which current software refuses.',
  role: 'risk',
  severity: 'warning',
  basis: 'fact',
  sources: ['RFC 8996', 'RFC 9325 §3.1.1', 'RFC 7568'],
  messages: {
    ...EVIDENCE_MESSAGES,
    byServer:
      '{version} is deprecated, and current software refuses it. The client offers {newest}: it is the server {connect} that knows nothing newer.',
    byClient:
      '{version} is deprecated, and current software refuses it. The client {client} offers nothing newer than {newest}: the next upgrade of the server will lock it out.',
    upgradeServer: 'Enable TLS 1.2 and 1.3 at {connect}, or upgrade its TLS library.',
    upgradeClient: 'Upgrade the TLS library or the runtime of {client}.',
    confirm: 'openssl s_client -connect {connect} {sni} </dev/null',
  },
  applies: ({ outcome, clientHello, serverHello }) =>
    outcome === 'established' &&
    clientHello !== null &&
    serverHello !== null &&
    versionRank(serverHello.version) < versionRank('TLS 1.2'),
  judge(connection) {
    const { serverHello } = connection;
    const newest = newestOffered(connection);
    if (serverHello === null || newest === null) return undefined;
    const isServer = versionRank(newest) > versionRank(serverHello.version);
    const data = { ...placesOf(connection), version: serverHello.version, newest };
    return {
      certainty: 'certain',
      messageId: isServer ? 'byServer' : 'byClient',
      data,
      evidence: [...clientHelloEvidence(connection), ...serverHelloEvidence(connection)],
      remedies: [
        isServer
          ? { who: 'server', messageId: 'upgradeServer', commandId: 'confirm', data }
          : { who: 'client', messageId: 'upgradeClient', commandId: 'confirm', data },
      ],
    };
  },
};
