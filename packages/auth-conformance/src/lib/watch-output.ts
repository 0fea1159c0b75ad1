import { inspect } from 'node:util'

type Sink = { readonly write: (...args: never[]) => unknown }

const listeners = new Set<(text: string) => void>()
let restore: (() => void) | undefined

/**
 * Calls `listen` with everything that is written to stdout, stderr or the console, or as a warning. Returns a function
 * that stops it.
 */
export function watchOutput(listen: (text: string) => void): () => void {
  listeners.add(listen)
  restore ??= intercept()
  return () => {
    listeners.delete(listen)
    if (listeners.size > 0) return
    restore?.()
    restore = undefined
  }
}

const consoleMethods = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table'] as const

function intercept(): () => void {
  // The console of jest does not use process.stdout, so both are watched.
  const undo = [
    overhear(process.stdout as unknown as Sink, 'write'),
    overhear(process.stderr as unknown as Sink, 'write'),
    overhear(process, 'emitWarning'),
    ...consoleMethods.map((method) => overhear(console, method)),
  ]
  return () => {
    for (const step of undo) step()
  }
}

function overhear(owner: object, method: string): () => void {
  const target = owner as Record<string, (...args: unknown[]) => unknown>
  const original = target[method]
  if (!original) return () => {}
  const wrapped = function (this: unknown, ...args: unknown[]) {
    const text = args.map(printable).join(' ')
    for (const listener of listeners) listener(text)
    return original.apply(this, args)
  }
  target[method] = wrapped
  return () => {
    if (target[method] === wrapped) target[method] = original
  }
}

function printable(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  return typeof value === 'string' ? value : inspect(value, { depth: 12, showHidden: true })
}
