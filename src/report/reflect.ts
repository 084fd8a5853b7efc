/**
 * `tsyringe`, which @peculiar/x509 registers its algorithms with, refuses to load without the metadata functions of
 * `reflect-metadata`. It only asks for the types of constructor parameters, which none of those classes has, so that "there is
 * no metadata" is a sufficient answer. Imported for this side effect, before @peculiar/x509; functions that a program has
 * already put there stay.
 */
const value = (): undefined => undefined;

for (const name of ['getMetadata', 'getOwnMetadata']) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value, configurable: true, writable: true });
}
