import { hex, u16, u32, u8 } from '../../../bytes.js';
import { createStreamDecryption } from '../../decrypt/stream.js';
import { recordCipher } from '../../decrypt/suites.js';
import { keyShare } from '../../wire/extensions/key-share.js';
import { preSharedKey } from '../../wire/extensions/pre-shared-key.js';
import { serverName } from '../../wire/extensions/server-name.js';
import { supportedVersions } from '../../wire/extensions/supported-versions.js';
import { blockOf, suitesOf } from '../../wire/messages/client-hello.js';
import { choicesOf, isHelloRetryRequest } from '../../wire/messages/server-hello.js';
import { RANDOM_END, readTemplate, templateBytes } from '../template.js';
import { isTls13 } from '../../wire/registry/names.js';
import { newKeyUse, type PatternState } from './state.js';

/** The extension (RFC 8446 §4.2.10). */
const EARLY_DATA = 42;
/** The end of the random of a server that supports more (RFC 8446 §4.1.3): "DOWNGRD" and a number. */
const DOWNGRADE = 0x444f574e;

// Tags of the parts of a key.
const RETRY = 7;
const DOWNGRADED = 8;
const NAME = 9;
const SHARES = 10;

/**
 * Adds a ClientHello to the key; false if it is unusual.
 * @param start where in the bytes of the log the body begins
 * @param index of its segment
 */
export function addClientHello(state: PatternState, body: Uint8Array, start: number, index: number): boolean {
  const { key, places } = state;
  if (places.clientHello >= 0 && !state.isRetried) return false;
  const suites = suitesOf(body);
  const block = suites < 0 ? -1 : blockOf(body, suites);
  const common = block < 0 ? -1 : readTemplate(body, suites, block);
  if (common < 0) return false;
  if (places.clientHello < 0) {
    places.clientHello = index;
    places.clientRandom = start + 2;
  }
  key.putBytes(templateBytes, 0, common);
  key.put(u8(body, RANDOM_END));
  return addOwnExtensions(state, body, block, true) && findSecrets(state, body);
}

/** The same for a ServerHello or a HelloRetryRequest. */
export function addServerHello(state: PatternState, body: Uint8Array, start: number, index: number): boolean {
  const { key, places } = state;
  const choices = choicesOf(body);
  if (choices < 0 || places.clientHello < 0 || places.serverHello >= 0) return false;
  if (isHelloRetryRequest(body)) {
    if (state.isRetried) return false;
    state.isRetried = true;
    key.put(RETRY);
    key.putBytes(body, choices, body.length);
    return true;
  }
  const common = readTemplate(body, choices, choices + 3);
  if (common < 0) return false;
  places.serverHello = index;
  places.serverRandom = start + 2;
  state.version = u16(body, 0);
  state.suite = u16(body, choices);
  // Records of a suite without encryption have to be read, alerts above all.
  if (recordCipher(state.suite)?.kind === 'null') return false;
  if (u32(body, RANDOM_END - 8) === DOWNGRADE) key.put((DOWNGRADED << 8) | u8(body, RANDOM_END - 1));
  key.putBytes(templateBytes, 0, common);
  return addOwnExtensions(state, body, choices + 3, false) && prepareDecryption(state);
}

/** Adds what matters of the extensions whose content differs between hellos of one program; their lengths fit. */
function addOwnExtensions(state: PatternState, body: Uint8Array, block: number, isClient: boolean): boolean {
  const { key } = state;
  for (let at = block + 2; at + 4 <= body.length;) {
    const type = u16(body, at);
    const start = at + 4;
    const end = start + u16(body, at + 2);
    at = end;
    if (type === serverName.type) {
      key.put(NAME);
      key.putBytes(body, start, end);
    } else if (type === keyShare.type) {
      const first = isClient ? start + 2 : start;
      if (isClient && first + u16(body, start) !== end) return false;
      if (!addShares(state, body, first, end)) return false;
    } else if (type === preSharedKey.type && isClient) {
      const binders = start + 2 + u16(body, start);
      if (binders + 2 > end || binders + 2 + u16(body, binders) !== end) return false;
    } else if (type === EARLY_DATA && isClient) {
      state.offersEarlyData = true;
    } else if (type === supportedVersions.type && !isClient && end - start === 2) {
      state.version = u16(body, start);
    }
  }
  return true;
}

/** Adds the groups of key shares, in order. */
function addShares({ key }: PatternState, body: Uint8Array, start: number, end: number): boolean {
  let at = start;
  key.put(SHARES);
  while (at + 4 <= end) {
    key.put(u16(body, at));
    at += 4 + u16(body, at + 2);
  }
  return at === end;
}

/** Looks up secrets for the ClientHello; false if only a later message would find them. */
function findSecrets(state: PatternState, body: Uint8Array): boolean {
  const { secrets, random: before } = state;
  if (secrets.isEmpty) return true;
  // Later messages say what these secrets belong to.
  if (secrets.hasPremasters) return false;
  const random = hex(body, 2, RANDOM_END);
  state.random = secrets.has(random) ? random : '';
  return !state.isRetried || before === state.random;
}

/** Prepares decryption of TLS 1.3; with keys up to TLS 1.2, connections are read in full. */
function prepareDecryption(state: PatternState): boolean {
  const { secrets, random, version, suite, offersEarlyData, log } = state;
  if (random === '') return true;
  const hash = state.key.hash();
  if (!isTls13(version) || !state.mayOpen(hash)) return false;
  state.beginning = hash;
  state.use = newKeyUse();
  state.decryption = createStreamDecryption(secrets, log.client, { random, offersEarlyData }, state.use);
  state.decryption.serverHello({ isHelloRetryRequest: false, version, cipherSuite: suite, random: '', extensions: [] });
  return true;
}
