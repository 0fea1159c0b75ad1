/** Loaded into a suite's process before the suite. When the runner ends for any reason, the suite ends too. */
if (process.channel) {
  process.once('disconnect', () => process.exit(1))
  // The listener would keep this process alive.
  process.channel.unref()
}
