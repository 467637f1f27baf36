// SPDX-License-Identifier: Apache-2.0
#include "app/program.h"
#include "cli/command_line.h"
#include "cli/terminal.h"

#include <unistd.h>

#include <csignal>
#include <iostream>

int main(int argument_count, char** arguments) {
    // A reader who went away is an error of a write, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    // Likewise a file that may not grow, as on a full disk: the audit has an answer to it.
    std::signal(SIGXFSZ, SIG_IGN);
    majed::app::MajedProgram program;
    majed::cli::Terminal terminal{std::cin,
                                  std::cout,
                                  std::cerr,
                                  ::isatty(STDOUT_FILENO) == 1,
                                  ::isatty(STDERR_FILENO) == 1,
                                  majed::cli::ask_on_terminal};
    const int code = majed::cli::run_command_line(argument_count, arguments, program, terminal);
    std::cout.flush();
    return code;
}
