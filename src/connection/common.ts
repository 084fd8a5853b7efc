import type { FrameRef } from '../transport/flow.js';

// The basic types of a connection's facts.

/** One of the two ends of a connection. */
export type Side = 'client' | 'server';

export interface Endpoint {
  /** IPv4 dotted decimal, or IPv6 as RFC 5952 writes it; over IEEE 802.1X a MAC address, and port 0. */
  readonly address: string;
  readonly port: number;
}

/** A place in the capture, which a finding can cite as evidence. */
export interface Sighting extends FrameRef {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly from: Side;
}

/** `incomplete`: the capture does not show how it ended. */
export type Outcome = 'established' | 'failed' | 'incomplete' | 'not-tls';
