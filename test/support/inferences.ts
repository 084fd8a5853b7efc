/** What is inferred of TLS 1.3 from the sizes of records, held against what keys show. */
import { analyze } from '../../src/analyze.js';
import type { Connection } from '../../src/connection/connection.js';

/** One inference, and whether it is right. */
export interface Inference {
  /**
   * `outcome`: how the handshake went; `alert`: a record is told to be an alert; `alert found`: a record that is one, other than a
   * good-bye, is told to be.
   */
  readonly what: 'outcome' | 'alert' | 'alert found';
  readonly isRight: boolean;
  /** What was inferred, and what is true. */
  readonly where: string;
}

/** The inferences of all TLS 1.3 connections over TCP of a capture that keys open. */
export async function inferencesOf(capture: string, keys: readonly string[]): Promise<Inference[]> {
  const opened = await analyze([capture], { keys });
  const closed = await analyze([capture]);
  const byId = new Map(closed.connections.map(({ connection }) => [connection.id, connection]));
  return opened.connections.flatMap(({ connection: shown }) => {
    const guessed = byId.get(shown.id);
    const isOpen =
      (shown.keys?.opened ?? 0) > 0 && shown.protocol === 'tls' && shown.serverHello?.version === 'TLS 1.3';
    // Of a capture that carries its keys nothing is inferred.
    return guessed === undefined || !isOpen || (guessed.keys?.opened ?? 0) > 0 ? [] : compared(guessed, shown, capture);
  });
}

function compared(guessed: Connection, shown: Connection, capture: string): Inference[] {
  const where = `${capture}, connection ${shown.id}`;
  const truth = shown.alerts.filter(({ decrypted }) => decrypted === true);
  const told = guessed.alerts.filter(({ inferred }) => inferred);
  const same = (a: Connection['alerts'][number], b: Connection['alerts'][number]): boolean =>
    a.frame === b.frame && a.from === b.from;
  return [
    {
      what: 'outcome',
      isRight: guessed.outcome === shown.outcome,
      where: `${where}: ${guessed.outcome}, truly ${shown.outcome}`,
    },
    ...told.map((alert): Inference => {
      const isRight = truth.some((one) => same(one, alert));
      return { what: 'alert', isRight, where: `${where}, frame ${alert.frame}` };
    }),
    // A good-bye behind data is none of the handshake's.
    ...truth
      .filter(({ name }) => name !== 'close_notify')
      .map((alert): Inference => {
        const isRight = told.some((one) => same(one, alert));
        return { what: 'alert found', isRight, where: `${where}, frame ${alert.frame}: ${alert.name ?? ''}` };
      }),
  ];
}
