#!/bin/sh
# Installs exactly what the lockfile pins: the program, trident-dr and Pulumi's libraries.
set -eu

npm ci --no-audit --no-fund
