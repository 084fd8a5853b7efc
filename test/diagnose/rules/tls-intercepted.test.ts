import '../../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import { tlsIntercepted } from '../../../src/diagnose/rules/tls-intercepted.js';
import { alert, at, certificate, connection, sighting } from '../../support/connections.js';
import { preamble } from '../../support/plaintext.js';
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

const names = (...dns: string[]) => [
  new x509.SubjectAlternativeNameExtension(dns.map((value) => ({ type: 'dns', value }))),
];
const acme = await issue({ name: 'CN=Acme Corp CA 7', ca: true });
const publicCa = await issue({ name: 'CN=Public CA', ca: true });
/** As Squid and mitmproxy make it: the authority's own key in it. */
const ownKey = await issue({
  name: 'CN=www.example.com',
  by: acme,
  keys: acme.keys,
  extensions: names('www.example.com'),
});
const ordinary = await issue({ name: 'CN=www.example.com', by: acme, extensions: names('www.example.com') });
const ofPublicCa = await issue({ name: 'CN=www.example.com', by: publicCa, extensions: names('www.example.com') });

const PROXY = { address: '198.51.100.7', port: 3128 };
const connect = { preamble: preamble({ kind: 'http-connect', target: 'www.example.com:443' }), server: PROXY };
/** What the proxy opens. */
const leg = (random: string, second = 0.06) =>
  connection({
    id: '9',
    client: { address: PROXY.address, port: 50001 },
    startedAt: at(second),
    clientHello: { frame: 40, random },
    serverHello: { version: 'TLS 1.3' },
  });
const ofAcme = (name: string, address: string, notBefore: string, second: number) =>
  connection({
    clientHello: { serverName: name },
    server: { address, port: 443 },
    startedAt: at(second),
    serverCertificates: [
      certificate({
        sha256: name.padEnd(64, '0'),
        issuer: 'CN=Acme Corp CA 7',
        notBefore,
        subjectAltNames: { dns: [name], ip: [] },
      }),
    ],
    alerts: unknownCa,
  });
/** One of the certificates that Acme made for a name at one server. */
const oneOf = (digit: string, second: number, id = digit) =>
  connection({
    id,
    startedAt: at(second),
    serverCertificates: [
      certificate({
        sha256: digit.repeat(64),
        issuer: 'CN=Acme Corp CA 7',
        serialNumber: digit,
        notBefore: '2026-01-01T00:00:00Z',
      }),
    ],
    alerts: unknownCa,
  });
const HOUR_BEFORE = '2026-03-02T09:00:';

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
    {
      name: 'the authority put its own key into the certificate',
      connection: connection({ serverCertificates: [ownKey.certificate, acme.certificate], alerts: unknownCa }),
      support: 'supported',
      explanation: 'ownKey',
      data: { issuer: 'CN=Acme Corp CA 7', name: 'www.example.com' },
      frames: [4, 5, 6],
    },
    {
      name: 'the proxy sends a ClientHello of its own to the same name, and TLS 1.3 hides the certificate',
      connection: connection({ ...connect, serverHello: { version: 'TLS 1.3' }, alerts: unknownCa }),
      others: [leg('33'.repeat(32))],
      support: 'open',
      explanation: 'ownHello',
      data: { connect: '198.51.100.7:3128', other: '198.51.100.20:443' },
      frames: [4, 5, 6, 40],
    },
    {
      name: 'the same server has a certificate of a trusted authority for the name',
      connection: connection({ id: '2', serverCertificates: [ordinary.certificate], alerts: unknownCa }),
      others: [
        connection({ client: { address: '192.0.2.77', port: 4000 }, serverCertificates: [ofPublicCa.certificate] }),
      ],
      anchors: trusting(publicCa),
      at: '2026-03-02T00:00:00Z',
      support: 'supported',
      explanation: 'publicElsewhere',
      data: { other: '192.0.2.77' },
      frames: [4, 5, 6],
    },
    {
      name: 'three certificates were made an hour before their connections, at different times',
      connection: ofAcme('a.example.org', '198.51.100.1', `${HOUR_BEFORE}00Z`, 0),
      others: [
        ofAcme('b.example.org', '198.51.100.1', `${HOUR_BEFORE}20Z`, 20),
        ofAcme('c.example.org', '198.51.100.1', `${HOUR_BEFORE}41Z`, 40),
      ],
      support: 'supported',
      explanation: 'onDemand',
      frames: [4, 5, 6],
    },
    {
      name: 'two certificates were made as their connections began',
      connection: ofAcme('a.example.org', '198.51.100.1', '2026-03-02T10:00:00Z', 0),
      others: [ofAcme('b.example.org', '198.51.100.1', '2026-03-02T10:00:20Z', 20)],
      support: 'supported',
      explanation: 'onDemand',
      frames: [4, 5, 6],
    },
    {
      name: 'certificates for three domains at several servers',
      connection: ofAcme('www.wikipedia.org', '198.51.100.1', '2026-01-01T00:00:00Z', 0),
      others: [
        ofAcme('api.github.com', '198.51.100.2', '2026-01-01T00:00:00Z', 1),
        ofAcme('www.bbc.co.uk', '198.51.100.2', '2026-01-01T00:00:00Z', 2),
      ],
      support: 'supported',
      explanation: 'unrelated',
      frames: [4, 5, 6],
    },
    {
      name: 'a server sends another certificate on each connection, with the same dates',
      connection: oneOf('1', 0),
      others: [oneOf('2', 1), oneOf('3', 2)],
      support: 'open',
      explanation: 'perConnection',
      data: { issuer: 'CN=Acme Corp CA 7' },
      frames: [4, 5, 6],
    },
  ],
  silent: [
    {
      name: 'one of them comes again: several servers',
      connection: oneOf('1', 0),
      others: [oneOf('2', 1), oneOf('3', 2), oneOf('3', 3, '9')],
    },
    { name: 'two certificates with the same dates', connection: oneOf('1', 0), others: [oneOf('2', 1)] },
    {
      name: 'the proxy forwards the ClientHello, and opens a connection of its own as well',
      connection: connection({ ...connect, serverHello: { version: 'TLS 1.3' }, alerts: unknownCa }),
      others: [leg('11'.repeat(32)), leg('33'.repeat(32))],
    },
    {
      name: 'the proxy opened its connection before',
      connection: connection({ ...connect, startedAt: at(1), serverHello: { version: 'TLS 1.3' }, alerts: unknownCa }),
      others: [leg('33'.repeat(32), 0.5)],
    },
    {
      name: 'one made an hour before is no sign, nor are two',
      connection: ofAcme('a.example.org', '198.51.100.1', `${HOUR_BEFORE}00Z`, 0),
      others: [ofAcme('b.example.org', '198.51.100.1', `${HOUR_BEFORE}20Z`, 20)],
    },
    {
      name: 'certificates that were made in one go, and used in one go',
      connection: ofAcme('a.example.org', '198.51.100.1', `${HOUR_BEFORE}00Z`, 0),
      others: [
        ofAcme('b.example.org', '198.51.100.1', `${HOUR_BEFORE}00Z`, 1),
        ofAcme('c.example.org', '198.51.100.1', `${HOUR_BEFORE}01Z`, 2),
      ],
    },
    {
      name: 'several names of one domain, and private ones',
      connection: ofAcme('www.acme.org', '198.51.100.1', '2026-01-01T00:00:00Z', 0),
      others: [
        ofAcme('git.acme.org', '198.51.100.2', '2026-01-01T00:00:00Z', 1),
        ofAcme('wiki.corp', '198.51.100.3', '2026-01-01T00:00:00Z', 2),
        ofAcme('mail.acme.local', '198.51.100.4', '2026-01-01T00:00:00Z', 3),
        ofAcme('acme.com', '198.51.100.5', '2026-01-01T00:00:00Z', 4),
      ],
    },
    {
      name: 'the same name on another port of a host has a certificate of a trusted authority',
      connection: connection({ id: '2', serverCertificates: [ordinary.certificate], alerts: unknownCa }),
      others: [
        connection({ server: { address: '198.51.100.20', port: 8443 }, serverCertificates: [ofPublicCa.certificate] }),
      ],
      anchors: trusting(publicCa),
      at: '2026-03-02T00:00:00Z',
    },
    {
      name: 'the authority is trusted, though it certified its own key',
      connection: connection({ serverCertificates: [ownKey.certificate], alerts: unknownCa }),
      anchors: trusting(acme),
      at: '2026-03-02T00:00:00Z',
    },
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
