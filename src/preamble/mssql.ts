import { latin1, u16, u8 } from '../bytes.js';
import type { PreambleProtocol, PreambleState, Turn } from './protocol.js';
import { exchangeAt, exchangeSteps, facts, firstLine, opening } from './protocol.js';

const PRELOGIN = 0x12;
const LOGIN7 = 0x10;
const TABULAR_RESULT = 0x04;
const HEADER = 8;
const ENCRYPTION = 1;
const TERMINATOR = 0xff;

/** The values of the encryption option; the flag 0x80 is about a client certificate. */
const VALUES = ['ENCRYPT_OFF', 'ENCRYPT_ON', 'ENCRYPT_NOT_SUP', 'ENCRYPT_REQ'] as const;
type Encryption = (typeof VALUES)[number];

/** The encryption option of a pre-login message (MS-TDS §2.2.6.5), or null if absent. */
function encryption({ bytes }: Turn, type: number): Encryption | null {
  if (bytes.length < HEADER + 6 || u8(bytes, 0) !== type) return null;
  for (let at = HEADER; at + 5 <= bytes.length && u8(bytes, at) !== TERMINATOR; at += 5) {
    const value = HEADER + u16(bytes, at + 1);
    if (u8(bytes, at) === ENCRYPTION) return value < bytes.length ? (VALUES[u8(bytes, value) & 0x7f] ?? null) : null;
  }
  return null;
}

/**
 * Pre-login of SQL Server (MS-TDS §2.2.6.5); packets of the same kind then carry the TLS handshake. With ENCRYPT_OFF,
 * the client can do without: only the log-in is encrypted if the server supports it, and otherwise nothing is. Some that
 * ask for more (tedious) log in without it as well if the server does not support it.
 */
export const mssql: PreambleProtocol<'mssql'> = {
  kind: 'mssql',
  name: 'SQL Server PRELOGIN',
  recognise(turns) {
    const request = opening(turns, 'client');
    const wanted = request === null ? null : encryption(request, PRELOGIN);
    if (request === null || wanted === null) return null;
    const exchange = exchangeAt(turns, request);
    const { answer, sequel } = exchange;
    const given = answer === null ? null : encryption(answer, TABULAR_RESULT);
    const isForeign = answer !== null && answer.bytes[0] !== TABULAR_RESULT;
    const insists = wanted === 'ENCRYPT_ON' || wanted === 'ENCRYPT_REQ';
    const isPlainLogin = sequel?.bytes[0] === LOGIN7;
    const steps = exchangeSteps(exchange, {
      request: wanted,
      ...(isForeign ? {} : { answer: given ?? '' }),
      sequel: isPlainLogin ? 'LOGIN7' : '',
    });
    const state = (): PreambleState => {
      if (wanted === 'ENCRYPT_NOT_SUP') return 'declined';
      if (answer === null || isForeign) return insists ? 'requested' : 'offered';
      if (given === null || given === 'ENCRYPT_NOT_SUP') return insists && !isPlainLogin ? 'refused' : 'declined';
      return isPlainLogin && given === 'ENCRYPT_OFF' && !insists ? 'declined' : 'accepted';
    };
    return facts(state(), steps, isForeign ? firstLine(latin1(answer.bytes)) : given);
  },
};
