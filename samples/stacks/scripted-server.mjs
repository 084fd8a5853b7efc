// A server without TLS that does one scripted thing to whoever sends it a ClientHello: for faults that
// no current stack still shows, and for servers and middleboxes that fail without a word.
// usage: node scripted-server.mjs PORT close-notify|reset|close|silent|proxy-refused|starttls-refused|version-intolerant
import net from 'node:net';

const [port, behaviour] = process.argv.slice(2);

const behaviours = {
  // What a server that knows nothing newer than TLS 1.0 (old Java) says to a TLS 1.2 ClientHello:
  // a TLS 1.0 record that holds an alert of level fatal (2) and description close_notify (0).
  'close-notify': (socket) => socket.end(Buffer.from('15030100020200', 'hex')),
  reset: (socket) => socket.resetAndDestroy(),
  close: (socket) => socket.end(),
  silent: () => {},
  // A device on the way that resets whatever offers TLS 1.3 (0x0304 in supported_versions, 43), and lets the rest pass to
  // port 8443.
  'version-intolerant': (socket, words) => {
    const versions = words.indexOf(Buffer.from('002b', 'hex'), 43);
    if (versions > 0 && words.subarray(versions, versions + 20).includes(Buffer.from('0304', 'hex'))) {
      socket.resetAndDestroy();
      return;
    }
    const server = net.connect(8443, '127.0.0.1');
    server.on('error', () => socket.destroy());
    server.write(words);
    server.pipe(socket).pipe(server);
  },
  // An HTTP proxy that does not let anybody out.
  'proxy-refused': (socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
  // A mail server that offers STARTTLS, and cannot do it.
  'starttls-refused': (socket) => {
    socket.write('250-mail.example\r\n250 STARTTLS\r\n');
    socket.on('data', (words) =>
      socket.write(/^STARTTLS/i.test(words) ? '454 4.7.0 TLS not available\r\n' : '221 bye\r\n'),
    );
  },
};

net
  .createServer({ allowHalfOpen: false }, (socket) => {
    socket.on('error', () => socket.destroy());
    if (behaviour === 'starttls-refused') socket.write('220 mail.example ESMTP\r\n');
    socket.once('data', (words) => behaviours[behaviour](socket, words));
  })
  .listen({ port: Number(port), host: '::' });
