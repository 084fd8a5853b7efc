import type { Notice } from '../../src/notices.js';
import { noticeOf } from '../../src/report/words.js';

/** A warning or note in words, with nothing escaped; empty without one. */
export function said(notice: Notice | undefined): string {
  return notice === undefined ? '' : noticeOf(notice, (value) => value);
}

/** Warnings or notes with their words instead of what these are made of. */
export function worded<Said extends Notice>(notices: readonly Said[]) {
  return notices.map(({ id, data, ...rest }) => ({ ...rest, message: said({ ...rest, id, data }) }));
}
