/**
 * Loaded before every test: property tests draw the same values in every run, so that a change fails for its own sake and
 * not for bad luck. PROPERTY_SEED=random (or a number) looks elsewhere.
 */
import fc from 'fast-check';

const wanted = process.env['PROPERTY_SEED'] ?? '20261121';
if (wanted !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted) });
