/// What every command gets: the program, the terminal, which installation, and whether a program reads along.
///
/// Why      A command is a function of its options and this; nothing is global.
/// Life     Made by command_line.cpp for one command.
/// Threads  One thread at a time.
/// Not here Parsing of arguments (command_line.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/installation.h"
#include "cli/terminal.h"
#include "core/result.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace majed::cli {

enum class Output { text, json };

struct Context {
    Program& program;
    Terminal& terminal;
    InstallationChoice choice = {};
    Output output = Output::text;
    std::unique_ptr<Installation> installation = {};  ///< Opened by `opened`.

    /// The installation, opened at the first call. Errors: as Program::open.
    [[nodiscard]] Result<Installation*> opened();
};

/// One act of administration, as the audit names it.
struct AdministrativeAct {
    std::string_view action;       ///< `user.add`
    std::string_view resource;     ///< `user`
    std::string_view resource_id;  ///< `nora`
    /// JSON, read when the work is done; absent: none.
    const std::string* details = nullptr;
};

/// Runs `work` between its intent and its outcome in the audit; without an intent on disk nothing is done.
/// Errors: those of the audit and of `work`.
[[nodiscard]] Result<void> audited(Context& context, const AdministrativeAct& act,
                                   const std::function<Result<void>()>& work);

}  // namespace majed::cli
