/** The longest handshake messages that stacks accept by default, in bytes. */
export const LONGEST_MESSAGES = {
  /** jdk.tls.maxHandshakeMessageSize. */
  java: 32_768,
  /** Beyond one record: wolfSSL 5.5.4 was seen to refuse a Certificate message of 20 KB. */
  wolfssl: 16_384,
} as const;
