// A TLS server on Node.js that answers every connection with a short HTTP reply.
// usage: node node-server.mjs PORT OPTIONS
// OPTIONS is JSON for tls.createServer(); "keyFile", "certFile" and "caFile" are read from disk, and
// "sni": { "NAME": { "keyFile": …, "certFile": … } } chooses the certificate by server name.
import { readFileSync } from 'node:fs';
import tls from 'node:tls';

const [port, json] = process.argv.slice(2);
const { sni, ...settings } = JSON.parse(json);

function withFiles({ keyFile, certFile, caFile, ...rest }) {
  const read = (file) => (file ? readFileSync(file) : undefined);
  return { ...rest, key: read(keyFile), cert: read(certFile), ca: read(caFile) };
}

const options = withFiles(settings);
if (sni) {
  options.SNICallback = (name, done) =>
    sni[name]
      ? done(null, tls.createSecureContext(withFiles(sni[name])))
      : done(new Error(`no certificate for ${name}`));
}

const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n';
const server = tls.createServer(options, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', () => socket.end(reply));
});
server.on('tlsClientError', (error) => console.error('tlsClientError', error.code, error.message));
server.listen({ port: Number(port), host: '::' });
