import { certificatePurposeInvalid } from '../../../src/diagnose/rules/certificate-purpose-invalid.js';
import { alert, certificate, connection, issuingCa } from '../../support/connections.js';
import { preamble } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

const said = (code: number, name: string) => [alert({ from: 'client', code, name })];
const clientOnly = certificate({ extendedKeyUsage: ['clientAuth'] });
const chain = (leaf = certificate(), issuer = issuingCa()) => [leaf, issuer];
const late = { phase: 'finished', outcome: 'established', lastFrame: 8 } as const;
const ROOT = 'CN=Example Root CA,O=Example Corp,C=CH';
/** The client leaves upon the server's flight, without a word. */
const leaves = { phase: 'server-certificate', ending: { by: 'client', how: 'close', frame: 7 } } as const;
const openVpn = preamble({ kind: 'openvpn', state: 'accepted', reply: null, target: null, steps: [] });
const root = issuingCa({ subject: ROOT, issuer: ROOT, serialNumber: '01' });

testRule(certificatePurposeInvalid, {
  basis: 'fact',
  fires: [
    {
      name: 'a certificate for clients: unsupported_certificate (OpenSSL, NSS)',
      connection: connection({ serverCertificates: chain(clientOnly), alerts: said(43, 'unsupported_certificate') }),
      support: 'confirmed',
      explanation: 'purpose',
      data: { allowed: ['clientAuth'] },
      frames: [5, 6],
    },
    {
      name: 'a certificate for clients: bad_certificate (Go)',
      connection: connection({
        clientHello: { serverName: null },
        serverCertificates: chain(clientOnly),
        alerts: said(42, 'bad_certificate'),
      }),
      support: 'supported',
      explanation: 'purpose',
      frames: [5, 6],
    },
    {
      name: 'a certificate for clients: the client completes, and closes without a word (Node.js)',
      connection: connection({ ...late, serverCertificates: chain(clientOnly) }),
      support: 'supported',
      explanation: 'purpose',
      frames: [5, 8],
    },
    {
      name: 'OpenVPN: a certificate that does not say what it is for',
      connection: connection({
        ...leaves,
        preamble: openVpn,
        serverCertificates: chain(certificate({ extendedKeyUsage: null })),
      }),
      support: 'open',
      explanation: 'unstated',
      frames: [5, 7],
    },
    {
      name: 'an authority for other purposes: certificate_unknown (Java)',
      connection: connection({
        serverCertificates: chain(certificate(), issuingCa({ extendedKeyUsage: ['emailProtection'] })),
        alerts: said(46, 'certificate_unknown'),
      }),
      support: 'supported',
      explanation: 'issuerPurpose',
      frames: [5, 6],
    },
    {
      name: 'a key for encryption alone, and ECDHE, which signs: illegal_parameter',
      connection: connection({
        serverCertificates: chain(certificate({ keyUsage: ['keyEncipherment'] })),
        alerts: said(47, 'illegal_parameter'),
      }),
      support: 'confirmed',
      explanation: 'keyUsage',
      data: { allowed: ['keyEncipherment'] },
      frames: [5, 6],
    },
    {
      name: 'an issuer that is no authority: unknown_ca (OpenSSL)',
      connection: connection({
        serverCertificates: chain(certificate(), issuingCa({ isCa: false })),
        alerts: said(48, 'unknown_ca'),
      }),
      support: 'supported',
      explanation: 'notAnAuthority',
      data: { subject: 'CN=Example Issuing CA,O=Example Corp,C=CH' },
      frames: [5, 6],
    },
    {
      name: 'an issuer that does not say whether it is an authority',
      connection: connection({
        serverCertificates: chain(certificate(), issuingCa({ isCa: false, hasBasicConstraints: false })),
        alerts: said(48, 'unknown_ca'),
      }),
      support: 'supported',
      explanation: 'withoutBasicConstraints',
      frames: [5, 6],
    },
    {
      name: 'an issuer whose key may not sign certificates',
      connection: connection({
        serverCertificates: chain(certificate(), issuingCa({ keyUsage: ['digitalSignature'] })),
        alerts: said(48, 'unknown_ca'),
      }),
      support: 'supported',
      explanation: 'withoutCertSign',
      frames: [5, 6],
    },
    {
      name: 'too many intermediates',
      connection: connection({
        serverCertificates: [certificate(), issuingCa(), { ...root, pathLength: 0 }],
        alerts: said(42, 'bad_certificate'),
      }),
      support: 'supported',
      explanation: 'pathTooLong',
      data: { limit: 0, length: 1 },
      frames: [5, 6],
    },
    {
      name: 'an authority for other names',
      connection: connection({
        serverCertificates: chain(
          certificate(),
          issuingCa({
            nameConstraints: {
              permitted: { dns: ['example.net'], ip: [], email: [], directory: [], uri: [], other: [], others: 0 },
              excluded: { dns: [], ip: [], email: [], directory: [], uri: [], other: [], others: 0 },
            },
          }),
        ),
        alerts: said(42, 'bad_certificate'),
      }),
      support: 'supported',
      explanation: 'nameConstraint',
      data: { name: 'www.example.com' },
      frames: [5, 6],
    },
  ],
  silent: [
    {
      name: 'another protocol: a certificate that does not say what it is for',
      connection: connection({ ...leaves, serverCertificates: chain(certificate({ extendedKeyUsage: null })) }),
    },
    {
      name: 'OpenVPN: a certificate for servers',
      connection: connection({ ...leaves, preamble: openVpn, serverCertificates: chain() }),
    },
    {
      name: 'a critical extension that nobody knows: see certificate-nonconforming',
      connection: connection({
        serverCertificates: chain(certificate({ unknownCriticalExtensions: ['1.2.3.4'] })),
        alerts: said(43, 'unsupported_certificate'),
      }),
    },
    { name: 'nothing is wrong with it', connection: connection({ alerts: said(43, 'unsupported_certificate') }) },
    {
      name: 'a certificate for clients, and the client says that it has expired',
      connection: connection({ serverCertificates: chain(clientOnly), alerts: said(45, 'certificate_expired') }),
    },
    {
      name: 'a certificate for clients, and the client does not mind',
      connection: connection({ serverCertificates: chain(clientOnly) }),
    },
    {
      name: 'a self-signed one for clients: nobody vouches for it, bad_certificate',
      connection: connection({
        serverCertificates: [
          certificate({ issuer: 'CN=www.example.com,O=Example Corp,C=CH', extendedKeyUsage: ['clientAuth'] }),
        ],
        alerts: said(42, 'bad_certificate'),
      }),
    },
    {
      name: 'RSA key exchange with a key for encryption',
      connection: connection({
        serverHello: { cipherSuite: 'TLS_RSA_WITH_AES_128_CBC_SHA' },
        serverCertificates: chain(certificate({ keyUsage: ['keyEncipherment'] })),
        alerts: said(42, 'bad_certificate'),
      }),
    },
    {
      name: 'a weak key is another fault',
      connection: connection({
        serverCertificates: chain(certificate({ keyBits: 1024 })),
        alerts: said(42, 'bad_certificate'),
      }),
    },
  ],
});
