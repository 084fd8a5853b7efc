import { closeSync, openSync, writeSync } from 'node:fs';
import { SYN } from '../src/packet/packet.js';

/** One connection's addresses and numbers. */
export interface Flow {
  readonly client: Endpoint;
  readonly server: Endpoint;
}

export interface Endpoint {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly port: number;
  readonly initialSequence: number;
}

/** A segment to be written; its numbers count from the initial ones of the flow. */
export interface Outgoing {
  /** Microseconds since 1970. */
  readonly at: number;
  readonly fromClient: boolean;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly window: number;
  readonly payload: Uint8Array;
}

/** A UDP datagram to be written. */
export type OutgoingDatagram = Pick<Outgoing, 'at' | 'fromClient' | 'payload'>;

const BUFFER_LENGTH = 4 << 20;
const RECORD_HEADER = 16;
const ETHERNET = 14;
const LINKTYPE_ETHERNET = 1;
const SNAP_LENGTH = 262_144;
const TCP_PROTOCOL = 6;
const UDP_PROTOCOL = 17;
const UDP_HEADER = 8;
const TTL = 63;

/** Options as Linux sends them: with a SYN MSS, SACK, timestamps, window scale; else timestamps. The times are put in. */
const SYN_OPTIONS = Uint8Array.of(2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 10);
const OPTIONS = Uint8Array.of(1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0);

/** Writes Ethernet frames with right lengths and checksums into a pcap file. */
export class PcapWriter {
  packets = 0;
  bytes = 0;
  readonly #descriptor: number;
  readonly #buffer = Buffer.alloc(BUFFER_LENGTH);
  #length = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'wx');
    const buffer = this.#buffer;
    buffer.writeUInt32LE(0xa1b2c3d4, 0);
    buffer.writeUInt16LE(2, 4);
    buffer.writeUInt16LE(4, 6);
    buffer.writeUInt32LE(SNAP_LENGTH, 16);
    buffer.writeUInt32LE(LINKTYPE_ETHERNET, 20);
    this.#length = 24;
  }

  write({ client, server }: Flow, outgoing: Outgoing | OutgoingDatagram): void {
    const source = outgoing.fromClient ? client : server;
    const destination = outgoing.fromClient ? server : client;
    const isTcp = 'flags' in outgoing;
    const protocol = isTcp ? TCP_PROTOCOL : UDP_PROTOCOL;
    const options = isTcp && (outgoing.flags & SYN) !== 0 ? SYN_OPTIONS : OPTIONS;
    const length = (isTcp ? 20 + options.length : UDP_HEADER) + outgoing.payload.length;
    const ipLength = (source.address.length === 4 ? 20 : 40) + length;
    const frameLength = ETHERNET + ipLength;
    if (this.#length + RECORD_HEADER + frameLength > BUFFER_LENGTH) this.#flush();

    const buffer = this.#buffer;
    let at = this.#length;
    buffer.writeUInt32LE(Math.floor(outgoing.at / 1e6), at);
    buffer.writeUInt32LE(Math.floor(outgoing.at % 1e6), at + 4);
    buffer.writeUInt32LE(frameLength, at + 8);
    buffer.writeUInt32LE(frameLength, at + 12);
    at += RECORD_HEADER;
    // Locally administered MAC addresses: the client's ends in 1, the server's in 2.
    buffer.fill(0, at, at + 12);
    buffer[at] = buffer[at + 6] = 2;
    buffer[at + 5] = outgoing.fromClient ? 2 : 1;
    buffer[at + 11] = outgoing.fromClient ? 1 : 2;
    at += ETHERNET;
    if (source.address.length === 4) this.#ipv4(at, source.address, destination.address, protocol, ipLength);
    else this.#ipv6(at, source.address, destination.address, protocol, length);
    at += ipLength - length;
    if (isTcp) this.#tcp(at, source, destination, outgoing, options);
    else this.#udp(at, source, destination, outgoing.payload);
    this.#length = at + length;
    this.packets++;
  }

  #ipv4(at: number, source: Uint8Array, destination: Uint8Array, protocol: number, length: number): void {
    const buffer = this.#buffer;
    buffer.writeUInt16BE(0x0800, at - 2);
    buffer.writeUInt16BE(0x4500, at);
    buffer.writeUInt16BE(length, at + 2);
    buffer.writeUInt16BE(this.packets & 0xffff, at + 4);
    buffer.writeUInt16BE(0x4000, at + 6);
    buffer[at + 8] = TTL;
    buffer[at + 9] = protocol;
    buffer.writeUInt16BE(0, at + 10);
    buffer.set(source, at + 12);
    buffer.set(destination, at + 16);
    buffer.writeUInt16BE(checksum(sum(buffer, at, at + 20)), at + 10);
  }

  #ipv6(at: number, source: Uint8Array, destination: Uint8Array, protocol: number, payloadLength: number): void {
    const buffer = this.#buffer;
    buffer.writeUInt16BE(0x86dd, at - 2);
    buffer.writeUInt32BE(0x60000000, at);
    buffer.writeUInt16BE(payloadLength, at + 4);
    buffer[at + 6] = protocol;
    buffer[at + 7] = TTL;
    buffer.set(source, at + 8);
    buffer.set(destination, at + 24);
  }

  #tcp(at: number, source: Endpoint, destination: Endpoint, segment: Outgoing, options: Uint8Array): void {
    const buffer = this.#buffer;
    const { flags, sequence, payload } = segment;
    const acknowledgment = segment.acknowledgment === 0 ? 0 : segment.acknowledgment + destination.initialSequence;
    const headerLength = 20 + options.length;
    const end = at + headerLength + payload.length;
    buffer.writeUInt16BE(source.port, at);
    buffer.writeUInt16BE(destination.port, at + 2);
    buffer.writeUInt32BE((sequence + source.initialSequence) >>> 0, at + 4);
    buffer.writeUInt32BE(acknowledgment >>> 0, at + 8);
    buffer[at + 12] = headerLength << 2;
    buffer[at + 13] = flags;
    buffer.writeUInt16BE(segment.window, at + 14);
    buffer.writeUInt32BE(0, at + 16);
    buffer.set(options, at + 20);
    const timestamp = at + (options === OPTIONS ? 24 : 28);
    buffer.writeUInt32BE(Math.floor(segment.at / 1000) >>> 0, timestamp);
    buffer.set(payload, at + headerLength);
    buffer.writeUInt16BE(this.#checksum(at, end, source, destination, TCP_PROTOCOL), at + 16);
  }

  #udp(at: number, source: Endpoint, destination: Endpoint, payload: Uint8Array): void {
    const buffer = this.#buffer;
    const length = UDP_HEADER + payload.length;
    buffer.writeUInt16BE(source.port, at);
    buffer.writeUInt16BE(destination.port, at + 2);
    buffer.writeUInt16BE(length, at + 4);
    buffer.writeUInt16BE(0, at + 6);
    buffer.set(payload, at + UDP_HEADER);
    // Zero would say that there is no checksum (RFC 768).
    const checked = this.#checksum(at, at + length, source, destination, UDP_PROTOCOL);
    buffer.writeUInt16BE(checked === 0 ? 0xffff : checked, at + 6);
  }

  /** The checksum of what lies from `at` to `end` and of the pseudo-header (RFC 9293 §3.1). */
  #checksum(at: number, end: number, source: Endpoint, destination: Endpoint, protocol: number): number {
    const pseudoHeader =
      sum(source.address, 0, source.address.length) +
      sum(destination.address, 0, destination.address.length) +
      protocol +
      (end - at);
    return checksum(pseudoHeader + sum(this.#buffer, at, end));
  }

  #flush(): void {
    writeSync(this.#descriptor, this.#buffer, 0, this.#length);
    this.bytes += this.#length;
    this.#length = 0;
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }
}

/** The sum of big-endian 16-bit words (RFC 1071), carries not yet folded in. */
function sum(bytes: Uint8Array, start: number, end: number): number {
  let total = 0;
  let at = start;
  for (; at + 1 < end; at += 2) total += ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  return at < end ? total + ((bytes[at] as number) << 8) : total;
}

function checksum(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}
