import { defineService, namesOf, portOf } from './service.js';

/** Apple's network, which had all its push gateways; most captures show only their addresses. */
const APPLE = /^17\.\d+\.\d+\.\d+$/;

const NAME = /^(?:gateway|feedback)(?:\.sandbox)?\.push\.apple\.com$/;

/** Ports of the binary protocol's gateway and of its feedback service. */
const PORTS: ReadonlySet<number> = new Set([2195, 2196]);

/** The binary gateways of Apple's push notification service, shut down on 31 March 2021. */
export const apnsRetired = defineService({
  id: 'apns-retired',
  messages: {
    remedies: {
      migrate:
        'This is the old binary gateway of the push notification service of Apple (ports 2195 and 2196), which was shut down on 31 March 2021: no certificate and no firewall rule brings it back. Move the sender to the HTTP/2 service, api.push.apple.com:443 (or 2197); for development, api.development.push.apple.com.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect api.push.apple.com:443 -servername api.push.apple.com -alpn h2 </dev/null',
        does: "shows whether Apple's service answers",
        where: 'from-client',
      },
    },
  },
  advice: [{ who: 'client', id: 'migrate', command: 'confirm' }],
  matches(connection) {
    const names = namesOf(connection);
    if (names.some((name) => NAME.test(name))) return true;
    return names.length === 0 && PORTS.has(portOf(connection)) && APPLE.test(connection.server.address);
  },
});
