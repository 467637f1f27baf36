/// Arguments to commands, errors to exit codes: the whole of `majed` but for its wiring.
///
/// Why      Everything a person types is understood in one place, the only one with the argument library.
/// Life     One call per process.
/// Threads  One thread.
/// Not here What the commands do (*_commands.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/installation.h"
#include "cli/terminal.h"

namespace majed::cli {

/// Runs one command. Returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 3 denied,
/// 4 source unavailable, 5 timed out.
[[nodiscard]] int run_command_line(int argument_count, const char* const* arguments, Program& program,
                                   Terminal& terminal);

}  // namespace majed::cli
