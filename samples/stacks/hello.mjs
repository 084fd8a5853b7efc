// Sends one ClientHello, or other bytes, that a server must refuse, and waits for it to close.
// usage: node hello.mjs FAULT 1.0|1.1|1.2|1.3 LOCAL-PORT HOST PORT
import { createECDH, randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const [fault, tls, localPort, host, port] = process.argv.slice(2);

const u16 = (value) => [value >> 8, value & 255];
const vector8 = (bytes) => [bytes.length, ...bytes];
const vector16 = (bytes) => [...u16(bytes.length), ...bytes];
const extension = (type, bytes) => [...u16(type), ...vector16(bytes)];
const codes = (list) => vector16(list.flatMap(u16));

const VERSIONS = { '1.0': 0x0301, 1.1: 0x0302, 1.2: 0x0303, 1.3: 0x0304 };
const X25519 = 29;
const SECP256R1 = 23;
/** Taken out of use by RFC 8422; no stack knows it. */
const SECP160K1 = 15;
/** With Kerberos (RFC 2712), and a number of TLS 1.3 that no stack has yet: neither is spoken anywhere. */
const UNKNOWN_SUITES = [0x001e, 0x13fe];
const SUITES = [0x1301, 0x1302, 0x1303, 0xc02f, 0xc030, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035];
const ECDHE_SUITES = [0xc02f, 0xc030, 0xcca8];
const DHE_SUITES = [0x009e, 0x009f, 0x0033];
const SCHEMES = [0x0403, 0x0503, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201];

function share(group) {
  if (group !== SECP256R1) return randomBytes(32);
  const ecdh = createECDH('prime256v1');
  return ecdh.generateKeys();
}

function clientHello() {
  const version = VERSIONS[tls];
  const isTls13 = tls === '1.3';
  const only13 = isTls13 && fault === 'protocol-version-mismatch';
  let suites = isTls13 ? SUITES : SUITES.filter((suite) => suite >> 8 !== 0x13);
  if (only13) suites = suites.filter((suite) => suite >> 8 === 0x13);
  if (fault === 'cipher-suite-mismatch') suites = UNKNOWN_SUITES;
  if (fault === 'group-mismatch') suites = isTls13 ? [0x1301, 0x1302, 0x1303] : ECDHE_SUITES;
  if (fault === 'group-mismatch-dhe') suites = [...ECDHE_SUITES, ...DHE_SUITES];
  if (fault === 'signature-scheme-mismatch') suites = isTls13 ? [0x1301, 0x1302, 0x1303] : ECDHE_SUITES;
  if (fault === 'fallback-rejected') suites = [...suites, 0x5600];
  const groups = fault.startsWith('group-mismatch') ? [SECP160K1] : [X25519, SECP256R1];
  const schemes = fault === 'signature-scheme-mismatch' ? [0x0403] : SCHEMES;
  const name = { 'sni-missing': null, 'sni-unrecognized': 'nobody.example' }[fault];
  const extensions = [
    name === null ? [] : extension(0, vector16([0, ...vector16(Buffer.from(name ?? 'shop.example'))])),
    extension(10, codes(groups)),
    extension(11, vector8([0])),
    VERSIONS[tls] >= 0x0303 ? extension(13, codes(schemes)) : [],
    extension(23, []),
    extension(0xff01, [0]),
    fault === 'alpn-mismatch' ? extension(16, vector16(vector8(Buffer.from('nothing/1')))) : [],
    isTls13 ? extension(43, vector8((only13 ? [0x0304] : [0x0304, 0x0303]).flatMap(u16))) : [],
    isTls13 ? extension(45, vector8([1])) : [],
    isTls13 ? extension(51, vector16(groups.flatMap((group) => [...u16(group), ...vector16(share(group))]))) : [],
  ].flat();
  const body = [
    ...u16(Math.min(version, 0x0303)),
    ...randomBytes(32),
    ...vector8(isTls13 ? randomBytes(32) : []),
    ...codes(suites),
    ...vector8([0]),
    ...vector16(extensions),
  ];
  return Buffer.from([22, 3, 1, ...vector16([1, 0, ...vector16(body)])]);
}

function bytes() {
  if (fault === 'client-speaks-plaintext') return Buffer.from('GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n');
  if (fault === 'garbage') return Buffer.concat([Buffer.from([0x90, 0x01]), Buffer.alloc(300, 0x5a)]);
  return clientHello();
}

const socket = connect({ host, port: Number(port), localPort: Number(localPort), family: 4, allowHalfOpen: true }, () =>
  socket.write(bytes()),
);
// A ServerHello is an answer, and we cannot go on.
socket.on('data', ([type]) => {
  if (type === 22) setTimeout(() => socket.destroy(), 300);
});
socket.on('end', () => socket.end());
socket.on('error', () => process.exit());
socket.on('close', () => process.exit());
