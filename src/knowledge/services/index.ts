import { apnsDevice } from './apns-device.js';
import { apnsProvider } from './apns-provider.js';
import { apnsRetired } from './apns-retired.js';
import { deviceManagement } from './device-management.js';
import type { Service } from './service.js';

/** Every known service. Of those that match a connection, the first one speaks: the special before the general. */
export const SERVICES: readonly Service[] = [apnsRetired, deviceManagement, apnsProvider, apnsDevice];
