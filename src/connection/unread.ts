export type { UnreadPackets } from '../packet/unread.js';
