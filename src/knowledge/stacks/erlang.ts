import { recordings } from './recorded/erlang.js';
import { precedes, type Stack } from './stack.js';

/** ssl of Erlang/OTP, and so Elixir and RabbitMQ: the signal of secure renegotiation is the first of its suites. */
export const erlang: Stack<'Erlang'> = {
  name: 'Erlang',
  wrote: ({ extensions, cipherSuites }) =>
    cipherSuites.length > 1 &&
    cipherSuites[0] === 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV' &&
    precedes(extensions, 'signature_algorithms', 'supported_groups') &&
    !extensions.includes('extended_master_secret'),
  recordings,
  judgesChainsAs: ['Erlang'],
  intermediateAnchors: 'refused',
};
