import { certificateSelfSigned } from '../../../src/diagnose/rules/certificate-self-signed.js';
import { alert, certificate, connection, issuingCa } from '../../support/connections.js';
import { ERLANG_HELLO, GO_HELLO, NODE_HELLO } from '../../support/hellos.js';
import { testRule } from '../../support/rule-tester.js';
import { issue, trusting } from '../../x509/authority.js';

const selfSigned = [certificate({ issuer: 'CN=www.example.com,O=Example Corp,C=CH' })];
const FAKE = 'CN=Kubernetes Ingress Controller Fake Certificate,O=Acme Co';
const fake = [certificate({ subject: FAKE, issuer: FAKE, subjectAltNames: { dns: ['ingress.local'], ip: [] } })];
const trusted = await issue({ name: 'CN=www.example.com' });
const said = (code: number, name: string) => alert({ from: 'client', code, name });
/** A connection in which the client accepted the certificate. */
const taken = connection({
  id: '2',
  serverHello: { frame: 14 },
  serverCertificates: selfSigned,
  phase: 'application-data',
  outcome: 'established',
});

testRule(certificateSelfSigned, {
  basis: 'fact',
  fires: [
    {
      name: 'unknown_ca of a stack that does not say it of a missing revocation list',
      connection: connection({
        clientHello: GO_HELLO,
        serverCertificates: selfSigned,
        alerts: [said(48, 'unknown_ca')],
      }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [5, 6],
    },
    {
      name: 'unknown_ca of an unknown stack, which may also lack a revocation list',
      connection: connection({ serverCertificates: selfSigned, alerts: [said(48, 'unknown_ca')] }),
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 6],
    },
    {
      name: 'the same program took the certificate in another connection',
      connection: connection({ serverCertificates: selfSigned, alerts: [said(48, 'unknown_ca')] }),
      others: [taken],
      support: 'open',
      explanation: 'takenElsewhere',
      frames: [5, 6, 14],
    },
    {
      name: 'another program on the same host took the certificate',
      connection: connection({
        clientHello: { ja4: 't13d000000_000000000000_000000000000' },
        serverCertificates: selfSigned,
        alerts: [said(48, 'unknown_ca')],
      }),
      others: [taken],
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 6],
    },
    {
      name: 'Go: bad_certificate; the client sends no server name',
      connection: connection({
        clientHello: { serverName: null },
        serverCertificates: selfSigned,
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 6],
    },
    {
      name: 'Erlang: bad_certificate (selfsigned_peer)',
      connection: connection({
        clientHello: ERLANG_HELLO,
        serverCertificates: selfSigned,
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 6],
    },
    {
      name: 'it is for another name as well',
      connection: connection({
        clientHello: { serverName: 'shop.example.com' },
        serverCertificates: selfSigned,
        alerts: [said(48, 'unknown_ca')],
      }),
      support: 'supported',
      explanation: 'otherName',
      data: { name: 'shop.example.com', presented: ['www.example.com', 'example.com'] },
      frames: [5, 6],
    },
    {
      name: 'the default certificate of a product',
      connection: connection({
        serverCertificates: fake,
        alerts: [said(48, 'unknown_ca')],
      }),
      support: 'confirmed',
      explanation: 'defaultCertificate',
      data: { product: 'Kubernetes ingress-nginx', name: 'www.example.com' },
      frames: [5, 6],
    },
    {
      name: 'the same in a capture without the ClientHello: which name was asked for is unknown',
      connection: connection({
        clientHello: null,
        phase: 'server-certificate',
        serverCertificates: fake,
        alerts: [said(48, 'unknown_ca')],
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [5, 6],
    },
    {
      name: 'the default certificate of a product, to a client that sends no server name',
      connection: connection({
        clientHello: { serverName: null },
        serverCertificates: fake,
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'supported',
      explanation: 'defaultWithoutName',
      data: { product: 'Kubernetes ingress-nginx' },
      frames: [5, 6],
    },
    {
      name: 'the client sends no server name; those that send one get another certificate',
      connection: connection({
        clientHello: { serverName: null },
        serverCertificates: selfSigned,
        alerts: [said(48, 'unknown_ca')],
      }),
      others: [connection({ phase: 'application-data', outcome: 'established' })],
      support: 'supported',
      explanation: 'withoutName',
      data: { names: ['www.example.com'] },
      frames: [5, 6],
    },
    {
      name: 'without the ClientHello: the client may have asked for another name',
      connection: connection({
        clientHello: null,
        phase: 'server-certificate',
        serverCertificates: selfSigned,
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [5, 6],
    },
    {
      name: 'Java: certificate_unknown',
      connection: connection({ serverCertificates: selfSigned, alerts: [said(46, 'certificate_unknown')] }),
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 6],
    },
    {
      name: 'a client of an unknown library completes, and closes without a word',
      connection: connection({
        phase: 'finished',
        outcome: 'established',
        lastFrame: 8,
        serverCertificates: selfSigned,
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 8],
    },
    {
      name: 'Node.js: completes, and closes without a word, as it does where it only looks at the certificate',
      connection: connection({
        clientHello: NODE_HELLO,
        phase: 'finished',
        outcome: 'established',
        lastFrame: 8,
        serverCertificates: selfSigned,
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [5, 8],
    },
    {
      name: 'TLS 1.3 hides it, and the client says unknown_ca',
      connection: connection({ serverHello: { version: 'TLS 1.3' }, alerts: [said(48, 'unknown_ca')] }),
      support: 'open',
      basis: 'alert',
      explanation: 'unseen',
      frames: [5, 6],
    },
  ],
  silent: [
    {
      name: 'the client names another fault',
      connection: connection({ serverCertificates: selfSigned, alerts: [said(45, 'certificate_expired')] }),
    },
    {
      name: 'the client does not mind: it is in its trust store',
      connection: connection({ serverCertificates: selfSigned }),
    },
    {
      name: 'a health check that completes and leaves politely',
      connection: connection({
        phase: 'finished',
        outcome: 'established',
        lastFrame: 9,
        serverCertificates: selfSigned,
        alerts: [alert({ from: 'client', encrypted: true, frame: 8 })],
        ending: { by: 'client', how: 'close', frame: 9 },
      }),
    },
    {
      name: 'internal_error of the client says nothing of certificates',
      connection: connection({ serverCertificates: selfSigned, alerts: [said(80, 'internal_error')] }),
    },
    {
      name: 'it is among the trust anchors given',
      connection: connection({ serverCertificates: [trusted.certificate], alerts: [said(48, 'unknown_ca')] }),
      anchors: trusting(trusted),
    },
    {
      name: 'another one issued it',
      connection: connection({
        serverCertificates: [certificate(), issuingCa()],
        alerts: [said(48, 'unknown_ca')],
      }),
    },
  ],
});
