// A TLS client on Node.js that sends one HTTP request and prints the reply.
// usage: node node-client.mjs HOST PORT [OPTIONS]
// OPTIONS is JSON for tls.connect(); "keyFile", "certFile" and "caFile" are read from disk.
import { readFileSync } from 'node:fs';
import tls from 'node:tls';

const [host, port, json = '{}'] = process.argv.slice(2);
const { keyFile, certFile, caFile, ...rest } = JSON.parse(json);
const read = (file) => (file ? readFileSync(file) : undefined);

const socket = tls.connect({
  host,
  port: Number(port),
  servername: host,
  key: read(keyFile),
  cert: read(certFile),
  ca: read(caFile),
  ...rest,
});
socket.setTimeout(5000, () => socket.destroy(new Error('timeout')));
socket.on('secureConnect', () => socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
socket.pipe(process.stdout);
socket.on('error', (error) => {
  console.error(error.code, error.message);
  process.exitCode = 1;
});
