/// Tells on the terminal how a run of migrations goes on, a line for each that ended.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/terminal.h"
#include "migrate/migrator.h"

#include <cstddef>
#include <string>

namespace majed::cli {

/// Writes to the terminal's error stream, so that a report on standard output stays readable by programs. On a
/// terminal the statement that runs is shown in place; elsewhere nothing but whole lines is written.
class MigrationProgress final : public migrate::RunObserver {
public:
    explicit MigrationProgress(Terminal& terminal) noexcept : terminal_(terminal) {}

    void waiting() override;
    void began(const migrate::Migration& migration, migrate::Direction direction) override;
    void statement(std::size_t number, std::size_t total) override;
    void ended(const migrate::MigrationOutcome& outcome) override;

private:
    Terminal& terminal_;
    std::string running_;  ///< `up 003 add_orders`.
};

}  // namespace majed::cli
