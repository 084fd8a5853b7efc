import '../../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import { tlsIntercepted } from '../../../src/diagnose/rules/tls-intercepted.js';
import { alert, certificate, connection, sighting } from '../../support/connections.js';
import { pathFacts } from '../../support/path.js';
import { testRule } from '../../support/rule-tester.js';
import { issue, trusting } from '../../x509/authority.js';

const unknownCa = [alert({ from: 'client', code: 48, name: 'unknown_ca' })];
const by = (issuer: string) => ({ serverCertificates: [certificate({ issuer })] });
const ZSCALER = 'CN=Zscaler Intermediate Root CA (zscaler.net),O=Zscaler Inc.,C=US';
const zscalerRoot = await issue({ name: 'CN=Zscaler Root CA', ca: true });
const minted = await issue({
  name: 'CN=www.example.com',
  by: zscalerRoot,
  extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'www.example.com' }])],
});

const terminated = {
  kind: 'tls-terminated',
  between: [0, 1],
  at: { ...sighting('client', 3), capture: 1 },
  client: { address: '198.51.100.1', port: 43332 },
  server: { address: '198.51.100.20', port: 443 },
  issuers: ['CN=Box CA', 'CN=Public CA'],
  isProven: true,
} as const;

testRule(tlsIntercepted, {
  basis: 'fact',
  fires: [
    {
      name: 'the issuer bears the name of a product',
      connection: connection({ ...by(ZSCALER), alerts: unknownCa }),
      support: 'supported',
      explanation: 'explanation',
      data: { product: 'Zscaler', name: 'www.example.com', how: 'with alert unknown_ca (48)' },
      frames: [4, 5, 6],
    },
    {
      name: 'the issuer bears the name of the purpose, and the client says certificate_unknown',
      connection: connection({
        ...by('CN=Example Corp SSL-Inspection CA,O=Example Corp'),
        alerts: [alert({ from: 'client', code: 46, name: 'certificate_unknown' })],
      }),
      support: 'supported',
      explanation: 'byPurpose',
      frames: [4, 5, 6],
    },
    {
      name: 'two points of the path show two connections, with certificates of two authorities',
      connection: connection({ ...by('CN=Box CA'), alerts: unknownCa, path: pathFacts([terminated]) }),
      support: 'confirmed',
      explanation: 'twoIssuers',
      data: { issuer: 'CN=Box CA', other: 'CN=Public CA', near: 1, far: 2 },
      frames: [3, 4, 5, 6],
    },
    {
      name: 'two points of the path show two connections, and neither certificate',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        alerts: unknownCa,
        path: pathFacts([{ ...terminated, issuers: [null, null], isProven: false }]),
      }),
      support: 'supported',
      explanation: 'twoPoints',
      frames: [3, 4, 5, 6],
    },
  ],
  silent: [
    {
      name: 'the client takes the certificate of the proxy',
      connection: connection({ ...by('CN=Box CA'), path: pathFacts([terminated]) }),
    },
    { name: 'an ordinary authority', connection: connection({ alerts: unknownCa }) },
    { name: 'the client goes on', connection: connection(by(ZSCALER)) },
    {
      name: 'the device shows the certificate of its own pages, which bears another name',
      connection: connection({
        serverCertificates: [
          certificate({ issuer: ZSCALER, subjectAltNames: { dns: ['gateway.example.net'], ip: [] } }),
        ],
        alerts: unknownCa,
      }),
    },
    {
      name: 'a self-signed certificate of the maker',
      connection: connection({
        serverCertificates: [
          certificate({ subject: 'CN=www.example.com,O=Fortinet', issuer: 'CN=www.example.com,O=Fortinet' }),
        ],
        alerts: unknownCa,
      }),
    },
    {
      name: 'its authority is given as trusted, so that something else is wrong',
      connection: connection({ serverCertificates: [minted.certificate], alerts: unknownCa }),
      anchors: trusting(zscalerRoot),
      at: '2026-03-02T00:00:00Z',
    },
  ],
});
