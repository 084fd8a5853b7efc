// An HTTPS client and server on Deno (rustls).
// usage: deno run -A --cert CA-FILE deno-peer.mjs client HOST PORT
//        deno run -A deno-peer.mjs server PORT CHAIN-FILE KEY-FILE
const [role, ...words] = Deno.args;
if (role === 'client') {
  const [host, port] = words;
  console.log(await (await fetch(`https://${host}:${port}/`)).text());
} else {
  const [port, chain, key] = words;
  Deno.serve(
    { port: Number(port), cert: Deno.readTextFileSync(chain), key: Deno.readTextFileSync(key) },
    () => new Response('ok\n'),
  );
}
