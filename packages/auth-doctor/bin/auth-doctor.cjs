#!/usr/bin/env node
// In the repository a command is linked when the workspace is installed, which is before anything is built.
require('../dist/cli.js')
