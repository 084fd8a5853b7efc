import { KEYS, type Layer, type LayerTable } from '../layer.js';
import { bsdLoopbackLayers } from './bsd-loopback.js';
import { ethernetLayers } from './ethernet.js';
import { ipv4Layers } from './ipv4.js';
import { ipv6Layers } from './ipv6.js';
import { linuxCookedLayers } from './linux-cooked.js';
import { llcLayers } from './llc.js';
import { pppLayers } from './ppp.js';
import { rawIpLayers } from './raw-ip.js';
import { tcpLayers } from './tcp.js';
import { vlanLayers } from './vlan.js';

const tables: readonly LayerTable[] = [
  bsdLoopbackLayers,
  ethernetLayers,
  ipv4Layers,
  ipv6Layers,
  linuxCookedLayers,
  llcLayers,
  pppLayers,
  rawIpLayers,
  tcpLayers,
  vlanLayers,
];

/** The layer of each key. An array as large as the keys, because it is looked up several times per frame. */
export const layers: readonly (Layer | undefined)[] = index();

function index(): (Layer | undefined)[] {
  const all = new Array<Layer | undefined>(KEYS).fill(undefined);
  for (const [key, layer] of tables.flat()) all[key] = layer;
  return all;
}
