/**
 * `tsyringe`, which @peculiar/x509 registers its algorithms with, refuses to load without the metadata functions of
 * `reflect-metadata`. It only asks for the types of constructor parameters, which none of those classes has, so
 * "there is no metadata" is the whole answer it needs. Imported for this effect, before @peculiar/x509; a program that has
 * functions of its own there keeps them.
 */
const value = (): undefined => undefined;

for (const name of ['getMetadata', 'getOwnMetadata']) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value, configurable: true, writable: true });
}
