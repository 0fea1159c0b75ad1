/** Ways to write an object that a check may read in another way than the driver. */

type Shape = (given: object) => object

const inherited: Shape = (given) => Object.create(given)

const getters: Shape = (given) => {
  class Configured {}
  for (const [name, value] of Object.entries(given))
    Object.defineProperty(Configured.prototype, name, { get: () => value, configurable: true })
  return new Configured()
}

const hidden: Shape = (given) => {
  const entries = Object.entries(given).map(([name, value]) => [name, { value, enumerable: false }])
  return Object.defineProperties({}, Object.fromEntries(entries))
}

/** Forms of an object of options: its properties are inherited, getters of a class, or not enumerable. */
export const shapes: Readonly<Record<'inherited' | 'getters' | 'hidden', Shape>> = {
  inherited,
  getters,
  hidden,
}

/** An object with the own properties `own`, and with these values in one of those forms. */
export function partly(shape: Shape, values: object, own: object): object {
  return Object.defineProperties(shape(values), Object.getOwnPropertyDescriptors(own))
}

/** `rejectUnauthorized` is true when it is read for the first time. */
export function trueOnce(given: object): object {
  let asked = 0
  const get = () => asked++ === 0
  return Object.defineProperty({ ...given }, 'rejectUnauthorized', { get, enumerable: true })
}

/** The same with a Proxy instead of a getter. */
export function trueOnceByProxy(given: object): object {
  let asked = 0
  return new Proxy(given, {
    get: (target, name) =>
      name === 'rejectUnauthorized' ? asked++ === 0 : (target as Record<string | symbol, unknown>)[name],
  })
}
