import type { Timestamp } from '../../capture/timestamp.js';
import { timestampOf } from '../../capture/timestamp.js';
import type { MessageEvent } from '../../tls/handshake/transcript.js';
import type { QuicConnection } from '../../tls/quic/connection.js';
import type { ClientHelloMessage } from '../../tls/wire/messages/client-hello.js';
import type { ServerHelloMessage } from '../../tls/wire/messages/server-hello.js';
import { opposite } from '../../transport/flow.js';
import type { ConnectionPattern } from '../../transport/tcp/connection.js';
import type { UdpAssociation, UdpEnd } from '../../transport/udp/association.js';
import { endingOf } from '../../transport/udp/association.js';
import { elapsed } from '../build.js';
import type { Connection } from '../connection.js';
import { endpointOf } from '../ended.js';
import { repeatedConnection } from './repeated-facts.js';

/**
 * The pattern of an association over QUIC (repeated.ts). Only associations whose handshake completed, and whose two
 * hellos are all that the report shows, have one. The pattern covers everything in the hellos except randoms and keys.
 *
 * Plain version: that of repeated.ts. Held equal by: test/connection/fast-path/repeated-quic.test.ts. Gain: a sixth of
 * the time of `quic` of the benchmark (4.5 s instead of 5.4 s in user mode for 40,000 handshakes), and 24 MiB. Cost:
 * this file.
 */
export interface QuicPatterns {
  /** Null where it has no pattern; `others` is what else belongs to the pattern. */
  of(association: UdpAssociation<QuicConnection>, others: readonly number[]): ConnectionPattern | null;
}

interface Hello<Message> {
  readonly event: MessageEvent;
  readonly hello: Message;
}

interface Hellos {
  readonly client: Hello<ClientHelloMessage>;
  readonly server: Hello<ServerHelloMessage>;
}

export function createQuicPatterns(): QuicPatterns {
  /** Numbers for the lists and templates that hellos share. */
  const numbers = new WeakMap<object, number>();
  let last = 0;
  const numberOf = (shared: object): number => {
    let number = numbers.get(shared);
    if (number === undefined) numbers.set(shared, (number = ++last));
    return number;
  };
  return {
    of(association, others) {
      const quic = association.reader;
      if (!isPlain(association)) return null;
      const hellos = hellosOf(quic);
      if (hellos === null) return null;
      const { client, server } = hellos;
      const words = [...others, association.ipVersion, quic.version];
      const at = 4 * opposite(quic.client);
      for (let word = at; word < at + 4; word++) words.push(association.addresses[word] ?? 0);
      words.push(association.ports[opposite(quic.client)]);
      for (const { hello, event } of [client, server]) {
        words.push(numberOf(hello.template), numberOf(hello.extensions), hello.sessionId.length);
        words.push(event.length, event.pieces);
      }
      return keyOf(words);
    },
  };
}

function keyOf(words: readonly number[]): ConnectionPattern {
  const values = Int32Array.from(words);
  let hash = 0;
  for (const value of values) hash = Math.imul(hash ^ value, 0x01000193) ^ (value >>> 15);
  return { hash, key: new Uint8Array(values.buffer) };
}

/** Whether the datagrams and their content are ordinary: the server went on once it had the client's Finished. */
function isPlain({ ends, icmp, strayAnswer, reader: quic }: UdpAssociation<QuicConnection>): boolean {
  const server = opposite(quic.client);
  const [mine, peer] = [quic.ends[quic.client], quic.ends[server]];
  const finished = mine.firstProtected('1rtt');
  const lastData = ends[server].lastData?.number ?? 0;
  return (
    icmp.length === 0 &&
    strayAnswer === null &&
    isWhole(ends[0]) &&
    isWhole(ends[1]) &&
    quic.isPlain &&
    peer.packets['1rtt'] > quic.halfRtt &&
    finished !== null &&
    lastData > finished.frame &&
    // A side that sends Handshake packets again may have no answer.
    mine.datagramsBehind(finished.frame, 'handshake') + peer.datagramsBehind(finished.frame, 'handshake') <= 1
  );
}

const isWhole = ({ missing, fragmented }: UdpEnd): boolean => missing + fragmented === 0;

/** Its two hellos, if the transcript has nothing else. */
function hellosOf({ transcript: { events }, client }: QuicConnection): Hellos | null {
  const [first, second] = events;
  if (events.length !== 2 || first?.kind !== 'message' || second?.kind !== 'message') return null;
  if (first.content.kind !== 'client_hello' || second.content.kind !== 'server_hello') return null;
  if (first.direction !== client || second.direction === client || first.frame > second.frame) return null;
  if (second.content.hello.isHelloRetryRequest) return null;
  return {
    client: { event: first, hello: first.content.hello },
    server: { event: second, hello: second.content.hello },
  };
}

/**
 * The connection of an association, copied from the example of its pattern. `now`: the capture's time when it was over.
 */
export function repeatedQuic(
  example: Connection,
  association: UdpAssociation<QuicConnection>,
  now: Timestamp,
  capture: number,
): Connection | null {
  const { reader: quic, last } = association;
  const hellos = hellosOf(quic);
  if (hellos === null) return null;
  const { client, server } = hellos;
  const { frame, at } = endingOf(association, now);
  return repeatedConnection(example, {
    id: association.id,
    capture,
    client: endpointOf(association, quic.client),
    firstFrame: association.firstFrame,
    lastFrame: last.number,
    startedAt: association.startedAt,
    endedAt: timestampOf(last),
    clientHello: { frame: client.event.frame, at: client.event.at, random: client.hello.random },
    serverHello: { frame: server.event.frame, at: server.event.at, random: server.hello.random },
    ending: { by: 'none', how: frame === null ? 'none' : 'timeout', frame, at },
    timing: {
      tcpConnectMs: null,
      serverHelloMs: elapsed(client.event.at, server.event.at),
      handshakeMs: elapsed(client.event.at, quic.ends[quic.client].firstProtected('1rtt')?.at),
    },
  });
}
