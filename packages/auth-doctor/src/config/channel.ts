type Channel = Pick<NodeJS.Process, 'send' | 'disconnect'>

/**
 * Takes the channel to the parent away from the module that is loaded next, and returns how to send. A module may say `ready` to
 * a process manager, or close the channel: the first would be taken for the report, and after the second there would be none.
 */
export function takeChannel(process: Channel): (message: object) => void {
  const send = process.send?.bind(process)
  process.send = () => true
  process.disconnect = () => {}
  return (message) => void send?.(message)
}
