/// The program `majed` behind its command line.
///
/// Why      Connects the commands with the files of an installation.
/// Life     One per process.
/// Threads  One thread.
/// Not here Commands (cli/), wiring (wired_installation.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/installation.h"

#include <memory>
#include <string>
#include <string_view>

namespace majed::app {

class MajedProgram final : public cli::Program {
public:
    [[nodiscard]] Result<std::unique_ptr<cli::Installation>> open(
        const cli::InstallationChoice& choice) override;
    [[nodiscard]] Result<cli::InitReport> initialise(const std::string& folder,
                                                     cli::InitialContent content) override;
    [[nodiscard]] Result<std::string> generate_key(const std::string& file) override;
    [[nodiscard]] std::string_view version() const override;
};

}  // namespace majed::app
