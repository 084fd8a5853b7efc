import { certificateSignatureInvalid } from '../../../src/diagnose/rules/certificate-signature-invalid.js';
import { parseCertificate } from '../../../src/x509/parse.js';
import { alert, connection, sighting } from '../../support/connections.js';
import { pathFacts } from '../../support/path.js';
import { testRule } from '../../support/rule-tester.js';
import { issue, trusting } from '../../x509/authority.js';

const said = (code: number, name: string) => [alert({ from: 'client', code, name })];

/** The order of OpenSSL's extensions, and of its suites. */
const openssl = {
  extensions: ['server_name', 'ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
  cipherSuites: ['TLS_AES_256_GCM_SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'],
};

const root = await issue({ name: 'CN=Example Trust R1', ca: true });
const intermediate = await issue({ name: 'CN=Example CA 3', by: root, ca: true });
const leaf = await issue({ name: 'CN=www.example.com', by: intermediate });
// Signed by somebody else in the name of the intermediate, with its key identifier or without one.
const stranger = await issue({ name: 'CN=Example CA 3', ca: true });
const forged = await issue({
  name: 'CN=www.example.com',
  by: { ...stranger, keys: stranger.keys },
  keyIdentifiers: false,
});
const damaged = {
  ...forged.certificate,
  authorityKeyIdentifier: intermediate.certificate.subjectKeyIdentifier,
};
/** Names ecdsa-with-SHA256 within, and ecdsa-with-SHA384 without. */
function withTwoAlgorithms(der: Uint8Array) {
  const bytes = Buffer.from(der);
  const algorithm = bytes.lastIndexOf(Buffer.from('2a8648ce3d040302', 'hex'));
  bytes[algorithm + 7] = 0x03;
  return parseCertificate(new Uint8Array(bytes));
}

const anchors = trusting(root);
const wrong = [forged.certificate, intermediate.certificate];

testRule(certificateSignatureInvalid, {
  basis: 'fact',
  fires: [
    {
      name: 'TLS 1.3: OpenSSL says decrypt_error in the clear',
      connection: connection({
        clientHello: openssl,
        serverHello: { version: 'TLS 1.3' },
        alerts: said(51, 'decrypt_error'),
      }),
      support: 'supported',
      explanation: 'hidden',
      frames: [5, 6],
    },
    {
      name: 'the signatures within the chain are right, its authority is not in view: decrypt_error (OpenSSL)',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [leaf.certificate, { ...intermediate.certificate, authorityKeyIdentifier: null }],
        alerts: said(51, 'decrypt_error'),
      }),
      support: 'open',
      explanation: 'otherRoot',
      data: { authority: 'CN=Example Trust R1' },
      frames: [5, 6],
    },
    {
      // OpenSSL would take an authority with another key identifier for another.
      name: 'decrypt_error of OpenSSL: the signature of the intermediate may be damaged, whose issuer is not in view',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [leaf.certificate, intermediate.certificate],
        alerts: said(51, 'decrypt_error'),
      }),
      basis: 'alert',
      support: 'open',
      explanation: 'unverified',
      data: { issuer: 'CN=Example Trust R1' },
      frames: [5, 6],
    },
    {
      name: 'a damaged signature: decrypt_error (OpenSSL)',
      connection: connection({
        serverCertificates: [damaged, intermediate.certificate],
        alerts: said(51, 'decrypt_error'),
      }),
      anchors,
      support: 'confirmed',
      explanation: 'damaged',
      data: { subject: 'CN=www.example.com' },
      frames: [5, 6],
    },
    {
      name: 'an issuer of the same name with another key: unknown_ca (Go)',
      connection: connection({
        clientHello: { serverName: null },
        serverCertificates: wrong,
        alerts: said(48, 'unknown_ca'),
      }),
      anchors,
      support: 'confirmed',
      explanation: 'otherKey',
      frames: [5, 6],
    },
    {
      name: 'an issuer of the same name with another key: certificate_unknown (Java)',
      connection: connection({ serverCertificates: wrong, alerts: said(46, 'certificate_unknown') }),
      anchors,
      support: 'supported',
      explanation: 'otherKey',
      frames: [5, 6],
    },
  ],
  excluded: [
    {
      name: 'a damaged signature, where both ends of the path show that what the server sent was altered',
      connection: connection({
        serverCertificates: [damaged, intermediate.certificate],
        alerts: said(51, 'decrypt_error'),
        path: pathFacts([
          {
            kind: 'altered',
            between: [0, 1],
            from: 'server',
            at: sighting('server', 5),
            arrived: { ...sighting('server', 5), capture: 1 },
            offset: 150,
            bytes: 1,
            sent: 'a6',
            received: 'a7',
            message: 'certificate',
          },
        ]),
      }),
      anchors,
      because: 'altered',
      frames: [5],
    },
  ],
  silent: [
    {
      name: 'a certificate that names two algorithms: that is its fault (certificate-nonconforming)',
      connection: connection({
        serverCertificates: [withTwoAlgorithms(leaf.certificate.der), intermediate.certificate],
        alerts: said(42, 'bad_certificate'),
      }),
      anchors,
    },
    {
      name: 'TLS 1.3: another library says decrypt_error',
      connection: connection({ serverHello: { version: 'TLS 1.3' }, alerts: said(51, 'decrypt_error') }),
    },
    {
      name: 'TLS 1.3, resumed: there is no certificate',
      connection: connection({
        clientHello: openssl,
        serverHello: { version: 'TLS 1.3', resumed: true },
        alerts: said(51, 'decrypt_error'),
      }),
    },
    {
      name: 'every signature is right',
      connection: connection({
        serverCertificates: [leaf.certificate, intermediate.certificate],
        alerts: said(42, 'bad_certificate'),
      }),
      anchors,
    },
    {
      name: 'the client says that it has expired',
      connection: connection({ serverCertificates: wrong, alerts: said(45, 'certificate_expired') }),
      anchors,
    },
    { name: 'the client does not mind', connection: connection({ serverCertificates: wrong }), anchors },
  ],
});
