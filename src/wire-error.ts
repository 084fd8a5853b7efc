import type { DecodeFault } from './message.js';

/**
 * An error in bytes from the wire. It has no stack trace: hostile bytes cause it hundreds of thousands of times, and
 * collecting the trace takes twenty times as long as reading them.
 */
export class WireError extends Error {
  constructor(readonly fault: DecodeFault) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(fault.fault);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
