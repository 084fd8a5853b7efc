/** Transport error codes (RFC 9000 §20.1, RFC 9368 §9), by number. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0x00, 'NO_ERROR'],
  [0x01, 'INTERNAL_ERROR'],
  [0x02, 'CONNECTION_REFUSED'],
  [0x03, 'FLOW_CONTROL_ERROR'],
  [0x04, 'STREAM_LIMIT_ERROR'],
  [0x05, 'STREAM_STATE_ERROR'],
  [0x06, 'FINAL_SIZE_ERROR'],
  [0x07, 'FRAME_ENCODING_ERROR'],
  [0x08, 'TRANSPORT_PARAMETER_ERROR'],
  [0x09, 'CONNECTION_ID_LIMIT_ERROR'],
  [0x0a, 'PROTOCOL_VIOLATION'],
  [0x0b, 'INVALID_TOKEN'],
  [0x0c, 'APPLICATION_ERROR'],
  [0x0d, 'CRYPTO_BUFFER_EXCEEDED'],
  [0x0e, 'KEY_UPDATE_ERROR'],
  [0x0f, 'AEAD_LIMIT_REACHED'],
  [0x10, 'NO_VIABLE_PATH'],
  [0x11, 'VERSION_NEGOTIATION_ERROR'],
]);

const CRYPTO_ERROR = 0x0100;

/** The TLS alert that a transport error code stands for (RFC 9001 §4.8), or null. */
export const alertOfCode = (code: number): number | null =>
  code >= CRYPTO_ERROR && code <= CRYPTO_ERROR + 0xff ? code - CRYPTO_ERROR : null;

/** The name of a transport error code, as `CONNECTION_REFUSED`; `CRYPTO_ERROR` for those of TLS; else the number. */
export function transportErrorName(code: number): string {
  if (alertOfCode(code) !== null) return 'CRYPTO_ERROR';
  return NAMES.get(code) ?? `0x${code.toString(16)}`;
}
