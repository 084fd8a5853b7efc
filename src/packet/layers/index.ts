import { KEYS, type Layer, type LayerTable } from '../layer.js';
import { bridgingLayers } from './bridging.js';
import { bsdLoopbackLayers } from './bsd-loopback.js';
import { capwapLayers } from './capwap.js';
import { eapolLayers } from './eapol.js';
import { erspanLayers } from './erspan.js';
import { ethernetLayers } from './ethernet.js';
import { frameRelayLayers } from './frame-relay.js';
import { geneveLayers } from './geneve.js';
import { greLayers } from './gre.js';
import { gtpULayers } from './gtp-u.js';
import { icmpLayers } from './icmp.js';
import { ieee80211Layers } from './ieee-802-11.js';
import { ipInIpLayers } from './ip-in-ip.js';
import { ipv4Layers } from './ipv4.js';
import { ipv6Layers } from './ipv6.js';
import { juniperLayers } from './juniper.js';
import { l2tpLayers } from './l2tp.js';
import { linuxCookedLayers } from './linux-cooked.js';
import { llcLayers } from './llc.js';
import { mplsLayers } from './mpls.js';
import { nflogLayers } from './nflog.js';
import { nshLayers } from './nsh.js';
import { packetFilterLayers } from './packet-filter.js';
import { pktapLayers } from './pktap.js';
import { pppLayers } from './ppp.js';
import { pppoeLayers } from './pppoe.js';
import { radioLayers } from './radio.js';
import { rawIpLayers } from './raw-ip.js';
import { tcpLayers } from './tcp.js';
import { teredoLayers } from './teredo.js';
import { tzspLayers } from './tzsp.js';
import { udpLayers } from './udp.js';
import { vlanLayers } from './vlan.js';
import { vxlanLayers } from './vxlan.js';

const tables: readonly LayerTable[] = [
  bridgingLayers,
  bsdLoopbackLayers,
  capwapLayers,
  eapolLayers,
  erspanLayers,
  ethernetLayers,
  frameRelayLayers,
  geneveLayers,
  greLayers,
  gtpULayers,
  icmpLayers,
  ieee80211Layers,
  ipInIpLayers,
  ipv4Layers,
  ipv6Layers,
  juniperLayers,
  l2tpLayers,
  linuxCookedLayers,
  llcLayers,
  mplsLayers,
  nflogLayers,
  nshLayers,
  packetFilterLayers,
  pktapLayers,
  pppLayers,
  pppoeLayers,
  radioLayers,
  rawIpLayers,
  tcpLayers,
  teredoLayers,
  tzspLayers,
  vlanLayers,
  vxlanLayers,
];

const layers: (Layer | undefined)[] = [undefined];

/**
 * Index in `layers` of the layer of each key; 0 if there is none. An array over all keys, because it is used several
 * times per frame; an array of numbers, because filling an array of layers would add two milliseconds to every start.
 * Written here once, and only read later.
 */
const indices = new Uint16Array(KEYS);

for (const [key, layer] of [...tables, udpLayers(tables)].flat()) indices[key] = layers.push(layer) - 1;

/** The layer of a key, if there is one. */
export function layerOf(key: number): Layer | undefined {
  return layers[indices[key] ?? 0];
}
