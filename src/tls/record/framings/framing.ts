/** One direction whose TLS is carried in packets of another protocol, which have to be removed. */
export interface Framing {
  /** The header of the next packet, as far as it is known. */
  readonly header: Uint8Array;
  /** Bytes of it that are there. */
  held: number;
  /** Bytes of TLS still to come in the current packet. */
  payload: number;
  /** Bytes to skip, of a packet that carries no TLS. */
  skipping: number;
  /**
   * Called with each new byte of `header`; `held` bytes are known. `packet`: the header is complete, and `payload` and
   * `skipping` are set; `none`: no packet begins like this, so the framing is over.
   */
  readonly next: (framing: Framing) => 'more' | 'packet' | 'none';
}

/** A protocol that carries TLS inside its packets. */
export interface FramingProtocol {
  /**
   * The framing of a direction that said `plaintext`, all of it, before its first TLS record; the current packet is the
   * one in which that record begins. null if the plaintext does not end with a header of this protocol. Never throws.
   */
  begin(plaintext: Uint8Array): Framing | null;
}
