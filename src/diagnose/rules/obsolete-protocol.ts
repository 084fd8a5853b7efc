import { clientHelloEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { newestOffered, versionRank } from '../evidence/offers.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const obsoleteProtocol = defineRule({
  id: 'obsolete-protocol',
  title: 'Obsolete TLS version in use',
  description: 'The handshake worked with a version older than TLS 1.2, which current software refuses.',
  role: 'risk',
  severity: 'warning',
  sources: ['RFC 8996', 'RFC 9325 §3.1.1', 'RFC 7568'],
  messages: {
    explanations: {
      byServer:
        '{version} is deprecated, and current software refuses it. The client offers {newest}: the server {connect} supports nothing newer.',
      byClient:
        "{version} is deprecated, and current software refuses it. The client {client} offers nothing newer than {newest}: the server's next upgrade will lock it out.",
    },
    evidence: {},
    remedies: {
      upgradeServer: 'Enable TLS 1.2 and 1.3 at {connect}, or upgrade its TLS library.',
      upgradeClient: 'Upgrade the TLS library or the runtime of {client}.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} </dev/null',
        does: 'shows which version the server chooses',
        where: 'from-client',
      },
    },
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
      support: 'confirmed',
      basis: 'fact',
      explanation: { id: isServer ? 'byServer' : 'byClient', data },
      evidence: [...clientHelloEvidence(connection), ...serverHelloEvidence(connection)],
      remedies: [
        isServer
          ? { who: 'server', id: 'upgradeServer', command: 'confirm', data }
          : { who: 'client', id: 'upgradeClient', command: 'confirm', data },
      ],
    };
  },
});
