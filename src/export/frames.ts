import { type BoundedMap, createBoundedMap, createBoundedSet } from '../bounded-map.js';
import { BOUNDS } from '../bounds.js';
import { hex } from '../bytes.js';
import type { Frame } from '../capture/frame.js';
import { newReadContext, openCapture } from '../capture/open.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import type { Connection, Endpoint } from '../connection/connection.js';
import type { DiagnosedConnection, Finding } from '../diagnose/finding.js';
import { formatAddress, isGroupAddress, macAddress } from '../packet/address.js';
import { createDecoder, EAPOL_FRAME, FRAGMENT, ICMP_MESSAGE, TCP_SEGMENT, UDP_DATAGRAM } from '../packet/decode.js';
import { DESTINATION, newPacket, type Packet, type PacketEnd, type PacketEndpoints, SOURCE } from '../packet/packet.js';
import { escapeTerminal } from '../report/escape.js';
import { generator } from '../report/generator.js';
import { ENGLISH } from '../report/messages/english.js';
import { inZone, UTC, type TimeZone } from '../report/time-zone.js';
import { wordingOf, type Wording } from '../report/wording.js';
import { factOf, ruleWords } from '../report/words.js';
import { readKeyBlock, readKeyLog } from '../tls/decrypt/key-sources.js';
import type { Secrets } from '../tls/decrypt/secrets.js';
import { decryptionSecrets, enhancedPacket, interfaceDescription, sectionHeader } from './pcapng.js';

/** The frames of some connections, as a capture of their own. */
export interface FrameExport {
  /** Adds a connection; false when there are more than a small capture should have. */
  add(connection: DiagnosedConnection): boolean;
  /**
   * Reads the captures again and yields the new one in pieces: the frames of the added connections (at every point of a
   * path that shows them, with IP fragments, and ICMP errors about them), and those that a finding cites, which get a
   * comment that says what they show.
   * @param paths of the captures analysed, in order
   * @param names for them in comments
   * @param keyLogs files from which the keys of the added connections are also written, as well as those that the
   * captures carry; null to leave all keys out
   */
  write(
    paths: readonly string[],
    names: readonly string[],
    keyLogs?: readonly string[] | null,
  ): AsyncIterable<Uint8Array>;
  /** What was written; `secrets` are those of TLS. */
  readonly written: () => { readonly connections: number; readonly frames: number; readonly secrets: number };
}

const MOST_KEY_LINES = BOUNDS.secrets.value;
const MAX_CONNECTIONS = BOUNDS.exportedConnections.value;

/** What is said about a frame: the connections, by text. */
type Comments = BoundedMap<string, string[]>;

/** Connections that a comment names. */
const MOST_IDS = 8;
/** Different comments on one frame. */
const MOST_COMMENTS = BOUNDS.frameComments.value;
/**
 * The first fragments of a packet come before the frame that completes it, and ICMP errors after the packet that they
 * are about.
 */
const SLACK_MS = 1000;
const TCP = 6;
const UDP = 17;

/** The range of a connection in the captures: by frame in the captures where it begins and ends, else by time. */
type Span = Pick<Connection, 'capture' | 'firstFrame' | 'startedAt' | 'lastFrame' | 'endedAt'> & {
  readonly lastCapture: number;
  /** How much sooner it may begin, and later end, in milliseconds, on another clock. */
  readonly slackMs: number;
};

export function createFrameExport(zone: TimeZone = UTC): FrameExport {
  const language = inZone(ENGLISH, zone);
  const words = wordingOf(language);
  const say = words.frameComments;
  const spans = new Map<string, Span[]>();
  const comments = new Map<string, Comments>();
  /** ClientHello.randoms of the added connections, to which keys belong. */
  const randoms = new Set<string>();
  let taken = 0;
  let frames = 0;
  let secrets = 0;

  const comment = (capture: number, frame: number, id: string, text: string): void => {
    const key = `${capture} ${frame}`;
    let own = comments.get(key);
    if (own === undefined) comments.set(key, (own = createBoundedMap({ size: MOST_COMMENTS, whenFull: 'refuse' })));
    own.getOrAdd(text, () => [])?.push(id);
  };

  return {
    add({ connection, cause }) {
      if (taken >= MAX_CONNECTIONS) return false;
      taken++;
      const { id, capture, firstFrame, outcome, clientHello } = connection;
      if (clientHello !== null) randoms.add(clientHello.random);
      for (const [key, span] of spansOf(connection)) {
        const others = spans.get(key);
        if (others === undefined) spans.set(key, [span]);
        else others.push(span);
      }
      comment(capture, firstFrame, id, say.begins({ result: cause === null ? outcome : causeText(cause, words) }));
      if (cause === null) return true;
      for (const item of cause.evidence) {
        const fact = factOf(cause.rule, item, escapeTerminal, language);
        comment(item.capture ?? capture, item.frame, id, say.fact({ side: language.parties[item.from], fact }));
      }
      return true;
    },

    written: () => ({ connections: taken, frames, secrets }),

    async *write(paths, names, keyLogs = null) {
      yield sectionHeader();
      if (keyLogs !== null) {
        const lines = [...(await keysOf(randoms, paths, keyLogs))];
        secrets = lines.length;
        if (secrets > 0) yield decryptionSecrets(Buffer.from(lines.join(''), 'latin1'));
      }
      const interfaces = new Map<string, number>();
      const packet = newPacket();
      for (const [index, path] of paths.entries()) {
        const capture = await openCapture(path);
        const decoder = createDecoder(() => undefined);
        do {
          while (capture.next()) {
            const { frame } = capture;
            // Every frame is decoded, since a decoder reassembles fragments.
            const keys = keysOfPacket(packet, decoder.decode(frame, packet));
            const own = comments.get(`${index} ${frame.number}`);
            const isOf = ({ key, slackMs }: PacketKey): boolean =>
              spans.get(key)?.some((span) => isWithin(span, index, frame, slackMs)) ?? false;
            if (own === undefined && !keys.some(isOf)) continue;
            const id = `${index} ${frame.linkType}`;
            let interfaceId = interfaces.get(id);
            if (interfaceId === undefined) {
              interfaces.set(id, (interfaceId = interfaces.size));
              yield interfaceDescription(frame.linkType);
            }
            const name = escapeTerminal(names[index] ?? path);
            frames++;
            yield enhancedPacket(interfaceId, frame, own === undefined ? [] : commentsText(own, frame, name, words));
          }
        } while (await capture.fill());
      }
    },
  };
}

/** The lines of key logs, in files and in captures, that have secrets of these ClientHello.randoms; each line once. */
async function keysOf(
  randoms: ReadonlySet<string>,
  paths: readonly string[],
  keyLogs: readonly string[],
): Promise<ReadonlySet<string>> {
  const lines = createBoundedSet<string>(MOST_KEY_LINES);
  const secrets: Pick<Secrets, 'add'> = {
    add(random, label, secret) {
      if (randoms.has(random)) lines.add(`${label} ${random} ${hex(secret)}\n`);
    },
  };
  for (const path of keyLogs) await readKeyLog(path, secrets);
  const reading = newReadContext(undefined, undefined, (block) => readKeyBlock(block, secrets));
  for (const path of paths) {
    const capture = await openCapture(path, reading);
    do while (capture.next());
    while (await capture.fill());
  }
  return lines;
}

function causeText({ rule, certainty }: Finding, { frameComments, certainties, language }: Wording): string {
  return frameComments.cause({
    title: ruleWords(rule, language).title,
    rule: rule.id,
    certainty: certainties[certainty],
  });
}

function commentsText(comments: Comments, { number }: Frame, capture: string, words: Wording): string[] {
  const frame = String(number);
  return Array.from(comments, ([text, ids]) =>
    words.frameComments.comment({
      count: ids.length,
      program: generator.name,
      ids: words.list(ids, MOST_IDS),
      frame,
      capture,
      text,
    }),
  );
}

function isWithin(span: Span, capture: number, frame: Frame, packetSlackMs: number): boolean {
  const { startedAt, endedAt } = span;
  const slackMs = span.slackMs + packetSlackMs;
  const isAfterBegin =
    span.capture === capture && packetSlackMs === 0
      ? frame.number >= span.firstFrame
      : millisecondsBetween(startedAt, frame) >= -slackMs;
  const isBeforeEnd =
    span.lastCapture === capture && slackMs === 0
      ? frame.number <= span.lastFrame
      : millisecondsBetween(frame, endedAt) >= -slackMs;
  return isAfterBegin && isBeforeEnd;
}

/** One of the keys by which a packet is found. */
interface PacketKey {
  readonly key: string;
  readonly slackMs: number;
}

/** The keys by which the frames of a connection are found, at each point where it is seen. */
function spansOf(connection: Connection): (readonly [string, Span])[] {
  const {
    capture,
    lastCapture = capture,
    firstFrame,
    lastFrame,
    transport,
    client,
    server,
    startedAt,
    endedAt,
    path,
  } = connection;
  const whole: Span = { capture, firstFrame, startedAt, lastCapture, lastFrame, endedAt, slackMs: 0 };
  const lastsMs = millisecondsBetween(startedAt, endedAt);
  const own = keysOfEnds(transport.kind, client, server).map((key) => [key, whole] as const);
  const elsewhere = (path?.points ?? []).flatMap(({ capture: at, seen }, point) => {
    if (seen === null || point === path?.own) return [];
    const span: Span = {
      capture: seen.capture ?? at,
      lastCapture: seen.capture ?? at,
      firstFrame: seen.firstFrame,
      startedAt: seen.startedAt,
      lastFrame: Infinity,
      endedAt: seen.startedAt,
      slackMs: lastsMs + SLACK_MS,
    };
    return keysOfEnds(transport.kind, seen.client, seen.server).map((key) => [key, span] as const);
  });
  return [...own, ...elsewhere];
}

function keysOfEnds(kind: Connection['transport']['kind'], client: Endpoint, server: Endpoint): string[] {
  const hosts = pairOf(client.address, server.address);
  switch (kind) {
    case 'tcp':
    case 'udp':
      return [`${kind} ${portsOf(client, server)}`, `fragments ${hosts}`];
    case 'radius':
      // A switch may send each request from another port.
      return [`radius ${hosts}`, `fragments ${hosts}`];
    case 'eapol':
      return [`eapol ${client.address}`, `eapol to all ${server.address}`];
  }
}

function keysOfPacket(packet: Packet, outcome: number): PacketKey[] {
  const { bytes, linkSource, linkDestination, icmp } = packet;
  switch (outcome) {
    case TCP_SEGMENT:
      return keysOfPorts(packet, TCP, 0);
    case UDP_DATAGRAM:
      return keysOfPorts(packet, UDP, 0);
    case ICMP_MESSAGE:
      return keysOfPorts(icmp.quoted, icmp.quoted.protocol, SLACK_MS);
    case FRAGMENT:
      // Only the first fragment has ports.
      return [
        { key: `fragments ${pairOf(addressOf(packet, SOURCE), addressOf(packet, DESTINATION))}`, slackMs: SLACK_MS },
      ];
    case EAPOL_FRAME: {
      if (linkSource < 0) return [];
      const source = macAddress(bytes, linkSource);
      const destination = linkDestination < 0 ? null : macAddress(bytes, linkDestination);
      const isToAll = destination === null || isGroupAddress(destination);
      return [source, ...(isToAll ? [`to all ${source}`] : [destination])].map((key) => ({
        key: `eapol ${key}`,
        slackMs: 0,
      }));
    }
    default:
      return [];
  }
}

function keysOfPorts(packet: PacketEndpoints, protocol: number, slackMs: number): PacketKey[] {
  const [source, destination] = [addressOf(packet, SOURCE), addressOf(packet, DESTINATION)];
  const ports = portsOf(
    { address: source, port: packet.sourcePort },
    { address: destination, port: packet.destinationPort },
  );
  if (protocol === TCP) return [{ key: `tcp ${ports}`, slackMs }];
  return protocol === UDP
    ? [`udp ${ports}`, `radius ${pairOf(source, destination)}`].map((key) => ({ key, slackMs }))
    : [];
}

function addressOf({ addresses, ipVersion }: PacketEndpoints, end: PacketEnd): string {
  return formatAddress(addresses, end, ipVersion);
}

function portsOf(one: Endpoint, other: Endpoint): string {
  return pairOf(`${one.address} ${one.port}`, `${other.address} ${other.port}`);
}

/** The same for both directions. */
function pairOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
