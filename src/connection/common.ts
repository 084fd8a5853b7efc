import type { FrameRef } from '../transport/flow.js';

// What the facts of a connection are made of.

/** The end of a connection that something came from. */
export type Side = 'client' | 'server';

export interface Endpoint {
  /** IPv4 dotted decimal, or IPv6 as RFC 5952 writes it; over IEEE 802.1X a MAC address, and port 0. */
  readonly address: string;
  readonly port: number;
}

/** A place in the capture: everything that can be evidence has one. */
export interface Sighting extends FrameRef {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly from: Side;
}

/** `incomplete`: the capture does not show how it ended. */
export type Outcome = 'established' | 'failed' | 'incomplete' | 'not-tls';
