/** Captures of QUIC connections, built by hand: what each says, and how it went. */
import { be16, concat, ethernet, ipv4, pcapFile } from './captures.js';
import {
  ack,
  connectionClose,
  crypto,
  initial,
  protectedPacket,
  retry,
  shortPacket,
  V2,
  versionNegotiation,
  type InitialOptions,
} from './quic.js';
import { clientHelloBody, extension, message, serverHelloBody } from './tls.js';

const CLIENT_ID = [0xc1, 0xc2, 0xc3, 0xc4];
const SERVER_ID = [0x51, 0x52, 0x53, 0x54, 0x55];
const FIRST_ID = [1, 2, 3, 4, 5, 6, 7, 8];
const RETRY_ID = [0x71, 0x72, 0x73, 0x74, 0x75, 0x76];

const HELLO = message(
  1,
  clientHelloBody({ suites: [0x1301], extensions: [extension(43, [2, 3, 4]), extension(57, [0x0f, 4, ...CLIENT_ID])] }),
);
const ANSWER = message(2, serverHelloBody({ suites: [0x1301], extensions: [extension(43, [3, 4])] }));

/** A datagram: from the client or not, when (in ms), what. */
type Sent = readonly [isClient: boolean, at: number, payload: Uint8Array];

const client = (frames: Uint8Array, number: number, overrides: Partial<InitialOptions> = {}): Uint8Array =>
  initial(frames, {
    secretId: FIRST_ID,
    destinationId: FIRST_ID,
    sourceId: CLIENT_ID,
    from: 'client',
    number,
    least: 1200,
    ...overrides,
  });
const server = (frames: Uint8Array, number: number, overrides: Partial<InitialOptions> = {}): Uint8Array =>
  initial(frames, {
    secretId: FIRST_ID,
    destinationId: CLIENT_ID,
    sourceId: SERVER_ID,
    from: 'server',
    number,
    ...overrides,
  });

const again = { secretId: RETRY_ID, destinationId: RETRY_ID, token: [7, 7] };
/** What follows the ServerHello where all goes well. */
const finish: readonly Sent[] = [
  [
    true,
    30,
    concat(client(ack(0, 0), 2, { destinationId: SERVER_ID }), protectedPacket('handshake', SERVER_ID, CLIENT_ID)),
  ],
  [true, 31, shortPacket(SERVER_ID)],
  [false, 40, shortPacket(CLIENT_ID)],
];
const flight = protectedPacket('handshake', CLIENT_ID, SERVER_ID, 900);
const hello: Sent = [true, 0, client(crypto(0, HELLO), 0)];

/** By what happens in them. */
export const QUIC_SCENES = {
  established: [hello, [false, 20, concat(server(concat(ack(0, 0), crypto(0, ANSWER)), 0), flight)], ...finish],
  'established after a Retry': [
    hello,
    [false, 10, retry(FIRST_ID, CLIENT_ID, RETRY_ID, [7, 7])],
    [true, 12, client(crypto(0, HELLO), 1, again)],
    [false, 20, concat(server(concat(ack(1, 1), crypto(0, ANSWER)), 0, { secretId: RETRY_ID }), flight)],
    [true, 31, shortPacket(SERVER_ID)],
    [false, 40, shortPacket(CLIENT_ID)],
  ],
  'no version in common': [hello, [false, 10, versionNegotiation(CLIENT_ID, FIRST_ID, [0x1a2a3a4a, V2.code])]],
  'no protocol in common': [hello, [false, 10, server(connectionClose(0x178, 'no application protocol'), 0)]],
  refused: [hello, [false, 10, server(connectionClose(0x02, 'busy'), 0)]],
  'token refused': [
    hello,
    [false, 10, retry(FIRST_ID, CLIENT_ID, RETRY_ID, [7, 7])],
    [true, 12, client(crypto(0, HELLO), 1, again)],
    [false, 20, server(connectionClose(0x0b), 0, { secretId: RETRY_ID })],
  ],
  'Retry upon Retry': [
    hello,
    [false, 10, retry(FIRST_ID, CLIENT_ID, RETRY_ID, [7, 7])],
    ...[12, 1000, 3000].flatMap((at, number): Sent[] => [
      [true, at, client(crypto(0, HELLO), 1 + number, again)],
      [false, at + 10, retry(RETRY_ID, CLIENT_ID, RETRY_ID, [7, 8])],
    ]),
  ],
  'a transport parameter out of range': [hello, [false, 10, server(connectionClose(0x08, 'ack_delay_exponent', 6), 0)]],
  'half of the ClientHello arrives': [
    [true, 0, client(crypto(0, HELLO.subarray(0, 40)), 0)],
    [true, 0, client(crypto(40, HELLO.subarray(40)), 1)],
    [false, 10, server(ack(0, 0), 0)],
    [true, 1000, client(crypto(40, HELLO.subarray(40)), 2)],
    [true, 3000, client(crypto(40, HELLO.subarray(40)), 3)],
  ],
  'the ClientHello arrives bit by bit': [
    [true, 0, client(crypto(0, HELLO.subarray(0, 40)), 0)],
    [true, 0, client(crypto(40, HELLO.subarray(40)), 1)],
    [false, 10, server(ack(0, 0), 0)],
    [true, 1000, client(crypto(40, HELLO.subarray(40)), 2)],
    [true, 3000, client(crypto(40, HELLO.subarray(40, 60)), 3)],
    [false, 3010, server(concat(ack(0, 0), ack(3, 3)), 1)],
  ],
  'the ClientHello is altered': [0, 1000, 3000].map((at, number): Sent => {
    const packet = client(crypto(0, HELLO), number);
    packet[1000] = (packet[1000] as number) ^ 1;
    return [true, at, packet];
  }),
  'the first ClientHello is lost behind the capture point': [
    hello,
    [true, 1000, client(crypto(0, HELLO), 1)],
    [false, 1020, concat(server(concat(ack(1, 1), crypto(0, ANSWER)), 0), flight)],
    ...finish.map(([isClient, at, payload]): Sent => [isClient, 1000 + at, payload]),
  ],
  'the answers are lost in front of the client': [0, 1000, 3000].flatMap((at, number): Sent[] => [
    [true, at, client(crypto(0, HELLO), number)],
    [false, at + 20, server(concat(ack(0, number), crypto(0, ANSWER)), number, { least: 1200 })],
  ]),
  'the answers are lost in front of the capture point': [
    hello,
    [false, 20, concat(server(ack(0, 0), 0), protectedPacket('handshake', CLIENT_ID, SERVER_ID, 300))],
    [true, 1000, client(crypto(0, HELLO), 1)],
    [false, 1020, concat(server(ack(0, 1), 3), protectedPacket('handshake', CLIENT_ID, SERVER_ID, 300))],
    [true, 3000, client(crypto(0, HELLO), 2)],
    [false, 3020, concat(server(ack(0, 2), 6), protectedPacket('handshake', CLIENT_ID, SERVER_ID, 300))],
  ],
  'the client asks on, as the server may not send more': [
    hello,
    [false, 20, concat(server(concat(ack(0, 0), crypto(0, ANSWER)), 0), flight)],
    [true, 25, client(ack(0, 0), 1, { destinationId: SERVER_ID })],
    [true, 1000, client(new Uint8Array([1]), 2, { destinationId: SERVER_ID })],
    [true, 3000, client(new Uint8Array([1]), 3, { destinationId: SERVER_ID })],
    [true, 7000, client(new Uint8Array([1]), 4, { destinationId: SERVER_ID })],
  ],
  'the Finished of the client is lost behind the capture point': [
    hello,
    [false, 20, concat(server(concat(ack(0, 0), crypto(0, ANSWER)), 0), flight)],
    ...finish.filter(([isClient]) => isClient),
    ...[1000, 3000, 7000].flatMap((at): Sent[] => [
      [false, at, flight],
      [true, at + 10, shortPacket(SERVER_ID)],
    ]),
  ],
  'the client sends its Finished again, and the server has 0.5-RTT data alone': [
    hello,
    [false, 20, concat(server(concat(ack(0, 0), crypto(0, ANSWER)), 0), flight, shortPacket(CLIENT_ID))],
    ...finish.filter(([isClient]) => isClient),
    [false, 33, shortPacket(CLIENT_ID)],
    ...[1000, 3000, 7000].map((at): Sent => [true, at, protectedPacket('handshake', SERVER_ID, CLIENT_ID)]),
  ],
  'the Finished of the client arrives late': [
    hello,
    [false, 20, concat(server(concat(ack(0, 0), crypto(0, ANSWER)), 0), flight, shortPacket(CLIENT_ID))],
    ...finish.filter(([isClient]) => isClient),
    ...[1000, 3000, 7000].flatMap((at): Sent[] => [
      [false, at - 10, flight],
      [true, at, protectedPacket('handshake', SERVER_ID, CLIENT_ID)],
    ]),
    [false, 7010, shortPacket(CLIENT_ID)],
    [true, 7020, shortPacket(SERVER_ID)],
  ],
  'the client says nothing to the flight of the server': [
    hello,
    ...[20, 1000, 3000, 7000].map((at, number): Sent => [
      false,
      at,
      concat(server(concat(ack(0, 0), crypto(0, ANSWER)), number), flight),
    ]),
  ],
  'cut off': [hello, [false, 20, server(concat(ack(0, 0), crypto(0, ANSWER)), 0)]],
  'still asking': [hello, [true, 1000, client(crypto(0, HELLO), 1)]],
} as const satisfies Readonly<Record<string, readonly Sent[]>>;

export type QuicScene = keyof typeof QUIC_SCENES;

/** A capture of what was sent. */
export function quicCapture(scene: QuicScene): Uint8Array<ArrayBuffer> {
  return pcapFile(
    QUIC_SCENES[scene].map(([isClient, at, payload]) => {
      const [source, destination] = isClient ? [50_000, 443] : [443, 50_000];
      const udp = concat(be16(source), be16(destination), be16(8 + payload.length), [0, 0], payload);
      const [from, to] = isClient
        ? [
            [192, 0, 2, 10],
            [198, 51, 100, 20],
          ]
        : [
            [198, 51, 100, 20],
            [192, 0, 2, 10],
          ];
      const ip = ipv4(udp, { protocol: 17, source: from, destination: to });
      return {
        data: ethernet(0x0800, ip),
        seconds: 1_700_000_000 + Math.floor(at / 1000),
        fraction: (at % 1000) * 1000,
      };
    }),
  );
}
