import { apnsDevice } from './apns-device.js';
import { apnsProvider } from './apns-provider.js';
import { apnsRetired } from './apns-retired.js';
import { deviceManagement } from './device-management.js';
import type { Service } from './service.js';

/** Every known service. The first one that matches a connection is used: special ones before general ones. */
export const SERVICES: readonly Service[] = [apnsRetired, deviceManagement, apnsProvider, apnsDevice];
