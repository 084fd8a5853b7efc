import { certificateNonconforming } from '../../../src/diagnose/rules/certificate-nonconforming.js';
import { alert, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';
import { der, extension, issue, trusting } from '../../x509/authority.js';

const said = (code: number, name: string) => [alert({ from: 'client', code, name })];
const openssl = {
  extensions: ['server_name', 'ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
  cipherSuites: ['TLS_AES_256_GCM_SHA384'],
  supportedGroups: ['secp256r1'],
};
const unknownStack = { supportedGroups: ['secp256r1'] };

const root = await issue({ name: 'CN=Example Trust R1', ca: true });
const without = await issue({ name: 'CN=www.example.com', by: root, keyIdentifiers: false });
const sound = await issue({ name: 'CN=www.example.com', by: root });
const authority = await issue({ name: 'CN=www.example.com', by: root, ca: true });
const otherKey = extension('2.5.29.35', der(0x30, der(0x80, new Uint8Array(20).fill(1))));
const intermediate = await issue({ name: 'CN=Example CA 3', by: root, ca: true });
const rekeyed = await issue({ name: 'CN=Example CA 3', by: root, ca: true });
const misnamed = await issue({
  name: 'CN=www.example.com',
  by: intermediate,
  keyIdentifiers: false,
  extensions: [otherKey],
});
const anchors = trusting(root);

testRule(certificateNonconforming, {
  basis: 'fact',
  fires: [
    {
      name: 'Python 3.13, strict: certificate_unknown of a leaf without an authority key identifier, which curl takes',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [without.certificate],
        alerts: said(46, 'certificate_unknown'),
      }),
      others: [connection({ clientHello: openssl, serverCertificates: [without.certificate] })],
      anchors,
      support: 'supported',
      explanation: 'known',
      frames: [5, 6],
    },
    {
      name: 'a client that is not known refuses an authority as the certificate of a server',
      connection: connection({
        clientHello: unknownStack,
        serverCertificates: [authority.certificate],
        alerts: said(46, 'certificate_unknown'),
      }),
      anchors,
      support: 'open',
      explanation: 'open',
      frames: [5, 6],
    },
    {
      name: 'OpenSSL: unknown_ca of a leaf that names its issuer by another key identifier',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [misnamed.certificate, intermediate.certificate],
        alerts: said(48, 'unknown_ca'),
      }),
      anchors,
      support: 'supported',
      explanation: 'known',
      frames: [5, 6],
    },
  ],
  silent: [
    {
      name: 'another key identifier, and another key: the issuer is missing',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [misnamed.certificate, rekeyed.certificate],
        alerts: said(48, 'unknown_ca'),
      }),
      anchors,
    },
    {
      name: 'OpenSSL says of the lack of a key identifier certificate_unknown, and nothing else',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [without.certificate],
        alerts: said(48, 'unknown_ca'),
      }),
      anchors,
    },
    {
      name: 'a certificate that breaks no rule',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [sound.certificate],
        alerts: said(46, 'certificate_unknown'),
      }),
      anchors,
    },
  ],
});
