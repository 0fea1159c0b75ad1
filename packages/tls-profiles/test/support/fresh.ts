/** Loads a module again, so that a test also covers what the module makes while it loads: tables and patterns. */
export function fresh<T>(load: () => T): T {
  const loaded: T[] = []
  jest.isolateModules(() => loaded.push(load()))
  return loaded[0] as T
}
