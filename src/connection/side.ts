import type { Direction } from '../transport/flow.js';
import type { Side } from './connection.js';

/** Which side sends in `direction`; `client` is the client's direction. */
export const sideOf = (direction: Direction, client: Direction): Side => (direction === client ? 'client' : 'server');

/** The other side. */
export const peerOf = (side: Side): Side => (side === 'client' ? 'server' : 'client');
