import { defineService, namesOf, PATH_RULES, portOf } from './service.js';

const NAME = /(?:^|[.-])courier\.push\.apple\.com$/;
const APPLE = /^17\.\d+\.\d+\.\d+$/;

/** Apple's push notification service, for the devices that receive notifications. */
export const apnsDevice = defineService({
  id: 'apns-device',
  messages: {
    remedies: {
      firewall:
        'Devices reach the push notification service of Apple at N-courier.push.apple.com on port 5223, and on 443 if that fails. Let them out to 17.0.0.0/8 on both ports.',
      inspection:
        'Do not inspect (decrypt) these connections: the devices accept only certificates of Apple, and refuse those of a proxy.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect 1-courier.push.apple.com:5223 -servername courier.push.apple.com </dev/null',
        does: "shows whether Apple's service answers",
        where: 'from-client',
      },
    },
  },
  advice: [
    {
      who: 'network',
      id: 'firewall',
      command: 'confirm',
      rules: PATH_RULES,
    },
    {
      who: 'network',
      id: 'inspection',
      command: 'confirm',
      rules: [
        'certificate-authority-unknown',
        'certificate-self-signed',
        'chain-incomplete',
        'certificate-rejected',
        'client-abandoned',
        'hostname-mismatch',
      ],
    },
  ],
  matches(connection) {
    const names = namesOf(connection);
    if (names.some((name) => NAME.test(name))) return true;
    return names.length === 0 && portOf(connection) === 5223 && APPLE.test(connection.server.address);
  },
});
