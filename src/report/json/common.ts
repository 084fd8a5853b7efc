import { formatTimestamp } from '../../capture/timestamp.js';
import type { Sighting } from '../../connection/connection.js';
import type { Rule } from '../../diagnose/rule.js';
import type { Notice } from '../../notices.js';
import { showUnprintable } from '../escape.js';
import { type MessageKind, noticeOf, valuesOf } from '../words.js';
import type { JsonNotice, JsonSaid, JsonSighting } from './contract.js';

/** What a text of a rule is made of. */
export function said(rule: Rule, kind: MessageKind, message: Parameters<typeof valuesOf>[2]): JsonSaid {
  return { messageId: message.id, data: valuesOf(rule, kind, message) };
}

export function jsonNotice(notice: Notice): JsonNotice {
  const { code, id, data } = notice;
  return { code, message: noticeOf(notice, showUnprintable), messageId: id, data };
}

export function sighting({ capture, frame, at, from }: Sighting): JsonSighting {
  return { capture, frame, at: formatTimestamp(at), from };
}
