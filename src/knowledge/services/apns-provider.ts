import { defineService, namesOf, PATH_RULES } from './service.js';

const NAME = /^api(?:\.(?:development|sandbox))?\.push\.apple\.com$/;

const CLIENT_CERTIFICATE = [
  'client-certificate-expired',
  'client-certificate-rejected',
  'client-certificate-untrusted',
  'client-certificate-missing',
  'internal-error',
  'handshake-rejected',
];

/** Apple's push notification service, for those who send notifications. */
export const apnsProvider = defineService({
  id: 'apns-provider',
  messages: {
    remedies: {
      firewall:
        'The push notification service of Apple accepts connections on ports 443 and 2197, at any address of 17.0.0.0/8: the firewall must let all of them out, by name rather than by single addresses.',
      certificate:
        'The push certificate of a sender lasts one year. Renew it in the developer account that made it, for the same topic, and install it with its key; production (api.push.apple.com) and development (api.development.push.apple.com) accept different certificates. Tokens (a .p8 key) instead of certificates do not expire.',
      renewal:
        'Keep the subject, serial number and end of the old certificate for the support: a renewal with another account makes another topic, and devices do not follow.',
      trust:
        'Since early 2025 the certificates of this service come from the root "USERTrust RSA Certification Authority" (before, "AAA Certificate Services"): the trust store of the sender must have it. If the certificate is not from Apple at all, a proxy inspects the connection; exempt it from that.',
      http2:
        'This service speaks only HTTP/2: the client must offer the application protocol h2, and TLS 1.2 or later.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect api.push.apple.com:443 -servername api.push.apple.com -alpn h2 </dev/null',
        does: "shows whether Apple's service answers",
        where: 'from-client',
      },
      confirmCertificate: {
        run: 'openssl s_client -connect api.push.apple.com:443 -servername api.push.apple.com -alpn h2 -cert push.pem -key push.key </dev/null',
        does: "shows whether Apple's service accepts the push certificate",
        where: 'client',
      },
    },
  },
  advice: [
    { who: 'network', id: 'firewall', command: 'confirm', rules: PATH_RULES },
    { who: 'client', id: 'certificate', command: 'confirmCertificate', rules: CLIENT_CERTIFICATE },
    { who: 'client', id: 'renewal', rules: ['client-certificate-expired'] },
    {
      who: 'client',
      id: 'trust',
      command: 'confirm',
      rules: [
        'certificate-authority-unknown',
        'certificate-self-signed',
        'chain-incomplete',
        'certificate-rejected',
        'hostname-mismatch',
      ],
    },
    {
      who: 'client',
      id: 'http2',
      command: 'confirm',
      rules: ['alpn-mismatch', 'protocol-version-mismatch', 'cipher-suite-mismatch', 'handshake-rejected'],
    },
  ],
  matches: (connection) => namesOf(connection).some((name) => NAME.test(name)),
});
