// An HTTPS client and server on Bun (BoringSSL).
// usage: bun bun-peer.mjs client HOST PORT CA-FILE
//        bun bun-peer.mjs server PORT CHAIN-FILE KEY-FILE [CLIENT-CA-FILE]
// Of a server, PEER_ONLY names the server that its certificate is for.
const [role, ...words] = process.argv.slice(2);
if (role === 'client') {
  const [host, port, ca] = words;
  console.log(await (await fetch(`https://${host}:${port}/`, { tls: { ca: Bun.file(ca) } })).text());
} else {
  const [port, chain, key, ca] = words;
  const name = process.env.PEER_ONLY;
  const verify = ca ? { ca: Bun.file(ca), requestCert: true, rejectUnauthorized: true } : {};
  Bun.serve({
    port: Number(port),
    tls: { cert: Bun.file(chain), key: Bun.file(key), ...verify, ...(name === undefined ? {} : { serverName: name }) },
    fetch: () => new Response('ok\n'),
  });
}
