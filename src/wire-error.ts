/**
 * What is wrong with bytes from the wire. It has no stack trace: hostile bytes have it thrown by the hundred thousand, and to
 * gather the trace takes twenty times as long as to read them.
 */
export class WireError extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
