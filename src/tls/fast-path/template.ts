import { isObject } from '../../is-object.js';
import { u16, u8 } from '../../bytes.js';
import { Cursor } from '../wire/cursor.js';
import type { Extension, ExtensionPlace } from '../wire/extensions/extension.js';
import { readExtension } from '../wire/extensions/extension.js';
import { EXTENSION_DECODERS } from '../wire/extensions/index.js';
import { keyShare } from '../wire/extensions/key-share.js';
import { preSharedKey } from '../wire/extensions/pre-shared-key.js';
import { quicTransportParameters, quicTransportParametersDraft } from '../wire/extensions/quic-transport-parameters.js';
import { serverName } from '../wire/extensions/server-name.js';

/**
 * What all hellos of one program with one configuration have in common, decoded once.
 *
 * Plain version: each hello is decoded as if it were the first. Held equal by: test/tls/wire/messages.test.ts, "is the
 * same whether another of its kind was seen before". Gain: decoding a ClientHello of 508 bytes takes 5 µs instead of 8,
 * and all connections with one template share its names and fingerprints (connection/hellos.ts). Cost: this file, and
 * the templates that `SharedContent` holds.
 */

/** What a ClientHello has in common with others of its program. */
export interface ClientHelloTemplate {
  readonly legacyVersion: number;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: readonly number[];
  readonly extensions: readonly Extension[];
}

/** What a ServerHello has in common with others that make the same choices. */
export interface ServerHelloTemplate {
  readonly legacyVersion: number;
  /** The negotiated version: supported_versions where present, else legacy_version. */
  readonly version: number;
  readonly cipherSuite: number;
  readonly extensions: readonly Extension[];
}

/** Where the random of a hello ends. */
export const RANDOM_END = 34;

/** Extensions whose content differs in each connection. */
const PER_CONNECTION: ReadonlySet<number> = new Set(
  [serverName, keyShare, preSharedKey, quicTransportParameters, quicTransportParametersDraft].map(({ type }) => type),
);
/**
 * The key being made: scratch memory of `readTemplate`, whose callers use it before the next hello. A longer hello is
 * read without a template.
 */
export const templateBytes = Buffer.alloc(2048);
/**
 * Index and bytes of the PER_CONNECTION extensions in the hello whose key was made last; only the first
 * `perConnectionCount` entries are valid. Like `templateBytes`, used before the next hello.
 */
const perConnection: { index: number; start: number; end: number }[] = [];
let perConnectionCount = 0;

/**
 * The bytes that a hello shares with others: all except random, session id, the content of PER_CONNECTION extensions,
 * and extensions that are not decoded. null if its lengths do not fit. Its offers or choices are from `start` to
 * `block`, where its extensions begin, if it has any.
 */
export function templateKey(body: Uint8Array, start: number, block: number): string | null {
  const length = readTemplate(body, start, block);
  return length < 0 ? null : templateBytes.toString('latin1', 0, length);
}

/** As `templateKey`, without making a string: the length of the key in `templateBytes`, or -1. */
export function readTemplate(body: Uint8Array, start: number, block: number): number {
  perConnectionCount = 0;
  let length = append(body, start, block, append(body, 0, 2, 0));
  if (length < 0 || block === body.length) return length;
  if (block + 2 > body.length || block + 2 + u16(body, block) !== body.length) return -1;
  for (let at = block + 2, index = 0; at < body.length; index++) {
    const type = u16(body, at);
    const content = at + 4;
    const end = content + u16(body, at + 2);
    if (content > body.length || end > body.length) return -1;
    const isOwn = PER_CONNECTION.has(type);
    length = append(body, at, isOwn ? at + 2 : EXTENSION_DECODERS.has(type) ? end : content, length);
    if (length < 0) return -1;
    if (isOwn) notePerConnection(index, content, end);
    at = end;
  }
  return length;
}

/** Appends bytes to a key of that length; returns the new length, or -1 if `length` is -1 or they do not fit. */
function append(body: Uint8Array, from: number, to: number, length: number): number {
  if (length < 0 || to > body.length || length + to - from > templateBytes.length) return -1;
  let filled = length;
  for (let at = from; at < to; at++) templateBytes[filled++] = u8(body, at);
  return filled;
}

function notePerConnection(index: number, start: number, end: number): void {
  const one = perConnection[perConnectionCount++];
  if (one === undefined) perConnection.push({ index, start, end });
  else [one.index, one.start, one.end] = [index, start, end];
}

/**
 * By the extensions of a template, as long as that lives: the decoded extensions of the last hello with it. Hellos of
 * one program to one server differ only in keys, which are not kept, so that they can share all of these.
 */
const lastOf = new WeakMap<readonly Extension[], readonly Extension[]>();

/** The extensions of the hello whose key was made last, and which has this template. */
export function extensionsLike(
  { extensions }: { readonly extensions: readonly Extension[] },
  body: Uint8Array,
  place: ExtensionPlace,
): readonly Extension[] {
  if (perConnectionCount === 0) return extensions;
  const last = lastOf.get(extensions) ?? extensions;
  let all: Extension[] | null = null;
  for (const { index, start, end } of perConnection.slice(0, perConnectionCount)) {
    const before = last[index] as Extension;
    const extension = readExtension(before.type, new Cursor(body, start, end), place, EXTENSION_DECODERS);
    if (!isSame(before, extension)) (all ??= [...last])[index] = extension;
  }
  if (all === null) return last;
  lastOf.set(extensions, all);
  return all;
}

/** Whether two extensions of one type have the same content, without errors. */
function isSame(one: Extension, other: Extension): boolean {
  const isWhole =
    one.error === null && other.error === null && one.trailingBytes.length + other.trailingBytes.length === 0;
  return isWhole && one.length === other.length && isEqual(one.content, other.content);
}

/** Whether two contents, of text, numbers, lists and records of these, are equal. */
function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isObject(one) || !isObject(other)) return false;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((value, at) => isEqual(value, other[at]));
  }
  for (const key in one) if (!isEqual(one[key], other[key])) return false;
  return true;
}
