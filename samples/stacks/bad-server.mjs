// Answers every ClientHello in a way that a client must refuse.
// usage: node bad-server.mjs PORT server-speaks-plaintext|garbage|protocol-version-mismatch
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';

const [port, fault] = process.argv.slice(2);

const RENEGOTIATION_INFO = [0, 5, 0xff, 0x01, 0, 1, 0];

/** A ServerHello of TLS 1.0 that takes a suite of TLS 1.0 if the ClientHello has one, or else its last. */
function serverHello(record) {
  const session = 43;
  const suitesAt = session + 1 + record[session];
  const suites = [];
  for (let at = suitesAt + 2; at < suitesAt + 2 + record.readUInt16BE(suitesAt); at += 2)
    suites.push(record.readUInt16BE(at));
  const suite = [0xc013, 0xc014, 0x002f, 0x0035].find((one) => suites.includes(one)) ?? suites.at(-1);
  const body = [3, 1, ...randomBytes(32), 0, suite >> 8, suite & 255, 0, ...RENEGOTIATION_INFO];
  return Buffer.from([22, 3, 1, 0, body.length + 4, 2, 0, 0, body.length, ...body]);
}

const ANSWERS = {
  'server-speaks-plaintext': () => Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
  garbage: () => Buffer.concat([Buffer.from([0x90, 0x01]), Buffer.alloc(300, 0x5a)]),
  'protocol-version-mismatch': serverHello,
};

createServer({ allowHalfOpen: true }, (socket) => {
  socket.once('data', (data) => socket.write(ANSWERS[fault](data)));
  socket.on('data', () => {});
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
}).listen(Number(port));
