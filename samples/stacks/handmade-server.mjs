// A server that writes its side of a TLS 1.2 handshake by hand, up to ServerHelloDone, to break one rule of the protocol that
// no current stack lets itself be configured to break.
// usage: node handmade-server.mjs PORT CERTIFICATE-CHAIN KEY BEHAVIOUR
//   dh-BITS        a Diffie-Hellman prime of BITS bits
//   sha1           signs the key exchange by SHA-1
//   wrong-key      signs it with another key than that of the certificate
//   extension      answers with an extension that the client did not send
//   truncated      a ServerHello whose lengths go beyond its end
//   out-of-order   ServerHelloDone before Certificate
//   no-rfc5746     does not answer renegotiation_info
//   slow           ServerHello and Certificate, and nothing more
//   alert-NUMBER   nothing but that alert
//   early-finish   cannot decrypt the client's Finished: bad_record_mac
import {
  createDiffieHellman,
  createPrivateKey,
  createSign,
  generateKeyPairSync,
  getDiffieHellman,
  randomBytes,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';

const [port, chainFile, keyFile, behaviour] = process.argv.slice(2);
const alertNumber = Number(/^alert-(\d+)$/.exec(behaviour)?.[1] ?? 0);
const dhBits = Number(/^dh-(\d+)$/.exec(behaviour)?.[1] ?? 0);

const u8 = (value) => Buffer.of(value);
const u16 = (value) => Buffer.of(value >> 8, value & 255);
const u24 = (value) => Buffer.of(value >> 16, (value >> 8) & 255, value & 255);
const vector16 = (bytes) => Buffer.concat([u16(bytes.length), bytes]);
const vector24 = (bytes) => Buffer.concat([u24(bytes.length), bytes]);
const message = (type, body) => Buffer.concat([u8(type), vector24(body)]);
const record = (type, body) => Buffer.concat([u8(type), u16(0x0303), vector16(body)]);

const chain = [...readFileSync(chainFile, 'latin1').matchAll(/-----BEGIN CERTIFICATE-----([^-]+)/g)].map(([, base64]) =>
  Buffer.from(base64, 'base64'),
);
const key =
  behaviour === 'wrong-key'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    : createPrivateKey(readFileSync(keyFile));

const DHE_RSA_AES128_GCM_SHA256 = 0x009e;
const ECDHE_RSA_AES128_GCM_SHA256 = 0xc02f;
const RENEGOTIATION_INFO = Buffer.from('ff01000100', 'hex');
const UNASKED = Buffer.from('77770000', 'hex');

function serverHello(random) {
  const extensions = Buffer.concat([
    behaviour === 'no-rfc5746' ? Buffer.alloc(0) : RENEGOTIATION_INFO,
    behaviour === 'extension' ? UNASKED : Buffer.alloc(0),
  ]);
  const suite = u16(dhBits > 0 ? DHE_RSA_AES128_GCM_SHA256 : ECDHE_RSA_AES128_GCM_SHA256);
  const body = Buffer.concat([u16(0x0303), random, u8(0), suite, u8(0), vector16(extensions)]);
  if (behaviour === 'truncated') body.writeUInt16BE(0x4000, body.length - extensions.length - 2);
  return message(2, body);
}

function keyExchangeParameters() {
  if (dhBits === 0) {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
    return Buffer.concat([u8(3), u16(23), u8(point.length), point]);
  }
  const known = { 768: 'modp1', 1024: 'modp2' }[dhBits];
  const group = known === undefined ? createDiffieHellman(dhBits) : getDiffieHellman(known);
  group.generateKeys();
  return Buffer.concat([group.getPrime(), group.getGenerator(), group.getPublicKey()].map(vector16));
}

function serverKeyExchange(clientRandom, random) {
  const parameters = keyExchangeParameters();
  const isSha1 = behaviour === 'sha1';
  const signer = createSign(isSha1 ? 'sha1' : 'sha256');
  signer.update(Buffer.concat([clientRandom, random, parameters]));
  return message(12, Buffer.concat([parameters, u16(isSha1 ? 0x0201 : 0x0401), vector16(signer.sign(key))]));
}

function flight(clientRandom) {
  const random = randomBytes(32);
  const certificate = message(11, vector24(Buffer.concat(chain.map(vector24))));
  const done = message(14, Buffer.alloc(0));
  const messages = [serverHello(random), certificate, serverKeyExchange(clientRandom, random), done];
  if (behaviour === 'slow') messages.length = 2;
  if (behaviour === 'out-of-order') messages.splice(1, 0, messages.pop());
  return Buffer.concat(messages.map((body) => record(22, body)));
}

net
  .createServer((socket) => {
    let hasAnswered = false;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      if (alertNumber > 0) socket.end(record(21, Buffer.of(2, alertNumber)));
      else if (!hasAnswered) socket.write(flight(bytes.subarray(11, 43)));
      else if (bytes[0] === 22) socket.end(record(21, Buffer.of(2, 20)));
      hasAnswered = true;
    });
  })
  .listen({ port: Number(port), host: '::' });
