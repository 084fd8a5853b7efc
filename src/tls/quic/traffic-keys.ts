import { BOUNDS } from '../../bounds.js';
import { u8 } from '../../bytes.js';
import { expandLabel } from '../decrypt/key-schedule.js';
import type { NumberKey } from '../decrypt/number-mask.js';
import { fullNumber, wipeNumberKey } from '../decrypt/number-mask.js';
import type { AeadKeys } from '../decrypt/protection.js';
import { openAead13, wipeAeadKeys } from '../decrypt/protection.js';
import type { SecretLabel, Secrets } from '../decrypt/secrets.js';
import type { AeadCipher } from '../decrypt/suites.js';
import { HASH_LENGTHS } from '../decrypt/suites.js';
import type { ProtectedRange } from './protection.js';
import { LABELS as KEY_LABELS, openHeader, packetAeadKeys, packetKeys } from './protection.js';
import type { KeyLabel } from './versions.js';

/** The levels whose packets only secrets of a key log open, and which carry the rest of the handshake. */
export type SecretLevel = 'handshake' | '1rtt';

/** A packet to be opened. */
export interface SecretPacket {
  readonly level: SecretLevel;
  readonly side: 'client' | 'server';
  /** The datagram that it is in. */
  readonly bytes: Uint8Array;
  readonly range: ProtectedRange;
  /**
   * It names a connection ID long enough not to match by chance: it belongs to this connection, and is no stateless
   * reset.
   */
  readonly isOurs: boolean;
}

/** Opens the packets of one connection with the secrets of its ClientHello.random. */
export interface TrafficKeys {
  /**
   * Returns the frames of a packet; `altered` if it does not open although its key is right; null if it does not open
   * otherwise, or `isWanted` is false (then only its number and a key update are tracked). `near` is the largest number
   * of the side's Initial packets: some stacks (ngtcp2) begin with the same at every level.
   */
  open(packet: SecretPacket, near: number, isWanted: boolean): Buffer | 'altered' | null;
  /** Overwrites the keys: nothing more will be opened. */
  wipe(): void;
}

const LABELS: Readonly<Record<SecretLevel, Readonly<Record<'client' | 'server', SecretLabel>>>> = {
  handshake: { client: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', server: 'SERVER_HANDSHAKE_TRAFFIC_SECRET' },
  '1rtt': { client: 'CLIENT_TRAFFIC_SECRET_0', server: 'SERVER_TRAFFIC_SECRET_0' },
};

/** After so many packets in a row of a level and side that do not open, no more are tried. */
const MAX_FAILURES = BOUNDS.unopenedPackets.value;
const KEY_PHASE = 0x04;

/** The keys of one key phase (RFC 9001 §6), and the secret of the next. */
interface PhaseKeys {
  readonly secret: Uint8Array;
  readonly aead: AeadKeys;
  /** Derived from the secret before it, and not in a key log, which others may still need. */
  readonly isDerived: boolean;
}

function wipeGeneration({ secret, aead, isDerived }: PhaseKeys): void {
  wipeAeadKeys(aead);
  if (isDerived) secret.fill(0);
}

/** What one secret gives. */
interface Candidate {
  readonly header: NumberKey;
  phase: number;
  current: PhaseKeys;
  previous: PhaseKeys | null;
  next: PhaseKeys | null;
}

/** Keeps only these candidates, and overwrites the others. */
function keep(space: PacketSpace, kept: readonly Candidate[]): void {
  for (const one of space.candidates) {
    if (kept.includes(one)) continue;
    for (const generation of [one.previous, one.current, one.next]) if (generation) wipeGeneration(generation);
    wipeNumberKey(one.header);
  }
  space.candidates = kept;
}

/** What one side sends at one level. */
interface PacketSpace {
  candidates: readonly Candidate[];
  largest: number;
  failures: number;
}

/**
 * @param random the ClientHello.random, in hexadecimal
 * @param label what the labels of the version begin with
 */
export function createTrafficKeys(secrets: Secrets, random: string, cipher: AeadCipher, label: KeyLabel): TrafficKeys {
  const spaces = new Map<SecretLabel, PacketSpace>();
  let isProven = false;
  /** Whether the last packet's number has so many bytes that no gap in the capture makes it ambiguous. */
  let isNumbered = false;

  const candidateOf = (secret: Uint8Array): Candidate => {
    const { aead, header } = packetKeys(cipher, secret, label);
    return { header, phase: 0, current: { secret, aead, isDerived: false }, previous: null, next: null };
  };

  const spaceOf = (name: SecretLabel): PacketSpace => {
    let space = spaces.get(name);
    if (space === undefined) {
      space = { candidates: [], largest: -1, failures: 0 };
      spaces.set(name, space);
    }
    // A secret may come later in the capture than the first packet that it opens.
    if (space.candidates.length === 0 && space.failures < MAX_FAILURES) {
      space.candidates = secrets.of(random, name).map(candidateOf);
    }
    return space;
  };

  const nextOf = (candidate: Candidate): PhaseKeys => {
    if (candidate.next !== null) return candidate.next;
    const { hash } = cipher;
    const secret = expandLabel(hash, candidate.current.secret, KEY_LABELS[label].update, HASH_LENGTHS[hash]);
    return (candidate.next = { secret, aead: packetAeadKeys(cipher, secret, label), isDerived: true });
  };

  const tryOpen = (
    space: PacketSpace,
    candidate: Candidate,
    { level, bytes, range }: SecretPacket,
    largest: number,
    isWanted: boolean,
  ): Buffer | null | 'passed' => {
    const open = openHeader(bytes, range, candidate.header);
    isNumbered = open !== null && open.numberLength > 1;
    if (open === null) return null;
    const number = fullNumber(largest, open.truncated, open.numberLength);
    const phase = level === '1rtt' && (u8(open.header, 0) & KEY_PHASE) !== 0 ? 1 : 0;
    const isSame = phase === candidate.phase;
    if (isSame && !isWanted) {
      space.largest = Math.max(space.largest, number);
      return 'passed';
    }
    const body = bytes.subarray(open.payloadStart, range.end);
    const attempt = (generation: PhaseKeys | null): Buffer | null =>
      generation && openAead13(generation.aead, number, open.header, body);
    let frames = attempt(isSame ? candidate.current : candidate.previous);
    if (frames === null && !isSame) {
      const next = nextOf(candidate);
      frames = attempt(next);
      if (frames !== null) {
        if (candidate.previous !== null) wipeGeneration(candidate.previous);
        candidate.previous = candidate.current;
        candidate.current = next;
        candidate.next = null;
        candidate.phase = phase;
      }
    }
    if (frames !== null) space.largest = Math.max(space.largest, number);
    return frames;
  };

  return {
    open(packet, near, isWanted) {
      const { level, side } = packet;
      const space = spaceOf(LABELS[level][side]);
      const isFirst = space.largest < 0;
      for (const candidate of space.candidates) {
        const attempt = (largest: number): Buffer | null | 'passed' =>
          tryOpen(space, candidate, packet, largest, isWanted || isFirst);
        const frames = attempt(space.largest) ?? (isFirst && near >= 0 ? attempt(near) : null);
        if (frames === 'passed') return null;
        if (frames === null) continue;
        keep(space, [candidate]);
        space.failures = 0;
        isProven = true;
        secrets.used(random);
        return isWanted ? frames : null;
      }
      // A packet with a short header may belong to another connection, be a stateless reset (RFC 9000 §10.3), or use an
      // old key phase.
      const [only] = space.candidates;
      const isSure = level === 'handshake' || (packet.isOurs && isNumbered && !isFirst && only?.previous === null);
      const isAltered = isProven && space.candidates.length === 1 && isSure;
      if (space.candidates.length > 0 && ++space.failures >= MAX_FAILURES) keep(space, []);
      return isAltered ? 'altered' : null;
    },
    wipe() {
      for (const space of spaces.values()) {
        keep(space, []);
        space.failures = MAX_FAILURES;
      }
    },
  };
}
