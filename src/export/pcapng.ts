import { BOUNDS } from '../bounds.js';
import type { Frame } from '../capture/frame.js';
import { generator } from '../report/generator.js';

/** Writes a pcapng file (draft-ietf-opsawg-pcapng), block by block, little-endian, with nanoseconds. */

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const DECRYPTION_SECRETS = 10;
/** `TLSK`: a TLS key log. */
const TLS_KEY_LOG = 0x544c534b;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_TSRESOL = 9;

/** An option may have 65,535 bytes; comments should stay readable. */
const LONGEST_COMMENT = BOUNDS.commentLength.value;

type PcapngOption = readonly [code: number, value: Uint8Array];

const encoder = new TextEncoder();

/** The beginning of the file. */
export function sectionHeader(): Uint8Array {
  const body = new DataView(new ArrayBuffer(16));
  body.setUint32(0, BYTE_ORDER_MAGIC, true);
  body.setUint16(4, 1, true);
  body.setUint16(6, 0, true);
  // The section's length is unknown.
  body.setBigInt64(8, -1n, true);
  return block(
    SECTION_HEADER,
    [bytesOf(body)],
    [[SHB_USERAPPL, encoder.encode(`${generator.name} ${generator.version}`)]],
  );
}

/** An interface; frames refer to it by its index. */
export function interfaceDescription(linkType: number): Uint8Array {
  const body = new DataView(new ArrayBuffer(8));
  body.setUint16(0, linkType, true);
  return block(INTERFACE_DESCRIPTION, [bytesOf(body)], [[IF_TSRESOL, Uint8Array.of(9)]]);
}

/** A key log, for the frames after it. */
export function decryptionSecrets(keyLog: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(8));
  header.setUint32(0, TLS_KEY_LOG, true);
  header.setUint32(4, keyLog.length, true);
  return block(DECRYPTION_SECRETS, [bytesOf(header), keyLog, new Uint8Array(-keyLog.length & 3)], []);
}

/** A frame as it was captured, with comments for Wireshark to show. */
export function enhancedPacket(
  interfaceId: number,
  { seconds, nanoseconds, bytes, start, end, originalLength }: Frame,
  comments: readonly string[],
): Uint8Array {
  const header = new DataView(new ArrayBuffer(20));
  const time = BigInt.asUintN(64, BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds));
  header.setUint32(0, interfaceId, true);
  header.setUint32(4, Number(time >> 32n), true);
  header.setUint32(8, Number(time & 0xffffffffn), true);
  header.setUint32(12, end - start, true);
  header.setUint32(16, originalLength, true);
  const options = comments.map((comment): PcapngOption => [
    OPT_COMMENT,
    encoder.encode(comment.slice(0, LONGEST_COMMENT)),
  ]);
  return block(ENHANCED_PACKET, [bytesOf(header), padded(bytes.subarray(start, end))], options);
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Up to the next multiple of four. */
function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  whole.set(bytes);
  return whole;
}

function block(type: number, body: readonly Uint8Array[], options: readonly PcapngOption[]): Uint8Array {
  const parts = [...body];
  for (const [code, value] of options) {
    const header = new DataView(new ArrayBuffer(4));
    header.setUint16(0, code, true);
    header.setUint16(2, value.length, true);
    parts.push(bytesOf(header), padded(value));
  }
  if (options.length > 0) parts.push(new Uint8Array(4));
  const length = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  let offset = 8;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  view.setUint32(offset, length, true);
  return whole;
}
