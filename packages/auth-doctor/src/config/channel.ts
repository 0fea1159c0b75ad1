type Channel = Pick<NodeJS.Process, 'send' | 'disconnect'>

/**
 * Takes the channel to the parent away from the module that is loaded next, and returns the function that sends. A module may send `ready` to a
 * process manager, or close the channel: the parent would take the first for the report, and after the second no report could arrive.
 */
export function takeChannel(process: Channel): (message: object) => void {
  const send = process.send?.bind(process)
  process.send = () => true
  process.disconnect = () => {}
  return (message) => void send?.(message)
}
