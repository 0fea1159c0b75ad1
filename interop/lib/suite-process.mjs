/** Loaded into a suite's process before the suite: when the runner is gone, however it went, so is the suite. */
if (process.channel) {
  process.once('disconnect', () => process.exit(1))
  // Listening alone would keep this process alive.
  process.channel.unref()
}
