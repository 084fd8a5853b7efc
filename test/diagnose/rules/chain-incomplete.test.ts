import { chainIncomplete } from '../../../src/diagnose/rules/chain-incomplete.js';
import { alert, certificate, connection, issuingCa } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';
import { der, extension, issue, trusting } from '../../x509/authority.js';

const leafAlone = [certificate()];
/** The name of its issuer does not tell what it is. */
const plainly = { issuer: 'CN=Example CA 3' } as const;
const said = (code: number, name: string) => alert({ from: 'client', code, name });
const unknownCa = [said(48, 'unknown_ca')];

const root = await issue({ name: 'CN=Example Trust R1', ca: true });
const intermediate = await issue({ name: 'CN=Example CA 3', by: root, ca: true });
const leaf = await issue({ name: 'CN=www.example.com', by: intermediate });
const otherKey = extension('2.5.29.35', der(0x30, der(0x80, new Uint8Array(20).fill(1))));
const misnamed = await issue({
  name: 'CN=www.example.com',
  by: intermediate,
  keyIdentifiers: false,
  extensions: [otherKey],
});

testRule(chainIncomplete, {
  basis: 'fact',
  fires: [
    {
      name: 'the leaf alone, its issuer called an issuing authority: unknown_ca (OpenSSL)',
      connection: connection({ serverCertificates: leafAlone, alerts: unknownCa }),
      support: 'supported',
      explanation: 'explanation',
      data: {
        missing: 'CN=Example Issuing CA,O=Example Corp,C=CH',
        unrelated: [],
        locations: [],
        intermediate: 'CN=Example Issuing CA,O=Example Corp,C=CH',
      },
      frames: [5, 6],
    },
    {
      name: 'nothing tells a missing intermediate from a private root',
      connection: connection({ serverCertificates: [certificate(plainly)], alerts: unknownCa }),
      support: 'supported',
      explanation: 'unless',
      frames: [5, 6],
    },
    {
      name: 'by its key identifier the issuer is missing, and it is there: it signed the leaf',
      connection: connection({
        serverCertificates: [misnamed.certificate, intermediate.certificate],
        alerts: unknownCa,
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [5, 6],
    },
    {
      name: 'the leaf says where its issuer can be fetched: bad_certificate (Go)',
      connection: connection({
        clientHello: { serverName: null },
        serverCertificates: [
          certificate({ ...plainly, authorityKeyIdentifier: 'abcd', caIssuers: ['http://pki.example/issuer.der'] }),
        ],
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'supported',
      explanation: 'explanation',
      data: {
        intermediate: 'CN=Example CA 3 (key identifier abcd)',
        locations: ['http://pki.example/issuer.der'],
      },
      frames: [5, 6],
    },
    {
      name: 'the wrong intermediate: certificate_unknown (Java)',
      connection: connection({
        serverCertificates: [certificate(plainly), issuingCa()],
        alerts: [said(46, 'certificate_unknown')],
      }),
      support: 'supported',
      explanation: 'unrelated',
      data: { unrelated: ['CN=Example Issuing CA,O=Example Corp,C=CH'] },
      frames: [5, 6],
    },
    {
      name: 'another server of the capture sends the intermediate',
      connection: connection({ serverCertificates: [leaf.certificate], alerts: unknownCa }),
      others: [
        connection({
          id: '2',
          server: { address: '198.51.100.21', port: 443 },
          serverCertificates: [certificate(), intermediate.certificate],
        }),
      ],
      anchors: trusting(root),
      support: 'supported',
      explanation: 'explanation',
      data: { missing: 'CN=Example CA 3' },
      frames: [5, 6],
    },
    {
      name: 'Node.js: completes, and closes without a word',
      connection: connection({
        phase: 'finished',
        outcome: 'established',
        lastFrame: 8,
        serverCertificates: leafAlone,
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 8],
    },
    {
      name: 'TLS 1.3 hides it, and the client says unknown_ca',
      connection: connection({ serverHello: { version: 'TLS 1.3' }, alerts: unknownCa }),
      support: 'open',
      basis: 'alert',
      explanation: 'unseen',
      frames: [5, 6],
    },
  ],
  silent: [
    {
      name: 'the chain is whole but for its root, as it may be',
      connection: connection({ serverCertificates: [certificate(), issuingCa()], alerts: unknownCa }),
    },
    {
      name: 'the issuer is called a root: a private authority that issues directly',
      connection: connection({
        serverCertificates: [certificate({ issuer: 'CN=Example Root CA' })],
        alerts: unknownCa,
      }),
    },
    {
      name: 'the missing issuer is called a root',
      connection: connection({ serverCertificates: [certificate({ issuer: 'CN=Example Root 3' })], alerts: unknownCa }),
    },
    {
      name: 'the chain ends in a trust anchor',
      connection: connection({
        serverCertificates: [leaf.certificate, intermediate.certificate],
        alerts: unknownCa,
      }),
      anchors: trusting(root),
    },
    {
      name: 'a self-signed certificate',
      connection: connection({
        serverCertificates: [certificate({ issuer: 'CN=www.example.com,O=Example Corp,C=CH' })],
        alerts: unknownCa,
      }),
    },
    {
      name: 'the client does not mind: it remembers the intermediate',
      connection: connection({ serverCertificates: leafAlone }),
    },
    {
      name: 'the client names another fault',
      connection: connection({ serverCertificates: leafAlone, alerts: [said(45, 'certificate_expired')] }),
    },
    {
      name: 'handshake_failure of the client says nothing of certificates',
      connection: connection({ serverCertificates: leafAlone, alerts: [said(40, 'handshake_failure')] }),
    },
  ],
});
