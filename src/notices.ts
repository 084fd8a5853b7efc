/**
 * Warnings about a capture, and notes on a connection: their texts by code and id, as with rules. What is to be said is
 * kept as code, id and values; the report puts it into words (`report/words.ts`).
 */
import type { Data, DataOf, Message, Phrase } from './message.js';

const DAMAGED = 'damaged at byte {byteOffset}, {reached}: ';
const ENDS = 'at byte {byteOffset}, {reached}';
const LINK_TYPE = 'frames of link type {linkType} are not decoded, from frame {frame} on';
const BY_FILTER = 'a capture filter by port keeps only the first fragment of each packet, one by host keeps all';
const OTHER_ADDRESSES = 'before and after its addresses were translated (NAT), as -i any does on a router';
const TOO_MANY = 'more were open at once than are followed';
const UNANALYSED = `counted, not analysed: ${TOO_MANY}, as in a flood or a scan`;
const TOO_MUCH_WORK = 'more work than is spent on one: nothing is concluded from';
const NOTHING_KNOWN = 'nothing is known of connections that began between {since} and {until}';
const ALL_ELSE = 'by an internal error; all else is reported. Please report it: {errors}';

export const NOTICES = {
  // About a capture: how far it could be read.
  damaged: {
    capturedLength: `${DAMAGED}captured length {length} is more than {limit}`,
    zeros: `${DAMAGED}zeros instead of a record`,
    otherLinkType: `${DAMAGED}another capture begins there, with another link type`,
    byteOrder: `${DAMAGED}unknown byte order`,
    version: `${DAMAGED}unknown pcapng version {version}`,
    blockLength: `${DAMAGED}impossible block length {length}`,
    longBlock: `${DAMAGED}block length {length} is more than {limit}`,
    blockLengths: `${DAMAGED}a block has two different lengths`,
    interface: `${DAMAGED}packet of interface {interface}, which is not described`,
    compressed: `decompressing stopped ${ENDS}: {reason}`,
  },
  'cut-short': {
    fileHeader: `the file ends within the file header ${ENDS}`,
    record: `the file ends within the record ${ENDS}`,
    block: `the file ends within the block ${ENDS}`,
    reading: `reading failed ${ENDS}: {reason}`,
    compressed: `decompressing stopped ${ENDS}: {reason}`,
  },
  'decompression-limit': { compressed: `decompressing stopped ${ENDS}: {reason}` },
  interrupted: {
    unread: 'interrupted: it was not read',
    behind: 'interrupted: what follows frame {frame} was not read',
    facts: 'interrupted: not all facts of it were read',
  },
  'slice-missing': {
    one: `slice {slice} of {slices} is missing: ${NOTHING_KNOWN}`,
    several: `slices {slice} to {last} of {slices} are missing: ${NOTHING_KNOWN}`,
    interrupted: 'slice {slice} of {slices} was interrupted: its last connections are missing',
  },
  'files-unread': { ofDirectory: 'not read of {directory}: {files}' },
  'internal-error': {
    read: `a frame is passed over, ${ALL_ELSE}`,
    build: `a connection is left out, ${ALL_ELSE}`,
    judge: `a connection is reported without its cause, ${ALL_ELSE}`,
    report: `a connection or a cause is left out, ${ALL_ELSE}`,
  },
  // What is odd about it.
  'joined-captures': {
    joined: `another capture begins ${ENDS}: files were joined, and are read as one (mergecap puts their packets in order of time)`,
  },
  'files-left-out': { ofDirectory: 'left out of {directory}: {files}' },
  'absurd-times': {
    one: 'the time of frame {frame} is years away from those around it',
    several: 'the times of {count} frames, the first of them {frame}, are years away from those around them',
  },
  'missing-times': { simplePackets: '{count} of {packets} packets carry no time (simple packet blocks)' },
  'packets-dropped': {
    whileCapturing:
      'packets dropped while capturing, and so missing here: {count} ({byInterface} by the interface, {bySystem} by the system, {elsewhere} between packets)',
  },
  'packets-left-out': {
    one: '{count} packet is of interfaces beyond the first {interfaces} of a section, and not read',
    several: '{count} packets are of interfaces beyond the first {interfaces} of a section, and not read',
  },
  'secrets-left-out': { blocks: '{count} blocks of decryption secrets beyond {bytes} bytes are left out' },
  'names-left-out': {
    hosts: 'the capture names more hosts than are kept',
    lookups: 'more names were looked up than are kept: the last ones are left out',
  },
  'unsupported-link-type': {
    one: LINK_TYPE,
    last: `${LINK_TYPE}, nor are those of other link types behind it`,
  },
  'incomplete-fragments': {
    one: `{count} IP fragment lacks the rest of its packet: ${BY_FILTER}`,
    several: `{count} IP fragments lack the rest of their packets: ${BY_FILTER}`,
  },
  'duplicate-packets': {
    one: '{count} packet was captured twice, as -i any does; it counts once',
    several: '{count} packets were captured twice, as -i any does; each counts once',
  },
  'seen-twice': {
    one: `{count} connection was captured twice, ${OTHER_ADDRESSES}; it is told once`,
    several: `{count} connections were each captured twice, ${OTHER_ADDRESSES}; each is told once`,
  },
  'too-many-connections': {
    one: `{count} connection was given up before its end: ${TOO_MANY}`,
    several: `{count} connections were given up before their ends: ${TOO_MANY}`,
    oneSyn: `{count} connection that showed nothing but a SYN was ${UNANALYSED}`,
    severalSyns: `{count} connections that showed nothing but a SYN were ${UNANALYSED}`,
  },
  'memory-limit': { givenUp: 'the memory limit was reached, and {lost} were given up; --memory raises it' },
  'work-limit': {
    one: `{count} check of certificates was given up, as it takes ${TOO_MUCH_WORK} it`,
    several: `{count} checks of certificates were given up, as each takes ${TOO_MUCH_WORK} them`,
  },
  'not-compared': {
    left: '{connections} connections and {packets} packets were not compared: more are in the captures than are held at once',
    proxies:
      'too many connections are for the same servers at this point and the next: no proxy was looked for between them',
  },
  // About a connection; `inCapture`: about a capture in which so many connections have it.
  'tls-not-offered': {
    connection: 'the server did not offer TLS ({kind}), and the client left',
    inCapture:
      '{count} of {connections} connections ended after the server had not offered TLS (first seen at {server}): clients that insist on TLS leave then, and so do checks of a server',
  },
  'starts-mid-connection': {
    connection: 'the connection began before the capture did',
    inCapture:
      '{count} of {connections} connections began before the capture did, and what was said until then is not known: start capturing before they connect',
  },
  'one-sided': {
    connection: 'only what the {side} sent is in the capture',
    inCapture:
      '{count} of {connections} connections seen in one direction only, as with asymmetric routing or a one-way mirror: capture where both directions pass',
  },
  'missing-segments': {
    side: '{bytes} bytes that the {side} sent are not in the capture',
    eap: '{bytes} bytes of TLS are not in the capture',
    inCapture:
      'in {count} of {connections} connections, segments that the peer acknowledged are missing: the capturing host dropped packets (a larger buffer helps: tcpdump -B), or they took another path',
  },
  'truncated-packets': {
    side: '{bytes} bytes that the {side} sent were cut off by the snapshot length',
    udp: '{bytes} bytes were cut off by the snapshot length',
    capture: 'the snapshot length cut {count} of {packets} packets; capture whole packets with tcpdump -s 0',
  },
  'too-many-messages': {
    connection: 'only the first {limit} handshake messages are kept',
    inCapture: 'more handshake messages than are kept in {count} of {connections} connections: the first ones are',
  },
  'too-many-alerts': {
    connection: 'only {limit} alerts are kept: the first ones, and the first fatal one',
    inCapture:
      'more alerts than are kept in {count} of {connections} connections: the first ones are, and the first fatal one',
  },
  'too-many-certificates': {
    connection: 'only the first {limit} of {count} certificates are read',
    inCapture: 'a longer certificate chain than is read in {count} of {connections} connections',
  },
  'message-too-long': {
    connection: 'handshake message of {bytes} bytes is passed over',
    inCapture: 'a handshake message longer than is read in {count} of {connections} connections',
  },
  'message-incomplete': { connection: 'part of a message is not in the capture' },
  'malformed-message': {
    decoding: '{message}, byte {byte}: {reason}',
    sslv2: 'SSLv2-format ClientHello: {reason}',
    fragment: 'the header of a fragment contradicts itself',
    noMessage: 'no handshake message begins where one should',
  },
  'record-boundary-lost': { connection: 'no TLS record begins where one should' },
  'ldap-unbind': { connection: 'the client gave up TLS: it sent UnbindRequest of LDAP in plaintext' },
  'altered-packet': {
    connection:
      'a packet does not open although its keys are right: it was altered on its way, and its receiver drops it',
  },
  'crypto-not-taken': { connection: 'handshake bytes lie too far ahead, or in too many pieces' },
  'quic-frame-unreadable': { connection: 'a frame of an Initial packet cannot be read' },
} as const;

/** What is given up to save memory. */
const HELD_PHRASES = {
  earlySegments: '{count} connections whose early segments waited for others',
  ftp: '{count} pairs of hosts of which control connections of FTP were known',
  services: '{count} services of which it was known what clients show them',
  servers: '{count} servers of which it was known what they accept',
  openConnections: '{count} open connections',
  openUdp: '{count} open associations over UDP',
  openEap: '{count} open EAP conversations',
  lookups: '{count} names that were looked up',
  fragments: '{count} packets of which fragments waited for others',
  secrets: '{count} secrets of key logs',
  races: '{count} connections that a race was looked for in',
  timelines: '{count} failures and servers whose timeline was kept',
  attempts: '{count} clients whose unsuccessful attempts were known',
  listed: '{count} connections for the list',
  compared: '{count} connections that were to be compared',
  waiting: '{count} connections that waited to be judged',
  waitingFailures: '{count} failures that waited to be judged',
} as const;

export type HeldPhrase = keyof typeof HELD_PHRASES;

/** Parts of notices that depend on what was found. */
export const NOTICE_PHRASES = {
  ...HELD_PHRASES,
  beforeFirstFrame: 'before the first frame',
  afterFrame: 'after frame {frame}',
  theBeginning: 'the beginning',
  theEnd: 'the end',
  fileAndReason: '{name}: {reason}',
} as const;

type Notices = typeof NOTICES;
export type NoticeCode = keyof Notices;
export type NoticeId<Code extends NoticeCode> = keyof Notices[Code] & string;

/** A text of `NOTICES`, and the values in it. */
export interface Notice extends Message {
  readonly code: NoticeCode;
}

/** The values that a text needs. */
export type NoticeData<
  Code extends NoticeCode,
  Id extends NoticeId<Code>,
> = Notices[Code][Id] extends infer Text extends string ? DataOf<Text> : never;

/** A notice; the compiler checks the values against the text. */
export function notice<Code extends NoticeCode, Id extends NoticeId<Code>>(
  code: Code,
  id: Id,
  ...[data]: keyof NoticeData<Code, Id> extends never ? [] : [data: NoticeData<Code, Id>]
): Notice {
  return { code, id, data: data ?? NO_DATA };
}

const NO_DATA: Data = {};

/** A phrase of the table. */
export function noticePhrase<Id extends keyof typeof NOTICE_PHRASES>(
  id: Id,
  ...[data]: keyof DataOf<(typeof NOTICE_PHRASES)[Id]> extends never ? [] : [data: DataOf<(typeof NOTICE_PHRASES)[Id]>]
): Phrase {
  return { phrase: id, data: data ?? NO_DATA };
}
