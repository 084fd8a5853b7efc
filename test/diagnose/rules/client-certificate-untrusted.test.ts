import { clientCertificateUntrusted } from '../../../src/diagnose/rules/client-certificate-untrusted.js';
import { alert, certificate, certificateRequest, connection } from '../../support/connections.js';
import { clientCertificateMessages, testRule } from '../../support/rule-tester.js';
import { issue } from '../../x509/authority.js';

const foreign = certificate({ subject: 'CN=device 9999,O=Partner', issuer: 'CN=Partner CA,O=Partner' });
const listed = certificate({ subject: 'CN=device 0815', issuer: 'CN=example client ca,O=Example Corp' });
const sent = {
  phase: 'client-certificate',
  certificateRequest: certificateRequest(),
  messages: clientCertificateMessages(),
  clientCertificates: [foreign],
} as const;
const root = certificate({ subject: 'CN=Partner CA,O=Partner', issuer: 'CN=Partner CA,O=Partner', selfIssued: true });
const authority = await issue({ name: 'CN=Partner CA', ca: true });
const namesake = await issue({ name: 'CN=Partner CA', ca: true });
const bySomebody = await issue({ name: 'CN=device 9999', by: namesake, keyIdentifiers: false });
const said = (code: number, name: string) => alert({ code, name, frame: 7 });

const ofCluster = (authorityKeyIdentifier: string | null) =>
  certificate({ issuer: 'CN=kubernetes', authorityKeyIdentifier, extendedKeyUsage: ['clientAuth'] });
const cluster = (key: string | null) => ({
  certificateRequest: certificateRequest({ certificateAuthorities: ['CN=kubernetes'] }),
  clientCertificates: [ofCluster(key)],
});

testRule(clientCertificateUntrusted, {
  basis: 'fact',
  fires: [
    {
      name: 'OpenSSL: unknown_ca',
      connection: connection({ ...sent, alerts: [said(48, 'unknown_ca')] }),
      support: 'supported',
      explanation: 'notListed',
      data: { issuer: 'CN=Partner CA,O=Partner', wanted: ['CN=Example Client CA,O=Example Corp'] },
      frames: [5, 6, 7],
    },
    {
      name: 'the whole chain is in view, up to a root that is not listed: unknown_ca',
      connection: connection({ ...sent, clientCertificates: [foreign, root], alerts: [said(48, 'unknown_ca')] }),
      support: 'confirmed',
      explanation: 'notListed',
      frames: [5, 6, 7],
    },
    {
      name: 'the server lists nothing, and its own chain ends at the same root: unknown_ca',
      connection: connection({
        ...sent,
        certificateRequest: certificateRequest({ certificateAuthorities: [] }),
        serverCertificates: [certificate({ issuer: 'CN=Partner CA,O=Partner' })],
        alerts: [said(48, 'unknown_ca')],
      }),
      support: 'open',
      explanation: 'said',
      frames: [5, 6, 7],
    },
    {
      name: 'the authority was created again under its old name: key identifiers differ (Go 1.19, Kubernetes)',
      connection: connection({
        ...sent,
        ...cluster('old'),
        serverCertificates: [ofCluster('new')],
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'supported',
      explanation: 'renewed',
      data: { missing: 'CN=kubernetes', clientKey: 'old', serverKey: 'new' },
      frames: [5, 6, 7],
    },
    {
      name: 'the authority was made anew, and the certificate is not for clients',
      connection: connection({
        ...sent,
        ...cluster('old'),
        clientCertificates: [{ ...ofCluster('old'), extendedKeyUsage: ['serverAuth'] }],
        serverCertificates: [ofCluster('new')],
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'open',
      explanation: 'renewed',
      frames: [5, 6, 7],
    },
    {
      name: 'OpenSSL: decrypt_error, where the server may know an authority of that name with another key',
      connection: connection({
        ...sent,
        clientCertificates: [bySomebody.certificate],
        alerts: [said(51, 'decrypt_error')],
      }),
      support: 'open',
      explanation: 'otherKey',
      data: { missing: 'CN=Partner CA' },
      frames: [6, 7],
    },
    {
      name: 'Node.js: the certificate is self-signed, and the server closes the connection',
      connection: connection({
        ...sent,
        clientCertificates: [root],
        ending: { by: 'server', how: 'close', frame: 7 },
      }),
      support: 'supported',
      explanation: 'notListed',
      frames: [5, 6, 7],
    },
    {
      name: 'Java: certificate_unknown',
      connection: connection({ ...sent, alerts: [said(46, 'certificate_unknown')] }),
      support: 'supported',
      explanation: 'notListed',
      frames: [5, 6, 7],
    },
    {
      name: 'Go: bad_certificate',
      connection: connection({ ...sent, alerts: [said(42, 'bad_certificate')] }),
      support: 'supported',
      explanation: 'notListed',
      frames: [5, 6, 7],
    },
    {
      name: 'the server does not list what it takes, but says unknown_ca',
      connection: connection({
        ...sent,
        certificateRequest: certificateRequest({ certificateAuthorities: [] }),
        alerts: [said(48, 'unknown_ca')],
      }),
      support: 'supported',
      explanation: 'notSent',
      data: { wanted: [], missing: 'CN=Partner CA,O=Partner' },
      frames: [5, 6, 7],
    },
    {
      name: 'an authority of the same name, and another key: unknown_ca',
      connection: connection({ ...sent, clientCertificates: [listed], alerts: [said(48, 'unknown_ca')] }),
      support: 'open',
      explanation: 'said',
      frames: [5, 6, 7],
    },
    {
      name: 'the request is not in the capture, and may list the root that the client sent',
      connection: connection({
        ...sent,
        certificateRequest: null,
        clientCertificates: [foreign, root],
        alerts: [said(48, 'unknown_ca')],
      }),
      support: 'open',
      explanation: 'said',
      frames: [6, 7],
    },
    {
      name: 'the request is not in the capture',
      connection: connection({ ...sent, certificateRequest: null, alerts: [said(48, 'unknown_ca')] }),
      support: 'supported',
      explanation: 'notSent',
      frames: [6, 7],
    },
  ],
  silent: [
    ...(['new', null] as const).map((key) => ({
      name: `client and server have certificates of one authority, key ${String(key)}: bad_certificate`,
      connection: connection({
        ...sent,
        ...cluster(key),
        serverCertificates: [ofCluster('new')],
        alerts: [said(42, 'bad_certificate')],
      }),
    })),
    {
      name: 'the server names the authority twice: it has both of its keys',
      connection: connection({
        ...sent,
        ...cluster('old'),
        certificateRequest: certificateRequest({ certificateAuthorities: ['CN=kubernetes', 'CN=kubernetes'] }),
        serverCertificates: [ofCluster('new')],
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'decrypt_error on a certificate that names the key of its issuer',
      connection: connection({
        ...sent,
        clientCertificates: [{ ...bySomebody.certificate, authorityKeyIdentifier: '01' }],
        alerts: [said(51, 'decrypt_error')],
      }),
    },
    {
      name: 'decrypt_error on a certificate that the issuer sent with it did not sign',
      connection: connection({
        ...sent,
        clientCertificates: [bySomebody.certificate, authority.certificate],
        alerts: [said(51, 'decrypt_error')],
      }),
    },
    {
      name: 'its issuer is in the list, and the server says bad_certificate',
      connection: connection({
        ...sent,
        clientCertificates: [listed],
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'the issuer of its intermediate is in the list',
      connection: connection({
        ...sent,
        clientCertificates: [
          foreign,
          certificate({ subject: 'CN=Partner CA,O=Partner', issuer: 'CN=Example Client CA,O=Example Corp' }),
        ],
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'the server lists nothing and says bad_certificate',
      connection: connection({
        ...sent,
        certificateRequest: certificateRequest({ certificateAuthorities: [] }),
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'the server names another fault',
      connection: connection({ ...sent, alerts: [said(45, 'certificate_expired')] }),
    },
    {
      name: 'an alert that says nothing of certificates',
      connection: connection({ ...sent, alerts: [said(40, 'handshake_failure')] }),
    },
    {
      name: 'the server takes it nevertheless',
      connection: connection({ ...sent, phase: 'application-data', outcome: 'established' }),
    },
    {
      name: 'the client sends none',
      connection: connection({ ...sent, clientCertificates: [], alerts: [said(40, 'handshake_failure')] }),
    },
  ],
});
