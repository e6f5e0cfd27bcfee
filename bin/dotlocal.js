#!/usr/bin/env node
// Launcher: the command is one CommonJS bundle, which starts faster than ES modules do.
require("../dist/cli.cjs");
