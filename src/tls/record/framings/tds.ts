import { u16, u8 } from '../../../bytes.js';
import type { Framing, FramingProtocol } from './framing.js';

const HEADER = 8;
const PRELOGIN = 0x12;
const TABULAR_RESULT = 0x04;

/** The packets in which SQL Server carries the TLS handshake (MS-TDS §2.2.6.5); what follows is sent without them. */
export const tds: FramingProtocol = {
  begin(plaintext) {
    const header = plaintext.subarray(-HEADER);
    const framing: Framing = { header: new Uint8Array(HEADER), held: HEADER, payload: 0, skipping: 0, next };
    framing.header.set(header);
    return header.length === HEADER && next(framing) === 'packet' ? framing : null;
  },
};

/** The header of MS-TDS §2.2.3.1. */
function next(framing: Framing): 'more' | 'packet' | 'none' {
  const { header, held } = framing;
  const type = u8(header, 0);
  if (type !== PRELOGIN && type !== TABULAR_RESULT) return 'none';
  if (held > 1 && u8(header, 1) > 1) return 'none';
  if (held < HEADER) return 'more';
  const payload = u16(header, 2) - HEADER;
  if (payload < 0) return 'none';
  framing.held = 0;
  framing.payload = payload;
  return 'packet';
}
