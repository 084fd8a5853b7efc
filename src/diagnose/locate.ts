import { isObject } from '../is-object.js';
import type { FramePlace } from '../capture/places.js';
import type { DiagnosedConnection } from './finding.js';

/**
 * Several captures are analysed as one, with frames counted over all of them. This replaces each frame number, in a
 * connection and its findings, by the number in its own capture, and adds the capture if it is not the connection's.
 */
export function locate(diagnosed: DiagnosedConnection, placeOf: (frame: number) => FramePlace): DiagnosedConnection {
  const { connection, observed, findings, cause, differential, lookup } = diagnosed;
  const located = <T>(value: T): T => relocated(value, connection.capture, placeOf);
  const there = findings.map((finding) => ({ ...finding, evidence: located(finding.evidence) }));
  return {
    ...diagnosed,
    connection: located(connection),
    observed: observed && { ...observed, sightings: located(observed.sightings) },
    findings: there,
    cause: cause === null ? null : (there[findings.indexOf(cause)] ?? null),
    differential: differential.map(({ rule, verdict }) => ({
      rule,
      verdict: { ...verdict, evidence: located(verdict.evidence) },
    })),
    lookup: located(lookup),
  };
}

/**
 * Renumbers every frame in `value`, which belongs to a connection of capture `own`, and names the captures of frames
 * elsewhere.
 */
export function relocated<T>(value: T, own: number, placeOf: (frame: number) => FramePlace): T {
  if (!isObject(value) || value instanceof Uint8Array) return value;
  // Objects without a frame in them, such as certificates, stay the same: nothing is copied before something changes.
  let changed: Record<string, unknown> | undefined;
  const set = (key: string, to: unknown): void => {
    changed ??= (Array.isArray(value) ? value.slice() : { ...value }) as Record<string, unknown>;
    changed[key] = to;
  };
  for (const key of Object.keys(value)) {
    const old = value[key];
    if (typeof old === 'object') {
      const change = relocated(old, own, placeOf);
      if (change !== old) set(key, change);
    } else if (typeof old === 'number') {
      const captureKey = CAPTURE_KEYS.get(key);
      if (captureKey === undefined) continue;
      const { capture, frame } = placeOf(old);
      if (frame !== old) set(key, frame);
      if (capture !== own) set(captureKey, capture);
    }
  }
  return (changed as T | undefined) ?? value;
}

/** The fields that number a frame, and those that name its capture. */
const CAPTURE_KEYS: ReadonlyMap<string, string> = new Map([
  ['frame', 'capture'],
  ['firstFrame', 'capture'],
  ['lastFrame', 'lastCapture'],
]);
