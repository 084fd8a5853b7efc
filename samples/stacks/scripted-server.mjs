// A server without TLS that does one scripted thing to whoever sends it a ClientHello: for faults that
// no current stack still shows, and for servers and middleboxes that fail without a word.
// usage: node scripted-server.mjs PORT close-notify|reset|close|silent
import net from 'node:net';

const [port, behaviour] = process.argv.slice(2);

const behaviours = {
  // What a server that knows nothing newer than TLS 1.0 (old Java) says to a TLS 1.2 ClientHello:
  // a TLS 1.0 record that holds an alert of level fatal (2) and description close_notify (0).
  'close-notify': (socket) => socket.end(Buffer.from('15030100020200', 'hex')),
  reset: (socket) => socket.resetAndDestroy(),
  close: (socket) => socket.end(),
  silent: () => {},
};

net
  .createServer({ allowHalfOpen: false }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => behaviours[behaviour](socket));
  })
  .listen({ port: Number(port), host: '::' });
