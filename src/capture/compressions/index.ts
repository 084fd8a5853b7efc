import type { Compression } from './compression.js';
import { gzip } from './gzip.js';
import { lz4 } from './lz4.js';
import { zstd } from './zstd.js';

/** The compression formats that can be read. */
export const compressions: readonly Compression[] = [gzip, zstd, lz4];
