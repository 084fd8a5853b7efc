import type { Format } from '../format.js';
import { pcap } from './pcap.js';
import { pcapng } from './pcapng.js';
import { snoop } from './snoop.js';

/** The formats that can be read; the first that recognises a file reads it. */
export const formats: readonly Format[] = [pcap, pcapng, snoop];
