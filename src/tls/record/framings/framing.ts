/** A direction whose TLS travels inside packets of another protocol, while these are taken off. */
export interface Framing {
  /** The next packet's header, as far as it is there. */
  readonly header: Uint8Array;
  /** Bytes of it that are there. */
  held: number;
  /** Bytes of TLS in the packet in hand that are still to come. */
  payload: number;
  /** Bytes to pass over: of a packet that carries no TLS. */
  passing: number;
  /**
   * Looks at the `held` bytes of `header`, one more than the last time. `packet`: it is whole, and `payload` and `passing` are
   * set; `none`: no packet begins so, and the framing is over.
   */
  readonly next: (framing: Framing) => 'more' | 'packet' | 'none';
}

/** A protocol that carries TLS inside its packets. */
export interface FramingProtocol {
  /**
   * The framing of a direction that said `plaintext`, all of it, before its first TLS record: in the middle of the packet that
   * the record begins in. null if the plaintext does not end with a header of this protocol. Never throws.
   */
  begin(plaintext: Uint8Array): Framing | null;
}
